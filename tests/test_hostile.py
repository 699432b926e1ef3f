"""Whatever is sent to the line, signed, it answers with a sound document that leads a caller on.

Only Twilio can sign, but what it signs holds what callers said, and whatever numbers, words and
addresses a network or a mistake has put there.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from ivr import flow
from ivr.phone import (
    Answer,
    Answered,
    Busy,
    Event,
    Failed,
    Moment,
    NoAnswer,
    Number,
    Phone,
    Press,
    Silent,
    Speak,
)
from ivr.phone.dialling import WITHHELD
from ivr.phone.people import Doing, Fate
from ivr.phone.posting import signature
from ivr.phone.reading import read
from ivr.phone.told import is_last_resort
from ivr.phone.verbs import Dial, Document, Gather, Hangup, Redirect, Say
from ivr.postcode import KEYS
from tests import shipped
from tests.desk import TOKEN, URL, Desk
from tests.machine import AGREES, CALLERS, PLACE, Machine, answering, ring
from tests.troubles import Place, Tracer, stop_the_clock

EXAMPLES = 300
CALLED_SIDE = ("/voice/whisper", "/voice/accepted")
ASKING = [name for name in flow.STEPS if name not in flow.ENDINGS]

Fields = Sequence[tuple[str, str]]


@cache
def desk() -> Desk:
    return Desk()


def sent(path: str, fields: Fields = (), query: Fields = ()) -> TestResponse:
    """The line's answer to these fields, signed; a name may come more than once."""
    url = f"{path}?{urlencode(query)}" if query else path
    form = MultiDict(fields)
    signature = RequestValidator(TOKEN).compute_signature(URL + url, form)
    return desk().client.post(url, data=form, headers={"X-Twilio-Signature": signature})


def document(answer: TestResponse) -> Document:
    """The sound TwiML that a signed request is always answered with."""
    assert answer.status_code == 200
    return read(answer.data, answer.content_type)


def leads_on(found: Document) -> bool:
    """Whether a caller who hears a document is asked, rung through, or told all and 999."""
    last = found.verbs[-1] if found.verbs else None
    if isinstance(last, Dial):
        return bool(last.action)
    if isinstance(last, Redirect):
        gathers = [verb for verb in found.verbs if isinstance(verb, Gather)]
        return bool(last.url) and all(verb.action and verb.on_empty for verb in gathers)
    said = " ".join(verb.text for verb in found.verbs if isinstance(verb, Say))
    if isinstance(last, Hangup):
        return "9 9 9" in said
    rings = [verb for verb in found.verbs if isinstance(verb, Dial)]
    return bool(rings) and isinstance(last, Say) and is_last_resort(last.text)


# -- what may come -------------------------------------------------------------------------------

SERVICES = st.sampled_from([*shipped.table().services, "mh9999", "", "../etc", "MH001"])
DECODED = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "werkzeug.url_quote"))
"""What Flask makes of bytes that are not UTF-8, surrogates among them: they stay in quotes."""
ODD = st.sampled_from(
    ["\x00", "\x1b[2J", "\r\nX: y", "\ufffe", "\U0001f600", "\u202e", "\ud7ff", "'\"><Hangup/>",
     "&amp;", "]]>", "{place}", "%s%n", "${x}", "\u0661\u0662", "\u2160", "\u00b2", "-0", "1e999",
     "NaN", "Infinity", "+", "=", "0" * 99, "9" * 5000, "a" * 5000, " ", "\t", "\u00a0"]
)  # fmt: skip
TEXT = st.text(max_size=60) | DECODED | ODD | st.text(string.digits + "*#ABCD", max_size=12)
PLAIN = st.sampled_from(
    ["1", "2", "3", "9", "*", "#", PLACE, "221222", "07700900123", "busy", "no-answer", "failed",
     "completed", "answered", "canceled", "true", "false", "0.9", "0.0", "yes", "no", "Leeds",
     "mental health", "charlie bravo one two alpha bravo", "+447700900123", "+441144960123",
     "anonymous", "+266696687", "client:x", "sip:x@y.example", "+15005550006", "999", ""]
)  # fmt: skip
VALUE = PLAIN | TEXT
KNOWN = st.sampled_from(
    ["CallSid", "From", "To", "Digits", "SpeechResult", "Confidence", "DialCallStatus",
     "DialBridged", "CallStatus", "FinishedOnKey", "ErrorCode", "ErrorUrl", "DialCallSid"]
)  # fmt: skip
FIELDS = st.lists(st.tuples(KNOWN | TEXT, VALUE), max_size=8)
COUNT = (
    st.sampled_from(["0", "1", "2", "3", "4", "12", "13", "14", "99", "100", "-1", "1.5"]) | TEXT
)
AREA = st.sampled_from(["CB", "B", "SW1A 1AA", "cb", "\u00c9\u00c9", "ZZZ", ""])
OPTION = st.builds("{}~{}~{}".format, SERVICES, SERVICES, AREA) | TEXT
VERSION = st.sampled_from([shipped.table().version, "0" * 12, "../../last", "latest"]) | TEXT
GIVEN: Mapping[str, st.SearchStrategy[str]] = {
    "turn": COUNT, "tries": COUNT, "ring": COUNT, "service": SERVICES | TEXT,
    "option": OPTION, "area": AREA | TEXT, "table": VERSION,
    "language": st.sampled_from(["en", "cy", "pl"]) | TEXT,
    "accept": VALUE, "for": st.sampled_from(["adviser", ""]) | TEXT,
}  # fmt: skip
QUERY = st.lists(
    st.sampled_from([*GIVEN, "option", "option"]).flatmap(
        lambda name: st.tuples(st.just(name), GIVEN[name])
    )
    | st.tuples(TEXT, TEXT),
    max_size=8,
)
STEP = st.sampled_from([*flow.STEPS, "welcome/", "ringing", "astray", "Welcome"]) | st.text(
    string.ascii_letters + string.digits + "._~-", min_size=1, max_size=30
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(FIELDS, QUERY)
def test_a_new_call_is_answered_whatever_comes_with_it(fields: Fields, query: Fields) -> None:
    assert leads_on(document(sent("/voice", fields, query)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(STEP, FIELDS, QUERY)
def test_a_turn_is_answered_whatever_comes_with_it(
    step: str, fields: Fields, query: Fields
) -> None:
    answer = sent(f"/voice/{step}", fields, query)
    assert leads_on(document(answer)) or f"/voice/{step}" in CALLED_SIDE


@pytest.mark.parametrize("step", ASKING)
def test_every_step_is_answered_whatever_comes_with_it(step: str) -> None:
    @settings(max_examples=EXAMPLES // 12, deadline=None)
    @given(FIELDS, QUERY, SERVICES, st.lists(OPTION, min_size=1, max_size=6))
    def check(fields: Fields, query: Fields, service: str, options: list[str]) -> None:
        needed = [("service", service), *(("option", option) for option in options)]
        assert leads_on(document(sent(f"/voice/{step}", fields, [*needed, *query])))

    check()


@pytest.mark.parametrize("name", ["accept", "for", "area", "ring", "table"])
def test_no_name_in_an_address_takes_the_last_resort_from_a_caller(
    tmp_path: Path, name: str
) -> None:
    machine = Machine(tmp_path)
    stop_the_clock(machine)
    url, form = f"{URL}/voice/place?{name}=1", {"Digits": "1"}
    answer = machine.post(url, form, {"X-Twilio-Signature": signature(TOKEN, url, form)})
    assert leads_on(read(answer.body, answer.content_type))


@pytest.mark.parametrize("path", CALLED_SIDE)
def test_whoever_is_rung_is_answered_whatever_comes_with_it(path: str) -> None:
    @settings(max_examples=EXAMPLES // 2, deadline=None)
    @given(FIELDS, QUERY)
    def check(fields: Fields, query: Fields) -> None:
        verbs = document(sent(path, fields, query)).verbs
        asked = MultiDict(query).get("accept") and path.endswith("whisper")
        assert not asked or (isinstance(verbs[0], Gather) and isinstance(verbs[-1], Hangup))
        pressed = {value for name, value in fields if name == "Digits"}
        if path.endswith("accepted"):
            assert (verbs == ()) == (pressed == {"1"})

    check()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["/voice", "/voice/place", "/voice/welcome"]))
def test_a_form_of_any_bytes_is_answered(raw: bytes, path: str) -> None:
    body = b"SpeechResult=" + quote(raw, safe="&=;+%").encode()
    fields = parse_qsl(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    decoded = MultiDict(fields)
    signature = RequestValidator(TOKEN).compute_signature(URL + path, decoded)
    answer = desk().client.post(
        path,
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )
    assert leads_on(document(answer))


@pytest.mark.parametrize("path", ["/voice", "/voice/place", "/voice/connect", *CALLED_SIDE])
@pytest.mark.parametrize("size", [60_000, 66_000, 1_000_000])
def test_a_form_too_large_is_refused_and_a_large_one_answered(path: str, size: int) -> None:
    answer = sent(path, [("SpeechResult", "b" * size)])
    assert answer.status_code in ({200} if size < 64 * 1024 else {403})
    if answer.status_code == 200:
        document(answer)


@pytest.mark.parametrize("path", ["/voice/", "/voice/place/"])
def test_a_slash_too_many_in_an_address_still_brings_a_caller_to_help(path: str) -> None:
    assert leads_on(document(sent(path, [("Digits", "2")])))


# -- what is not signed --------------------------------------------------------------------------

BODIES: Mapping[str, tuple[bytes, str]] = {
    "too large": (b"x=" + b"y" * 70_000, "application/x-www-form-urlencoded"),
    "a megabyte": (b"x=" + b"y" * 1_000_000, "application/x-www-form-urlencoded"),
    "ten thousand fields": (b"a&" * 10_000, "application/x-www-form-urlencoded"),
    "a thousand parts": (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 1_050 + b"--x--",
        "multipart/form-data; boundary=x",
    ),
    "no boundary": (b"abc", "multipart/form-data"),
    "JSON": (b'{"Digits": "1"}', "application/json"),
    "an unknown encoding": (b"a=%ff", "application/x-www-form-urlencoded; charset=utf-99"),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/voice", "/voice/place", *CALLED_SIDE])
def test_what_twilio_did_not_sign_is_refused_however_it_is_dressed(
    path: str, body: tuple[bytes, str]
) -> None:
    data, kind = body
    answer = desk().client.post(
        path, data=data, content_type=kind, headers={"X-Twilio-Signature": "c2lnbmVk"}
    )
    assert 400 <= answer.status_code < 500


def test_while_a_token_is_rotated_no_turn_of_any_call_is_refused() -> None:
    tokens = [TOKEN, "9f8e7d6c5b4a39281706f5e4d3c2b1a0"]
    line = answering(Desk(TWILIO_AUTH_TOKEN_NEXT=tokens[1]).app)
    turns: list[str] = []

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        turns.append(url)
        signed = signature(tokens[len(turns) % 2], url, form)
        return line(url, form, {**headers, "X-Twilio-Signature": signed})

    for script in CALLERS.values():
        told = ring(post, script)
        assert told.reached
        assert not told.faults


def splits(text: str, names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Other forms that are signed alike: the signed text cut anew at any of the names in it."""
    chance = Random(text)  # noqa: S311 - repeatable, not secret
    places = sorted({at for name in names for at in range(len(text)) if text.startswith(name, at)})
    for _ in range(40):
        cuts = [
            0,
            *sorted(chance.sample(places[1:], chance.randint(0, len(places) - 2))),
            len(text),
        ]
        form: dict[str, str] = {}
        for start, end in pairwise(cuts):
            length = chance.choice([len(n) for n in names if text.startswith(n, start)] or [1])
            form[text[start : start + length]] = text[start + length : end]
        yield form


def test_a_form_cut_anew_under_the_same_signature_never_decides_otherwise() -> None:
    genuine = {**desk().call, "Digits": "2", "FinishedOnKey": "#", "Direction": "inbound"}
    text = "".join(name + genuine[name] for name in sorted(genuine))
    meant = steps_after("/voice/welcome", genuine)
    for form in splits(text, [*genuine, "Digit", "D", "SpeechResult"]):
        again = "".join(name + form[name] for name in sorted(form))
        if again == text:
            assert steps_after("/voice/welcome", form) in {meant, "/voice/welcome"}


def steps_after(path: str, form: Mapping[str, str]) -> str:
    """The path of the step that a caller who is at ``path`` reaches."""
    found = document(sent(path, list(form.items())))
    return next(urlsplit(verb.action).path for verb in found.verbs if isinstance(verb, Gather))


def test_requests_that_come_again_ten_times_over_do_nothing_new(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    machine = Machine(tmp_path_factory.mktemp("line"))
    posted: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = []

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        posted.append((url, form, headers))
        return machine.post(url, form, headers)

    ring(post, AGREES)
    before = machine.board.outbox.waiting()
    answers = [machine.post(*one) for one in posted]
    for _ in range(9):
        assert [machine.post(*one) for one in reversed(posted)] == answers[::-1]
    assert machine.board.outbox.waiting() == before
    assert len(before) == 1


# -- whole calls that begin astray ---------------------------------------------------------------


@dataclass
class Anyone:
    """A caller who does anything at all, in a country where hardly anybody answers."""

    chance: Random

    def answer(self, moment: Moment) -> Doing:
        del moment
        keys = ("1", "2", "9", "*", f"{PLACE}#", "221222#", "0000000#", "07700900123#")
        words = ("yes", "no", "Leeds", "charlie bravo one two alpha bravo", "\x07\ufffe<Say>&")
        return self.chance.choice(
            (Press(self.chance.choice(keys)), Speak(self.chance.choice(words)), Silent())
        )

    def leg(self, number: str) -> Fate:
        del number
        return self.chance.choice((Busy(), NoAnswer(), Failed(), Answered(presses="", talks=1)))

    def hears(self, event: Event) -> None:
        """Listen, and say nothing."""


@settings(max_examples=EXAMPLES, deadline=None)
@given(STEP, QUERY, SERVICES, st.integers())
def test_a_call_that_begins_at_a_forged_address_still_ends_with_a_person_or_all_that_can_be_said(
    step: str, query: Fields, service: str, seed: int
) -> None:
    if f"/voice/{step}" in CALLED_SIDE:
        return
    address = f"{URL}/voice/{step}?{urlencode([('service', service), *query])}"
    owned = (shipped.table().line.caller_id,)
    number = Number(address, shipped.table().line.number, token=TOKEN, caller_ids=owned)
    told = Phone(answering(desk().app), number).ring(Anyone(Random(seed)))  # noqa: S311 - as above
    assert told.safe, told.why
    assert not told.faults
    assert told.documents <= flow.TURNS + 3


@pytest.mark.parametrize(
    "caller",
    ["", "anonymous", "Anonymous", "restricted", "unavailable", "unknown", "+266696687",
     "+7378742833", "+2562533", "+8656696", "+86282452253", "client:ann", "sip:ann@example.com",
     "+", "0", "+4", "999", "+44999", "+447700900123;ext=5", "garbage", "+" + "9" * 40,
     "\u0664\u0664", "+15005550006", "\x00", "+441144960123"],
)  # fmt: skip
def test_whatever_number_a_call_seems_to_come_from_it_is_rung_through(caller: str) -> None:
    line = shipped.table().line
    number = Number(f"{URL}/voice", line.number, token=TOKEN, caller_ids=(line.caller_id,))
    told = Phone(answering(desk().app), number).ring(Keys(), caller)
    assert told.reached
    assert not told.faults


class Keys(Anyone):
    """A caller who keys the tests' postcode, and is answered."""

    def __init__(self) -> None:
        self.does = [Press("2"), Press(f"{PLACE}#")]

    def answer(self, moment: Moment) -> Doing:
        del moment
        return self.does.pop(0) if self.does else Silent()

    def leg(self, number: str) -> Fate:
        del number
        return Answered()


def test_the_telephone_and_the_line_spell_a_withheld_number_as_twilio_does() -> None:
    of_letter = {letter: key for key, letters in KEYS.items() for letter in letters}
    words = ("ANONYMOUS", "RESTRICTED", "BLOCKED", "UNKNOWN", "UNAVAILABLE")
    spelt = {"+" + "".join(of_letter[letter] for letter in word) for word in words}
    assert spelt == WITHHELD


# -- no answer takes more work than another --------------------------------------------------------

LONGEST_SPEECH = 1_000
MOST_WORK = 1_500_000
"""Lines of ours run for one turn: about a sixth of a second, as nothing but "oh" takes."""
SOUNDS = (
    "b", "double", "oh", "five nine", "c b 1 2 a b", "forty two", "leeds", "\u0130",
)  # fmt: skip


def work(speech: str, step: str = "place") -> int:
    """How many lines of ours run to answer ``speech``."""
    lines = 0

    def count(_: Place) -> None:
        nonlocal lines
        lines += 1

    with Tracer(count):
        document(sent(f"/voice/{step}", [("SpeechResult", speech), ("Confidence", "0.9")]))
    return lines


def filled(words: Sequence[str], length: int) -> str:
    """Speech of ``length`` characters that says ``words`` again and again."""
    once = " ".join(words) + " "
    return (once * (length // len(once) + 1))[:length]


@pytest.mark.parametrize("sound", SOUNDS)
def test_twice_as_long_a_speech_takes_at_most_little_more_than_twice_the_work(sound: str) -> None:
    work(sound)
    half, whole = (work(filled([sound], length)) for length in (500, LONGEST_SPEECH))
    assert whole <= 3 * half + 5_000
    assert whole < MOST_WORK


def test_what_a_caller_says_beyond_a_thousand_characters_takes_no_more_work() -> None:
    least = work(filled(["oh", "b"], LONGEST_SPEECH))
    assert work(filled(["oh", "b"], 20_000)) <= least * 1.1


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.sampled_from(SOUNDS), min_size=1, max_size=12), st.sampled_from(["place", "town"])
)
def test_no_speech_takes_much_more_work_than_another(words: list[str], step: str) -> None:
    lines = work(filled(words, LONGEST_SPEECH), step)
    target(float(lines))
    assert lines < MOST_WORK
