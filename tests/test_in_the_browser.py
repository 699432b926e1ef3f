"""Two operators change the routing table in a browser, ring the line, and take the change back.

All of it is real: every program of the line, its store, and Chromium. With ``--record`` the
pictures in the operators' guide are taken anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import shipped
from tests.browser import (
    CHROMIUM,
    MISSING,
    PASSWORD,
    PATIENCE,
    PICTURES,
    Line,
    barriers,
    browsers,
    desk,
    line,
)

expect.set_options(timeout=PATIENCE)

pytestmark = pytest.mark.skipif(not CHROMIUM, reason=MISSING)

SERVICES = (shipped.CONFIG / "routing" / "services.csv").read_text("utf-8")
OLD, NEW = "+441632960008", "+441632960777"
"""The first number of the Cambridge service, and what it is changed to."""
TALLEST = 1800
"""Pixels of a page that a picture shows."""
PAGES = (
    *("today", "where", "coverage", "tables", "callbacks"),
    *("calls", "report", "telephone", "people", "audit"),
)


@pytest.fixture(scope="module")
def whole_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with line(tmp_path_factory.mktemp("line")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers() as running:
        yield running


@pytest.fixture(scope="module")
def first(whole_line: Line, browser: Browser) -> Page:
    """The first operator, who has come in by the link that the line printed."""
    return come_in(desk(browser), whole_line.link)


def come_in(page: Page, link: str) -> Page:
    page.goto(link)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    return page


def invited(first: Page, line: Line, browser: Browser) -> Page:
    """A second operator, invited by the first to publish."""
    first.goto(f"{line.console}/people/")
    first.fill("#name", "Second Operator")
    first.fill("#login", "second@example.org")
    first.select_option("#role", "publisher")
    first.get_by_role("button", name="Invite").click()
    return come_in(desk(browser), first.locator("#link").inner_text())


def upload(page: Page, line: Line, services: str, note: str) -> None:
    page.goto(f"{line.console}/tables/upload")
    file = {"name": "services.csv", "mimeType": "text/csv", "buffer": services.encode()}
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
    page.fill("input[name=note]", note)
    page.get_by_role("button", name="Upload").click()


def rings(page: Page, line: Line) -> str:
    """The number that is rung first for a Cambridge postcode, as the page's telephone tells it."""
    page.goto(f"{line.console}/telephone/")
    page.get_by_label("Speak the prompts aloud").uncheck()
    page.get_by_role("button", name="Ring", exact=True).click()
    expect(page.locator("[data-part=said]")).to_contain_text("mental health")
    page.keyboard.press("Escape")
    for keys in ("2", "221222#", "4"):
        heard = page.locator("[data-part=said] li").count()
        for key in keys:
            page.locator(f'[data-key="{key}"]').click()
        expect(page.locator("[data-part=said] li")).not_to_have_count(heard)
    page.locator("[data-part=silent]").click()
    expect(page.locator("[data-part=called]")).to_be_visible()
    rung = page.locator("[data-part=called] [data-number]").inner_text()
    page.locator("[data-part=hang-up]").click()
    return rung.rpartition("(")[2].rstrip(")")


def picture(page: Page, name: str, *, record: bool) -> None:
    if record:
        PICTURES.mkdir(exist_ok=True)
        whole: int = page.evaluate("document.documentElement.scrollHeight")
        part = {"x": 0, "y": 0, "width": 1200, "height": min(whole, TALLEST)}
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True, clip=part)  # type: ignore[arg-type]


def test_a_table_is_mended_compared_published_by_two_rung_and_taken_back(
    whole_line: Line, browser: Browser, first: Page, *, record: bool
) -> None:
    line, second = whole_line, invited(first, whole_line, browser)
    assert rings(first, line) == OLD

    upload(first, line, SERVICES.replace(OLD, "+441632960"), "with a mistake")
    mistakes = first.locator("#mistakes")
    expect(mistakes).to_contain_text("services.csv")
    expect(mistakes).to_contain_text("numbers")
    picture(first, "a-mistake", record=record)

    upload(first, line, SERVICES.replace(OLD, NEW), "the Cambridge line has a new number")
    expect(first.locator("#difference")).to_contain_text(NEW)
    picture(first, "what-callers-would-notice", record=record)
    candidate = first.url
    expect(first.get_by_role("button", name="Publish it")).to_have_count(0)
    assert rings(first, line) == OLD

    second.goto(candidate)
    second.get_by_role("button", name="Approve it").click()
    second.fill("#why", "agreed with the service by telephone")
    second.get_by_role("button", name="Publish it").click()
    expect(second.get_by_text("Live", exact=True).first).to_be_visible()
    picture(second, "published", record=record)
    first.wait_for_timeout(1000)
    assert rings(first, line) == NEW

    second.goto(f"{line.console}/tables/")
    second.get_by_text("Something is wrong: roll back").click()
    second.fill("#roll-back-why", "the new number does not answer")
    picture(second, "roll-back", record=record)
    second.get_by_role("button", name="Roll back").click()
    expect(second.get_by_text("Rolled back to").first).to_be_visible()
    first.wait_for_timeout(1000)
    assert rings(first, line) == OLD


@pytest.mark.parametrize("narrow", [False, True], ids=["desk", "telephone"])
def test_no_page_keeps_anybody_out(
    whole_line: Line, first: Page, *, narrow: bool, record: bool
) -> None:
    size = {"width": 375, "height": 750} if narrow else {"width": 1200, "height": 900}
    first.set_viewport_size(size)  # type: ignore[arg-type]
    for name in PAGES:
        first.goto(f"{whole_line.console}/{name}/")
        expect(first.locator("h1")).to_be_visible()
        assert barriers(first) == [], name
        if not narrow:
            picture(first, name, record=record)


def test_whoever_is_not_signed_in_sees_nothing(whole_line: Line, browser: Browser) -> None:
    stranger = desk(browser)
    for name in PAGES:
        stranger.goto(f"{whole_line.console}/{name}/")
        assert "/sign-in" in stranger.url
    assert barriers(stranger) == []


def test_the_pictures_in_the_guide_are_there() -> None:
    guide = Path(PICTURES.parent / "operators.md").read_text("utf-8")
    for file in PICTURES.glob("*.png"):
        assert f"pictures/{file.name}" in guide, file.name
