"""The events of the call log on disk: none that was noted is lost, and no caller waits for it."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.events import Event
from ivr.outbox import Batch, Outbox, Outstanding
from tests.outboxes import ASKED, elsewhere, event, promise

pytestmark = pytest.mark.usefixtures("hears_everything")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "outbox.sqlite3"


def kept(file: Path) -> list[Event]:
    """Every event in the outbox at ``file``, those in a batch first."""
    outbox = Outbox(file)
    while outbox.batch(100):
        pass
    batches = [outbox.again(each.id) for each in outbox.outstanding()]
    return [event for batch in batches if batch for event in batch.events]


def test_an_event_is_kept_as_it_was_and_told_twice_is_kept_once(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.note(event(1))
    assert outbox.note(event(1, at=ASKED + timedelta(seconds=2)))
    assert outbox.note(event(2))
    assert outbox.depth() == (2, ASKED)
    assert kept(file) == [event(1), event(2)]
    assert outbox.unlogged == 0


def test_an_event_survives_the_killing_of_the_program_that_noted_it(file: Path) -> None:
    code = """
assert all(outbox.note(event(turn)) for turn in range(50))
os.kill(os.getpid(), signal.SIGKILL)
"""
    with elsewhere(code, file) as killed:
        assert killed.wait() == -9
    assert kept(file) == [event(turn) for turn in range(50)]


def test_whatever_a_program_is_killed_at_what_it_said_it_noted_is_kept(file: Path) -> None:
    code = """
for call in range(10_000):
    if outbox.note(event(0, call)):
        os.write(1, b"%d " % call)
"""
    for patience in (0.0, 0.01, 0.03):
        with elsewhere(code, file) as killed:
            assert killed.stdout
            said = os.read(killed.stdout.fileno(), 1)  # it has begun
            threading.Event().wait(patience)
            killed.kill()
            said += killed.stdout.read().encode()
        noted = [int(each) for each in said.rpartition(b" ")[0].split()]
        assert noted
        assert {event(0, call).id for call in noted} <= {each.id for each in kept(file)}


def test_two_programs_that_note_at_once_lose_nothing_they_did_not_count(file: Path) -> None:
    code = """
kept = sum(outbox.note(event(0, os.getpid() * 1000 + n)) for n in range(500))
print(kept, outbox.unlogged)
"""
    with elsewhere(code, file) as one, elsewhere(code, file) as other:
        said = [each.communicate()[0].splitlines()[-1].split() for each in (one, other)]
    noted = sum(int(each[0]) for each in said)
    assert noted + sum(int(each[1]) for each in said) == 1000
    assert len(kept(file)) == noted
    assert noted > 500


def test_a_batch_is_the_oldest_events_and_never_changes(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.batch(10) is None
    for turn in range(5):
        assert outbox.note(event(turn))
    first, second = outbox.batch(3), outbox.batch(3)
    assert first
    assert second
    assert first.events == (event(0), event(1), event(2))
    assert second.events == (event(3), event(4))
    assert outbox.batch(3) is None
    assert outbox.note(event(1))
    assert outbox.note(event(9))
    assert Outbox(file).again(first.id) == first
    assert outbox.batch(3) == Batch(outbox.outstanding()[-1].id, (event(9),))


def test_a_batch_made_by_a_program_that_was_killed_is_found_and_never_made_twice(
    file: Path,
) -> None:
    code = """
assert all(outbox.note(event(turn)) for turn in range(3))
print(outbox.batch(2).id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    with elsewhere(code, file) as killed:
        name = killed.communicate()[0].split()[-1]
    outbox = Outbox(file)
    assert outbox.outstanding() == [Outstanding(name, None, 0)]
    assert outbox.again(name) == Batch(name, (event(0), event(1)))
    rest = outbox.batch(2)
    assert rest
    assert rest.events == (event(2),)


def test_two_relays_at_once_never_put_one_event_in_two_batches(file: Path) -> None:
    code = """
while batch := outbox.batch(7):
    print(*(each.id for each in batch.events), flush=True)
"""
    outbox = Outbox(file)
    for call in range(300):
        assert outbox.note(event(0, call))
    with elsewhere(code, file) as one, elsewhere(code, file) as other:
        told = [name for each in (one, other) for name in each.communicate()[0].split()]
    assert sorted(told) == sorted({event(0, call).id for call in range(300)})


def test_a_batch_is_outstanding_until_the_store_has_it(file: Path) -> None:
    outbox = Outbox(file)
    for turn in range(4):
        assert outbox.note(event(turn, at=ASKED + timedelta(seconds=turn)))
    first, second = outbox.batch(2), outbox.batch(2)
    assert first
    assert second
    later = ASKED + timedelta(minutes=1)
    outbox.handed(first.id, ASKED)
    outbox.handed(first.id, later)
    assert outbox.outstanding() == [
        Outstanding(first.id, later, 2),
        Outstanding(second.id, None, 0),
    ]
    assert outbox.depth() == (4, ASKED)
    outbox.forget([second.id])
    outbox.forget([second.id, "unknown"])
    assert outbox.outstanding() == [Outstanding(first.id, later, 2)]
    assert outbox.again(second.id) is None
    assert outbox.depth() == (2, ASKED)
    assert outbox.note(event(7))
    third = outbox.batch(9)
    assert third
    assert third.events == (event(7),), "what was forgotten out of order is not mixed up"
    outbox.forget([first.id, third.id])
    assert outbox.depth() == (0, None)
    assert outbox.note(event(1))
    fourth = outbox.batch(9)
    assert fourth
    assert fourth.events == (event(1),), "told again once it was forgotten, it is handed over again"


def test_batches_names_tell_nothing_of_what_is_in_them(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.note(event(1))
    batch = outbox.batch(1)
    assert batch
    assert re.fullmatch("[0-9a-f]{32}", batch.id)


def test_a_full_disk_costs_events_that_are_counted_and_says_so_once(file: Path) -> None:
    code = """
assert outbox.note(event(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
print(sum(outbox.note(event(0, n)) for n in range(1, 200)), outbox.unlogged)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(outbox.note(event(2)))
"""
    with elsewhere(code, file) as full:
        said = full.communicate()[0]
    assert full.returncode == 0
    assert [line for line in said.splitlines() if "not logged" not in line] == ["0 199", "True"]
    assert said.count("turns are not logged") == 1
    assert kept(file) == [event(1), event(2)]


@pytest.mark.parametrize("trouble", ["a file for a folder", "no database", "a folder for a file"])
def test_an_outbox_that_cannot_be_written_costs_events_and_never_raises(
    file: Path, trouble: str
) -> None:
    file.parent.mkdir()
    if trouble == "a file for a folder":
        file = file / "x" / "outbox.sqlite3"
        file.parent.parent.touch()
    elif trouble == "no database":
        file.write_text("not a database " * 1000)
    else:
        file.mkdir()
    outbox = Outbox(file)
    with capture_logs() as said:
        assert not outbox.note(event(1))
        assert not outbox.note(event(2))
    assert outbox.unlogged == 2
    assert [line["event"] for line in said] == ["turns are not logged"]


def test_a_disk_that_was_made_read_only_costs_events_until_it_is_not(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.note(event(1))
    outbox._files[1].connection().execute("PRAGMA query_only = ON")
    assert not outbox.note(event(2))
    assert outbox.unlogged == 1
    assert outbox.note(event(3)), "the file is opened anew after any trouble"


def test_that_events_are_lost_is_said_once_a_minute_with_how_many(file: Path) -> None:
    now = [0.0]
    file.parent.touch()
    outbox = Outbox(file, clock=lambda: now[0])
    with capture_logs() as said:
        for second in range(0, 130, 10):
            now[0] = second
            assert not outbox.note(event(second))
    assert [line["unlogged"] for line in said] == [1, 7, 13]
    assert {line["log_level"] for line in said} == {"critical"}


def test_a_program_that_will_not_let_go_costs_one_wait_and_not_one_a_turn(file: Path) -> None:
    waits: list[float] = []
    now = [0.0]
    outbox = Outbox(file, clock=lambda: now[0])
    events = outbox._events

    class Watched:
        def note(self, each: Event, patience: float, heard: datetime | None) -> None:
            waits.append(patience)
            events.note(each, patience, heard)

    outbox._events = Watched()  # type: ignore[assignment]
    assert outbox.note(event(1))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for turn, moment in enumerate((0.0, 0.5, 0.9), start=2):
        now[0] = moment
        assert not outbox.note(event(turn))
    other.execute("ROLLBACK")
    other.close()
    assert outbox.note(event(5)), "though nobody was waited for, it was tried"
    assert waits == [0.25, 0.25, 0, 0, 0]


def test_an_outbox_of_the_first_storey_keeps_its_promises_and_takes_events(file: Path) -> None:
    file.parent.mkdir()
    old = sqlite3.connect(file)
    old.executescript("""
        PRAGMA journal_mode = WAL;
        CREATE TABLE promise (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, service TEXT NOT NULL, number TEXT NOT NULL,
            asked TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE trial (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL);
        INSERT INTO trial VALUES (1, 0);
        INSERT INTO promise
        VALUES ('CA1', 'callback', 'london', '+447700900123', '2026-11-22T03:00:00+00:00');
    """)
    old.close()
    code = "print(outbox.note(event(os.getpid() % 90)))"
    with elsewhere(code, file) as one, elsewhere(code, file) as other:
        assert [each.communicate()[0] for each in (one, other)] == ["True\n", "True\n"]
    assert Outbox(file).waiting() == [promise()]
    assert Outbox(file).depth()[0] in {1, 2}


def test_how_long_an_event_waits_is_counted_from_when_it_was_heard(file: Path) -> None:
    outbox, heard = Outbox(file), ASKED + timedelta(hours=1)
    assert outbox.note(event(1), heard)
    assert outbox.note(event(2, at=heard))
    assert outbox.depth() == (2, heard)
    assert kept(file) == [event(1), event(2, at=heard)]


def test_an_outbox_of_the_version_before_takes_events_from_programs_of_both(file: Path) -> None:
    assert Outbox(file).note(event(1))
    with closing(sqlite3.connect(file, isolation_level=None)) as old:
        old.execute("ALTER TABLE event DROP COLUMN heard")
        old.execute("PRAGMA user_version = 1")
        code = "print(outbox.note(event(os.getpid() % 90)))"
        with elsewhere(code, file) as one, elsewhere(code, file) as other:
            assert [each.communicate()[0] for each in (one, other)] == ["True\n", "True\n"]
        known = (
            "INSERT INTO event (id, call, kind, at, facts) SELECT ?, ?, kind, at, facts FROM event"
        )
        old.execute(f"{known} LIMIT 1", (event(99, 7).id, event(99, 7).call))
    assert Outbox(file).depth() == (len(kept(file)), ASKED)
    assert {event(1).id, event(99, 7).id} < {each.id for each in kept(file)}


def test_an_event_of_a_later_version_is_not_dropped_but_left_for_it(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.note(event(1))
    outbox._files[1].connection().execute("UPDATE event SET facts = '{\"later\": 1}'")
    with pytest.raises(sqlite3.DataError, match="version"):
        outbox.batch(10)
    assert outbox.depth()[0] == 1
    assert not outbox.outstanding()


def test_a_promise_waits_no_longer_for_the_events_that_others_hand_over(file: Path) -> None:
    outbox = Outbox(file)
    for call in range(5000):
        assert outbox.note(event(0, call))
    code = """
while batch := outbox.batch(500):
    outbox.forget([batch.id])
"""
    with elsewhere(code, file) as relay:
        accepted = [outbox.accept(promise(f"CA{n}")) for n in range(200)]
        assert relay.wait() == 0
    assert all(accepted)
    assert outbox.depth()[0] == 0
