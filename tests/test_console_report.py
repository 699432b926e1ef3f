"""The report's page sets a month beside what is published, draws it, and gives it to keep."""

from __future__ import annotations

import json
import random
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ivr.console.pages.report import downloads
from ivr.console.pages.report.asked import Asked, months, newest
from ivr.console.pages.report.beside import ABANDONED, RATES, WAIT
from ivr.console.pages.report.reckoned import FRESH, Reckoned, nearest, published_in
from ivr.log import CallRecord
from ivr.report import ITEMS, Clock, Contract, Month, Report, by_service, read_contracts
from ivr.report.published import Published, parse
from ivr.store import Store
from tests import shipped
from tests.console import Browser, Console, Time
from tests.stories import tell

DECEMBER = Month(2025, 12)
STORIES = 120
PAGE = "/console/report"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Console:
    """A console beside the log of some calls in December."""
    console = Console(tmp_path_factory.mktemp("line"))
    keep_calls(console.store)
    return console


@pytest.fixture(scope="module")
def browser(console: Console) -> Browser:
    return console.as_("viewer")


def keep_calls(store: Store, begins: datetime = DECEMBER.begins, count: int = STORIES) -> None:
    chance = random.Random(31)  # noqa: S311 - made up
    step = timedelta(days=30) / count
    for number in range(count):
        store.keep(tell(chance, number, begins + step * number).events())


def charts(page: str) -> list[dict[str, Any]]:
    return [json.loads(unescape(each)) for each in re.findall(r'data-chart="([^"]+)"', page)]


def contracts() -> dict[str, Contract]:
    listed = read_contracts((shipped.CONFIG / "contracts.csv").read_bytes())
    return by_service(listed, shipped.table().services)


def test_a_month_is_told_beside_the_published_one(browser: Browser) -> None:
    page = browser.page(f"{PAGE}?month=2025-12")
    assert "This line, December 2025" in page
    assert "England, as published, December 2025" in page
    for item in ITEMS.values():
        assert unescape(item.name) in unescape(page)
    assert "style=" not in page
    assert "<script>" not in page


def test_the_charts_have_a_bar_for_each_region_and_a_point_for_each_day(browser: Browser) -> None:
    waits, abandoned, *groups = charts(browser.page(f"{PAGE}?month=2025-12"))
    assert waits["kind"] == abandoned["kind"] == "line"
    assert len(waits["labels"]) == len(waits["series"][0]["data"]) >= 29
    for each in groups:
        assert each["kind"] == "bar"
        assert [one["label"] for one in each["series"]] == [
            "This line",
            "As published, December 2025",
        ]
        assert len(each["labels"]) == 7
        assert all(value is not None for value in each["series"][1]["data"])


def test_one_region_and_one_service_may_be_asked_for(browser: Browser) -> None:
    london = browser.page(f"{PAGE}?month=2025-12&of=London")
    assert charts(london)[0]["labels"][0].startswith("MH")
    one = browser.page(f"{PAGE}?month=2025-12&of=MH031")
    assert "These, as published, December 2025" in one
    assert len(charts(one)[2]["labels"]) == 1
    assert browser.get(f"{PAGE}?of=Atlantis").status_code == 404


@pytest.mark.parametrize("wrong", ["month=2025-13", "month=x", "clock=never", "month=0001-01"])
def test_what_cannot_be_asked_is_refused_in_words(browser: Browser, wrong: str) -> None:
    answer = browser.get(f"{PAGE}?{wrong}")
    assert answer.status_code == 400
    assert "month is" in answer.text or "wait begins" in answer.text


def test_a_month_without_a_call_is_not_nought(browser: Browser) -> None:
    page = browser.page(PAGE)
    assert "The log holds no call of that month" in page
    here, published = charts(page)[0]["series"]
    assert here["data"] == [None] * 7
    assert published["label"] == "As published, December 2025"
    told = parse(browser.get(f"{PAGE}/published").data)
    assert {row.value for row in told.rows} == {None}


def test_the_published_form_is_to_the_letter_that_of_the_command(
    console: Console, browser: Browser
) -> None:
    answer = browser.get(f"{PAGE}/published?month=2025-12")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=press-two-2025-12-all-published.csv"
    )
    reckoned = Reckoned(console.store, console.clock).report(DECEMBER, Clock.RINGING, contracts())
    assert reckoned
    assert parse(answer.data) == Published(DECEMBER, tuple(reckoned.rows()))


@pytest.mark.parametrize("form", downloads.DOWNLOADS)
def test_every_file_can_be_had_for_one_region(browser: Browser, form: str) -> None:
    answer = browser.get(f"{PAGE}/{form}?month=2025-12&of=South+West&clock=offered")
    assert answer.status_code == 200
    assert "press-two-2025-12-south-west-" in answer.headers["Content-Disposition"]
    assert answer.text.strip()


def test_a_form_that_there_is_not_is_not_found(browser: Browser) -> None:
    assert browser.get(f"{PAGE}/pdf").status_code == 404


def test_a_name_that_a_spreadsheet_would_reckon_is_kept_from_it() -> None:
    known = contracts()
    code, first = next(iter(known.items()))
    bad = replace(first, contract_name='=HYPERLINK("x")')
    told = Report(DECEMBER, Clock.RINGING, {code: bad}, {}, {}, None, 0, 0)
    text = downloads.DOWNLOADS["published"].write(told)
    assert ",\"'=HYPERLINK(" in text
    assert ",=" not in text


def test_a_contract_that_nobody_listed_is_told_on_the_page(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(shipped.CONFIG, config)
    (config / "contracts.csv").write_text("nothing")
    (config / "published" / "more.csv").write_text("nothing either")
    console = Console(tmp_path / "state", CONFIG_DIR=str(config))
    browser = console.as_("viewer")
    page = browser.page(PAGE)
    assert "contracts.csv: the first row must be" in page
    assert "more.csv, row 1: the columns must be" in page
    assert browser.get(f"{PAGE}/published").status_code == 409


def test_a_share_is_of_those_of_which_both_are_known() -> None:
    known = dict.fromkeys(ITEMS, 0) | {"A01": 100, "A03": 80, "B02": 20, "B06": 800}
    unknown: dict[str, int | None] = dict.fromkeys(ITEMS)
    assert ABANDONED.of([known, unknown | {"A01": 900}]) == Fraction(1, 5)
    assert WAIT.of([known]) == 10
    assert [rate.shown([unknown]) for rate in RATES] == ["-"] * len(RATES)
    assert ABANDONED.shown([known]) == "20.0%"


def test_the_months_to_choose_from_go_back_a_year_by_the_calendar_in_london() -> None:
    first = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert str(newest(first)) == "2026-04"
    found = months(first, DECEMBER, Month(2024, 1))
    assert [str(each) for each in (found[0], found[1], found[-2], found[-1])] == [
        "2026-04",
        "2026-03",
        "2025-04",
        "2024-01",
    ]


def test_the_nearest_published_month_is_the_newest_that_is_not_later() -> None:
    december = published_in(shipped.CONFIG)[0][0]
    november = Published(Month(2025, 11), december.rows)
    assert nearest([november, december], Month(2026, 4)) is december
    assert nearest([november, december], Month(2025, 11)) is november
    assert nearest([november, december], Month(2024, 1)) is november
    assert nearest([], DECEMBER) is None


def test_a_report_is_reckoned_anew_only_after_a_while(tmp_path: Path) -> None:
    clock = Time(DECEMBER.begins)
    console = Console(tmp_path, clock)
    reckoned, asked = Reckoned(console.store, clock), (DECEMBER, Clock.RINGING, contracts())
    before = reckoned.report(*asked)
    keep_calls(console.store, count=3)
    assert reckoned.report(*asked) is before
    clock.now += FRESH
    after = reckoned.report(*asked)
    assert after
    assert after.began is not None
    clock.now = DECEMBER.ends + FRESH
    over = reckoned.report(*asked)
    clock.now += FRESH
    assert reckoned.report(*asked) is over


def test_what_takes_long_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(tmp_path)
    reckoned = Reckoned(console.store, console.clock)
    asked = (DECEMBER, Clock.RINGING, contracts())
    read = threading.Event()

    def slowly(*_of: object) -> Iterator[CallRecord]:
        read.wait()
        return iter(())

    monkeypatch.setattr(console.store, "calls", slowly)
    assert reckoned.report(*asked, patience=0) is None
    read.set()
    assert reckoned.report(*asked) is reckoned.report(*asked, patience=0)


def test_the_page_asks_again_by_itself_while_it_waits(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Reckoned, "report", lambda *_: None)
    page = browser.page(f"{PAGE}?month=2024-02&of=London")
    assert 'hx-get="/console/report/?month=2024-02&amp;of=London&amp;clock=ringing"' in page
    assert "The eleven published items" not in page


def test_a_store_that_failed_is_asked_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(tmp_path)
    reckoned = Reckoned(console.store, console.clock)
    asked = (DECEMBER, Clock.RINGING, contracts())
    with monkeypatch.context() as broken:
        broken.setattr(console.store, "calls", None)
        with pytest.raises(TypeError):
            reckoned.report(*asked)
    assert reckoned.report(*asked)


def test_what_is_asked_finds_its_contracts() -> None:
    every = list(contracts().values())
    assert Asked(DECEMBER).among(every) == every
    assert {each.region for each in Asked(DECEMBER, "London").among(every)} == {"London"}
    assert [each.contract_code for each in Asked(DECEMBER, "MH031").among(every)] == ["MH031"]
