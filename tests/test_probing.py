"""Probes: every row of the table is rung, a row that leads elsewhere is told, nothing is logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event

import pytest

from ivr.events import PROBE
from ivr.outbox import Outbox
from ivr.phone import Answer, Phone, in_process
from ivr.probing import Probe, keep_probing, plan, ring, round_of, sid
from ivr.probing.keeping import telephone
from ivr.routing import Table
from ivr.settings import Settings
from ivr.snapshot import Snapshots
from ivr.store import Probed, Store, migrate
from ivr.web import create_app
from ivr.web.switchboard import utc_now
from tests import shipped
from tests.desk import LIVE, settings

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
    assert {each.route for each in probes}.isdisjoint(without)
    assert len({each.route for each in probes}) + len(without) == len(shipped.table().routes)
    assert len(without) < 5, without


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
    assert len(found) == 2


def _another(table: Table) -> Table:
    return replace(table, version="0" * 12)


def test_a_line_with_real_callers_is_never_rung(tmp_path: Path) -> None:
    stopping = Event()
    stopping.set()
    live = settings({**LIVE}, tmp_path)
    assert not live.test_line
    keep_probing(live, stopping, utc_now)
    assert not live.store_file.exists()


def test_the_newest_probe_of_each_route_is_told_and_old_ones_are_forgotten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    kept = Store(url).probes
    for days, ok in ((0, False), (1, True), (15, True), (15, False)):
        at = shipped.NOON + timedelta(days=days)
        kept.keep([Probed(at, f"lad E{days}", "leeds", ok, "" if ok else "it rang york")])
    assert [each.ok for each in kept.newest(shipped.NOON)] == [True, False]
    assert kept.newest(shipped.NOON + timedelta(days=16)) == []
