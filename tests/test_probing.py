"""Probes: every row of the table is rung, a row that leads elsewhere is told, nothing is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivr.events import PROBE
from ivr.outbox import Outbox
from ivr.phone import Answer, Phone, in_process
from ivr.probing import Probe, gently, keep_probing, plan, ring, round_of, sid, telephone
from ivr.probing.keeping import AGAIN, LOOK, PAUSE, while_up
from ivr.routing import Route, Table
from ivr.settings import Settings
from ivr.snapshot import Snapshots
from ivr.store import Probed, Store, migrate
from ivr.watching import stored
from ivr.web import create_app
from ivr.web.switchboard import utc_now
from tests import shipped
from tests.desk import LIVE, settings
from tests.probing import Told
from tests.servers import free_port

DAY = date(2026, 12, 9)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings({}, tmp_path_factory.mktemp("probing"))


@pytest.fixture(scope="module")
def phone(made: Settings) -> Phone:
    app = create_app(replace(made, log_level="error"))
    return telephone(made, shipped.table().line.number, in_process(app))


@pytest.fixture(scope="module")
def probes() -> Sequence[Probe]:
    found, _ = plan(shipped.table(), shipped.directory(), shipped.geography(), DAY)
    return found


def test_every_row_of_the_shipped_table_has_a_probe_or_is_told(probes: Sequence[Probe]) -> None:
    _, without = plan(shipped.table(), shipped.directory(), shipped.geography(), DAY)
    rows = {each.route for each in probes if each.place}
    assert rows.isdisjoint(without)
    assert len(rows) + len(without) == len(shipped.table().routes)
    assert len(without) < 5, without


def test_what_needs_no_place_is_probed_too(probes: Sequence[Probe]) -> None:
    assert [(each.route, each.service) for each in probes if not each.place] == [
        ("own number of mh009", "mh009"),
        ("own number of mh072", "mh072"),
        ("own number of mh076", "mh076"),
        ("the adviser (key 1)", "nhs111-adviser"),
        ("the fallback", "england-fallback"),
    ]


@pytest.mark.parametrize(
    ("route", "steps"),
    [
        ("own number of mh009", ["", "connect", "connect"]),
        ("the adviser (key 1)", ["", "welcome", "adviser"]),
        ("the fallback", ["", "welcome", "place", "town", "fallback"]),
    ],
)
def test_a_probe_takes_the_way_that_it_is_named_for(
    route: str, steps: Sequence[str], made: Settings, probes: Sequence[Probe]
) -> None:
    way: list[str] = []
    line = in_process(create_app(replace(made, log_level="error")))

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        path = urlsplit(url).path
        if path.startswith("/voice") and "ParentCallSid" not in form:
            way.append(path.removeprefix("/voice").removeprefix("/"))
        return line(url, form, headers)

    probe = next(each for each in probes if each.route == route)
    phone = telephone(made, shipped.table().line.number, post)
    assert ring(phone, shipped.table(), probe, utc_now).ok
    assert way == steps


def test_a_menu_with_other_keys_is_probed_by_them() -> None:
    table = shipped.table()
    keys = replace(table.line, adviser_key="8", mental_health_key="7")
    other = replace(table, line=keys, routes=table.routes[:1])
    found, _ = plan(other, shipped.directory(), shipped.geography(), DAY)
    named = {each.route: each.key for each in found if not each.dialled}
    assert named.pop("the adviser (key 8)") == "8"
    assert set(named.values()) == {"7"}
    assert len(named) == 2


def test_a_row_for_all_ages_that_decides_for_one_of_them_in_places_has_a_probe_for_each() -> None:
    table = shipped.table()
    nation = Route("nation", "England", "any", "mh009", row=1)
    elsewhere = (
        Route("lad", "E07000008", "under_18", "mh072", row=2),
        Route("lad", "E08000035", "adult", "mh076", row=3),
    )
    other = replace(table, routes=(nation, *elsewhere))
    found, without = plan(other, shipped.directory(), shipped.geography(), DAY)
    assert without == []
    assert sorted(each.route for each in found if each.place) == [
        "lad E07000008 (routes.csv row 2)",
        "lad E08000035 (routes.csv row 3)",
        "nation England (routes.csv row 1)",
        "nation England (routes.csv row 1), under 18",
    ]


def test_a_number_that_leads_to_another_service_than_its_own_is_told(
    phone: Phone, probes: Sequence[Probe]
) -> None:
    table = shipped.table()
    never_closes = ((n, code) for n, code in table.own_numbers.items() if code not in table.hours)
    number, code = next(never_closes)
    other = next(each for each in table.own_numbers.values() if each != code)
    own = replace(probes[0], service=other, dialled=number)
    assert ring(phone, table, own, utc_now).why == f"it rang {code}"


def test_a_caller_who_is_asked_what_they_should_not_be_tells_where(
    phone: Phone, probes: Sequence[Probe]
) -> None:
    number = shipped.table().line.number  # whoever has dialled it comes to the menu
    lost = ring(phone, shipped.table(), replace(probes[0], dialled=number), utc_now)
    assert lost.why == "its caller was asked something at the step 'welcome', and should not be"


def test_every_probe_of_a_sound_line_comes_to_its_service(
    phone: Phone, probes: Sequence[Probe]
) -> None:
    for each in probes[::4]:
        told = ring(phone, shipped.table(), each, utc_now)  # as the line's own clock
        assert told.ok, told


def test_a_row_that_leads_elsewhere_than_the_line_does_is_told(
    phone: Phone, probes: Sequence[Probe]
) -> None:
    table = shipped.table()
    first = probes[0]
    other = next(s for s in table.services if table.chain(s)[0] not in table.chain(first.service))
    told = ring(phone, table, replace(first, service=other), lambda: shipped.NOON)
    assert not told.ok
    assert told.why == f"it rang {first.service}"


def test_a_line_that_does_not_answer_is_told(made: Settings, probes: Sequence[Probe]) -> None:
    def away(*_: object) -> Answer:
        raise OSError

    deaf = telephone(made, shipped.table().line.number, away)
    told = ring(deaf, shipped.table(), probes[0], lambda: shipped.NOON)
    assert not told.ok
    assert told.why.startswith("nothing rang")


def test_nothing_of_a_probe_is_kept_in_the_log(
    phone: Phone, made: Settings, probes: Sequence[Probe]
) -> None:
    ring(phone, shipped.table(), probes[0], lambda: shipped.NOON)
    assert Outbox(made.outbox_file).depth()[0] == 0
    assert sid().startswith(PROBE)
    assert len(sid()) == 34


def test_a_round_ends_when_another_table_is_served(phone: Phone, made: Settings) -> None:
    snapshots = Snapshots(made, shipped.geography().holidays)
    first, served = snapshots.current(), 0

    def serving() -> object:
        nonlocal served
        served += 1
        table = first.table if served < 4 else _another(first.table)
        return replace(first, table=table)

    found = round_of(phone, serving, shipped.geography(), lambda: shipped.NOON)  # type: ignore[arg-type]
    assert len(list(found)) == 2


def _another(table: Table) -> Table:
    return replace(table, version="0" * 12)


def test_there_is_a_pause_between_two_probes_that_ends_the_round_when_told() -> None:
    found = [Probed(shipped.NOON, f"lad E{n}", "leeds", ok=True) for n in range(9)]
    stopping = Told(last=3)
    assert gently(iter(found), stopping) == found[:3]
    assert stopping.waits == [PAUSE] * 3


@pytest.mark.parametrize(("up", "kept"), [(True, 3), (False, 1)])
def test_what_fails_while_the_web_is_away_is_no_finding(kept: int, *, up: bool) -> None:
    found = [Probed(shipped.NOON, f"lad E{ok}", "leeds", ok) for ok in (True, False, True)]
    assert list(while_up(found, lambda: up)) == found[:kept]


def test_a_line_that_is_not_up_yet_is_not_probed_and_no_alarm_is_raised(tmp_path: Path) -> None:
    away = settings({**LIVE, "PORT": str(free_port())}, tmp_path)
    keep_probing(away, Told(last=3), utc_now)
    assert not away.store_file.exists()


def test_what_goes_wrong_is_tried_again_after_a_while(tmp_path: Path) -> None:
    bare = settings({"CONFIG_DIR": str(tmp_path)}, tmp_path / "state")  # with no table there
    stopping = Told(last=4)
    keep_probing(bare, stopping, utc_now)
    assert stopping.waits == [LOOK, AGAIN, LOOK, AGAIN, LOOK]


def test_the_newest_probe_of_each_route_is_told_and_old_ones_are_forgotten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    kept = Store(url).probes
    for days, ok in ((0, False), (1, False), (2, True), (15, True), (15, False)):
        at = shipped.NOON + timedelta(days=days)
        kept.keep([Probed(at, f"lad E{days}", "leeds", ok, "" if ok else "it rang york")])
    found = kept.newest(shipped.NOON)
    assert [(each.route, each.ok) for each in found] == [("lad E1", False), ("lad E15", False)]
    assert kept.newest(shipped.NOON + timedelta(days=16)) == []


def test_a_host_that_is_well_hides_none_that_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    store = Store(url)
    for host, why in (("one", "it rang york"), ("two", "")):
        store.probes.keep([Probed(shipped.NOON, "lad E1", "leeds", not why, why, host)])
    assert stored.failing(store.probes, shipped.NOON) == ("lad E1: it rang york (on one)",)
