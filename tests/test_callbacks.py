"""What becomes of a callback, path by path, and what never may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings

from ivr.callbacks import (
    CALLER,
    RULES,
    SERVICE,
    Ask,
    Become,
    Callback,
    CallbackError,
    Facts,
    Heard,
    LetGo,
    Rest,
    Ring,
    Seek,
    State,
    asked,
    asked_again,
    barred,
    claim,
    close,
    decide,
    found,
    hand_over,
    let_go,
    letting_go,
    marker,
    not_let_go,
    not_placed,
    placed,
    retry,
    take_on,
    told,
    unclear,
)
from ivr.events import Event
from tests.ringing_back import Line

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ID, CALL = "0" * 31 + "1", "CA" + "0" * 32
THEIRS, OURS = "CA" + "5" * 32, "CA" + "c" * 32
OPEN_NOW = Facts(rings=(1, 2))
NEVER = replace(OPEN_NOW, may_call=False)


def new() -> Callback:
    return asked(ID, CALL, "cambridge", NOON)


def event(callback: Callback, side: str, what: str, at: datetime, **more: str | int) -> Event:
    sid = THEIRS if side == SERVICE else OURS
    known = {"attempt": callback.attempt, "ring": callback.ring} | more
    facts = {"callback": callback.id, "side": side, "what": what} | known
    return Event(f"{sid}-b-{what}{more.get('leg', '')}", sid, "callback", at, facts)


def over(callback: Callback, side: str, leg: str, at: datetime, seconds: int = 0) -> Callback:
    return told(callback, event(callback, side, "status", at, leg=leg, seconds=seconds), RULES)


def accepted(callback: Callback, side: str, at: datetime) -> Callback:
    return told(callback, event(callback, side, "accepted", at), RULES)


def rung(callback: Callback, at: datetime, facts: Facts = OPEN_NOW) -> Callback:
    """``callback`` once whoever is next has been rung."""
    step = decide(callback, at, RULES, facts)
    assert isinstance(step, Ring)
    claimed = claim(callback, step, at)
    return placed(claimed, step.side, THEIRS if step.side == SERVICE else OURS, at + SECOND)


def waiting() -> Callback:
    """A callback whose service has accepted, ten seconds after it was asked for."""
    return accepted(rung(new(), NOON), SERVICE, NOON + 10 * SECOND)


def calling() -> Callback:
    """One whose caller is being rung, eleven seconds after."""
    return rung(waiting(), NOON + 11 * SECOND)


def unanswered() -> Callback:
    return over(calling(), CALLER, "no-answer", NOON + MINUTE)


def became(callback: Callback, now: datetime, facts: Facts = OPEN_NOW) -> Callback:
    step = decide(callback, now, RULES, facts)
    assert isinstance(step, Become)
    return step.callback


def test_the_service_is_rung_at_once_and_first() -> None:
    assert decide(new(), NOON, RULES, OPEN_NOW) == Ring(SERVICE, 1)
    ringing = rung(new(), NOON)
    assert (ringing.state, ringing.attempt, ringing.ring) == (State.RINGING_SERVICE, 1, 1)
    assert ringing.service_call == THEIRS
    assert isinstance(decide(ringing, NOON + MINUTE, RULES, OPEN_NOW), Rest)


def test_the_caller_is_rung_once_the_service_has_pressed_1_and_then_they_are_connected() -> None:
    assert decide(waiting(), NOON + 11 * SECOND, RULES, OPEN_NOW) == Ring(CALLER, 1)
    done = accepted(calling(), CALLER, NOON + MINUTE)
    assert done.state is State.CONNECTED
    assert not done.is_open
    settling = NOON + MINUTE + RULES.settling
    assert not done.is_settled
    assert decide(done, NOON + MINUTE, RULES, OPEN_NOW) == Rest(settling)
    settled = became(done, settling)
    assert (settled.state, settled.is_settled) == (State.CONNECTED, True)
    assert decide(settled, settling, RULES, OPEN_NOW) == Rest(None)


def test_a_service_that_had_rung_off_just_before_the_1_is_heard_of_while_it_settles() -> None:
    done = accepted(calling(), CALLER, NOON + MINUTE)
    alone = over(done, SERVICE, "completed", NOON + MINUTE - SECOND)
    assert (alone.state, alone.gone) == (State.RINGING_CALLER, NOON + MINUTE - SECOND)
    assert decide(alone, NOON + MINUTE, RULES, OPEN_NOW) == LetGo(CALLER, OURS)
    assert accepted(alone, CALLER, NOON + MINUTE) == alone
    told_so = let_go(alone, CALLER, NOON + MINUTE + SECOND)
    again = over(told_so, CALLER, "completed", NOON + 2 * MINUTE, seconds=30)
    assert (again.state, again.why) == (State.UNANSWERED, "service_gone")


def test_a_service_that_rings_off_after_the_1_or_is_heard_of_too_late_changes_nothing() -> None:
    done = accepted(calling(), CALLER, NOON + MINUTE)
    assert over(done, SERVICE, "completed", NOON + MINUTE + SECOND) == done
    settled = became(done, NOON + 2 * MINUTE)
    assert over(settled, SERVICE, "completed", NOON + MINUTE - SECOND) == settled


def test_a_long_call_is_taken_back_if_the_service_was_gone_when_it_counted_as_taken() -> None:
    long = over(calling(), CALLER, "completed", NOON + 10 * MINUTE, seconds=500)
    answered = NOON + 10 * MINUTE - timedelta(seconds=500)
    alone = over(long, SERVICE, "completed", answered + RULES.talk)
    assert alone.state is State.RINGING_CALLER
    assert over(long, SERVICE, "completed", NOON + 10 * MINUTE - SECOND) == long


def test_tidings_that_the_service_was_gone_count_though_the_callers_call_was_over_first() -> None:
    gone = over(let_go(unanswered(), SERVICE, NOON), SERVICE, "completed", NOON + 20 * SECOND)
    assert accepted(gone, CALLER, NOON + 30 * SECOND) == gone
    assert accepted(gone, CALLER, NOON + 19 * SECOND).state is State.CONNECTED


def test_who_cannot_tell_is_asked_again_after_a_minute_or_at_every_turn_for_one_alone() -> None:
    claimed = claim(new(), Ring(SERVICE, 1), NOON)
    later = unclear(claimed, SERVICE, NOON + MINUTE, of=marker(claimed))
    assert decide(later, NOON + MINUTE, RULES, OPEN_NOW) == Rest(NOON + 2 * MINUTE)
    assert unclear(later, CALLER, NOON + MINUTE) == later
    gone = over(calling(), SERVICE, "completed", NOON + MINUTE)
    assert unclear(gone, CALLER, NOON + MINUTE) == gone


def test_a_number_that_no_key_opens_is_for_a_person() -> None:
    for callback in (new(), waiting()):
        after = became(callback, NOON + MINUTE, Facts(rings=(), key=False))
        assert (after.state, after.why) == (State.NEEDS_A_PERSON, "no_key")


def test_one_alone_who_cannot_be_let_go_for_long_after_it_expired_is_for_a_person() -> None:
    gone = over(calling(), SERVICE, "completed", NOON + MINUTE)
    assert became(gone, gone.expires + RULES.unknown).why == "unknown"


def test_every_call_has_a_marker_of_its_own_that_names_nobody() -> None:
    first, second = rung(new(), NOON), calling()
    again = rung(over(first, SERVICE, "busy", NOON + MINUTE), NOON + MINUTE)
    assert marker(first) == f"{ID}-1-s1"
    assert marker(again) == f"{ID}-1-s2"
    assert marker(second) == f"{ID}-1-c1"


@pytest.mark.parametrize("leg", ["busy", "no-answer", "failed", "canceled", "completed"])
def test_a_service_number_that_does_not_accept_is_followed_by_the_next(leg: str) -> None:
    after = over(rung(new(), NOON), SERVICE, leg, NOON + MINUTE, seconds=30)
    assert after.state is State.RINGING_SERVICE
    assert decide(after, NOON + MINUTE, RULES, OPEN_NOW) == Ring(SERVICE, 2)


def test_numbers_of_closed_services_are_passed_over() -> None:
    assert decide(new(), NOON, RULES, Facts(rings=(3, 4))) == Ring(SERVICE, 3)


def test_a_chain_that_nobody_accepts_is_rung_down_again_after_three_minutes() -> None:
    only = Facts(rings=(1,))
    spent = over(rung(new(), NOON), SERVICE, "busy", NOON + MINUTE)
    after = became(spent, NOON + MINUTE, only)
    assert (after.state, after.why) == (State.UNANSWERED, "busy")
    assert decide(after, NOON + 3 * MINUTE, RULES, only) == Rest(NOON + 4 * MINUTE)
    assert decide(after, NOON + 4 * MINUTE, RULES, only) == Ring(SERVICE, 1)


def test_where_every_service_is_closed_an_attempt_has_failed_and_the_next_is_due_later() -> None:
    callback = new()
    now, tried = NOON, 0
    while callback.state is not State.NEEDS_A_PERSON:
        callback = became(callback, now, Facts(rings=()))
        now, tried = callback.due or now, tried + 1
    assert tried == len(RULES.retries) + 1
    assert callback.why == "closed"


def test_after_a_caller_who_does_not_answer_the_service_is_told_and_nobody_kept_waiting() -> None:
    callback = unanswered()
    assert (callback.state, callback.why) == (State.UNANSWERED, "no_answer")
    assert decide(callback, NOON + MINUTE, RULES, OPEN_NOW) == LetGo(SERVICE, THEIRS)
    after = let_go(callback, SERVICE, NOON + MINUTE)
    assert decide(after, NOON + MINUTE, RULES, OPEN_NOW) == Rest(NOON + 4 * MINUTE)


def test_a_service_that_rang_off_meanwhile_need_not_be_told() -> None:
    gone = over(unanswered(), SERVICE, "completed", NOON + 2 * MINUTE)
    assert decide(gone, NOON + 2 * MINUTE, RULES, OPEN_NOW) == Rest(NOON + 4 * MINUTE)


def test_a_machine_that_picks_up_is_no_answer() -> None:
    after = over(calling(), CALLER, "completed", NOON + MINUTE, seconds=40)
    assert (after.state, after.why) == (State.UNANSWERED, "declined")


def test_a_caller_who_talked_for_long_was_connected_though_nobody_told() -> None:
    after = over(calling(), CALLER, "completed", NOON + 10 * MINUTE, seconds=500)
    assert after.state is State.CONNECTED


def test_after_the_last_attempt_a_person_is_needed_and_no_machine_ever_closes_it() -> None:
    callback = replace(calling(), attempt=len(RULES.retries) + 1)
    after = over(callback, CALLER, "busy", NOON + MINUTE)
    assert after.state is State.NEEDS_A_PERSON
    after = let_go(after, SERVICE, NOON + MINUTE)
    for hours in range(1000):
        step = decide(after, NOON + timedelta(hours=hours), RULES, OPEN_NOW)
        assert step == Rest(None)


def test_nobody_is_rung_from_the_moment_it_expires() -> None:
    assert became(new(), new().expires).why == "expired"
    late = became(waiting(), new().expires)
    assert (late.state, late.why) == (State.NEEDS_A_PERSON, "expired")
    assert decide(late, late.changed, RULES, OPEN_NOW) == LetGo(SERVICE, THEIRS)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(OPEN_NOW, may_call=False), "opted_out"),
        (replace(OPEN_NOW, fit=False), "refused_number"),
        (replace(OPEN_NOW, company=False), "no_company"),
        (replace(OPEN_NOW, rung_lately=3), "cap"),
    ],
)
def test_what_stands_against_ringing_is_asked_before_each_of_the_two(
    facts: Facts, why: str
) -> None:
    for callback in (new(), waiting(), replace(unanswered(), service_call="")):
        after = became(callback, NOON + 5 * MINUTE, facts)
        assert (after.state, after.why) == (State.NEEDS_A_PERSON, why)


def test_an_hour_that_has_had_its_rings_is_waited_out_and_no_service_kept_for_it() -> None:
    full = replace(OPEN_NOW, rung_last_hour=RULES.per_hour)
    waits = became(new(), NOON, full)
    assert (waits.state, waits.due, waits.attempt) == (State.ASKED, NOON + RULES.full, 0)
    assert decide(waits, NOON, RULES, full) == Rest(NOON + RULES.full)
    assert decide(waits, NOON + RULES.full, RULES, OPEN_NOW) == Ring(SERVICE, 1)
    assert became(waiting(), NOON + MINUTE, full).state is State.UNANSWERED


def test_no_service_is_rung_for_whose_caller_the_hour_will_have_no_ring_left() -> None:
    last = replace(OPEN_NOW, rung_last_hour=RULES.per_hour - 3, ahead=2)
    assert decide(new(), NOON, RULES, last) == Ring(SERVICE, 1)
    spoken_for = replace(last, ahead=3)
    assert became(new(), NOON, spoken_for).due == NOON + RULES.full
    begun = over(rung(new(), NOON), SERVICE, "busy", NOON + MINUTE)
    assert decide(begun, NOON + MINUTE, RULES, spoken_for) == Ring(SERVICE, 2), "it has its place"
    full = replace(OPEN_NOW, rung_last_hour=RULES.per_hour)
    kept = became(begun, NOON + MINUTE, full)
    assert (kept.why, kept.due) == ("busy", NOON + MINUTE + RULES.full)


def test_a_call_of_which_nothing_is_heard_is_asked_after_by_its_sid() -> None:
    ringing = rung(new(), NOON)
    later = NOON + RULES.silence
    assert decide(ringing, later, RULES, OPEN_NOW) == Ask(SERVICE, THEIRS, marker(ringing))
    alive = found(ringing, Heard(SERVICE, THEIRS, "in-progress"), later, RULES)
    assert decide(alive, later, RULES, OPEN_NOW) == Rest(later + RULES.silence)
    ended = found(ringing, Heard(SERVICE, THEIRS, "no-answer"), later, RULES)
    assert decide(ended, later, RULES, OPEN_NOW) == Ring(SERVICE, 2)


def test_where_the_answer_was_lost_twilio_is_asked_by_the_marker_and_nobody_rung_blindly() -> None:
    claimed = claim(new(), Ring(SERVICE, 1), NOON)
    later = NOON + RULES.unsure
    assert decide(claimed, NOON + SECOND, RULES, OPEN_NOW) == Rest(later)
    assert decide(claimed, later, RULES, OPEN_NOW) == Ask(SERVICE, "", marker(claimed))
    never = not_placed(claimed, SERVICE, later, "lost")
    assert decide(never, later + RULES.breath, RULES, OPEN_NOW) == Ring(SERVICE, 1)
    assert marker(claim(never, Ring(SERVICE, 1), later)) == marker(claimed)


def test_a_call_that_tells_of_itself_needs_not_be_found() -> None:
    claimed = claim(new(), Ring(SERVICE, 1), NOON)
    told_of = over(claimed, SERVICE, "ringing", NOON + SECOND)
    assert told_of.service_call == THEIRS
    assert placed(told_of, SERVICE, THEIRS, NOON + 2 * SECOND) == told_of


def test_an_answer_that_comes_when_the_next_number_is_rung_is_not_taken_for_the_nexts() -> None:
    first = claim(new(), Ring(SERVICE, 1), NOON)
    moved_on = claim(over(first, SERVICE, "busy", NOON), Ring(SERVICE, 2), NOON)
    assert placed(moved_on, SERVICE, THEIRS, NOON, of=marker(first)) == moved_on
    assert not_placed(moved_on, SERVICE, NOON, "lost", of=marker(first)) == moved_on


def test_what_nobody_can_tell_for_long_after_it_expired_is_for_a_person() -> None:
    claimed = claim(new(), Ring(SERVICE, 1), NOON)
    after = became(claimed, claimed.expires + RULES.unknown)
    assert (after.state, after.why) == (State.NEEDS_A_PERSON, "unknown")


def test_a_number_the_company_refuses_is_passed_over_or_for_a_person() -> None:
    claimed = claim(new(), Ring(SERVICE, 1), NOON)
    assert decide(
        not_placed(claimed, SERVICE, NOON, "refused_number"), NOON, RULES, OPEN_NOW
    ) == Ring(SERVICE, 2)
    after = not_placed(calling(), CALLER, NOON + MINUTE, "refused_number")
    assert (after.state, after.why, after.rung) == (State.NEEDS_A_PERSON, "refused_number", 0)


def test_a_ring_that_never_was_counts_to_no_cap() -> None:
    assert calling().rung == 1
    assert not_placed(calling(), CALLER, NOON + MINUTE, "busy").rung == 0


def test_a_service_that_rings_off_while_the_caller_is_rung_ends_that_ring_and_it_is_retried() -> (
    None
):
    gone = over(calling(), SERVICE, "completed", NOON + MINUTE)
    assert gone.state is State.RINGING_CALLER
    assert decide(gone, NOON + MINUTE, RULES, OPEN_NOW) == LetGo(CALLER, OURS)
    told_so = let_go(gone, CALLER, NOON + MINUTE)
    assert isinstance(decide(told_so, NOON + MINUTE, RULES, OPEN_NOW), Rest)
    alone = accepted(told_so, CALLER, NOON + 2 * MINUTE)
    assert alone.state is State.RINGING_CALLER, "there was nobody to be connected with"
    after = over(alone, CALLER, "completed", NOON + 2 * MINUTE, seconds=20)
    assert (after.state, after.why) == (State.UNANSWERED, "service_gone")


def test_one_who_was_connected_before_the_service_rang_off_was_connected_whatever_comes_first() -> (
    None
):
    gone = over(calling(), SERVICE, "completed", NOON + 10 * MINUTE)
    assert accepted(gone, CALLER, NOON + MINUTE).state is State.CONNECTED
    talked = over(gone, CALLER, "completed", NOON + 10 * MINUTE + SECOND, seconds=500)
    assert talked.state is State.CONNECTED


def test_a_service_that_rings_off_before_the_caller_is_rung_has_them_not_rung() -> None:
    gone = over(waiting(), SERVICE, "completed", NOON + MINUTE)
    assert became(gone, NOON + MINUTE).why == "service_gone"


def test_a_caller_whose_key_is_heard_of_after_their_call_was_over_is_connected() -> None:
    after = accepted(unanswered(), CALLER, NOON + 30 * SECOND)
    assert after.state is State.CONNECTED


def test_a_caller_who_is_alone_is_told_so_once_though_the_reply_be_lost() -> None:
    """They may have pressed 1 since, and talk with the line that is always open."""
    gone = over(calling(), SERVICE, "completed", NOON + MINUTE)
    claimed = letting_go(gone, NOON + MINUTE)
    later = NOON + MINUTE + RULES.silence
    assert decide(claimed, NOON + 2 * MINUTE, RULES, OPEN_NOW) == Rest(later)
    assert decide(claimed, later, RULES, OPEN_NOW) == Seek(Ask(CALLER, OURS, marker(gone)))
    for what in ("sorry", "elsewhere"):
        heard = told(claimed, event(claimed, CALLER, what, NOON + 2 * MINUTE), RULES)
        assert (heard.why, heard.state) == ("let_go", State.RINGING_CALLER)
        assert told(heard, event(claimed, CALLER, "sorry", NOON + 2 * MINUTE), RULES) == heard
    taken = let_go(claimed, CALLER, later)
    for minutes in range(3, 200):
        step = decide(taken, NOON + minutes * MINUTE, RULES, OPEN_NOW)
        assert not isinstance(step, LetGo)


def test_one_alone_who_certainly_was_not_told_is_told_then() -> None:
    gone = over(calling(), SERVICE, "completed", NOON + MINUTE)
    never = not_let_go(letting_go(gone, NOON + MINUTE), NOON + 3 * MINUTE)
    assert decide(never, NOON + 3 * MINUTE, RULES, OPEN_NOW) == LetGo(CALLER, OURS)
    told_so = let_go(never, CALLER, NOON + 3 * MINUTE)
    assert not_let_go(told_so, NOON + 3 * MINUTE) == told_so


def test_a_service_that_hears_that_it_waits_in_vain_needs_not_be_told_again() -> None:
    callback = unanswered()
    heard = told(callback, event(callback, SERVICE, "sorry", NOON + MINUTE), RULES)
    assert decide(heard, NOON + MINUTE, RULES, OPEN_NOW) == Rest(NOON + 4 * MINUTE)


def test_nobody_is_let_go_who_may_be_talking() -> None:
    late_9 = event(calling(), CALLER, "never", NOON + MINUTE)
    waits = accepted(rung(replace(unanswered(), service_call=""), NOON + 5 * MINUTE), SERVICE, NOON)
    again = rung(waits, NOON + 5 * MINUTE)
    assert told(again, late_9, RULES) == again, "they were rung since, and perhaps they talk"
    after = over(again, CALLER, "no-answer", NOON + 6 * MINUTE)
    assert became(replace(after, service_call=""), NOON + HOUR, NEVER).why == "opted_out"
    long = calling().expires + RULES.unknown
    unknown = became(calling(), long)
    assert decide(unknown, long, RULES, OPEN_NOW) == Rest(None)


def test_who_presses_9_is_for_a_person_and_cannot_be_tried_again() -> None:
    after = told(calling(), event(calling(), CALLER, "never", NOON + MINUTE), RULES)
    assert (after.state, after.why) == (State.NEEDS_A_PERSON, "opted_out")
    assert accepted(after, CALLER, NOON + MINUTE) == after
    with pytest.raises(CallbackError, match="never to be rung"):
        retry(after, NOON + MINUTE)


def test_the_9_of_an_attempt_that_is_over_is_heard_all_the_same() -> None:
    late = event(calling(), CALLER, "never", NOON + MINUTE)
    again = rung(replace(unanswered(), service_call=""), NOON + 5 * MINUTE)
    assert told(again, late, RULES).why == "opted_out"


def test_tidings_of_another_attempt_or_of_no_kind_that_is_known_change_nothing() -> None:
    again = rung(replace(unanswered(), service_call=""), NOON + 5 * MINUTE)
    for old in (calling(), waiting()):
        for side in (SERVICE, CALLER):
            assert accepted_as(old, again, side) == again
    assert told(again, event(again, SERVICE, "machine", NOON), RULES) == again


def test_a_late_1_of_the_number_before_is_not_taken_for_that_of_the_number_being_rung() -> None:
    first = rung(new(), NOON)
    second = rung(over(first, SERVICE, "completed", NOON + MINUTE, seconds=9), NOON + MINUTE)
    assert second.ring == 2
    assert accepted_as(first, second, SERVICE) == second


def accepted_as(old: Callback, callback: Callback, side: str) -> Callback:
    return told(callback, event(old, side, "accepted", NOON + MINUTE), RULES)


def test_a_person_closes_it_with_a_reason_and_only_while_nobody_is_rung() -> None:
    done = close(unanswered(), "  rang them  myself ", NOON)
    assert (done.state, done.why) == (State.CLOSED, "rang them myself")
    with pytest.raises(CallbackError, match="ended"):
        close(done, "again", NOON)
    with pytest.raises(CallbackError, match="being rung"):
        close(calling(), "no", NOON)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 121, "rang 01632 960 001", "07700-900-123"])
def test_a_reason_that_is_none_or_names_a_number_is_refused(reason: str) -> None:
    with pytest.raises(CallbackError, match="reason"):
        close(new(), reason, NOON)


def test_a_person_has_an_expired_one_tried_once_more_and_then_it_comes_back_to_them() -> None:
    late = NOON + timedelta(days=1)
    expired = replace(became(new(), new().expires), attempt=len(RULES.retries) + 1)
    again = rung(retry(expired, late), late)
    assert became(over(again, SERVICE, "busy", late), late, Facts(rings=(1,))).state is (
        State.NEEDS_A_PERSON
    )
    for one in (again, new()):
        with pytest.raises(CallbackError, match=r"rung|tried"):
            retry(one, late)


def test_who_asks_again_keeps_one_callback_for_longer_and_is_tried_again() -> None:
    later = NOON + timedelta(hours=3)
    assert asked_again(unanswered(), later, RULES).expires == later + RULES.expiry
    expired = became(new(), new().expires)
    assert asked_again(expired, new().expires, RULES).state is State.ASKED
    for why in ("cap", "opted_out", "refused_number"):
        kept = asked_again(barred(new(), why, NOON), later, RULES)
        assert kept.state is State.NEEDS_A_PERSON


@pytest.mark.parametrize("left", [new(), unanswered(), barred(new(), "no_answer", NOON)])
def test_one_that_a_person_has_taken_on_is_theirs_though_its_caller_asks_again(
    left: Callback,
) -> None:
    taken = take_on(left, NOON)
    assert taken.why == "taken_on"
    again = asked_again(taken, NOON + HOUR, RULES)
    assert (again.state, again.why) == (State.NEEDS_A_PERSON, "taken_on")
    assert retry(again, NOON + HOUR).state is State.ASKED


def test_who_pressed_9_and_asks_again_is_rung_by_a_person_and_by_no_machine() -> None:
    never = told(calling(), event(calling(), CALLER, "never", NOON + MINUTE), RULES)
    again = asked_again(never, NOON + HOUR, RULES)
    assert (again.state, again.why) == (State.NEEDS_A_PERSON, "asked_after_9")
    assert again.expires == NOON + HOUR + RULES.expiry
    assert take_on(again, NOON + HOUR) == again
    assert told(again, event(again, CALLER, "never", NOON + MINUTE), RULES) == again
    for change in (retry, lambda kept, now: hand_over(kept, "oxford", now)):
        with pytest.raises(CallbackError, match="ring them, once, yourself"):
            change(again, NOON + HOUR)


Line.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestEveryCallback = Line.TestCase
