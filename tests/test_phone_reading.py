"""The telephone takes what Twilio takes and refuses, with Twilio's own number, what it would."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from ivr.phone import verbs
from ivr.phone.grammar import GRAMMAR, LARGEST
from ivr.phone.reading import READERS, read
from ivr.phone.verbs import Document, FaultError, Hangup, Leg, Pause, Play, Redirect, Reject, Say

AMY = 'voice="Polly.Amy" language="en-GB"'


def reading(body: str, kind: str = "text/xml") -> Document:
    return read(f"<Response>{body}</Response>".encode(), kind, "https://line.example/voice")


def refusal(body: str) -> str:
    with pytest.raises(FaultError) as found:
        reading(body)
    assert found.value.fault.code == 12200
    return found.value.fault.what


def test_every_verb_that_may_stand_in_a_response_can_be_read() -> None:
    assert set(READERS) == GRAMMAR["Response"].holds


def test_twilios_own_library_writes_what_is_read() -> None:
    response = VoiceResponse()
    gather = Gather(
        input="dtmf speech",
        action="/voice/place?tries=1",
        timeout=4,
        speech_timeout="auto",
        num_digits=1,
        finish_on_key="",
        action_on_empty_result=True,
        language="cy-GB",
        hints="un, dau",
    )
    gather.say("Helo", voice="Polly.Gwyneth", language="cy-GB")
    gather.pause(length=2)
    response.append(gather)
    dial = Dial(
        action="/voice/connect",
        timeout=25,
        caller_id="+441632960111",
        answer_on_bridge=True,
        time_limit=600,
    )
    dial.number("+441632960001", url="/voice/whisper", status_callback_event="answered completed")
    dial.sip("sip:crisis@example.com")
    response.append(dial)
    response.redirect("/voice/welcome", method="POST")
    response.play("/welcome.mp3", loop=2)
    response.reject(reason="busy")
    response.hangup()

    assert read(str(response).encode(), "application/xml", "u").verbs == (
        verbs.Gather(
            prompts=(Say("Helo", language="cy-GB"), Pause(2)),
            keys=True,
            speech=True,
            action="/voice/place?tries=1",
            timeout=4.0,
            finish_on="",
            most=1,
            on_empty=True,
        ),
        verbs.Dial(
            legs=(
                Leg("+441632960001", "/voice/whisper", events=frozenset({"answered", "completed"})),
                Leg("sip:crisis@example.com"),
            ),
            action="/voice/connect",
            timeout=25,
            time_limit=600,
            caller_id="+441632960111",
            answer_on_bridge=True,
        ),
        Redirect("/voice/welcome"),
        Play("/welcome.mp3", 2),
        Reject("busy"),
        Hangup(),
    )


def test_silences_written_into_a_say_are_counted() -> None:
    ssml = f'<Say {AMY}>C<break time="500ms"/> B <s>1</s><break time="1.5s"/><break/></Say>'
    assert reading(ssml).verbs == (Say("C B 1", breaks=3.0, language="en-GB"),)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", "text/xml", 12100),
        (b"<Response>", "text/xml", 12100),
        (b"<Response>\x07</Response>", "text/xml", 12100),
        (b"<!DOCTYPE r [<!ENTITY a 'b'>]><Response/>", "text/xml", 12100),
        (b"<response/>", "text/xml", 12102),
        (b"<Response/>", "text/html", 12300),
        (b"<Response/>", "", 12300),
        (b"<Response>" + b" " * LARGEST + b"</Response>", "text/xml", 11750),
    ],
)
def test_what_is_no_document_is_refused(body: bytes, kind: str, code: int) -> None:
    with pytest.raises(FaultError) as found:
        read(body, kind, "https://line.example/voice")
    assert found.value.fault.code == code
    assert found.value.fault.url == "https://line.example/voice"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("<Enqueue>crisis</Enqueue>", "<Enqueue>"),
        ("hello", "<Response> may not hold words"),
        (f"<Say {AMY} speed='fast'>Hello</Say>", "'speed'"),
        ("<Say>Hello</Say>", "both a voice and a language"),
        ("<Say voice='Polly.Amy'>Hello</Say>", "both a voice and a language"),
        ("<Say voice='Polly.Amy-Neural' language='cy-GB'>Helo</Say>", "speaks en-GB"),
        ("<Say voice='robot' language='en-GB'>Hello</Say>", "allowed: a voice such as"),
        (f"<Say {AMY}>Hello <blink>you</blink></Say>", "<blink>"),
        (f"<Say {AMY}><break time='soon'/></Say>", "500ms"),
        ("<Play/>", "a URL or digits"),
        ("<Pause length='-1'/>", "1 to 600"),
        ("<Gather timeout='0'/>", "1 to 600"),
        ("<Gather timeout='٣'/>", "1 to 600"),
        ("<Gather input='voice'/>", "dtmf speech"),
        ("<Gather input='dtmf dtmf'/>", "dtmf speech"),
        ("<Gather actionOnEmptyResult='True'/>", "true or false"),
        ("<Gather finishOnKey='##'/>", "one key"),
        ("<Gather method='GET'/>", "POST"),
        ("<Gather action='javascript:alert(1)'/>", "a URL"),
        ("<Gather><Dial>+441632960001</Dial></Gather>", "<Gather> may not hold <Dial>"),
        ("<Gather>press 1</Gather>", "<Gather> may not hold words"),
        ("<Dial/>", "0 numbers"),
        ("<Dial timeout='4'>+441632960001</Dial>", "5 to 600"),
        ("<Dial callerId='01632 960001'>+441632960001</Dial>", "+441632960000"),
        ("<Dial><Say>Hello</Say></Dial>", "<Dial> may not hold <Say>"),
        ("<Dial>" + "<Number>+441632960001</Number>" * 11 + "</Dial>", "11 numbers"),
        ("<Hangup>now</Hangup>", "<Hangup> may not hold words"),
        ("<Reject reason='tired'/>", "rejected or busy"),
    ],
)
def test_what_the_grammar_does_not_know_is_refused_by_name(body: str, names: str) -> None:
    assert names in refusal(body)


@pytest.mark.parametrize("words", ["", "  ", "long " * 1000])
def test_an_empty_or_endless_say_is_refused(words: str) -> None:
    with pytest.raises(FaultError, match="13520"):
        reading(f"<Say {AMY}>{words}</Say>")


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_read_or_refused(body: bytes) -> None:
    with suppress(FaultError):
        assert isinstance(read(body, "text/xml", "u"), Document)
