"""Every sentence the line needs in order to speak, and every answer it must understand.

A catalogue that lacked one would be found out by a caller. So the code and its catalogues meet
here: a test holds this list to the code, and a start holds every catalogue to this list.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType


def _gaps(*names: str) -> frozenset[str]:
    return frozenset(names)


PROMPTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "safety": _gaps(),
        "menu": _gaps("adviser", "mental_health"),
        "menu_again": _gaps("adviser", "mental_health"),
        "language": _gaps("key"),
        "nearby": _gaps("town"),
        "place": _gaps(),
        "place_again": _gaps(),
        "which": _gaps(),
        "spot": _gaps("letters", "town"),
        "spot_ending": _gaps("letters", "town", "endings"),
        "spot_otherwise": _gaps("letters"),
        "or": _gaps(),
        "press": _gaps("key"),
        "none_of_these": _gaps("key"),
        "confirm": _gaps("town"),
        "yes_or_no": _gaps(),
        "town": _gaps(),
        "age": _gaps(),
        "adviser": _gaps("service"),
        "connect": _gaps("service"),
        "still_here": _gaps(),
        "unanswered": _gaps("fallback"),
        "callback": _gaps("ending", "fallback"),
        "number": _gaps("fallback"),
        "booked": _gaps("ending"),
        "fallback": _gaps("service"),
        "last_words": _gaps("number"),
        "ended": _gaps(),
        "whisper": _gaps("town"),
        "whisper_unknown": _gaps(),
        "whisper_adviser": _gaps(),
        "whisper_language": _gaps("language"),
        "accept": _gaps(),
        "back_service": _gaps("service"),
        "back_service_press": _gaps(),
        "back_ringing": _gaps(),
        "back_sorry": _gaps(),
        "back_caller": _gaps(),
        "back_joined": _gaps(),
        "back_alone": _gaps(),
        "back_never": _gaps(),
        "back_not_kept": _gaps(),
        "test_call": _gaps(),
        "test_call_press": _gaps("service"),
        "test_call_thanks": _gaps(),
        "test_call_wrong": _gaps(),
    }
)
"""Each prompt's name, and the gaps its words must have."""

MEANINGS = ("yes", "no", "unknown", "none", "adviser", "mental_health")
"""What must stand under ``[words]``: what an answer may mean."""

KEYS = ("1", "2", "3", "4", "5", "*")
"""What must stand under ``[keys]``: the keys that may be named instead of pressed."""


Phrases = Mapping[str, Sequence[object]]


def lacking(texts: Mapping[str, object], words: Phrases, keys: Phrases) -> Iterator[str]:
    """What keeps a catalogue from being used, a line for each thing; nothing if all is well.

    ``texts`` are its prompts by name, ``words`` and ``keys`` the phrases under those headings.
    What it has beyond what is needed does no harm.
    """
    for heading, needed, found in (
        ("prompts", PROMPTS, texts),
        ("words", MEANINGS, words),
        ("keys", KEYS, keys),
    ):
        yield from (f"there is no {name} under [{heading}]" for name in needed if name not in found)
    for name, text in texts.items():
        wrong = _cannot_be_said(text, PROMPTS.get(name))
        if wrong:
            yield f"{name} {wrong}"
    for name, phrases in (*words.items(), *keys.items()):
        if not _are_phrases(phrases):
            yield f'{name} must be a list of phrases, such as ["yes", "yeah"]'


def _are_phrases(found: Sequence[object]) -> bool:
    """Whether these are phrases, and not one phrase taken apart into its letters."""
    phrases = [phrase for phrase in found if isinstance(phrase, str) and phrase.strip()]
    in_letters = len(phrases) > 1 and all(len(phrase) == 1 for phrase in phrases)
    return bool(phrases) and len(phrases) == len(found) and not in_letters


def _cannot_be_said(text: object, gaps: frozenset[str] | None) -> str:
    """What is wrong with a prompt's words, or "" if they have just these ``gaps`` (None: any)."""
    if not isinstance(text, str):
        return "is not a sentence in quotation marks"
    try:
        found = set(_gaps_of(text))
    except ValueError as wrong:
        return f"cannot be said: {wrong}"
    if gaps is None or found == gaps:
        return ""
    return f"must have the gaps {_braced(gaps)} and no other; it has {_braced(found)}"


def _gaps_of(text: str) -> Iterator[str]:
    """Each gap in ``text`` with all that stands in its braces; raises ValueError."""
    for _, gap, form, conversion in string.Formatter().parse(text):
        if gap is not None:
            yield gap + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")


def _braced(gaps: Iterable[str]) -> str:
    return " ".join(f"{{{gap}}}" for gap in sorted(gaps)) or "(none)"
