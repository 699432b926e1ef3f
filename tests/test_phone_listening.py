"""What a gather makes of keys, words and silence, and how long it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.phone import Pace, Press, Silent, Speak
from ivr.phone.listening import listen
from ivr.phone.people import Doing
from ivr.phone.told import Kind
from ivr.phone.verbs import Gather, Pause, Play, Say

PACE = Pace()
POSTCODE = Gather(speech=True, timeout=4, on_empty=True)
MENU = Gather(speech=True, timeout=4, most=1, on_empty=True)


def posted(gather: Gather, doing: Doing) -> dict[str, str]:
    return dict(listen(gather, doing, 10.0, PACE).form)


def test_a_prompt_takes_two_fifths_of_a_second_a_word() -> None:
    assert PACE.of(Say("one two three four five")) == pytest.approx(2.0)
    assert PACE.of(Say("one", breaks=0.5, loop=2)) == pytest.approx(1.8)
    assert PACE.of(Pause(3)) == 3
    assert PACE.of(Play("welcome.mp3", loop=2)) == 10


def test_keys_are_posted_without_the_one_that_finishes() -> None:
    assert posted(POSTCODE, Press("2212222#")) == {"Digits": "2212222", "FinishedOnKey": "#"}


def test_as_many_keys_as_are_enough_are_not_waited_for_and_the_rest_are_lost() -> None:
    caught = listen(MENU, Press("2999"), 10.0, PACE)
    assert (caught.what, dict(caught.form)) == ("2", {"Digits": "2"})
    assert caught.ends == 10.0 + PACE.reaction


def test_keys_that_nothing_finishes_are_waited_after() -> None:
    caught = listen(POSTCODE, Press("22"), 10.0, PACE)
    assert dict(caught.form) == {"Digits": "22"}
    assert caught.ends == 10.0 + PACE.reaction + PACE.key + 4


def test_the_finishing_key_alone_is_an_empty_answer_given_at_once() -> None:
    caught = listen(POSTCODE, Press("#"), 10.0, PACE)
    assert caught.form == {"Digits": "", "SpeechResult": "", "Confidence": "0.0"}
    assert caught.ends == 10.0 + PACE.reaction


def test_without_a_finishing_key_hash_is_a_key_like_any_other() -> None:
    assert posted(Gather(finish_on=""), Press("12#")) == {"Digits": "12#"}


def test_keys_in_the_middle_of_a_prompt_cut_it_off() -> None:
    assert listen(MENU, Press("2", after=3.0), 10.0, PACE).begins == 3.0


def test_keys_in_the_middle_of_a_prompt_that_may_not_be_cut_off_are_heard_at_its_end() -> None:
    caught = listen(Gather(barge_in=False, most=1), Press("2", after=3.0), 10.0, PACE)
    assert (caught.begins, dict(caught.form)) == (10.0, {"Digits": "2"})


def test_words_are_posted_with_the_recognisers_trust_in_them() -> None:
    form = {"SpeechResult": "charlie bravo one", "Confidence": "0.4"}
    assert posted(POSTCODE, Speak("charlie bravo one", 0.4)) == form


@pytest.mark.parametrize(
    ("gather", "doing"),
    [
        (MENU, Silent()),
        (MENU, Press("2", after=14.5)),
        (MENU, Press("")),
        (Gather(keys=False, speech=True, timeout=4, on_empty=True), Press("2")),
        (Gather(keys=True, speech=False, timeout=4, on_empty=True), Speak("two")),
    ],
    ids=["silence", "too late", "no keys", "keys where words are wanted", "words for keys"],
)
def test_what_is_not_heard_is_silence(gather: Gather, doing: Doing) -> None:
    caught = listen(gather, doing, 10.0, PACE)
    assert caught.kind is Kind.SILENCE
    assert caught.ends == 14.0
    assert set(caught.form.values()) <= {"", "0.0"}


def test_silence_is_posted_only_where_it_is_asked_for() -> None:
    assert posted(Gather(), Silent()) == {}
    assert posted(Gather(on_empty=True), Silent()) == {"Digits": ""}


@given(
    st.builds(
        Gather,
        keys=st.booleans(),
        speech=st.booleans(),
        timeout=st.integers(1, 10).map(float),
        finish_on=st.sampled_from(["", "#", "*", "1"]),
        most=st.integers(0, 8),
        barge_in=st.booleans(),
        on_empty=st.booleans(),
    ),
    st.one_of(
        st.just(Silent()),
        st.builds(Press, st.text("0123456789*#"), st.none() | st.floats(0, 30)),
        st.builds(Speak, st.text(), st.floats(0, 1), st.none() | st.floats(0, 30)),
    ),
    st.floats(0, 20),
)
def test_no_more_keys_are_heard_than_enough_and_time_goes_forward(
    gather: Gather, doing: Doing, prompts: float
) -> None:
    caught = listen(gather, doing, prompts, PACE)
    digits = caught.form.get("Digits", "")
    assert len(digits) <= (gather.most or len(digits))
    assert not gather.finish_on or gather.finish_on not in digits
    assert 0 <= caught.begins <= caught.ends
    assert bool(caught.form) or caught.kind in (Kind.SILENCE, Kind.KEYS)
