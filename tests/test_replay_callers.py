"""Those who ring in a replay wait as long as they are meant to, however often a telephone rings."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.phone import Answered, Busy, CallerLeaves, Event, Kind, NoAnswer
from ivr.replay.callers import End, Visit, Visitor
from ivr.replay.line import RINGS, SECONDS, Wanted
from ivr.replay.waits import LONGEST

BEGAN = datetime(2025, 12, 3, 4, 5, tzinfo=UTC)


def visitor(end: End, wait: int) -> Visitor:
    return Visitor(Visit("CA" + "0" * 32, BEGAN, "+447700900123", "+441134960000", None, end, wait))


def rung(of: Visitor, words: float) -> tuple[float, int, Answered | CallerLeaves]:
    """Ring until somebody takes the call or the caller leaves: when, at which ring, and how.

    Between one ring and the next something is said for so many seconds.
    """
    begins = second = 17.3
    for ring in range(1, 2 * RINGS):
        of.hears(Event(second, Kind.RINGS, "", SECONDS, "+441144960000"))
        fate = of.leg("+441144960000")
        if isinstance(fate, Answered | CallerLeaves):
            assert 0 <= fate.after < SECONDS
            return second + fate.after - begins, ring, fate
        assert isinstance(fate, NoAnswer | Busy)
        second += SECONDS if isinstance(fate, NoAnswer) else fate.after
        of.hears(Event(second, Kind.LEG_ENDS, "no-answer", 0, "+441144960000"))
        of.hears(Event(second, Kind.SAYS, "You are still connected.", words))
        second += words
    raise AssertionError("it rings for ever")


@given(
    st.sampled_from([End.ANSWERED, End.ABANDONED]),
    st.one_of(st.integers(0, LONGEST), st.sampled_from(range(0, LONGEST + 1, SECONDS))),
    st.floats(1, 20),
)
def test_a_wait_is_the_whole_seconds_it_was_to_be(end: End, wait: int, words: float) -> None:
    waited, ring, fate = rung(visitor(end, wait), words)
    assert int(waited) == wait
    assert isinstance(fate, Answered) == (end is End.ANSWERED)
    assert ring <= Wanted("", wait).rings


def test_the_longest_wait_is_over_within_the_rings_that_a_call_has_turns_for() -> None:
    _, ring, _ = rung(visitor(End.ANSWERED, LONGEST), 3.2)
    assert ring <= RINGS


def test_whoever_cannot_be_reached_is_engaged_each_time() -> None:
    assert visitor(End.UNANSWERED, 0).leg("+441144960000") == Busy()


@pytest.mark.parametrize("kind", [Kind.SAYS, Kind.BRIDGES, Kind.SILENCE])
def test_the_time_is_when_what_was_told_last_is_over(kind: Kind) -> None:
    one = visitor(End.ANSWERED, 0)
    one.hears(Event(10.0, kind, "", 2.5))
    assert (one.now() - BEGAN).total_seconds() == 12.5


def test_while_it_rings_no_time_is_over_yet() -> None:
    one = visitor(End.ANSWERED, 0)
    one.hears(Event(10.0, Kind.RINGS, "", 600.0))
    assert (one.now() - BEGAN).total_seconds() == 10.0
