"""Two operators change the routing table in a browser, ring the line, and take the change back.

All of it is real: every program of the line, its store, and Chromium. With ``--record`` the
pictures in the operators' guide are taken anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import shipped
from tests.browser import (
    A_TELEPHONES,
    AT_A_DESK,
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
SECOND = "+441632960508"
"""Its second number."""
TALLEST = 1800
"""Pixels of a page that a picture shows."""
PAGES = (
    *("today", "where", "coverage", "tables", "trials", "callbacks"),
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


def ring(page: Page, line: Line) -> None:
    """Ring with a Cambridge postcode at the page's telephone, until the first number rings."""
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


def rings(page: Page, line: Line, *, record: bool = False) -> str:
    """The number that is rung first for a Cambridge postcode, as the page's telephone tells it."""
    ring(page, line)
    picture(page, "telephone", record=record)
    rung = page.locator("[data-part=called] [data-number]").inner_text()
    page.locator("[data-part=hang-up]").click()
    return rung.rpartition("(")[2].rstrip(")")


def comes_to_ring(page: Page, line: Line, number: str, *, record: bool = False) -> bool:
    """Whether ``number`` is rung first, once the web has looked which table is live."""
    over = monotonic() + PATIENCE / 1000
    while rings(page, line, record=record) != number:
        if monotonic() > over:
            return False
        page.wait_for_timeout(500)
    return True


def promised(page: Page, line: Line) -> None:
    """Nobody answers at the page's telephone, and the caller agrees to be rung back."""
    ring(page, line)
    said, nobody = (
        page.locator("[data-part=said]"),
        page.get_by_role("button", name="Let it ring out"),
    )
    nobody.click()
    expect(page.locator("[data-part=called] [data-number]")).to_contain_text(SECOND)
    nobody.click()
    expect(said).to_contain_text("Press 1 to be rung back")
    for told in ("the number ending", "They will ring you"):
        page.locator('[data-key="1"]').click()
        expect(said).to_contain_text(told)


def looked_up(page: Page) -> None:
    """What the page Where does it go? answers, with a map."""
    page.fill("#text", "CB1 2AB")
    page.get_by_role("button", name="Find out").click()
    expect(page.get_by_role("heading", name="What rings, in order")).to_be_visible()


@pytest.fixture(scope="module")
def things(whole_line: Line, first: Page) -> Mapping[str, str]:
    """The pages of one thing each, by what they show: where they are."""
    promised(first, whole_line)
    upload(first, whole_line, SERVICES.replace(OLD, NEW), "the Cambridge line has a new number")
    expect(first).to_have_url(re.compile(r"/tables/[0-9a-f]{12}$"))
    table = first.url
    id_ = table.rpartition("/")[2]
    found = {
        "version": table,
        "sheet": f"{table}/sheets/routes?q=cambridge",
        "row": f"{table}/sheets/hours/0",
        "difference": f"{table}/difference",
        "upload": f"{whole_line.console}/tables/upload",
        "guide": f"{whole_line.console}/guide/",
        "moves": f"{whole_line.console}/coverage/?version={id_}&before={id_}",
    }
    for name in ("callbacks", "calls", "people"):
        found[f"one of {name}"] = one_of(first, f"{whole_line.console}/{name}/")
    return found


def one_of(page: Page, listed: str) -> str:
    """The address of the first thing that a page lists: what it keeps comes to it by and by."""
    link = page.locator(f"main table a[href*='{urlsplit(listed).path}']").first
    for _ in range(PATIENCE // 1000):
        page.goto(listed)
        if link.count():
            return str(link.evaluate("link => link.href"))
        page.wait_for_timeout(1000)
    raise AssertionError(f"{listed} lists nothing")


def menu(line: Line) -> Mapping[str, str]:
    """Where each page of the menu is."""
    return {name: f"{line.console}/{name}/" for name in PAGES}


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
    assert comes_to_ring(first, line, NEW, record=record)

    second.goto(f"{line.console}/tables/")
    second.get_by_text("Something is wrong: roll back").click()
    second.fill("#roll-back-why", "the new number does not answer")
    picture(second, "roll-back", record=record)
    second.get_by_role("button", name="Roll back").click()
    expect(second.get_by_text("Rolled back to").first).to_be_visible()
    assert comes_to_ring(first, line, OLD)


def test_no_page_keeps_anybody_out_at_a_desk_or_with_a_telephone(
    whole_line: Line, first: Page, things: Mapping[str, str], *, record: bool
) -> None:
    wrong: dict[str, list[str]] = {}
    for name, url in {**menu(whole_line), **things}.items():
        first.set_viewport_size(AT_A_DESK)
        first.goto(url)
        expect(first.locator("h1")).to_be_visible()
        if name == "where":
            looked_up(first)
        if name == "row":  # is told what is wrong with it
            first.fill("#cell-days", "every other day")
            first.get_by_role("button", name="Make it a candidate").click()
            expect(first.get_by_role("heading", name="Nothing was changed")).to_be_visible()
        found = barriers(first)
        if name in PAGES and name != "telephone":
            picture(first, name, record=record)
        first.set_viewport_size(A_TELEPHONES)
        found += [f"on a telephone: {each}" for each in barriers(first)]
        wrong = {**wrong, name: found} if found else wrong
    first.set_viewport_size(AT_A_DESK)
    assert wrong == {}


def test_whoever_is_not_signed_in_sees_nothing(whole_line: Line, browser: Browser) -> None:
    stranger = desk(browser)
    for url in menu(whole_line).values():
        stranger.goto(url)
        assert "/sign-in" in stranger.url
    assert barriers(stranger) == []


def test_the_pictures_in_the_guide_are_there() -> None:
    guide = Path(PICTURES.parent / "operators.md").read_text("utf-8")
    for file in PICTURES.glob("*.png"):
        assert f"pictures/{file.name}" in guide, file.name
