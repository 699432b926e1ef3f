"""Reads what the line answered as the telephone company would, and refuses what it would.

:func:`read` turns an answer's bytes into verbs or raises :class:`FaultError` with Twilio's own
error number. It is strict: one wrong attribute refuses the whole document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from xml.etree import ElementTree as ET

from ivr.phone.grammar import (
    GRAMMAR,
    LARGEST,
    LONGEST_SAY,
    MOST_NUMBERS,
    SSML,
    URL,
    VOICE_LANGUAGE,
    Element,
)
from ivr.phone.verbs import (
    Conference,
    Dial,
    Document,
    FaultError,
    Gather,
    Hangup,
    Leg,
    Pause,
    Play,
    Prompt,
    Redirect,
    Reject,
    Say,
    Verb,
)

NOT_XML, NOT_RESPONSE, NOT_ALLOWED = 12100, 12102, 12200
WRONG_TYPE, TOO_LARGE, BAD_SAY = 12300, 11750, 13520

ENDLESS = 1000
"""How often Twilio repeats a prompt whose ``loop`` is 0."""

SSML_ELEMENTS = {name: Element(rules, frozenset(SSML), words=True) for name, rules in SSML.items()}


def read(body: bytes, content_type: str, url: str = "") -> Document:
    """The document in ``body``.

    Raises :class:`FaultError` for a wrong type, more than 64 KB, XML that is not well formed,
    and anything the grammar does not allow.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("text/xml", "application/xml"):
        raise FaultError(WRONG_TYPE, f"content type {kind!r}; allowed: text/xml", url)
    if len(body) > LARGEST:
        raise FaultError(TOO_LARGE, f"{len(body)} bytes of TwiML; at most {LARGEST}", url)
    try:
        return Document(_verbs(body), url)
    except FaultError as error:
        raise FaultError(error.fault.code, error.fault.what, url) from error


@lru_cache(maxsize=256)
def _verbs(body: bytes) -> tuple[Verb, ...]:
    """The verbs in ``body``; remembered, since a line says the same few things all day."""
    if b"<!DOCTYPE" in body:
        raise FaultError(NOT_XML, "a DOCTYPE is not TwiML")
    try:
        root = ET.fromstring(body)  # noqa: S314 - entities need a DOCTYPE, which is refused
    except ET.ParseError as error:
        raise FaultError(NOT_XML, f"not well-formed XML: {error}") from error
    if root.tag != "Response":
        raise FaultError(NOT_RESPONSE, f"the root is <{root.tag}>; allowed: <Response>")
    _check(root, GRAMMAR)
    return tuple(READERS[element.tag](element) for element in root)


def _check(element: ET.Element, grammar: Mapping[str, Element]) -> None:
    """Hold ``element``, and all that stands in it, to the grammar."""
    rule = grammar[element.tag]
    for name, value in element.attrib.items():
        if name not in rule.attributes:
            raise FaultError(NOT_ALLOWED, f"<{element.tag}> has no attribute {name!r}")
        if not rule.attributes[name].fits(value):
            allowed = rule.attributes[name].allowed
            raise FaultError(NOT_ALLOWED, f"<{element.tag} {name}={value!r}>; allowed: {allowed}")
    if not rule.words and any(text.strip() for text in _texts(element)):
        raise FaultError(NOT_ALLOWED, f"<{element.tag}> may not hold words")
    for inner in element:
        if inner.tag not in rule.holds:
            raise FaultError(NOT_ALLOWED, f"<{element.tag}> may not hold <{inner.tag}>")
        _check(inner, grammar if inner.tag in grammar else SSML_ELEMENTS)


def _texts(element: ET.Element) -> list[str]:
    """The words that stand in ``element`` itself, not in what it holds."""
    return [element.text or "", *(inner.tail or "" for inner in element)]


def _say(element: ET.Element) -> Say:
    _check_voice(element.get("voice"), element.get("language"))
    text = " ".join("".join(element.itertext()).split())
    if not text or len(text) > LONGEST_SAY:
        raise FaultError(BAD_SAY, f"<Say> of {len(text)} characters; allowed: 1 to {LONGEST_SAY}")
    breaks = sum(_break(inner) for inner in element.iter("break"))
    return Say(text, breaks, _loop(element), element.get("language", ""))


def _check_voice(voice: str | None, language: str | None) -> None:
    """A voice speaks its own language, and neither is left for Twilio to guess."""
    if voice is None or language is None:
        raise FaultError(NOT_ALLOWED, "<Say> must have both a voice and a language")
    speaker = voice.removeprefix("Polly.").partition("-")[0]
    if VOICE_LANGUAGE.get(speaker, language) != language:
        raise FaultError(
            NOT_ALLOWED, f"<Say voice={voice!r}> speaks {VOICE_LANGUAGE[speaker]}, not {language}"
        )


def _break(element: ET.Element) -> float:
    """The seconds of an SSML break; Amazon's own figure where none is given."""
    time = element.get("time", "1s")
    return float(time[:-2]) / 1000 if time.endswith("ms") else float(time[:-1])


def _play(element: ET.Element) -> Play:
    url = _url(element)
    if not url and "digits" not in element.attrib:
        raise FaultError(NOT_ALLOWED, "<Play> must have a URL or digits")
    return Play(url or f"keys {element.get('digits')}", _loop(element))


def _url(element: ET.Element) -> str:
    """The URL that is the text of ``element``; it may be empty."""
    url = (element.text or "").strip()
    if url and not URL.fits(url):
        raise FaultError(NOT_ALLOWED, f"<{element.tag}>{url}; allowed: {URL.allowed}")
    return url


def _loop(element: ET.Element) -> int:
    return int(element.get("loop", "1")) or ENDLESS


def _pause(element: ET.Element) -> Pause:
    return Pause(int(element.get("length", "1")))


PROMPTS: Mapping[str, Callable[[ET.Element], Prompt]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
}


def _gather(element: ET.Element) -> Gather:
    ways = element.get("input", "dtmf").split()
    timeout = element.get("timeout", "5")
    quiet = element.get("speechTimeout", timeout)
    return Gather(
        prompts=tuple(PROMPTS[inner.tag](inner) for inner in element),
        keys="dtmf" in ways,
        speech="speech" in ways,
        action=element.get("action", ""),
        timeout=float(timeout),
        quiet=None if quiet == "auto" else float(quiet),
        finish_on=element.get("finishOnKey", "#"),
        most=int(element.get("numDigits", "0")),
        barge_in=element.get("bargeIn") != "false",
        on_empty=element.get("actionOnEmptyResult") == "true",
    )


def _dial(element: ET.Element) -> Dial:
    number = (element.text or "").strip()
    legs = [Leg(number)] if number else []
    legs += [_leg(inner) for inner in element if inner.tag != "Conference"]
    rooms = [_conference(inner) for inner in element if inner.tag == "Conference"]
    if not (1 <= len(legs) <= MOST_NUMBERS and not rooms) and (legs or len(rooms) != 1):
        raise FaultError(
            NOT_ALLOWED,
            f"<Dial> of {len(legs)} numbers and {len(rooms)} conferences; "
            "allowed: 1 to 10 numbers, or one conference",
        )
    return Dial(
        legs=tuple(legs),
        conference=rooms[0] if rooms else None,
        action=element.get("action", ""),
        timeout=int(element.get("timeout", "30")),
        time_limit=int(element.get("timeLimit", "14400")),
        caller_id=element.get("callerId", ""),
        answer_on_bridge=element.get("answerOnBridge") == "true",
        sequential=element.get("sequential") == "true",
    )


def _leg(element: ET.Element) -> Leg:
    return Leg(
        number=(element.text or "").strip(),
        url=element.get("url", ""),
        status_callback=element.get("statusCallback", ""),
        events=frozenset(element.get("statusCallbackEvent", "completed").split()),
    )


def _conference(element: ET.Element) -> Conference:
    name = (element.text or "").strip()
    if not name:
        raise FaultError(NOT_ALLOWED, "<Conference> must have a name")
    return Conference(
        name,
        begins=element.get("startConferenceOnEnter") != "false",
        ends=element.get("endConferenceOnExit") == "true",
    )


def _redirect(element: ET.Element) -> Redirect:
    return Redirect(_url(element))


def _hangup(_: ET.Element) -> Hangup:
    return Hangup()


def _reject(element: ET.Element) -> Reject:
    return Reject(element.get("reason", "rejected"))


READERS: Mapping[str, Callable[[ET.Element], Verb]] = {
    **PROMPTS,
    "Gather": _gather,
    "Dial": _dial,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
}
