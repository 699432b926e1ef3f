"""A call's record is the same however its events come, and says what it lacks if some never do."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr import flow
from ivr.events import STATUS, TURN, Event, Fact
from ivr.log import CallRecord, Leg, fold
from ivr.log.folding import LATER, QUESTIONS
from ivr.log.told import ENDINGS, OFFERING
from ivr.phone import Answer, Number, Phone
from ivr.phone.acting import Actors
from ivr.phone.mischief import NOTHING, Posted
from ivr.phone.script import Script, read_script
from ivr.phone.told import Event as Happening
from ivr.phone.told import Kind
from ivr.web.form import happened
from tests import shipped
from tests.stories import NOON, Story, tell
from tests.test_recordings import RECORDINGS, Line

SEEDS = st.integers(0, 2**32)
AT_THE_END = {"reached", "language", "area", "questions", "wrong_area", "abandoned", "abandoned_at"}
"""What a call that seems to have ended earlier than it did seems to have ended with."""


def story(seed: int) -> Story:
    return tell(random.Random(seed))  # noqa: S311 - a made-up call


def unknown_or(told: object, true: object) -> bool:
    return told in (None, "") or told == true


def agrees(told: Leg, true: Leg) -> bool:
    """Whether nothing told of a leg is untrue; what is known to the second may be a second out."""
    for each in fields(Leg):
        name = each.name
        near = name == "picked_up" and not told.exact
        if near and told.picked_up and true.picked_up:
            assert abs(told.picked_up - true.picked_up) <= timedelta(seconds=1)
        elif name != "exact" and not unknown_or(getattr(told, name), getattr(true, name)):
            return False
    return True


def contradictions(told: CallRecord, true: CallRecord) -> list[str]:
    """What ``told`` says that is not so."""
    plain = [each.name for each in fields(CallRecord)][1:]
    plain = [name for name in plain if name not in ("steps", "offers", "legs", "lacks")]
    wrong = [name for name in plain if not unknown_or(getattr(told, name), getattr(true, name))]
    if len(told.steps) > len(true.steps) or not all(map(unknown_or, told.steps, true.steps)):
        wrong.append("steps")
    offers = {offer.turn: offer for offer in true.offers}
    wrong += [
        "offers"
        for offer in told.offers
        if offer.step != offers[offer.turn].step
        or not unknown_or(offer.service, offers[offer.turn].service)
        or not unknown_or(offer.at, offers[offer.turn].at)
    ]
    legs = {leg.turn: leg for leg in true.legs}
    wrong += ["legs" for leg in told.legs if not agrees(leg, legs[leg.turn])]
    if told.offered and told.offered.turn != true.offers[0].turn:
        wrong.append("offered")
    if not unknown_or(told.rang, true.rang):
        wrong.append("rang")
    if any(told.reached(step) not in (None, true.reached(step)) for step in flow.STEPS):
        wrong.append("reached")
    return wrong


@settings(max_examples=400, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_record_of_what_truly_happened(
    seed: int, chance: random.Random
) -> None:
    told = story(seed)
    events = told.events()
    heard = [event for event in events for _ in range(chance.randint(1, 5))]
    chance.shuffle(heard)
    assert fold(heard) == told.record()


@settings(max_examples=1500, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False), st.sampled_from((0.05, 0.2, 0.6)))
def test_whatever_is_lost_the_record_is_the_same_or_says_what_it_lacks_and_nothing_untrue(
    seed: int, chance: random.Random, share: float
) -> None:
    told = story(seed)
    events = told.events()
    kept = [event for event in events if chance.random() >= share] or events[:1]
    record, true = fold(kept), told.record()
    wrong = set(contradictions(record, true))
    if unseen(record, kept, events):
        wrong -= AT_THE_END
    elif record.complete:
        assert record == true
    assert not wrong
    if len(kept) == len(events):
        assert record == true


def heard_late(event: Event, delay: timedelta) -> Event:
    """The event of a tiding that came ``delay`` late, as the line notes it."""
    heard, stamp = event.at + delay, format_datetime(event.at)
    return replace(event, at=happened(stamp, heard))


@settings(max_examples=1000, deadline=None)
@given(SEEDS, st.randoms(use_true_random=False))
def test_tidings_that_are_lost_repeated_late_and_out_of_order_leave_the_record_or_say_what_it_lacks(
    seed: int, chance: random.Random
) -> None:
    """Turns are repeated and lost alike, but never late, for Twilio waits for their answer.

    A tiding is a second late or more: what is less is of when it was heard, and not told apart.
    """
    told = story(seed)
    events = told.events()
    kept = [event for event in events if chance.random() >= 0.2] or events[:1]
    came = []
    for event in kept:
        for _ in range(chance.randint(1, 5)):
            late = chance.choice((0.0, chance.uniform(1, 90), chance.uniform(1, 3600)))
            delay = timedelta(seconds=late if event.kind == STATUS else 0)
            came.append((event.at + delay, heard_late(event, delay)))
    chance.shuffle(came)
    first: dict[str, Event] = {}  # as the store does: the first telling of a thing is kept
    for _, event in sorted(came, key=lambda each: each[0]) if chance.random() < 0.5 else came:
        first.setdefault(event.id, event)
    record, true = fold(first.values()), told.record()
    assert fold(event for _, event in came) == record
    wrong = set(contradictions(record, true))
    if unseen(record, kept, events):
        wrong -= AT_THE_END
    elif record.complete or len(kept) == len(events):
        assert record == true
    assert not wrong


def unseen(record: CallRecord, kept: list[Event], events: list[Event]) -> bool:
    """Whether the last turns were lost and what is left is all that a shorter call would leave.

    Nothing can tell the two apart: the caller rings off soon after, as they might have before.
    """
    turns = [event.id for event in events if event.kind == "turn"]
    lost_last = turns[-1] not in {event.id for event in kept}
    return lost_last and LATER not in record.lacks


CALL = "CA" + "0" * 32


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def turn(number: int, second: float, step: str, reached: str, **facts: Fact) -> Event:
    told: dict[str, Fact] = {"step": step, "reached": reached, "turn": number, "service": "mh009"}
    via: dict[str, Fact] = {"via": "menu"}
    return Event(f"{CALL}-t{number:02}", CALL, TURN, at(second), told | via | facts)


def over(second: float) -> Event:
    return Event(f"{CALL}-s0", CALL, STATUS, at(second), {"status": "completed"})


def rings(number: int, second: float, word: str, **facts: Fact) -> Event:
    told: dict[str, Fact] = {"turn": number, "ring": 1, "service": "mh009", "leg": word}
    return Event(f"{CALL}-t{number:02}-s{word}", CALL, STATUS, at(second), told | facts)


def to_a_service(announced: float = 10, rung: float = 13) -> list[Event]:
    """A call through the menu, announced and then rung at these seconds."""
    return [
        turn(0, 0, "ringing", "welcome"),
        turn(1, 5, "welcome", "place", heard="keys"),
        turn(2, announced, "place", "connect", heard="keys", ring=0),
        turn(3, rung, "connect", "connect", heard="silence", ring=1),
    ]


def answered(rung: float, picked_up: float, end: float) -> CallRecord:
    return fold(
        [
            *to_a_service(rung=rung),
            rings(3, picked_up, "in-progress"),
            rings(3, end, "completed", seconds=round(end - picked_up)),
            turn(4, end, "connect", "ended", heard="leg", leg="completed"),
            over(end),
        ]
    )


def abandoned(end: float) -> CallRecord:
    return fold([*to_a_service(), rings(3, end, "canceled"), over(end)])


def eleven(records: Sequence[CallRecord], *, from_first_ring: bool) -> dict[str, float]:
    """The published items, by either clock, of calls that were all offered to one service."""
    through = [record for record in records if record.offered]

    def wait(record: CallRecord, end: datetime | None) -> float:
        offer = record.offered
        start = record.rang if from_first_ring else offer and offer.at
        assert start
        assert end
        return (end - start).total_seconds()

    waits = sorted(wait(each, each.answer.picked_up) for each in through if each.answer)
    lost = [wait(each, each.abandoned) for each in through if each.abandoned]
    return {
        "A01": len(through),
        "A02": sum(each.via == "menu" for each in through),
        "A03": len(waits),
        "B01": sum(each <= 60 for each in waits),
        "B02": len(lost),
        "B03": sum(each <= 30 for each in lost),
        "B04": sum(30 < each <= 60 for each in lost),
        "B05": sum(each > 60 for each in lost),
        "B06": sum(waits),
        "B07": waits[-(-len(waits) * 95 // 100) - 1],
        "B09": sum(lost),
    }


def test_the_eleven_published_items_can_be_told_from_records_by_either_clock() -> None:
    records = [
        answered(rung=13, picked_up=30, end=200),
        answered(rung=20, picked_up=75, end=300),
        abandoned(40),
        abandoned(43),
        abandoned(71),
        fold([*to_a_service()[:2], over(9)]),
    ]
    assert all(record.complete for record in records)
    of_all = {"A01": 5, "A02": 5, "A03": 2, "B02": 3}
    queue = {"B01": 1, "B03": 1, "B04": 1, "B05": 1, "B06": 85, "B07": 65, "B09": 124}
    assert eleven(records, from_first_ring=False) == of_all | queue
    ring = {"B01": 2, "B03": 2, "B04": 1, "B05": 0, "B06": 72, "B07": 55, "B09": 115}
    assert eleven(records, from_first_ring=True) == of_all | ring


def test_the_moment_of_an_answer_is_reckoned_from_how_long_it_lasted_where_it_was_lost() -> None:
    told = [
        *to_a_service(),
        rings(3, 200, "completed", seconds=150),
        turn(4, 200, "connect", "ended", heard="leg", leg="completed"),
        over(200),
    ]
    record = fold(told)
    assert record.answer
    assert record.answer.picked_up == at(50)
    assert record.lacks == ("the exact moment of the answer at turn 3",)


def test_an_answer_that_came_late_and_unstamped_is_not_believed_against_how_long_it_lasted() -> (
    None
):
    told = [
        *to_a_service(rung=13),
        rings(3, 23 + 45, "in-progress"),
        turn(4, 223, "connect", "ended", heard="leg", leg="completed", seconds=200),
        rings(3, 223 + 60, "completed", seconds=200),
        over(224),
    ]
    record = fold(told)
    assert record.answer
    assert record.answer.picked_up == at(23)
    assert record.lacks == ("the exact moment of the answer at turn 3",)


def test_an_answer_agrees_with_how_long_it_lasted_though_that_is_told_in_whole_seconds() -> None:
    for heard in (21.5, 23, 24.9):
        told = [
            *to_a_service(rung=13),
            rings(3, heard, "in-progress"),
            turn(4, 223.2, "connect", "ended", heard="leg", leg="completed", seconds=200),
            over(223.4),
        ]
        record = fold(told)
        assert record.complete
        assert record.answer
        assert record.answer.picked_up == at(heard)


def test_nothing_happens_before_the_turn_it_follows_though_twilio_tells_whole_seconds() -> None:
    told = [*to_a_service(rung=13.7), rings(3, 13, "in-progress"), over(13)]
    record = fold(told)
    assert record.legs[0].picked_up == at(13.7)
    assert record.ended == at(13.7)


def test_an_answer_from_before_it_rang_tells_that_a_clock_is_wrong() -> None:
    word = rings(3, 10, "in-progress")
    record = fold([*to_a_service(rung=13), word, rings(3, 63, "completed", seconds=50), over(63)])
    assert record.legs[0].picked_up == at(13)
    assert record.lacks == ("the exact moment of the answer at turn 3",)


def test_a_leg_too_short_to_tell_from_voicemail_is_not_counted_as_answered() -> None:
    for seconds, taken in ((40, None), (41, True)):
        held = [rings(3, 20, "in-progress"), rings(3, 20 + seconds, "completed", seconds=seconds)]
        record = fold([*to_a_service(), *held, over(20 + seconds)])
        assert record.legs[0].taken is taken
        assert record.abandoned is None
        assert record.complete is bool(taken)


def test_what_is_heard_after_the_caller_has_gone_leads_nowhere() -> None:
    gone = turn(4, 25, "connect", "unanswered", heard="leg", leg="canceled", status="completed")
    record = fold([*to_a_service(), rings(3, 25, "canceled"), gone, over(25)])
    assert record.complete
    assert (record.abandoned, record.abandoned_at) == (at(25), "connect")
    assert record.reached("unanswered") is False


def test_a_call_that_went_on_longer_than_its_last_step_can_has_lost_a_turn() -> None:
    record = fold([*to_a_service()[:2], over(5 + 121)])
    assert LATER in record.lacks
    assert record.abandoned is None
    assert record.questions is None
    assert record.reached("booked") is None


def test_a_call_that_had_the_last_resort_is_not_known_to_have_been_answered_or_not() -> None:
    record = fold([*to_a_service()[:2], turn(2, 9, "place", "last_resort"), over(90)])
    assert record.lacks == ("whether the last ring was taken", "whose telephone rang at turn 2")
    assert record.abandoned is None
    assert record.offered
    assert record.offered.step == "last_resort"


def test_a_call_of_which_only_the_end_is_known_says_so() -> None:
    record = fold([over(90)])
    assert record.ended == at(90)
    assert record.lacks == ("turn 0", LATER)
    assert (record.questions, record.offered, record.rang) == (None, None, None)


def test_a_call_that_goes_on_lacks_its_end() -> None:
    assert fold(to_a_service()).lacks == ("when the call ended",)


def test_only_the_events_of_one_call_make_a_record() -> None:
    with pytest.raises(ValueError, match="not of 0"):
        fold([])
    with pytest.raises(ValueError, match="not of 2"):
        fold([over(9), Event("x" + "1" * 32 + "-s0", "x" + "1" * 32, STATUS, at(9), {})])


def test_every_step_of_a_call_is_a_question_an_offer_or_an_end() -> None:
    assert {*flow.STEPS, "last_resort"} == QUESTIONS | OFFERING | ENDINGS
    assert set(flow.ENDINGS) == ENDINGS


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    return Line(tmp_path_factory.mktemp("line"))


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_a_recorded_call_is_told_whole_from_the_events_that_the_line_notes(
    file: Path, line: Line
) -> None:
    actors = Actors(read_script(file.read_text("utf-8")))
    script = actors.script
    line.now = script.began
    status = line.voice.removesuffix("/voice") + "/status"
    number = script.number or shipped.table().line.number
    phone = Phone(line.post, Number(line.voice, number, token=line.token, status_callback=status))
    told = phone.ring(actors, script.caller, script.began)
    batch = line.outbox.batch(1000)
    assert batch
    line.outbox.forget([batch.id])
    record = fold(batch.events)
    assert record.complete, record.lacks
    assert bool(record.answer) == bool(told.reached)
    assert bool(record.abandoned) == (told.verdict.value == "hung up" and not told.reached)
    assert len(record.legs) == len(told.rung)
    assert (record.via == "own_number") == bool(script.number)


class Timed(Actors):
    """The people of a script, by whom the line's clock is set."""

    def __init__(self, script: Script, line: Line) -> None:
        super().__init__(script)
        self.line = line

    def hears(self, event: Happening) -> None:
        super().hears(event)
        lasts = 0.0 if event.kind is Kind.RINGS else event.seconds
        self.line.now = self.script.began + timedelta(seconds=event.second + lasts)


def told_of(name: str, folder: Path, late: timedelta) -> CallRecord:
    """The record of a recorded call, of which every tiding comes ``late``."""
    folder.mkdir()
    line = Line(folder)
    file = next(each for each in RECORDINGS if each.stem == name)
    script = read_script(file.read_text("utf-8"))
    held: list[tuple[datetime, Posted]] = []

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if "CallbackSource" not in form:
            return line.post(url, form, headers)
        held.append((line.now, (url, form, headers)))
        return NOTHING

    number = script.number or shipped.table().line.number
    status = line.voice.removesuffix("/voice") + "/status"
    sids = (f"CA{count:032x}" for count in range(100))
    dialled = Number(line.voice, number, token=line.token, status_callback=status)
    phone = Phone(post, dialled, sids.__next__)
    phone.ring(Timed(script, line), script.caller, script.began)
    for happened_at, posted in reversed(held):
        line.now = happened_at + late
        line.post(*posted)
    batch = line.outbox.batch(1000)
    assert batch
    return fold(batch.events)


@pytest.mark.parametrize("seconds", [1, 45, 3600])
@pytest.mark.parametrize("name", ["busy-then-answered", "nobody-answers", "own-number"])
def test_tidings_that_come_late_leave_the_record_that_they_would_have_left_in_time(
    name: str, seconds: int, tmp_path: Path
) -> None:
    in_time = told_of(name, tmp_path / "in time", timedelta())
    late = told_of(name, tmp_path / "late", timedelta(seconds=seconds))
    assert in_time.complete
    assert late.ended
    assert in_time.ended
    pairs: list[tuple[CallRecord, CallRecord] | tuple[Leg, Leg]] = [(late, in_time)]
    pairs += zip(late.legs, in_time.legs, strict=True)
    for one, other in pairs:
        for each in fields(one):
            told, true = getattr(one, each.name), getattr(other, each.name)
            if isinstance(told, datetime) and isinstance(true, datetime):
                assert abs(told - true) < timedelta(seconds=1), each.name
            elif each.name not in {"legs", "caller"}:  # each line names callers by a key of its own
                assert told == true, each.name
