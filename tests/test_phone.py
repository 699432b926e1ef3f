"""One call from its first ring to its verdict, against lines that are a few documents long."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from ivr.phone import (
    Answer,
    Answered,
    Busy,
    CallerLeaves,
    Failed,
    HangUp,
    Kind,
    NoAnswer,
    Press,
    Speak,
    Told,
    Verdict,
    Voicemail,
)
from ivr.phone.dialling import WITHHELD
from ivr.phone.people import Fate
from tests.fake_line import HOME, Cast, FakeLine, Form, phone, say, twiml

ONE, TWO, THREE = "+441632960001", "+441632960002", "+441632960003"

ASK = f'<Gather action="/place" actionOnEmptyResult="true" numDigits="1">{say("Press 2.")}</Gather>'
RING = f'<Dial action="/rung" timeout="25" answerOnBridge="true"><Number>{ONE}</Number></Dial>'
SCREENED = f'<Dial action="/rung" timeout="25"><Number url="/whisper">{ONE}</Number></Dial>'
ACCEPT = f'<Gather action="/accept" numDigits="1" timeout="5">{say("Press 1.")}</Gather><Hangup/>'
GOODBYE = say("Goodbye.") + "<Hangup/>"
LAST = say("Please ring 0 8 0 8 1 5 7 0 0 0 0. If life is in danger dial 9 9 9.")


def accepted(form: Form) -> str:
    return "" if form["Digits"] == "1" else "<Hangup/>"


def kinds(told: Told) -> list[Kind]:
    return [event.kind for event in told.events if event.kind is not Kind.POSTS]


def test_a_caller_presses_a_key_and_is_put_through() -> None:
    line = FakeLine(voice=say("Welcome to the line.") + ASK, place=RING, rung=GOODBYE)
    told = phone(line).ring(Cast(Press("2"), legs=(Answered(talks=60, after=6),)))

    assert (told.verdict, told.reached, told.faults) == (Verdict.REACHED, ONE, [])
    assert kinds(told) == [
        Kind.SAYS,
        Kind.SAYS,
        Kind.KEYS,
        Kind.RINGS,
        Kind.ANSWERS,
        Kind.BRIDGES,
        Kind.LEG_ENDS,
        Kind.SAYS,
    ]
    assert told.first_ring == pytest.approx(4 * 0.4 + 2 * 0.4 + 1.0)
    assert told.seconds == pytest.approx(3.4 + 6 + 60 + 0.4)
    assert line.forms("/place")[0]["Digits"] == "2"
    assert line.forms("/rung")[0]["DialCallStatus"] == "completed"


def test_every_webhook_carries_what_twilio_says_of_a_call() -> None:
    line = FakeLine(voice=ASK, place=GOODBYE)
    phone(line, number="+441632960111").ring(Cast(), caller="+441144960123")
    first, second = line.forms("/voice")[0], line.forms("/place")[0]
    assert first["CallSid"].startswith("CA")
    assert len(first["CallSid"]) == len(first["AccountSid"]) == 34
    assert {name: first[name] for name in ("From", "Caller", "To", "Called", "Direction")} == {
        "From": "+441144960123",
        "Caller": "+441144960123",
        "To": "+441632960111",
        "Called": "+441632960111",
        "Direction": "inbound",
    }
    assert (first["FromCountry"], first["ToCountry"], first["ApiVersion"]) == (
        "GB",
        "GB",
        "2010-04-01",
    )
    assert (first["CallStatus"], second["CallStatus"]) == ("ringing", "in-progress")
    assert first["CallSid"] == second["CallSid"]


@pytest.mark.parametrize("caller", ["", "anonymous", *sorted(WITHHELD)])
def test_a_withheld_number_has_no_country_and_may_not_be_shown_to_whoever_is_rung(
    caller: str,
) -> None:
    line = FakeLine(voice=RING, rung=GOODBYE)
    told = phone(line).ring(Cast(), caller=caller)
    assert line.forms("/voice")[0]["FromCountry"] == ""
    assert line.forms("/rung")[0]["DialCallStatus"] == "failed"
    assert [fault.code for fault in told.faults] == [13214]


def test_a_caller_id_that_the_account_does_not_own_rings_nobody() -> None:
    mine = f'<Dial callerId="+441632960222">{ONE}</Dial>'
    owned, foreign = (("+441632960222",), ("+441632960333",))
    line = FakeLine(voice=mine)
    assert phone(line, caller_ids=owned).ring(Cast()).verdict is Verdict.REACHED
    told = phone(line, caller_ids=foreign).ring(Cast())
    assert [fault.code for fault in told.faults] == [13214]


def test_a_number_that_is_none_rings_nobody() -> None:
    told = phone(FakeLine(voice="<Dial>999</Dial>")).ring(Cast())
    assert (told.verdict, [fault.code for fault in told.faults]) == (Verdict.DROPPED, [13224])
    assert told.first_ring is None


@pytest.mark.parametrize(
    ("fate", "status"),
    [
        (Busy(), "busy"),
        (NoAnswer(), "no-answer"),
        (Failed(), "failed"),
        (Answered(after=26), "no-answer"),
        (Voicemail(after=25), "no-answer"),
    ],
    ids=["busy", "no answer", "failed", "too slow", "a machine, but too slow"],
)
def test_a_number_that_does_not_answer_is_told_in_twilios_words(fate: Fate, status: str) -> None:
    line = FakeLine(voice=RING, rung=GOODBYE)
    told = phone(line).ring(Cast(legs=(fate,)))
    form = line.forms("/rung")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, "false")
    assert "DialCallDuration" not in form
    assert told.verdict is Verdict.ENDED


@pytest.mark.parametrize(
    "fate",
    [Answered(presses=""), Answered(presses="5"), Voicemail(after=8)],
    ids=["nothing pressed", "the wrong key", "a machine"],
)
def test_an_answer_that_is_not_accepted_is_completed_and_yet_not_bridged(fate: Fate) -> None:
    line = FakeLine(voice=SCREENED, whisper=ACCEPT, accept=accepted, rung=LAST)
    told = phone(line).ring(Cast(legs=(fate,)))
    form = line.forms("/rung")[0]
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "false")
    assert float(form["DialCallDuration"]) > 0
    assert told.verdict is Verdict.LAST_RESORT


def test_whoever_answers_hears_the_whisper_and_takes_the_call_with_1() -> None:
    line = FakeLine(voice=SCREENED, whisper=ACCEPT, accept=accepted, rung="<Hangup/>")
    told = phone(line).ring(Cast(legs=(Answered(presses="1"),)))
    asked = line.forms("/whisper")[0]
    call = line.forms("/voice")[0]
    assert told.verdict is Verdict.REACHED
    assert told.said(ONE) == "Press 1."
    assert told.said() == ""
    assert (asked["To"], asked["ParentCallSid"]) == (ONE, call["CallSid"])
    assert asked["CallSid"] != call["CallSid"]
    assert asked["Direction"] == "outbound-dial"
    assert line.forms("/rung")[0]["DialCallSid"] == asked["CallSid"]


def test_a_whisper_that_fails_leaves_its_number_and_not_the_caller() -> None:
    line = FakeLine(voice=SCREENED, rung=LAST)
    told = phone(line, fallback_twiml="<Response><Hangup/></Response>").ring(Cast())
    assert line.forms("/rung")[0]["DialBridged"] == "false"
    assert (told.verdict, [fault.code for fault in told.faults]) == (Verdict.LAST_RESORT, [11200])


def test_whoever_was_rung_may_not_be_made_to_ring_others() -> None:
    line = FakeLine(voice=SCREENED, whisper=RING, rung=LAST)
    told = phone(line).ring(Cast())
    assert told.rung == [ONE]
    assert told.verdict is Verdict.LAST_RESORT
    assert [fault.code for fault in told.faults] == [13201]


def test_a_caller_who_is_left_with_a_machine_has_been_dropped() -> None:
    told = phone(FakeLine(voice=RING, rung=GOODBYE)).ring(Cast(legs=(Voicemail(),)))
    assert told.verdict is Verdict.DROPPED
    assert told.why == f"left with a machine at {ONE}"


def test_of_numbers_rung_at_once_the_first_to_take_the_call_stops_the_others() -> None:
    together = "".join(f"<Number>{number}</Number>" for number in (ONE, TWO, THREE))
    line = FakeLine(voice=f'<Dial action="/rung">{together}</Dial>', rung=GOODBYE)
    fates = (Answered(after=9), Busy(after=2), Answered(after=5))
    told = phone(line).ring(Cast(legs=fates))
    assert (told.rung, told.reached) == ([ONE, TWO, THREE], THREE)
    ends = [(event.side, event.what) for event in told.events if event.kind is Kind.LEG_ENDS]
    assert ends == [(TWO, "busy"), (ONE, "canceled"), (THREE, "completed")]


def test_numbers_rung_one_after_another_each_have_their_time() -> None:
    numbers = f"<Number>{ONE}</Number><Number>{TWO}</Number>"
    line = FakeLine(voice=f'<Dial sequential="true" timeout="20">{numbers}</Dial>')
    told = phone(line).ring(Cast(legs=(NoAnswer(), Answered(after=3, talks=10))))
    assert (told.reached, told.seconds) == (TWO, 33.0)


def test_without_an_action_the_document_goes_on_after_the_ringing() -> None:
    told = phone(FakeLine(voice=f"<Dial>{ONE}</Dial>{LAST}")).ring(Cast(legs=(Busy(),)))
    assert told.verdict is Verdict.LAST_RESORT


def test_talk_ends_at_the_time_limit() -> None:
    line = FakeLine(voice=f'<Dial timeLimit="600">{ONE}</Dial>')
    assert phone(line).ring(Cast(legs=(Answered(talks=9000, after=6),))).seconds == 606


def test_silence_goes_to_the_action_where_it_is_asked_for() -> None:
    line = FakeLine(voice=ASK, place=LAST)
    told = phone(line).ring(Cast())
    assert line.forms("/place")[0]["Digits"] == ""
    assert told.verdict is Verdict.LAST_RESORT


def test_silence_falls_through_to_the_next_verb_where_it_is_not() -> None:
    line = FakeLine(voice=f'<Gather action="/place">{say("Press 2.")}</Gather>' + LAST)
    told = phone(line).ring(Cast())
    assert line.forms("/place") == []
    assert told.verdict is Verdict.LAST_RESORT


def test_a_silent_caller_whose_document_runs_out_has_been_dropped() -> None:
    told = phone(FakeLine(voice=f"<Gather>{say('Press 2.')}</Gather>")).ring(Cast())
    assert (told.verdict, told.why) == (Verdict.DROPPED, "cut off without a word")


def test_an_answer_without_an_action_goes_to_the_document_it_was_asked_in() -> None:
    def voice(form: Form) -> str:
        return GOODBYE if "Digits" in form else f"<Gather>{say('Press 2.')}</Gather>"

    assert phone(FakeLine(voice=voice)).ring(Cast(Press("2#"))).verdict is Verdict.ENDED


def test_keys_in_the_middle_of_the_prompts_leave_the_rest_unheard() -> None:
    prompts = say("one two three four five") + say("six seven") + "<Pause length='3'/>"
    line = FakeLine(
        voice=f'<Gather action="/place" numDigits="1">{prompts}</Gather>', place=GOODBYE
    )
    cast = Cast(Press("2", after=1.0))
    told = phone(line).ring(cast)
    assert told.said() == "one two three four five Goodbye."
    assert [event.seconds for event in told.events if event.kind is Kind.SAYS] == [1.0, 0.4]
    assert told.seconds == pytest.approx(1.4)
    assert "six seven" in [event.what for event in cast.heard]


def test_words_are_heard_where_words_are_waited_for() -> None:
    ask = f'<Gather input="dtmf speech" action="/place">{say("Say it.")}</Gather>'
    line = FakeLine(voice=ask, place=GOODBYE)
    phone(line).ring(Cast(Speak("charlie bravo one", 0.55)))
    assert line.forms("/place")[0]["SpeechResult"] == "charlie bravo one"
    assert line.forms("/place")[0]["Confidence"] == "0.55"


@pytest.mark.parametrize(
    ("leaves", "seconds"), [(HangUp(), 0.8), (HangUp(after=0.5), 0.5)], ids=["after", "in"]
)
def test_a_caller_who_hangs_up_at_a_prompt_posts_nothing_more(
    leaves: HangUp, seconds: float
) -> None:
    line = FakeLine(voice=ASK, place=GOODBYE)
    told = phone(line).ring(Cast(leaves))
    assert told.verdict is Verdict.HUNG_UP
    assert told.seconds == pytest.approx(seconds)
    assert len(line.posted) == 1


def test_a_caller_who_hangs_up_while_it_rings_posts_nothing_more() -> None:
    line = FakeLine(voice=RING, rung=GOODBYE)
    told = phone(line).ring(Cast(legs=(CallerLeaves(after=12),)))
    assert (told.verdict, told.seconds, told.rung) == (Verdict.HUNG_UP, 12, [ONE])
    assert line.forms("/rung") == []


def test_a_caller_who_ends_the_talk_was_reached_and_posts_nothing_more() -> None:
    line = FakeLine(voice=RING, rung=GOODBYE)
    told = phone(line).ring(Cast(legs=(Answered(caller_ends=True),)))
    assert told.verdict is Verdict.REACHED
    assert line.forms("/rung") == []


def test_a_call_that_is_rejected_is_dropped() -> None:
    told = phone(FakeLine(voice='<Reject reason="busy"/>')).ring(Cast())
    assert (told.verdict, told.why) == (Verdict.DROPPED, "rejected")


def test_a_line_that_sends_a_caller_round_in_a_circle_is_found_out() -> None:
    told = phone(FakeLine(voice=f"{say('Again.')}<Redirect>/voice</Redirect>")).ring(Cast())
    assert told.verdict is Verdict.LOOPED
    assert told.documents == 60
    assert not told.safe


@pytest.mark.parametrize(
    "broken",
    [
        Answer(500, "text/xml", b"<Response/>"),
        Answer(403, "text/plain", b"unsigned"),
        Answer(302, "text/html", b""),
        Answer(200, "text/html", b"<Response/>"),
        Answer(200, "text/xml", b"<Response>"),
        Answer(200, "text/xml", LAST.encode(), seconds=15.1),
        twiml("<Redirect>tel:999</Redirect>"),
    ],
    ids=["500", "403", "302", "type", "xml", "slow", "grammar"],
)
def test_whatever_fails_the_fallback_is_fetched_and_told_what_failed(broken: Answer) -> None:
    line = FakeLine(voice=ASK, place=broken, fallback=RING, rung=GOODBYE)
    told = phone(line, fallback_url=f"{HOME}/fallback").ring(Cast(Press("2")))
    asked = line.forms("/fallback")[0]
    assert told.verdict is Verdict.REACHED
    assert asked["ErrorUrl"] == f"{HOME}/place"
    assert asked["ErrorCode"] == str(told.faults[0].code)
    assert "Digits" not in asked


def test_a_fallback_kept_at_twilio_needs_nothing_of_ours() -> None:
    bin_text = f"<Response><Dial>{TWO}</Dial>{LAST}</Response>"
    told = phone(FakeLine(), fallback_twiml=bin_text).ring(Cast())
    assert (told.verdict, told.reached) == (Verdict.REACHED, TWO)


def test_a_line_that_nobody_answers_for_is_a_fault_too() -> None:
    def nobody(_: Form) -> str:
        raise ConnectionRefusedError

    dead = FakeLine(voice=nobody)
    bin_text = f"<Response>{LAST}</Response>"
    assert phone(dead, fallback_twiml=bin_text).ring(Cast()).verdict is Verdict.LAST_RESORT
    assert phone(dead).ring(Cast()).verdict is Verdict.DROPPED


def test_where_the_fallback_fails_too_the_caller_is_dropped() -> None:
    line = FakeLine(voice="<Oops/>", fallback="<Oops/>")
    told = phone(line, fallback_url=f"{HOME}/fallback").ring(Cast())
    assert told.verdict is Verdict.DROPPED
    assert [fault.code for fault in told.faults] == [12200, 12200]
    assert told.why.startswith("12200")


def test_the_end_of_a_call_is_called_back_with_its_length_and_time() -> None:
    line = FakeLine(voice=GOODBYE, status=Answer(204, "", b""))
    began = datetime(2026, 12, 25, 3, tzinfo=UTC)
    told = phone(line, status_callback=f"{HOME}/status").ring(Cast(), began=began)
    form = line.forms("/status")[0]
    assert (form["CallStatus"], form["CallDuration"]) == ("completed", "0")
    assert parsedate_to_datetime(form["Timestamp"]) == datetime(2026, 12, 25, 3, tzinfo=UTC)
    assert form["CallSid"] == line.forms("/voice")[0]["CallSid"]
    assert told.faults == []


def test_a_status_callback_that_fails_is_a_fault_and_the_call_goes_on() -> None:
    legs = (
        f'<Number statusCallback="/leg" statusCallbackEvent="ringing answered completed">{ONE}'
        "</Number>"
    )
    line = FakeLine(voice=f"<Dial>{legs}</Dial>{GOODBYE}")
    told = phone(line).ring(Cast())
    assert told.verdict is Verdict.REACHED
    assert [fault.code for fault in told.faults] == [11200] * 3
    forms = line.forms("/leg")
    assert [form["CallStatus"] for form in forms] == ["ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in forms] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("Ring 01632 960 001, or dial 999.", Verdict.LAST_RESORT),
        ("Dial 999.", Verdict.ENDED),
        ("Ring 01632 960001.", Verdict.ENDED),
        ("They will ring you back.", Verdict.ENDED),
    ],
)
def test_a_last_resort_is_a_number_and_999(words: str, verdict: Verdict) -> None:
    assert phone(FakeLine(voice=say(words))).ring(Cast()).verdict is verdict
