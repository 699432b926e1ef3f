"""The whole call walked through Flask and real TwiML: every turn, every kind of answer.

From each document every answer a caller could give is given, and every outcome of every ring; an
odd answer once at each step, whichever service the call is about. What comes back must be
well-formed, lead on or ring or end with the number read out, and tell nobody where the caller is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from ivr import postcode
from ivr.phone.reading import read
from ivr.phone.verbs import Dial, Document, Gather, Hangup, Redirect, Say
from tests.desk import Desk

NO_LEG = ("busy", "no-answer", "failed", "canceled")
SPLIT_BY_AGE = "HU1 1AA"
AMBIGUOUS = "CB1 2AB"
SETTLED = "SW1A 1AA"
NEWER = "CB1 2ZZ"

POSTCODES = [postcode.keys(postcode.clean(each)) for each in (SPLIT_BY_AGE, AMBIGUOUS, SETTLED)]

Form = Mapping[str, str]
Given = tuple[str, Form, bool]
"""An address, what is posted to it, and whether that depends on which service a call is about."""


def keyed(keys: str) -> Form:
    return {"Digits": keys}


def spoken(words: str, confidence: str = "0.9") -> Form:
    return {"SpeechResult": words, "Confidence": confidence}


ANSWERS = (
    {"Digits": "", "SpeechResult": ""},
    *map(keyed, ("1", "2", "3", "4", "5", "9", "*", POSTCODES[0])),
    *map(spoken, ("yes", "no", "Leeds", "charlie bravo one two alpha bravo")),
)
"""What is answered at every step about every service."""
ODD = (
    *map(keyed, ("0", "", "**", "1#2", "9" * 25, *POSTCODES[1:])),
    *map(spoken, ("mental health", "physical", "the second one", "I don't know")),
    *map(spoken, ("mumble mumble", "\x07\ufffe<Say>&", "9" * 1200)),
    *(spoken("yes", confidence) for confidence in ("0.05", "NaN", "lots")),
)
"""What is answered at every step, but about one service only: it is all the same to the others."""


def answers(document: Document) -> Iterator[Given]:
    """Every way on from a document."""
    for verb in document.verbs:
        if isinstance(verb, Gather):
            yield from ((verb.action, form, True) for form in ANSWERS)
            yield from ((verb.action, form, False) for form in ODD)
        elif isinstance(verb, Dial):
            yield from ((verb.action, form, form in RUNG) for form in rung())
            yield from ((leg.url, {}, True) for leg in verb.legs)
        elif isinstance(verb, Redirect):
            yield verb.url, {}, True


def rung() -> Iterator[Form]:
    yield from ({"DialCallStatus": status} for status in NO_LEG)
    for status in ("completed", "answered"):
        yield from (
            {"DialCallStatus": status, **bridged}
            for bridged in ({}, {"DialBridged": "true"}, {"DialBridged": "false"})
        )


RUNG = (
    {"DialCallStatus": "busy"},
    {"DialCallStatus": "completed", "DialBridged": "true"},
    {"DialCallStatus": "completed", "DialBridged": "false"},
)
"""How a ring ends with every service; the other ways are told at each step, of one service."""


@cache
def place_of(url: str, *passed_over: str) -> str:
    """An address without its count of turns, so that a walk knows where it has been."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    kept = [(name, value) for name, value in query if name not in {"turn", *passed_over}]
    return f"{parts.path}?{urlencode(kept)}"


def goes_on(document: Document) -> bool:
    """Whether a document asks, rings with a way on, or ends as a call should."""
    last = document.verbs[-1] if document.verbs else None
    if isinstance(last, Dial):
        return bool(last.action)
    if isinstance(last, Redirect):
        return True
    return isinstance(last, Hangup)


@pytest.mark.parametrize(
    ("caller", "fewest", "of_each_service"),
    [("+441144960123", 858, True), ("anonymous", 100, False)],
    ids=["a landline", "withheld"],
)
def test_every_answer_at_every_step_gets_a_sound_document_that_leads_on(
    caller: str, fewest: int, *, of_each_service: bool
) -> None:
    desk = Desk(caller=caller)
    fresh: list[tuple[str, Form]] = [("/voice", {})]
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    places: list[str] = []
    while fresh:
        url, form = fresh.pop()
        places.append(place_of(url))
        answer = desk.post(url, form)
        assert answer.status_code == 200, f"{url} answered {answer.status_code}"
        document = read(answer.data, answer.content_type, url)
        if "/whisper" not in url and "/accepted" not in url:
            assert goes_on(document), f"{url} is a dead end: {answer.text}"
        for verb in document.verbs:
            assert not isinstance(verb, Gather) or verb.on_empty, f"{url} leaves silence unanswered"
        for after, sent, by_service in answers(document):
            place = (
                place_of(after)
                if by_service and of_each_service
                else place_of(after, "service", "area")
            )
            key = (place, tuple(sent.items()))
            if after and key not in seen:
                seen.add(key)
                fresh.append((after, sent))
    print(f"{len(places)} documents from {len(set(places))} places")
    assert len(set(places)) >= fewest, "the walk ended before it had been everywhere"
    assert desk.faults() == []


def test_a_call_ends_only_by_saying_so_or_by_a_person_taking_it() -> None:
    desk = Desk()
    said = desk.post("/voice/fallback?ring=2", {"DialCallStatus": "busy"}).text
    assert "9 9 9" in said
    assert "0 1 6 3 2" in said


def test_no_address_tells_who_is_calling_or_exactly_where() -> None:
    desk = Desk(caller="+447700900123")
    secrets = [postcode.keys("CB12AB"), "CB12AB", "900123", "2AB"]
    place = desk.after("/voice", {}, {"Digits": "2"})
    for form in ({"Digits": secrets[0]}, {"SpeechResult": "C B 1 2 A B", "Confidence": "0.9"}):
        document = desk.document(place, form)
        urls = [url for url, *_ in answers(document)]
        assert urls
        assert not [url for url in urls for secret in secrets if secret in url]


def test_words_are_said_in_a_voice_of_their_language() -> None:
    desk = Desk()
    said = desk.post("/voice", {}).text
    assert 'language="en-GB" voice="Polly.Amy-Neural"' in said
    assert 'language="cy-GB" voice="Polly.Gwyneth"' in said
    assert isinstance(desk.document("/voice", {}).verbs[0], Gather | Say)
