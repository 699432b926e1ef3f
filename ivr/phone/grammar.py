"""What the telephone company allows us to write in the notes that run a call.

One table: each element of TwiML that the line may use, what it may carry and what it may hold.
It is narrower than Twilio's own where Twilio would only warn (a misspelt attribute is ignored
there, and a caller hears the difference), and wherever the line never needs the rest: requests
are posts, and the people dialled have a number or a SIP address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LARGEST = 64 * 1024
"""The most bytes of TwiML that Twilio takes (its error 11750)."""

LONGEST_SAY = 4096
"""The most characters in one ``<Say>`` (its error 13520)."""

MOST_NUMBERS = 10
"""How many numbers one ``<Dial>`` may ring."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the value of an attribute may be; ``allowed`` says it to whoever wrote it wrongly."""

    allowed: str
    fits: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its attributes, the elements it may hold, whether it may hold words."""

    attributes: Mapping[str, Rule] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()
    words: bool = False


def whole(least: int, most: int) -> Rule:
    """A whole number from ``least`` to ``most``, in plain digits."""
    return Rule(
        f"a whole number from {least} to {most}",
        lambda text: text.isascii() and text.isdigit() and least <= int(text) <= most,
    )


def one_of(*words: str) -> Rule:
    """Exactly one of ``words``."""
    return Rule(" or ".join(words), frozenset(words).__contains__)


def some_of(*words: str) -> Rule:
    """One or more of ``words``, each at most once, with single spaces between."""

    def fits(text: str) -> bool:
        said = text.split(" ")
        return set(said) <= set(words) and len(said) == len(set(said))

    return Rule(f"some of {' '.join(words)}", fits)


def shaped(pattern: str, allowed: str) -> Rule:
    """Anything that ``pattern`` matches from end to end."""
    return Rule(allowed, re.compile(pattern).fullmatch)


def either(first: Rule, second: Rule) -> Rule:
    """What either rule allows."""
    return Rule(
        f"{first.allowed}, or {second.allowed}",
        lambda text: first.fits(text) or second.fits(text),
    )


ANY = shaped(r"[^\x00-\x1f]*", "text on one line")
YES_NO = one_of("true", "false")
POST = one_of("POST")
URL = shaped(r"(?!\w+:(?!//))[^\s#<>\"]{1,4000}", "a URL without spaces or fragment")
LANGUAGE = shaped(r"[a-z]{2,3}(-[A-Za-z]{2,4}){0,2}", "a language such as en-GB")
VOICE = shaped(r"man|woman|alice|(Polly|Google)\.[A-Za-z0-9-]+", "a voice such as Polly.Amy-Neural")
E164 = shaped(r"\+[1-9]\d{6,14}", "a number such as +441632960000")
CALL_EVENTS = some_of("initiated", "ringing", "answered", "completed")

VOICE_LANGUAGE = {"Gwyneth": "cy-GB", "Geraint": "en-GB-WLS"} | dict.fromkeys(
    ("Amy", "Emma", "Brian"), "en-GB"
)
"""The language of each Polly voice that a British line would use."""

CALLBACK = {
    "statusCallback": URL,
    "statusCallbackEvent": CALL_EVENTS,
    "statusCallbackMethod": POST,
}
MACHINE = {
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "machineDetectionTimeout": whole(3, 60),
    "machineDetectionSpeechThreshold": whole(1000, 6000),
    "machineDetectionSpeechEndThreshold": whole(500, 5000),
    "machineDetectionSilenceTimeout": whole(2000, 10000),
    "amdStatusCallback": URL,
    "amdStatusCallbackMethod": POST,
}
LEG = {"url": URL, "method": POST} | CALLBACK | MACHINE

SSML: Mapping[str, Mapping[str, Rule]] = {
    "break": {
        "strength": one_of("none", "x-weak", "weak", "medium", "strong", "x-strong"),
        "time": shaped(r"\d+(\.\d+)?s|\d+ms", "a time such as 500ms or 1s"),
    },
    "emphasis": {"level": one_of("strong", "moderate", "reduced")},
    "lang": {"{http://www.w3.org/XML/1998/namespace}lang": LANGUAGE},
    "p": {},
    "phoneme": {"alphabet": one_of("ipa", "x-sampa"), "ph": ANY},
    "prosody": {"volume": ANY, "rate": ANY, "pitch": ANY},
    "s": {},
    "say-as": {"interpret-as": ANY, "format": ANY},
    "sub": {"alias": ANY},
    "w": {"role": ANY},
}

PROMPTS = frozenset({"Say", "Play", "Pause"})
VERBS = PROMPTS | {"Gather", "Dial", "Redirect", "Hangup", "Reject"}

GRAMMAR: Mapping[str, Element] = {
    "Response": Element(holds=VERBS),
    "Say": Element(
        {"voice": VOICE, "language": LANGUAGE, "loop": whole(0, 1000)},
        frozenset(SSML),
        words=True,
    ),
    "Play": Element({"loop": whole(0, 1000), "digits": shaped(r"[0-9wW*#]+", "keys")}, words=True),
    "Pause": Element({"length": whole(1, 600)}),
    "Gather": Element(
        {
            "input": some_of("dtmf", "speech"),
            "action": URL,
            "method": POST,
            "timeout": whole(1, 600),
            "speechTimeout": either(whole(1, 600), one_of("auto")),
            "maxSpeechTime": whole(1, 60),
            "profanityFilter": YES_NO,
            "finishOnKey": shaped(r"[0-9*#]?", "one key, or nothing"),
            "numDigits": whole(1, 255),
            "partialResultCallback": URL,
            "partialResultCallbackMethod": POST,
            "language": LANGUAGE,
            "hints": shaped(r"[^,]{0,100}(,[^,]{0,100}){0,499}", "500 hints of 100 characters"),
            "bargeIn": YES_NO,
            "debug": YES_NO,
            "actionOnEmptyResult": YES_NO,
            "speechModel": shaped(r"[a-zA-Z0-9_-]+", "a speech model"),
            "enhanced": YES_NO,
        },
        PROMPTS,
    ),
    "Dial": Element(
        {
            "action": URL,
            "method": POST,
            "timeout": whole(5, 600),
            "hangupOnStar": YES_NO,
            "timeLimit": whole(1, 86_400),
            "callerId": E164,
            "record": one_of("do-not-record"),
            "answerOnBridge": YES_NO,
            "ringTone": shaped(r"[a-z]{2}(-old)?", "a country such as uk"),
            "sequential": YES_NO,
        },
        frozenset({"Number", "Sip", "Conference"}),
        words=True,
    ),
    "Number": Element(LEG | {"sendDigits": shaped(r"[0-9wW*#]+", "keys"), "byoc": ANY}, words=True),
    "Sip": Element(LEG | {"username": ANY, "password": ANY}, words=True),
    "Conference": Element(
        {
            "beep": one_of("true", "false", "onEnter", "onExit"),
            "muted": YES_NO,
            "startConferenceOnEnter": YES_NO,
            "endConferenceOnExit": YES_NO,
            "waitUrl": either(URL, one_of("")),
            "waitMethod": POST,
            "maxParticipants": whole(2, 250),
            "participantLabel": ANY,
            "record": one_of("do-not-record"),
            "region": one_of("us1", "ie1", "de1", "sg1", "br1", "au1", "jp1"),
            "jitterBufferSize": one_of("large", "medium", "small", "off"),
            "statusCallback": URL,
            "statusCallbackEvent": some_of("start", "end", "join", "leave", "mute", "hold"),
            "statusCallbackMethod": POST,
        },
        words=True,
    ),
    "Redirect": Element({"method": POST}, words=True),
    "Hangup": Element(),
    "Reject": Element({"reason": one_of("rejected", "busy")}),
}
