"""The store keeps each callback once, changes it only as it was seen, and forgets the number."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import create_engine, text

from ivr.callbacks import (
    CALLER,
    RULES,
    SERVICE,
    Become,
    Callback,
    Facts,
    Ring,
    State,
    claim,
    close,
    decide,
    let_go,
    not_placed,
    placed,
)
from ivr.events import Event
from ivr.sealing import Seal
from ivr.store import Forgotten, Retention, Store, StoreError, migrate
from tests.databases import fresh_database
from tests.stories import tell
from tests.test_sealing import NEW, OLD

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
NUMBER, OTHER = "+447700900123", "+447700900124"
CALL = "CA" + "0" * 32
THEIRS, OURS = "CA" + "5" * 32, "CA" + "c" * 32


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with our tables, and nothing in them."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/state/store.sqlite3"
    else:
        url = fresh_database(request.getfixturevalue("postgres_server"))
    migrate(url)
    return url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url, Seal([OLD]))
    yield store
    store.close()


def promise(store: Store, name: str = "one", number: str = NUMBER, at: datetime = NOON) -> Callback:
    return store.callbacks.promise(name, CALL, "cambridge", number, at)


def heard(callback: Callback, side: str, what: str, at: datetime, leg: str = "") -> Event:
    sid = THEIRS if side == SERVICE else OURS
    facts: dict[str, str | int] = {
        "callback": callback.id,
        "attempt": callback.attempt,
        "ring": callback.ring,
        "side": side,
        "what": what,
    }
    facts |= {"leg": leg} if leg else {}
    return Event(f"{sid}-b-{leg or what}-{callback.attempt}", sid, "callback", at, facts)


def rung(store: Store, callback: Callback, at: datetime) -> Callback:
    """``callback`` once whoever is next was rung, as a worker does it."""
    step = decide(callback, at, RULES, Facts(rings=(1,)))
    assert isinstance(step, Ring)
    claimed = claim(callback, step, at)
    assert store.callbacks.change(callback, claimed, f"ring {step.side}", "line", at)
    ringing = placed(claimed, step.side, THEIRS if step.side == SERVICE else OURS, at)
    assert store.callbacks.change(claimed, ringing, "placed", "line", at)
    return ringing


def told(store: Store, *events: Event) -> Callback:
    store.keep(events)
    callback = store.callbacks.get(str(events[0].facts["callback"]))
    assert callback
    return callback


def caller_rung(store: Store, callback: Callback, at: datetime) -> Callback:
    """``callback`` once its service has accepted and the caller is being rung."""
    ringing = rung(store, callback, at)
    return rung(store, told(store, heard(ringing, SERVICE, "accepted", at)), at)


def connected(store: Store) -> Callback:
    """A callback that was answered, and has settled."""
    done = settling(store)
    assert done.due
    step = decide(done, done.due, RULES, Facts(rings=()))
    assert isinstance(step, Become)
    assert store.callbacks.change(done, step.callback, "settled", "line", done.due)
    return step.callback


def settling(store: Store) -> Callback:
    ringing = caller_rung(store, promise(store), NOON)
    return told(store, heard(ringing, CALLER, "accepted", NOON + MINUTE))


def unanswered(store: Store, callback: Callback, at: datetime) -> Callback:
    """``callback`` after one more ring that its caller did not answer, ready for the next."""
    ringing = caller_rung(store, callback, at)
    waiting = told(store, heard(ringing, CALLER, "status", at, leg="no-answer"))
    after = let_go(waiting, SERVICE, at)
    assert store.callbacks.change(waiting, after, "let go", "line", at)
    return after


def test_a_promise_is_one_callback_however_often_it_comes(store: Store) -> None:
    first = promise(store)
    assert first.state is State.ASKED
    assert promise(store) == first
    assert store.callbacks.get(first.id) == first
    assert store.callbacks.number(first.id) == NUMBER
    assert store.callbacks.open() == [first]
    assert [change.what for change in store.callbacks.history(first.id)] == ["asked"]
    assert store.callbacks.get("f" * 32) is None


def test_a_promise_that_comes_again_after_its_end_rings_nobody(store: Store) -> None:
    done = connected(store)
    assert promise(store) == done


def test_a_second_promise_to_one_number_joins_the_first_and_stays_with_it(store: Store) -> None:
    first = promise(store)
    later = NOON + timedelta(hours=1)
    for _ in range(2):
        joined = promise(store, "two", at=later)
        assert joined.id == first.id
    assert joined.expires == later + RULES.expiry
    lines = [change.what for change in store.callbacks.history(first.id)]
    assert lines == ["asked", "asked again"]
    closed = close(joined, "rang them", later)
    assert store.callbacks.change(joined, closed, "closed", "alex", later)
    assert promise(store, "two", at=later) == closed
    assert promise(store, "three", at=later).state is State.ASKED


def test_two_numbers_have_two_callbacks(store: Store) -> None:
    assert promise(store).id != promise(store, "two", OTHER).id


def test_a_change_counts_only_for_who_saw_it_as_it_is(store: Store) -> None:
    first = promise(store)
    claimed = claim(first, Ring(SERVICE, 1), NOON)
    assert store.callbacks.change(first, claimed, "ring service", "line", NOON)
    assert not store.callbacks.change(first, claimed, "ring service", "line", NOON)
    assert not store.callbacks.change(first, first, "nothing", "line", NOON)
    assert store.callbacks.change(claimed, claimed, "nothing", "line", NOON)
    assert len(store.callbacks.history(first.id)) == 2


def test_of_many_who_claim_at_once_one_does(store: Store, url: str) -> None:
    first = promise(store)
    claimed = claim(first, Ring(SERVICE, 1), NOON)
    together, did = threading.Barrier(6), []

    def one() -> None:
        own = Store(url, Seal([OLD]))
        together.wait()
        did.append(own.callbacks.change(first, claimed, "ring service", "line", NOON))
        own.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(did) == [False] * 5 + [True]


def test_of_many_promises_to_one_number_at_once_one_is_made(store: Store, url: str) -> None:
    together, ids = threading.Barrier(5), set[str]()

    def one(name: int) -> None:
        own = Store(url, Seal([OLD]))
        together.wait()
        ids.add(promise(own, str(name)).id)
        own.close()

    threads = [threading.Thread(target=one, args=[name]) for name in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == len(store.callbacks.open()) == 1


def test_tidings_move_it_whatever_their_order_and_make_no_record_of_a_call(store: Store) -> None:
    ringing = caller_rung(store, promise(store), NOON)
    key = heard(ringing, CALLER, "accepted", NOON + MINUTE)
    over = heard(ringing, CALLER, "status", NOON + 2 * MINUTE, leg="completed")
    assert store.keep([over, key, over]) == 1
    done = store.callbacks.get(ringing.id)
    assert done
    assert done.state is State.CONNECTED
    assert store.keep([over, key]) == 0
    assert store.call(OURS) is None
    assert store.events(OURS) == []
    assert store.callbacks.history(ringing.id)[-1].what == "caller: accepted"


def test_tidings_of_a_callback_nobody_knows_do_no_harm(store: Store) -> None:
    known = promise(store)
    stranger = heard(replace(known, id="f" * 32), SERVICE, "accepted", NOON)
    nobody = Event(f"{OURS}-b-accepted", OURS, "callback", NOON, {"what": "accepted"})
    assert store.keep([stranger, nobody]) == 0
    assert store.callbacks.open() == [known]


def test_the_log_and_the_callbacks_are_kept_together_or_not_at_all(store: Store) -> None:
    story = tell(Random(1), 7)  # noqa: S311 - one made-up call
    ringing = rung(store, promise(store), NOON)
    accepted = heard(ringing, SERVICE, "accepted", NOON)
    assert store.keep([*story.events(), accepted]) == len(story.events()) + 1
    assert [store.call(story.call) is not None, told(store, accepted).state] == [
        True,
        State.RINGING_CALLER,
    ]


def raw(url: str, secret: str) -> bool:
    """Whether ``secret`` stands in any row of any table."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        tables = ("callback", "callback_history", "never_call", "event", "call", "ran")
        rows = [connection.execute(text(f"SELECT * FROM {t}")).all() for t in tables]  # noqa: S608 - our own names
    engine.dispose()
    return secret in repr(rows)


def test_a_number_is_sealed_while_it_is_open_and_gone_once_it_has_ended(
    store: Store, url: str
) -> None:
    sealed = promise(store)
    assert not raw(url, NUMBER[3:])
    rotated = Store(url, Seal([NEW, OLD]))
    assert rotated.callbacks.number(sealed.id) == NUMBER
    rotated.close()
    done = connected(store)
    assert store.callbacks.number(done.id) == ""
    kept = promise(store, "two", OTHER)
    closed = close(kept, "rang them", NOON)
    assert store.callbacks.change(kept, closed, "closed", "alex", NOON)
    assert store.callbacks.number(kept.id) == ""


def test_a_number_is_kept_while_it_may_turn_out_that_its_caller_is_alone(store: Store) -> None:
    done = settling(store)
    assert store.callbacks.number(done.id) == NUMBER
    assert store.callbacks.due(NOON + MINUTE + RULES.settling) == [done.id]
    gone = heard(done, SERVICE, "status", NOON + 50 * SECOND, leg="completed")
    alone = told(store, gone)
    assert (alone.state, alone.gone) == (State.RINGING_CALLER, gone.at)
    assert store.callbacks.number(done.id) == NUMBER


def test_a_number_that_nobody_came_to_erase_is_forgotten(store: Store) -> None:
    done = settling(store)
    store.forget(NOON + MINUTE, Retention())
    assert store.callbacks.number(done.id) == NUMBER
    store.forget(NOON + DAY, Retention())
    assert store.callbacks.number(done.id) == ""
    assert store.callbacks.due(NOON + DAY) == []


def test_sqlite_keeps_nothing_of_a_number_in_its_file_once_it_is_erased(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    migrate(url)
    store = Store(url, Seal([OLD]))
    promise(store)
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection:
        (sealed,) = connection.execute("SELECT number FROM callback").fetchone()
    connected(store)
    store.close()
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert sealed.encode() not in (tmp_path / "store.sqlite3").read_bytes()


def test_who_asked_never_to_be_rung_is_a_persons_whatever_keys_are_rotated(
    store: Store, url: str
) -> None:
    ringing = caller_rung(store, promise(store), NOON)
    after = told(store, heard(ringing, CALLER, "never", NOON))
    assert (after.state, after.why) == (State.NEEDS_A_PERSON, "opted_out")
    assert not store.callbacks.may_call(NUMBER)
    assert store.callbacks.may_call(OTHER)
    closed = close(after, "they asked not to be rung", NOON)
    assert store.callbacks.change(after, closed, "closed", "alex", NOON)
    rotated = Store(url, Seal([NEW, OLD]))
    assert not rotated.callbacks.may_call(NUMBER)
    again = promise(rotated, "two", at=NOON + 300 * DAY)
    assert (again.state, again.why) == (State.NEEDS_A_PERSON, "asked_after_9")
    once_more = promise(rotated, "three", at=NOON + 300 * DAY + MINUTE)
    assert (once_more.id, once_more.why) == (again.id, "asked_after_9")
    rotated.callbacks.never(OTHER, NOON)
    assert not rotated.callbacks.may_call(OTHER)
    rotated.close()


def test_a_9_that_is_heard_of_after_the_end_counts_all_the_same(store: Store) -> None:
    done = connected(store)
    assert store.keep([heard(done, CALLER, "never", NOON + MINUTE)]) == 0
    assert not store.callbacks.may_call(NUMBER)
    assert store.callbacks.get(done.id) == done


def test_one_promise_and_one_number_are_known_by_every_key(store: Store, url: str) -> None:
    first = promise(store)
    rotated = Store(url, Seal([NEW, OLD]))
    assert promise(rotated) == first
    assert promise(rotated, "two").id == first.id
    rotated.close()


def test_rings_are_counted_by_number_and_by_hour_and_one_that_never_was_is_not(
    store: Store,
) -> None:
    callback = promise(store)
    for times in range(3):
        at = NOON + times * timedelta(hours=1)
        assert store.callbacks.rung_lately(NUMBER, at) == times
        callback = unanswered(store, callback, at)
    later = NOON + 2 * timedelta(hours=1) + MINUTE
    assert store.callbacks.rung_lately(NUMBER, later) == 3
    assert store.callbacks.rung_lately(OTHER, later) == 0
    assert store.callbacks.rung_last_hour(later) == 1
    ringing = caller_rung(store, promise(store, "two", OTHER, later), later)
    assert store.callbacks.rung_last_hour(later) == 2
    never = not_placed(ringing, CALLER, later, "busy")
    assert store.callbacks.change(ringing, never, "not placed", "line", later)
    assert store.callbacks.rung_last_hour(later) == 1
    assert store.callbacks.rung_lately(NUMBER, NOON + DAY + MINUTE) == 2


def test_a_number_rung_as_often_as_may_be_is_a_persons_from_the_start(store: Store) -> None:
    callback = promise(store)
    for times in range(3):
        callback = unanswered(store, callback, NOON + times * timedelta(hours=1))
    later = NOON + timedelta(hours=3)
    closed = close(callback, "rang them", later)
    assert store.callbacks.change(callback, closed, "closed", "alex", later)
    again = promise(store, "two", at=later)
    assert (again.state, again.why) == (State.NEEDS_A_PERSON, "cap")


def test_what_is_due_is_told_the_longest_overdue_first(store: Store) -> None:
    late, soon = promise(store, "a", OTHER, NOON), promise(store, "b", NUMBER, NOON - MINUTE)
    assert store.callbacks.due(NOON - SECOND) == [soon.id]
    assert store.callbacks.due(NOON) == [soon.id, late.id]
    assert store.callbacks.due(NOON, most=1) == [soon.id]
    rung(store, soon, NOON)
    assert store.callbacks.due(NOON) == [late.id]
    assert store.callbacks.due(NOON + RULES.silence) == [soon.id, late.id], "somebody is rung"


def test_however_many_wait_those_who_may_be_on_a_telephone_are_looked_at(store: Store) -> None:
    waiting = [
        promise(store, f"w{each}", f"+4477009001{each:02}", NOON - MINUTE) for each in range(8)
    ]
    ringing = rung(store, promise(store), NOON)
    kept = caller_rung(store, promise(store, "two", OTHER), NOON)
    told(store, heard(kept, CALLER, "status", NOON, leg="busy"))
    due = store.callbacks.due(NOON + RULES.silence, most=4)
    assert set(due[:2]) == {ringing.id, kept.id}
    assert set(due[2:]) < {each.id for each in waiting}


def test_those_go_first_whose_service_is_rung_or_who_asked_earlier_and_wait(store: Store) -> None:
    first = promise(store, "a", "+447700900101", NOON)
    second = promise(store, "b", "+447700900102", NOON + SECOND)
    third = promise(store, "c", "+447700900103", NOON + 2 * SECOND)
    assert [store.callbacks.ahead(each) for each in (first, second, third)] == [0, 0, 0]
    full = Facts(rings=(1,), rung_last_hour=RULES.per_hour)
    for each in (first, second):
        step = decide(each, NOON + SECOND, RULES, full)
        assert isinstance(step, Become)
        assert store.callbacks.change(each, step.callback, "waits", "line", NOON + SECOND)
    assert [store.callbacks.ahead(each) for each in (first, second, third)] == [0, 1, 2]
    ringing = rung(store, third, NOON + 2 * SECOND)
    assert [store.callbacks.ahead(each) for each in (first, second, third)] == [1, 2, 2]
    accepted = told(store, heard(ringing, SERVICE, "accepted", NOON + 3 * SECOND))
    assert store.callbacks.ahead(first) == 1
    rung(store, accepted, NOON + 4 * SECOND)
    assert store.callbacks.ahead(first) == 0, "that ring is counted where the rings are"


def test_a_service_that_is_kept_waiting_makes_it_due(store: Store) -> None:
    ringing = caller_rung(store, promise(store), NOON)
    told(store, heard(ringing, CALLER, "status", NOON, leg="busy"))
    assert store.callbacks.due(NOON) == [ringing.id]


def test_they_are_counted_by_state_and_those_past_their_deadline(store: Store) -> None:
    assert set(store.callbacks.counts().values()) == {0}
    done, waiting = connected(store), promise(store, "two", OTHER)
    assert store.callbacks.counts()[State.CONNECTED] == 1
    assert store.callbacks.overdue(waiting.deadline - SECOND) == 0
    assert store.callbacks.overdue(waiting.deadline) == 1
    assert store.callbacks.among([State.CONNECTED], NOON) == [done]
    assert store.callbacks.among(list(State), NOON + SECOND) == []


def test_an_ended_one_is_forgotten_in_its_time_and_an_open_one_never(store: Store) -> None:
    done, waiting = connected(store), promise(store, "two", OTHER)
    keep = Retention()
    assert store.forget(NOON + 5 * DAY, keep) == Forgotten()
    assert store.callbacks.rung_lately(NUMBER, NOON + MINUTE) == 0, "its caller is forgotten"
    assert store.callbacks.get(done.id) == done
    assert store.forget(NOON + 400 * DAY, keep) == Forgotten(callbacks=1)
    assert store.callbacks.get(done.id) is None
    assert store.callbacks.history(done.id) == []
    assert store.callbacks.get(waiting.id) == waiting
    assert store.callbacks.number(waiting.id) == OTHER


def test_without_a_seal_tidings_are_kept_and_numbers_refused(store: Store, url: str) -> None:
    ringing = rung(store, promise(store), NOON)
    bare = Store(url)
    assert told(bare, heard(ringing, SERVICE, "accepted", NOON)).state is State.RINGING_CALLER
    for refused in (lambda: promise(bare), lambda: bare.callbacks.number(ringing.id)):
        with pytest.raises(StoreError, match="SEALING_KEYS"):
            refused()
    bare.close()


def test_it_is_known_when_each_chore_last_ran(store: Store) -> None:
    assert store.last_ran("reconcile") is None
    for at in (NOON, NOON + MINUTE):
        store.ran("reconcile", at)
        assert store.last_ran("reconcile") == at
    assert store.last_ran("forget") is None
