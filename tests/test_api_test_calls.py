"""What programs ask of probes and test calls: as the page tells them, and by the same rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.console.roles import Role
from ivr.snapshot import NothingToServe
from ivr.store import Probed
from ivr.trials import State
from tests.shipped import NOON
from tests.test_api import Program
from tests.test_console_test_calls import ONE, OTHER, ROUTE, SERVICE, TWO, Desk


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("api-test-calls"))


@pytest.fixture
def desk(console: Desk, tmp_path: Path) -> Iterator[Desk]:
    console.begin(tmp_path / "store.sqlite3")
    yield console
    console.store.close()


def test_probes_are_told_with_what_failed_first(desk: Desk) -> None:
    viewer = Program(desk, Role.VIEWER)
    assert viewer.ask("/probes") == {"at": None, "stale": True, "failed": 0, "probes": []}
    well = Probed(NOON, "the fallback", "england-fallback", ok=True)
    wrong = Probed(NOON, ROUTE, SERVICE, ok=False, why="it rang mh001")
    desk.store.probes.keep([well, wrong])
    at = NOON.isoformat()
    assert viewer.ask("/probes") == {
        "at": at,
        "stale": False,
        "failed": 1,
        "probes": [
            {"at": at, "route": ROUTE, "service": SERVICE, "ok": False, "why": "it rang mh001"},
            {"at": at, "route": well.route, "service": well.service, "ok": True, "why": ""},
        ],
    }


def test_telephones_are_told_with_how_they_stand(desk: Desk) -> None:
    asked = desk.trial(State.CONFIRMED)
    told = Program(desk, Role.VIEWER).ask("/test-calls")
    call = {
        "id": asked.id,
        "service": SERVICE,
        "place": 1,
        "number": ONE,
        "asked": NOON.isoformat(),
        "who": "line",
        "state": "confirmed",
        "changed": NOON.isoformat(),
    }
    one, two = told["telephones"]
    assert told["test_calls"] == [call]
    assert one == {
        "service": SERVICE,
        "place": 1,
        "number": ONE,
        "open": True,
        "barred": "",
        "newest": call,
        "due": (NOON + timedelta(days=28)).isoformat(),
    }
    assert (two["number"], two["newest"], two["due"]) == (TWO, None, NOON.isoformat())


def test_a_publisher_s_program_has_a_service_rung_once(desk: Desk) -> None:
    publisher = Program(desk, Role.PUBLISHER)
    numbers = [{"service": SERVICE, "place": 1, "number": ONE}, {"service": SERVICE, "place": 2, "number": TWO}]  # fmt: skip  # noqa: E501
    for is_new in (True, False):
        told = publisher.ask("/test-calls", 202, json={"service": SERVICE})
        assert told == {"telephones": [{**each, "is_new": is_new} for each in numbers]}
    waiting = desk.store.trials.open()
    assert {(each.number, each.who) for each in waiting} == {
        (ONE, "publisher@example.org"),
        (TWO, "publisher@example.org"),
    }
    asked = [e for e in desk.store.audit.newest(10) if e.what == "test call: asked for"]
    assert {each.about for each in asked} == {each.id for each in waiting}
    assert {each.who for each in asked} == {"publisher@example.org"}


def test_who_may_not_publish_has_nobody_rung(desk: Desk) -> None:
    Program(desk, Role.EDITOR).ask("/test-calls", 403, json={"service": SERVICE})
    assert desk.store.trials.latest() == []


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        ({"service": OTHER}, 409, f"{OTHER} may not be rung: the table that is served does not"),
        ({"service": "nobody"}, 404, "there is no such service in the table that is served"),
        ({"service": ""}, 422, ""),
        ({"service": "a\n"}, 422, ""),
        ({}, 422, ""),
        ({"service": SERVICE, "number": ONE}, 422, ""),
    ],
)
def test_what_may_not_be_rung_is_refused_in_words(
    desk: Desk, asked: dict[str, str], status: int, message: str
) -> None:
    told = Program(desk, Role.PUBLISHER).ask("/test-calls", status, json=asked)
    assert told["code"] == status
    assert message in told["message"]
    assert desk.store.trials.latest() == []


def test_without_a_table_there_is_nobody_to_ring(desk: Desk) -> None:
    def nothing(_: str | None = None) -> None:
        raise NothingToServe

    desk.means.table = nothing  # type: ignore[method-assign, assignment] # as where none is served
    program = Program(desk, Role.PUBLISHER)
    assert program.ask("/probes")["probes"] == []
    for how in ({}, {"json": {"service": SERVICE}}):
        assert "there is no table" in program.ask("/test-calls", 503, **how)["message"]
