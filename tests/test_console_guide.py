"""The documents that come with the line can be read by whoever has only a browser."""

from __future__ import annotations

import re
from html import unescape

import pytest

from ivr.console.pages.guide import DOCS
from tests.console import Browser, Console


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Console(tmp_path_factory.mktemp("console")).as_("viewer")


def test_the_operators_guide_is_shown_first_with_its_pictures(viewer: Browser) -> None:
    page = viewer.page("/console/guide/")
    assert '<h1 class="nhsuk-heading-l">The operators\' guide</h1>' in unescape(page)
    pictures = re.findall(r'src="(pictures/[^"]+)"', page)
    assert len(pictures) > 10
    for each in pictures:
        answer = viewer.get(f"/console/guide/{each}")
        assert (answer.status_code, answer.content_type) == (200, "image/png")
        answer.close()


@pytest.mark.parametrize("name", sorted(file.stem for file in DOCS.glob("*.md")))
def test_every_document_can_be_read(viewer: Browser, name: str) -> None:
    page = viewer.page(f"/console/guide/{name}.md")
    assert page.count("<h1") == 1
    text = page[page.index("<main") : page.index("</main>")]
    assert not re.search(r"<script|\sstyle=|\son\w+=", text)


def test_the_links_of_the_operators_guide_lead_somewhere(viewer: Browser) -> None:
    page = viewer.page("/console/guide/")
    links = re.findall(r'href="([a-z0-9-]+\.md)"', page)
    assert links
    assert {viewer.get(f"/console/guide/{each}").status_code for each in links} == {200}


@pytest.mark.parametrize(
    "path", ["nothing.md", "..%2fREADME.md", "%00.md", "pictures/nothing.png", "pictures/..%2f.png"]
)
def test_nothing_else_is_shown(viewer: Browser, path: str) -> None:
    assert viewer.get(f"/console/guide/{path}").status_code == 404
