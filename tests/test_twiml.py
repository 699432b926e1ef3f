"""What we write is what Twilio reads: well-formed, in our words, and never leading nowhere."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ivr import twiml
from ivr.call import Ask, Finish, Join, Line, Ring, line
from ivr.phone.reading import read
from ivr.phone.verbs import Conference, Dial, Gather, Hangup, Play, Redirect, Say
from ivr.prompts import Prompt
from tests import shipped

SCRIPT = twiml.Script("en", shipped.catalogues())
LINKS = twiml.Links("/voice/next", "/voice/whisper", "+441632960900")
RING = Ring((line("still_here"),), "+441632960001", 25, person=True)


def verbs(document: str) -> tuple[object, ...]:
    return read(document.encode(), "text/xml").verbs


def test_a_question_takes_keys_and_words_and_answers_silence() -> None:
    gather, redirect = verbs(twiml.write(Ask((line("place"),), keys=0, speech=True), SCRIPT, LINKS))
    assert isinstance(gather, Gather)
    assert (gather.keys, gather.speech, gather.on_empty, gather.barge_in) == (True,) * 4
    assert (gather.action, gather.most, gather.finish_on) == ("/voice/next", 0, "#")
    assert redirect == Redirect("/voice/next"), "should the gather fall through, it is asked still"


def test_a_ring_shows_the_caller_whispers_and_comes_back() -> None:
    said, dial = verbs(twiml.write(RING, SCRIPT, LINKS))
    assert isinstance(said, Say)
    assert isinstance(dial, Dial)
    assert (dial.action, dial.timeout, dial.caller_id) == ("/voice/next", 25, "+441632960900")
    assert dial.answer_on_bridge
    assert dial.legs[0].url == "/voice/whisper"


def test_a_service_may_be_rung_over_sip() -> None:
    document = twiml.write(replace(RING, number="sip:crisis@example.org"), SCRIPT, LINKS)
    assert "<Sip" in document
    assert verbs(document)


def test_the_end_hangs_up() -> None:
    assert verbs(twiml.write(Finish((line("ended"),)), SCRIPT, LINKS))[-1] == Hangup()


def test_two_calls_are_joined_in_a_room_that_ends_when_either_leaves_and_keeps_no_recording() -> (
    None
):
    joined = Join((line("back_joined"),), "callback-1-1", (line("ended"),))
    document = twiml.write(joined, SCRIPT, LINKS)
    said, dial, after, hangup = verbs(document)
    assert isinstance(said, Say)
    assert isinstance(dial, Dial)
    assert dial.conference == Conference("callback-1-1", begins=True, ends=True)
    assert isinstance(after, Say)
    assert hangup == Hangup()
    assert 'beep="false"' in document
    assert "record" not in document


def test_another_language_is_said_by_its_own_voice() -> None:
    ask = Ask((line("safety"), Line("language", {"key": "3"}, "cy"), line("place")))
    gather = ET.fromstring(twiml.write(ask, SCRIPT, LINKS))[0]
    assert [said.get("voice") for said in gather] == [
        "Polly.Amy-Neural", "Polly.Gwyneth", "Polly.Amy-Neural",
    ]  # fmt: skip


def test_a_recorded_prompt_is_played() -> None:
    english = shipped.catalogues()["en"]
    recorded = {**english.prompts, "ended": Prompt("Bye.", "https://line.example/ended.mp3")}
    script = twiml.Script("en", {"en": replace(english, prompts=recorded)})
    played = verbs(twiml.write(Finish((line("ended"),)), script, LINKS))
    assert played[0] == Play("https://line.example/ended.mp3")


def test_voicemail_is_let_go_and_a_person_is_put_through() -> None:
    asked, hangup = verbs(twiml.whisper((line("accept"),), SCRIPT, "/voice/accepted"))
    assert isinstance(asked, Gather)
    assert hangup == Hangup()
    assert verbs(twiml.decline()) == (Hangup(),)
    assert verbs(twiml.EMPTY) == ()


def test_the_last_resort_rings_without_coming_back_and_then_says_the_number() -> None:
    document = twiml.last_resort("+441632960583", "0 1 6 3 2, 9 6 0 5 8 3")
    _, dial, said = verbs(document)
    assert isinstance(dial, Dial)
    assert (dial.action, dial.legs[0].number) == ("", "+441632960583")
    assert isinstance(said, Say)
    assert "9 9 9" in said.text
    assert "0 1 6 3 2, 9 6 0 5 8 3" in said.text
    assert "http" not in document
    assert "/voice" not in document


@given(st.text())
def test_whatever_is_put_into_a_prompt_the_document_stays_what_it_was(text: str) -> None:
    document = twiml.write(Finish((line("connect", service=text),)), SCRIPT, LINKS)
    assert [type(verb) for verb in verbs(document)] == [Say, Hangup]


@given(st.text(alphabet=st.characters(codec=None)))
def test_only_what_xml_forbids_is_taken_out(text: str) -> None:
    cleaned = twiml.clean(text)
    ET.fromstring(f"<a>{cleaned.replace('&', '').replace('<', '')}</a>")
    assert twiml.clean(cleaned) == cleaned
    assert twiml.clean("Caffè, Ynys Môn 🙂\n") == "Caffè, Ynys Môn 🙂\n"
