from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.outbox import Outbox
from tests.outboxes import ASKED, NUMBER, elsewhere, event, promise

pytestmark = pytest.mark.usefixtures("hears_everything")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "outbox.sqlite3"


def test_a_promise_is_kept_as_it_was_made(file: Path) -> None:
    assert Outbox(file).accept(promise())
    assert Outbox(file).waiting() == [promise()]


def test_the_same_promise_twice_is_kept_once_and_accepted_twice(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.accept(promise())
    assert outbox.accept(promise(asked=ASKED + timedelta(minutes=1)))
    assert outbox.waiting() == [promise()]


def test_promises_wait_oldest_first_whatever_time_zone_they_were_asked_in(file: Path) -> None:
    outbox = Outbox(file)
    summer = datetime(2026, 11, 22, 3, 30, tzinfo=timezone(timedelta(hours=1)))
    for each in (promise("CA1"), promise("CA2", summer)):
        assert outbox.accept(each)
    assert [each.id for each in outbox.waiting()] == ["CA2", "CA1"]
    assert outbox.standing() == (2, summer)


def test_a_promise_says_in_which_time_zone_it_was_asked(file: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Outbox(file).accept(promise(asked=ASKED.replace(tzinfo=None)))


def test_an_outbox_nobody_has_used_is_ready_and_empty(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.ready()
    assert outbox.waiting() == []
    assert outbox.standing() == (0, None)


def test_only_this_user_can_read_it(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.accept(promise())
    kept = list(file.parent.iterdir())
    assert len(kept) == 3  # the file, its log and the log's index
    assert {stat.S_IMODE(each.stat().st_mode) for each in kept} == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_promise_survives_the_killing_of_the_program_that_accepted_it(file: Path) -> None:
    code = "assert outbox.accept(promise('CA9')); os.kill(os.getpid(), signal.SIGKILL)"
    with elsewhere(code, file) as killed:
        assert killed.wait() == -9
    assert [each.id for each in Outbox(file).waiting()] == ["CA9"]


def test_two_programs_that_write_at_once_lose_nothing(file: Path) -> None:
    code = "print(sum(outbox.accept(promise(f'{os.getpid()}-{n}')) for n in range(200)))"
    with elsewhere(code, file) as one, elsewhere(code, file) as other:
        accepted = sum(int(each.communicate()[0].splitlines()[-1]) for each in (one, other))
    assert len(Outbox(file).waiting()) == accepted
    assert accepted > 200  # on a busy machine one may keep the other waiting for longer than it may


def test_a_full_disk_refuses_the_promise_and_says_so_without_the_number(file: Path) -> None:
    code = """
assert outbox.ready() and outbox.accept(promise('CA1'))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
print(any(outbox.accept(promise(f'full-{n}' * 50)) for n in range(2000, 2010)))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(outbox.accept(promise('CA2')))
"""
    with elsewhere(code, file) as full:
        said = full.communicate()[0]
    assert full.returncode == 0
    answers = [line for line in said.splitlines() if line in {"True", "False"}]
    assert answers == ["False", "True"]
    assert "outbox cannot be written" in said
    assert NUMBER not in said
    assert [each.id for each in Outbox(file).waiting()] == ["CA1", "CA2"]


def test_a_place_that_cannot_be_written_to_is_never_ready(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    outbox = Outbox(tmp_path / "file" / "outbox.sqlite3")
    with capture_logs() as said:
        assert not outbox.ready()
        assert not outbox.accept(promise())
    assert [line["log_level"] for line in said] == ["critical", "critical"]
    assert NUMBER not in str(said)


def test_a_file_that_is_no_outbox_is_never_ready(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("not a database " * 1000)
    assert not Outbox(file).ready()
    assert not Outbox(file).accept(promise())


def test_another_program_that_will_not_let_go_costs_one_short_wait(file: Path) -> None:
    outbox = Outbox(file, clock=lambda: 0.0)
    assert outbox.accept(promise("CA1"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not outbox.accept(promise("CA2"))
    other.execute("ROLLBACK")
    other.close()
    assert outbox.accept(promise("CA2"))


def test_readiness_is_tried_by_writing_and_then_trusted_for_a_second(file: Path) -> None:
    now = [0.0]
    outbox = Outbox(file, clock=lambda: now[0])
    assert outbox.ready()
    file.parent.rename(file.parent.with_name("gone"))
    file.parent.touch()
    now[0] = 0.9
    assert outbox.ready()
    now[0] = 1.0
    assert not outbox.ready()
    file.parent.unlink()
    now[0] = 2.0
    assert outbox.ready()


def test_a_promise_is_not_written_to_a_file_that_was_taken_away(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.accept(promise("CA1"))
    for each in file.parent.iterdir():
        each.unlink()
    assert outbox.accept(promise("CA2"))
    assert [each.id for each in Outbox(file).waiting()] == ["CA2"]


def left_in(file: Path, text: str) -> bool:
    return any(text.encode() in each.read_bytes() for each in file.parent.iterdir())


def test_a_number_that_is_forgotten_is_nowhere_on_the_disk(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.accept(promise("CA1"))
    assert left_in(file, NUMBER)
    outbox.forget_promises(["CA1"])
    assert not left_in(file, NUMBER)


@pytest.mark.parametrize("how", ["BEGIN; SELECT * FROM promise", "BEGIN IMMEDIATE"])
def test_a_number_that_somebody_was_reading_as_it_was_forgotten_is_erased_soon_after(
    file: Path, how: str
) -> None:
    outbox = Outbox(file)
    assert outbox.accept(promise("CA1"))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        if how.startswith("BEGIN;"):
            assert [other.execute(each).fetchone() for each in how.split(";")][1]
            outbox.forget_promises(["CA1"])
        else:
            outbox._promises.forget(["CA1"])
            other.execute(how)
        assert not outbox.sweep()
        assert left_in(file, NUMBER)
    assert outbox.sweep()
    assert not left_in(file, NUMBER)


def test_whoever_comes_after_one_that_was_killed_erases_what_that_one_left(file: Path) -> None:
    before = Outbox(file)
    assert before.accept(promise("CA1"))
    before._promises.forget(["CA1"])
    assert left_in(file, NUMBER)
    assert Outbox(file).sweep()
    assert not left_in(file, NUMBER)


def test_events_that_are_forgotten_are_nowhere_on_the_disk_an_hour_later(file: Path) -> None:
    now = [0.0]
    outbox, told = Outbox(file, clock=lambda: now[0]), "c0ffee" * 5 + "c0"
    assert outbox.sweep()
    for call in range(300):
        each = event(1, call)
        assert outbox.note(replace(each, facts={**each.facts, "caller": told}))
    while batch := outbox.batch(100):
        outbox.forget([batch.id])
    assert outbox.sweep()
    assert left_in(file, told), "the log is not cut short after each batch"
    now[0] += 3599
    assert outbox.note(event(2))
    assert outbox.sweep()
    assert left_in(file, told)
    now[0] += 1
    assert outbox.sweep()
    assert not left_in(file, told)
    assert outbox.depth()[0] == 1


def test_whatever_is_deleted_is_overwritten_however_sqlite_was_built(file: Path) -> None:
    for each in Outbox(file)._files:
        assert each.connection().execute("PRAGMA secure_delete").fetchone() == (1,)


def test_a_disk_in_trouble_holds_nothing_up_that_could_be_done_later(file: Path) -> None:
    outbox = Outbox(file)
    assert outbox.accept(promise())
    file.unlink()
    file.mkdir()
    assert not outbox.sweep()


def test_a_number_is_not_in_what_python_shows_of_a_promise() -> None:
    assert NUMBER not in repr(promise())
