"""Works out what the telephone company would make of the keys, words or silence of a caller.

Pure: from what is waited for and what the caller does, to what is posted and when. Where
Twilio's behaviour is not written down, the less kind reading is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.phone.people import Doing, Press, Speak
from ivr.phone.told import Kind
from ivr.phone.verbs import Gather, Pause, Play, Prompt, Say


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    word: float = 0.40
    """A spoken word: 0.34 to 0.40 was measured for a synthetic voice on prompts like ours."""
    key: float = 0.5
    """From one key to the next."""
    reaction: float = 1.0
    """From the end of a prompt to the first key or word."""
    quiet: float = 1.5
    """The silence after which Twilio takes a caller to have finished speaking (``auto``)."""
    recording: float = 5.0
    """A recorded prompt, whose length is not known."""

    def of(self, prompt: Prompt) -> float:
        """The seconds ``prompt`` takes."""
        match prompt:
            case Say():
                return (len(prompt.text.split()) * self.word + prompt.breaks) * prompt.loop
            case Play():
                return self.recording * prompt.loop
            case Pause():
                return float(prompt.length)


@dataclass(frozen=True, slots=True)
class Caught:
    """What was caught of a caller's doing."""

    kind: Kind
    what: str
    begins: float
    """Seconds from the beginning of the prompts at which they stop, cut off or finished."""
    ends: float
    """Seconds from the beginning of the prompts at which the wait is over."""
    form: Mapping[str, str]
    """What is posted; empty where nothing was caught and silence is not posted."""


def listen(gather: Gather, doing: Doing, prompts: float, pace: Pace) -> Caught:
    """What ``gather``, whose prompts take so many seconds, catches of ``doing``."""
    if isinstance(doing, Press | Speak):
        begins = prompts + pace.reaction if doing.after is None else doing.after
        if not gather.barge_in:
            begins = max(begins, prompts)
        in_time = begins <= prompts + gather.timeout
        if in_time and isinstance(doing, Press) and gather.keys and doing.keys:
            return _keys(gather, doing.keys, begins, pace)
        if in_time and isinstance(doing, Speak) and gather.speech and doing.words.strip():
            return _words(gather, doing, begins, pace)
    return Caught(Kind.SILENCE, "", prompts, prompts + gather.timeout, _empty(gather))


def _keys(gather: Gather, keys: str, begins: float, pace: Pace) -> Caught:
    """Keys, up to the one that finishes, or as many as are enough; the rest are lost."""
    digits = keys.partition(gather.finish_on)[0] if gather.finish_on else keys
    digits = digits[: gather.most or None]
    enough = 0 < gather.most == len(digits)
    finished = not enough and len(digits) < len(keys)
    pressed = digits + gather.finish_on * finished
    ends = begins + (len(pressed) - 1) * pace.key
    if not (enough or finished):
        ends += gather.timeout
    ending = {"FinishedOnKey": gather.finish_on} if finished else {}
    form = {"Digits": digits} | ending if digits else _empty(gather)
    return Caught(Kind.KEYS, pressed, begins, ends, form)


def _words(gather: Gather, spoken: Speak, begins: float, pace: Pace) -> Caught:
    quiet = pace.quiet if gather.quiet is None else gather.quiet
    ends = begins + len(spoken.words.split()) * pace.word + quiet
    form = {"SpeechResult": spoken.words, "Confidence": str(spoken.confidence)}
    return Caught(Kind.WORDS, spoken.words, begins, ends, form)


def _empty(gather: Gather) -> dict[str, str]:
    """What is posted for silence: nothing at all, unless it is asked for."""
    if not gather.on_empty:
        return {}
    return ({"Digits": ""} if gather.keys else {}) | (
        {"SpeechResult": "", "Confidence": "0.0"} if gather.speech else {}
    )
