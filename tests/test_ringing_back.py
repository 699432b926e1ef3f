"""Whoever is rung back hears what they may hear, for as long as they need, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.call import Ask, Finish, Join, Line, Reply
from ivr.prompts import seconds
from ivr.ringing_back import (
    ACCEPTED,
    CALLER,
    ELSEWHERE,
    MACHINE,
    NEVER,
    PRESSED,
    SERVICE,
    SIDES,
    SILENT,
    SORRY,
    STATUS,
    TEST,
    Back,
    Outcome,
    address,
    picked_up,
    pressed,
    read,
    sorry,
)
from tests import shipped

ID = "0123456789abcdef" * 2
SPOKEN = "the crisis team for Cambridgeshire"
PERSON = Back(ID, SERVICE, 1, 1, "mh009")
QUEUE = replace(PERSON, queue=True)
ASKED_FOR = Back(ID, CALLER, 1, 0, "mh009")

HEALTH = (
    "health", "mental", "crisis", "nhs", "111", "1 1 1", "999", "9 9 9", "doctor", "nurse",
    "ambulance", "hospital", "clinic", "service", "team", "help", "support", "suicid", "safe",
    "danger", "wellbeing", "therap", "counsel", "listen", "samaritan",
    "iechyd", "meddwl", "argyfwng", "gig ", "meddyg", "nyrs", "ambiwlans", "ysbyty", "gwasanaeth",
    "tîm", "cymorth", "hunanladd", "diogel", "perygl", "bywyd", "lles", "cwnsela", "gwrando",
)  # fmt: skip
"""What would tell somebody else in the house why this telephone rings."""

BACKS = st.builds(
    Back,
    st.just(ID),
    st.sampled_from(SIDES),
    st.integers(1, 99),
    st.integers(0, 9),
    st.sampled_from(["mh009", "", "mh9999"]),
    st.booleans(),
    st.sampled_from(["", "en", "cy"]),
    st.integers(0, 50),
)
KEYS = st.sampled_from(["", "1", "2", "9", "0", "*", "#", "11", "19", "91"])


def lines(reply: Reply) -> tuple[Line, ...]:
    return (*reply.lines, *reply.after) if isinstance(reply, Join) else reply.lines


def talk(back: Back, *digits: str) -> Iterator[Outcome]:
    """What is said and kept as ``digits`` answer one after another, silence once they run out."""
    yield picked_up(back, SPOKEN)
    for count in range(100):
        back = back.said()
        outcome = pressed(back, digits[count] if count < len(digits) else "", SPOKEN)
        yield outcome
        if not isinstance(outcome.reply, Ask):
            return
    pytest.fail("it never ends")


def heard(outcomes: Iterator[Outcome]) -> list[str]:
    return [each.prompt for outcome in outcomes for each in lines(outcome.reply)]


def test_a_service_that_presses_1_waits_where_the_caller_will_come() -> None:
    outcome = list(talk(PERSON, "1"))[-1]
    assert isinstance(outcome.reply, Join)
    assert outcome.keep == ACCEPTED
    caller = list(talk(ASKED_FOR, "1"))[-1].reply
    assert isinstance(caller, Join)
    assert caller.room == outcome.reply.room == f"callback-{ID}-1"


def test_another_attempt_or_another_callback_has_a_room_of_its_own() -> None:
    other = replace(PERSON, callback="f" * 32)
    assert len({each.room for each in (PERSON, replace(PERSON, attempt=2), other)}) == 3


def test_a_service_whose_yes_could_not_be_kept_is_told_so_and_let_go() -> None:
    outcome = pressed(PERSON.said(), "1", SPOKEN)
    assert isinstance(outcome.not_kept, Finish)
    assert [each.prompt for each in outcome.not_kept.lines] == ["back_not_kept"]


def test_a_caller_who_pressed_1_is_put_through_though_it_could_not_be_kept() -> None:
    outcome = pressed(ASKED_FOR.said(), "1", SPOKEN)
    assert outcome.not_kept == outcome.reply
    assert isinstance(outcome.reply, Join)
    assert outcome.reply.after, "and hears something once the other side has gone"


def test_a_person_who_does_not_answer_is_told_twice_and_let_go_without_a_word() -> None:
    told = list(talk(PERSON))
    assert [isinstance(each.reply, Ask) for each in told] == [True, True, False]
    assert told[-1].reply == SILENT
    assert heard(talk(ASKED_FOR)) == ["back_caller"] * 2


def test_a_queue_is_told_again_for_about_three_minutes() -> None:
    english = shipped.catalogues()["en"]
    asked = [each.reply for each in talk(QUEUE) if isinstance(each.reply, Ask)]
    lasts = sum(
        reply.wait + sum(seconds(english.text(each)) for each in reply.lines) for reply in asked
    )
    print(f"a queue is told {len(asked)} times, for {lasts:.0f} s")
    assert 165 <= lasts <= 195


def test_any_other_key_is_no_yes() -> None:
    assert [each.keep for each in talk(PERSON, "2", "11")] == ["", "", ""]
    assert [each.keep for each in talk(ASKED_FOR, "0", "91")] == ["", "", ""]


def test_nine_means_never_on_the_callers_side_and_nothing_on_the_services() -> None:
    outcome = pressed(ASKED_FOR.said(), "9", SPOKEN)
    assert outcome.keep == NEVER
    assert heard(iter([outcome])) == ["back_never"]
    assert pressed(PERSON.said(), "9", SPOKEN).keep == ""


def test_never_is_not_promised_if_it_could_not_be_kept_and_may_be_asked_for_again() -> None:
    back, asked = ASKED_FOR.said(), 0
    while isinstance(reply := pressed(back, "9", SPOKEN).not_kept, Ask):
        assert [each.prompt for each in reply.lines] == ["back_not_kept", "back_caller"]
        back, asked = back.said(), asked + 1
    assert 2 <= asked <= 4
    assert [each.prompt for each in lines(reply)] == ["back_not_kept"]


def test_nothing_is_left_on_a_machine_that_is_known_to_be_one() -> None:
    for kind in ("machine_start", "machine_end_beep", "fax"):
        outcome = picked_up(ASKED_FOR, SPOKEN, kind)
        assert (outcome.reply, outcome.keep) == (SILENT, MACHINE)
    for kind in ("human", "unknown", ""):
        assert isinstance(picked_up(ASKED_FOR, SPOKEN, kind).reply, Ask)
    assert isinstance(picked_up(QUEUE, SPOKEN, "machine_start").reply, Ask), "a queue's own voice"


def test_a_service_hears_whom_the_caller_asked_for_if_that_is_known() -> None:
    (first, _) = picked_up(PERSON, SPOKEN).reply.lines
    assert (first.prompt, first.words) == ("back_service", {"service": SPOKEN})
    assert [each.prompt for each in picked_up(PERSON, "").reply.lines] == ["back_service_press"]


@given(BACKS.map(lambda back: replace(back, side=CALLER)), KEYS.filter(lambda keys: keys != "1"))
def test_no_word_of_health_is_heard_before_somebody_pressed_1(back: Back, digits: str) -> None:
    outcomes = (picked_up(back, SPOKEN), pressed(back, digits, SPOKEN))
    replies = [reply for each in outcomes for reply in (each.reply, each.not_kept)]
    for reply in (*replies, sorry(back)):
        assert not isinstance(reply, Join)
        for catalogue in shipped.catalogues().values():
            said = f"{' '.join(map(catalogue.text, lines(reply)))} ".casefold()
            assert [word for word in HEALTH if word in said] == []


def test_the_list_of_such_words_finds_them_where_they_are() -> None:
    """Else the test above would show nothing."""
    for catalogue in shipped.catalogues().values():
        for name in ("menu", "ended", "unanswered", "safety"):
            text = catalogue.prompts[name].text.casefold()
            assert name == "unanswered" or any(word in text for word in HEALTH), name


@given(BACKS, st.lists(KEYS, max_size=30))
def test_however_they_answer_it_ends(back: Back, digits: list[str]) -> None:
    *asked, last = talk(replace(back, tries=0), *digits)
    assert all(isinstance(each.reply, Ask) and not each.keep for each in asked)
    assert not isinstance(last.reply, Ask)
    assert isinstance(last.reply, Join) == (last.keep == ACCEPTED and back.side != TEST)


@given(BACKS, st.sampled_from(["", PRESSED, SORRY, ELSEWHERE, STATUS]))
def test_an_address_tells_which_call_it_is_and_is_read_back(back: Back, place: str) -> None:
    url = urlsplit(address("https://line.example/press-two", back, place, mark=f"{ID}-1-s1"))
    assert url.path.startswith("/press-two/back/")
    query = dict(parse_qsl(url.query))
    assert query["marker"] == f"{ID}-1-s1"
    in_path = place in {"", PRESSED}
    assert read(query, back.side if in_path else "") == back
    assert not in_path or url.path.split("/")[3] == back.side


@given(st.dictionaries(st.sampled_from([*Back.__slots__]), st.text()), st.text())
def test_whatever_stands_in_an_address_it_is_read(query: dict[str, str], side: str) -> None:
    back = read(query, side)
    assert back.side in SIDES
    assert not back.callback or len(back.callback) == 32
    assert 0 <= back.tries < 100


def test_what_does_not_tell_which_call_it_is_is_no_address_of_ours() -> None:
    assert PERSON.sound
    assert not replace(PERSON, callback="").sound
    assert not replace(PERSON, attempt=0).sound
    assert read({"callback": ID[:-1] + "٣"}).callback == ""
