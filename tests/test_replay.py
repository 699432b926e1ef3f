"""A month is rung through the real line, and the log's report must say what was published of it."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ivr import routing
from ivr.replay import ReplayError, chosen, ringing
from ivr.replay.differences import compare
from ivr.replay.line import TIME, Wanted, open_line, table_of
from ivr.replay.places import places
from ivr.replay.plan import Figures, Unmet, plan
from ivr.replay.ringing import Work, hand_over, ring
from ivr.report import ITEMS, Month, Report, Row, by_service, month_report
from ivr.report.published import Published, read
from ivr.routing import Table
from ivr.settings import read as read_settings
from ivr.store import Store, migrate
from tests.shipped import CONFIG

FILE = CONFIG / "published" / "access-to-crisis-care-december-2025.csv"

MONTH = Month(2025, 12)

FIGURES: Mapping[str, Figures] = {
    # Longer waits than one ring lasts, by both ways, and some whom nobody can be reached for.
    "MH009": {
        "A01": 12, "A02": 7, "A03": 6, "B01": 3, "B02": 4, "B03": 1, "B04": 1, "B05": 2,
        "B06": 2_611, "B07": 1_900, "B09": 1_500,
    },
    # The young of a place where the age decides.
    "MH015": {"A01": 3, "A02": 3, "A03": 2, "B01": 1, "B02": 1, "B06": 61, "B07": 61, "B09": 0},
    # All come by the service's own number, none waits, and what is published cannot be.
    "MH069": {"A01": 2, "A02": 0, "A03": 2, "B01": 0, "B02": 0, "B06": 0, "B07": 0, "B09": 0},
}  # fmt: skip

CALLS = 12 + 3 + 2


@cache
def published() -> Published:
    """A month of which only :data:`FIGURES` were sent in."""
    whole = read(FILE)
    rows = [
        Row(MONTH, contract, item, FIGURES.get(code, {}).get(item.id))
        for code, contract in whole.contracts.items()
        for item in ITEMS.values()
    ]
    return Published(MONTH, tuple(rows))


@dataclass(frozen=True)
class Line:
    """A line in a folder of its own, and its store."""

    work: Work
    table: Table

    def ring(self, *, part: int = 0, rang: int = 10**6) -> int:
        """Ring a part of the month, breaking off once more than ``rang`` calls are done."""
        done = 0

        def tell(calls: int) -> None:
            nonlocal done
            done += calls
            if done > rang:
                raise KeyboardInterrupt

        return ring(self.work, part, self.known(), tell)

    def known(self) -> frozenset[str]:
        with closing(Store(self.work.settings.store_url)) as store:
            records = store.calls(MONTH.begins, MONTH.ends)
            return frozenset(each.call for each in records if each.complete)

    def report(self) -> Report:
        contracts = by_service(published().contracts.values(), self.table.services)
        with closing(Store(self.work.settings.store_url)) as store:
            return month_report(store.calls(MONTH.begins, MONTH.ends), contracts, MONTH)


@pytest.fixture
def line() -> Iterator[Line]:
    """A line nobody has rung yet."""
    with _line() as line:
        yield line


@pytest.fixture(scope="module")
def rung() -> Iterator[Line]:
    """A line that the whole month has been rung on, in two parts one after the other."""
    with _line() as line:
        both = Line(replace(line.work, parts=2), line.table)
        assert both.ring(part=0) + both.ring(part=1) == CALLS
        yield line


@contextmanager
def _line() -> Iterator[Line]:
    with TemporaryDirectory(prefix="press-two-", ignore_cleanup_errors=True) as folder:
        settings = read_settings({"STATE_DIR": folder, "CONFIG_DIR": str(CONFIG)})
        contracts = {
            code: Wanted(code, max((*plan(told).answered, *plan(told).abandoned)))
            for code, told in FIGURES.items()
        }
        migrate(settings.store_url)
        work = Work(settings, MONTH, contracts, FIGURES)
        files = {name: (CONFIG / "routing" / name).read_bytes() for name in routing.FILES}
        yield Line(work, table_of(routing.read(files), contracts))


def unmet() -> dict[str, tuple[Unmet, ...]]:
    return {code: plan(figures).unmet for code, figures in FIGURES.items()}


def test_the_report_from_the_log_is_what_was_published(rung: Line) -> None:
    report = rung.report()
    for code, figures in FIGURES.items():
        logged = dict(report.figures(code))
        given_up = {each.item for each in plan(figures).unmet}
        assert {item: logged[item] for item in figures if item not in given_up} == {
            item: figure for item, figure in figures.items() if item not in given_up
        }
    whole = report.all()
    assert (whole.answered, whole.abandoned, whole.incomplete) == (10, 5, 0)
    assert not any(report.aside.values())


def test_what_the_published_figures_do_not_allow_is_told_and_nothing_else_differs(
    rung: Line,
) -> None:
    found = compare(rung.report(), published(), unmet())
    assert [each.told for each in found.differences] == [
        "MH069 B01 is published as 0; the log has 2: beside the published A03, B06 it can only be 2"
    ]
    assert not found.unexplained
    assert (found.equal, found.absent) == (11 + 8 + 7, 0 + 3 + 3)


def test_a_figure_that_should_have_been_met_is_told_as_such(rung: Line) -> None:
    rows = tuple(replace(row, value=13) if row.value == 12 else row for row in published().rows)
    found = compare(rung.report(), Published(MONTH, rows), unmet())
    assert [each.told for each in found.unexplained] == [
        "MH009 A01 is published as 13; the log has 12, and nothing published stands against it"
    ]


def test_a_replay_that_was_broken_off_goes_on_where_it_was(line: Line) -> None:
    slow = Line(replace(line.work, at_once=5), line.table)
    with pytest.raises(KeyboardInterrupt):
        slow.ring(rang=8)
    known = line.known()
    assert len(known) == 10
    assert line.ring() == CALLS - 10
    assert known < line.known()
    assert line.report().figures("MH009")["B06"] == 2_611


def test_calls_that_were_rung_and_not_handed_over_are_not_lost_and_twice_is_once(
    line: Line,
) -> None:
    opened = open_line(line.work.settings, line.work.contracts, MONTH.begins)
    some = list(ringing._all(line.work, opened))[:5]
    for visit in (*some, *some):
        ringing._ring(opened, visit)
    assert not line.known()
    with closing(Store(line.work.settings.store_url)) as store:
        hand_over(opened.outbox, store)
        assert line.known() == {visit.sid for visit in some}
        assert sum(len(store.events(visit.sid)) for visit in some) == len(
            {event.id for visit in some for event in store.events(visit.sid)}
        )


def test_a_caller_whom_the_line_fails_ends_the_replay(line: Line) -> None:
    opened = open_line(line.work.settings, line.work.contracts, MONTH.begins)
    astray = replace(opened, public_url="https://elsewhere.example")  # signed for another line
    visit = next(iter(ringing._all(line.work, opened)))
    with pytest.raises(ringing.RingingError, match="HTTP 403"):
        ringing._ring(astray, visit)


def test_places_lead_where_they_are_meant_to_and_are_the_same_each_time(rung: Line) -> None:
    opened = open_line(rung.work.settings, rung.work.contracts, MONTH.begins)
    found = places(opened.whereabouts, ["mh009", "mh015"], "2025-12")
    assert found == places(opened.whereabouts, ["mh009", "mh015"], "2025-12")
    assert all(place.cover.adult == "mh009" and not place.young for place in found["mh009"])
    assert all(place.cover.under_18 == "mh015" and place.young for place in found["mh015"])
    assert len({place.keys for place in found["mh009"]}) > 50
    assert places(opened.whereabouts, ["no-such"], "") == {"no-such": []}
    assert TIME() == MONTH.begins


def test_the_table_rings_one_telephone_for_as_long_as_anybody_waits(rung: Line) -> None:
    services = rung.table.services
    assert len(services["mh009"].numbers) == 1_900 // 600 + 2
    assert {number.person for number in services["mh009"].numbers} == {True}
    assert not services["mh015"].take_over
    assert {each.own_number for each in services.values() if each.contract} == {
        "+441134960000", "+441134960001", "+441134960002"
    }  # fmt: skip
    more = table_of(rung.table, {**rung.work.contracts, "MH999": Wanted("A new one", 0)})
    assert more.services["mh999"].spoken == "A new one"


def test_contracts_are_chosen_by_code_and_by_region() -> None:
    whole = read(FILE)
    assert chosen(whole, ["MH009"], []) == ["MH009"]
    assert len(chosen(whole, [], ["london"])) == 9
    assert len(chosen(whole, ["MH009"], ["London"])) == 10
    assert len(chosen(whole, [], [])) == 69
    with pytest.raises(ReplayError, match="no Londinium: give one of East of England, London"):
        chosen(whole, [], ["Londinium"])


def test_a_folder_of_other_calls_is_refused(tmp_path: Path) -> None:
    from ivr.replay.month import MARK, _prepare  # noqa: PLC0415 - what a replay does first

    settings = read_settings({"STATE_DIR": str(tmp_path), "CONFIG_DIR": str(CONFIG)})
    work = Work(settings, MONTH, {}, {})
    _prepare(work, {"MH009": plan(FIGURES["MH009"])})
    _prepare(work, {"MH009": plan(FIGURES["MH009"])})
    assert (tmp_path / MARK).exists()
    with pytest.raises(ReplayError, match="holds a replay of other calls: delete it"):
        _prepare(work, {"MH009": plan(FIGURES["MH015"])})
