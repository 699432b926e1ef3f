"""What every webhook was lost of is found in Twilio's list of calls, and said to be from there."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ivr.comparing import lacking
from ivr.events import Event
from ivr.log import CallRecord, fold
from ivr.phone.exchange import ACCOUNT, Exchange, Seen, serving
from ivr.records import MENU, OWN_NUMBER
from ivr.store import Store, migrate
from ivr.telephony import CallState, Telephony, UnclearError
from tests import shipped
from tests.shipped import NOON
from tests.stories import tell
from tests.test_exchange import TOKEN, line
from tests.twilio_says import telephony
from workers.comparing import LOOKED_BACK, NAME, PIECES, SETTLED, catch_up, numbers

pytestmark = pytest.mark.usefixtures("hears_everything")

MAIN, OWN, STRANGE = "+441632960900", "+441632960901", "+441632960902"
OURS = {MAIN: MENU, OWN: OWN_NUMBER}
CALLER = "+447700900461"
SEEDS = st.integers(0, 2**32)


def sid(number: int) -> str:
    return f"CA{number:032x}"


def listed(number: int = 1, to: str = MAIN, seconds: int = 90, **more: str) -> CallState:
    told = {"status": "completed", "direction": "inbound"} | more
    ended = NOON + timedelta(seconds=seconds)
    return CallState(sid(number), told["status"], seconds, told["direction"], NOON, ended, to)


def unknown(_: str) -> CallRecord | None:
    return None


def test_a_call_of_which_nothing_is_known_is_told_by_its_beginning_and_its_end() -> None:
    events = list(lacking([listed(to=OWN)], OURS, unknown))
    assert [event.id for event in events] == [
        f"{sid(1)}-recovered-began",
        f"{sid(1)}-recovered-ended",
    ]
    record = fold(events)
    assert (record.began, record.ended) == (NOON, NOON + timedelta(seconds=90))
    assert record.recovered
    assert record.via == OWN_NUMBER
    assert not record.complete
    assert record.lacks == ("turn 0", "what came after the last turn known")


def test_other_numbers_of_the_account_and_calls_of_ours_are_passed_over() -> None:
    others = [listed(1, STRANGE), listed(2, direction="outbound-api"), listed(3, to="")]
    assert list(lacking(others, OURS, unknown)) == []


def test_a_call_that_is_not_over_is_left_until_it_is() -> None:
    going_on = CallState(sid(1), "in-progress", None, "inbound", NOON, None, MAIN)
    assert list(lacking([going_on], OURS, unknown)) == []


@settings(max_examples=300, deadline=None)
@given(SEEDS, st.floats(0, 1), st.randoms(use_true_random=False))
def test_what_is_recovered_adds_what_was_lost_and_changes_nothing_that_was_heard(
    seed: int, share: float, chance: random.Random
) -> None:
    story = tell(random.Random(seed))  # noqa: S311 - a made-up call
    events = story.events()
    true = story.record()
    assert true.began
    began, end = true.began.replace(microsecond=0), true.ended or true.began
    state = CallState(true.call, "completed", 9, "inbound", began, end, MAIN)
    kept = [event for event in events if chance.random() >= share]
    before = fold(kept) if kept else None
    found = list(lacking([state], OURS, lambda _: before))
    if not found and before:
        assert before.began
        assert before.ended
        return
    heard = [*kept, *found]
    chance.shuffle(heard)
    after = fold(heard)
    assert after.recovered == bool(found)
    assert after.began
    assert after.ended
    if before:
        assert before.began in (None, after.began)
        assert before.ended in (None, after.ended)
        assert before.steps == after.steps[: len(before.steps)]
    again = fold([*heard, *events])  # and in the end all of it comes after all
    assert again.steps == true.steps
    assert list(lacking([state], OURS, lambda _: after)) == []


# -- hour by hour -----------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    store = Store(url)
    yield store
    store.close()


@dataclass
class Twilio:
    """A list of calls, with how often it was asked, that may be away."""

    had: Sequence[CallState] = ()
    asked: int = 0
    lasts: int = 10_000

    def calls(self, since: datetime, until: datetime) -> Iterator[CallState]:
        self.asked += 1
        if self.asked > self.lasts:
            raise UnclearError("away")
        return (call for call in self.had if call.began and since <= call.began < until)


def everything(twilio: Twilio, store: Store, now: datetime) -> int:
    """Compare until there is no hour left."""
    found, done = 0, None
    while done != (last := store.last_ran(NAME)) or last is None:
        done = last
        found += catch_up(twilio, store, OURS, now)
    return found


def test_what_was_lost_is_recovered_once_and_said_with_nobodys_number(store: Store) -> None:
    twilio = Twilio([listed(number) for number in range(5)])
    store.keep(list(lacking([listed(0)], OURS, unknown)))
    with capture_logs() as said:
        assert everything(twilio, store, NOON + timedelta(hours=8)) == 8
    assert [(line["calls"], line["events"]) for line in said] == [(4, 8)]
    assert MAIN not in str(said)
    found = store.call(sid(3))
    assert found
    assert found.recovered
    assert everything(twilio, store, NOON + timedelta(hours=9)) == 0


def test_calls_that_may_go_on_are_left_for_later(store: Store) -> None:
    twilio = Twilio([listed()])
    assert everything(twilio, store, NOON + SETTLED) == 0
    assert everything(twilio, store, NOON + SETTLED + timedelta(hours=1)) == 2


def test_while_twilio_is_away_no_hour_is_passed_over(store: Store) -> None:
    twilio = Twilio([listed(number) for number in range(3)], lasts=30)
    now = NOON + timedelta(hours=20)
    with pytest.raises(UnclearError):
        everything(twilio, store, now)
    far = store.last_ran(NAME)
    assert far
    assert far == now - SETTLED - LOOKED_BACK + timedelta(hours=30)
    twilio.lasts = 10_000
    assert everything(twilio, store, now) == 6


def test_a_job_takes_so_much_at_once_and_a_long_gap_is_looked_back_on_for_a_week(
    store: Store,
) -> None:
    twilio = Twilio()
    catch_up(twilio, store, OURS, NOON)
    assert twilio.asked == PIECES
    store.ran(NAME, NOON - timedelta(days=90))
    everything(twilio, store, NOON)
    assert twilio.asked == PIECES + LOOKED_BACK // timedelta(hours=1)


def test_the_lines_own_numbers_are_told_from_the_table() -> None:
    table = shipped.table()
    found = numbers(table)
    assert found[table.line.number] == MENU
    assert set(found) == {table.line.number, *table.own_numbers}


def test_it_is_told_by_the_telephone_companys_own_list(store: Store) -> None:
    exchange = Exchange(line(), TOKEN)
    exchange.saw(Seen(sid(1), CALLER, MAIN, NOON, seconds=70, status="completed"))
    exchange.saw(Seen(sid(2), CALLER, STRANGE, NOON, seconds=70))
    with serving(exchange) as base:
        company: Telephony = telephony(base, ACCOUNT, TOKEN)
        events: list[Event] = list(
            lacking(company.calls(NOON, NOON + timedelta(hours=1)), OURS, store.call)
        )
    assert [event.call for event in events] == [sid(1)] * 2
    assert events[1].facts == {"status": "completed", "seconds": 70, "recovered": True}
    assert CALLER not in str(events)
