"""Every sentence the line needs in order to speak, and every answer it must understand.

A catalogue that lacked one would be found out by a caller. So the code and its catalogues meet
here: a test holds this list to the code, and a start holds every catalogue to this list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
        "confirm_district": _gaps("letters", "town"),
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
    }
)
"""Each prompt's name, and the gaps its words must have."""

MEANINGS = ("yes", "no", "unknown", "none", "adviser", "mental_health")
"""What must stand under ``[words]``: what an answer may mean."""

KEYS = ("1", "2", "3", "4", "5", "*")
"""What must stand under ``[keys]``: the keys that may be named instead of pressed."""


def lacking(
    texts: Mapping[str, str], meanings: Collection[str], keys: Collection[str]
) -> Iterator[str]:
    """What keeps a catalogue from being used, a line for each thing; nothing if all is there.

    ``texts`` are its prompts by name. What it has beyond what is needed does no harm.
    """
    yield from (f"there is no {name} under [prompts]" for name in PROMPTS if name not in texts)
    yield from (f"there is no {name} under [words]" for name in MEANINGS if name not in meanings)
    yield from (f'there is no "{key}" under [keys]' for key in KEYS if key not in keys)
    for name, gaps in PROMPTS.items():
        wrong = _cannot_be_said(texts.get(name, ""), gaps) if name in texts else ""
        if wrong:
            yield f"{name} {wrong}"


def _cannot_be_said(text: str, gaps: frozenset[str]) -> str:
    """What is wrong with a prompt's words, or "" if every gap of it is filled by ``gaps``."""
    filled = _Filled({name: name for name in gaps})
    try:
        text.format_map(filled)
    except (AttributeError, LookupError, TypeError, ValueError) as wrong:
        allowed = " ".join(f"{{{name}}}" for name in sorted(gaps)) or "none"
        return f"cannot be said ({wrong}): its gaps must be {allowed}"
    missing = " ".join(f"{{{name}}}" for name in sorted(gaps - filled.used))
    return f"lacks {missing}" if missing else ""


class _Filled(dict[str, str]):
    """What fills a prompt's gaps, and notes which of them it has."""

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__(words)
        self.used: set[str] = set()

    def __getitem__(self, gap: str) -> str:
        filled = super().__getitem__(gap)
        self.used.add(gap)
        return filled
