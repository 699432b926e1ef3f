"""How a postcode is written, which keys of a telephone it is, and how it is read aloud.

The shapes are A9, A99, A9A, AA9, AA99 and AA9A, then 9AA; besides these only GIR 0AA and
Newport's old NPT. No letter is refused in any place: odd ones have been in use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "0": "0",
        "1": "1",
        "2": "2ABC",
        "3": "3DEF",
        "4": "4GHI",
        "5": "5JKL",
        "6": "6MNO",
        "7": "7PQRS",
        "8": "8TUV",
        "9": "9WXYZ",
    }
)
"""Every key, and the characters that one press of it may stand for (ITU-T E.161)."""

_PRESSES = str.maketrans({each: key for key, group in KEYS.items() for each in group})
_WHOLE = re.compile(r"(?:[A-Z]{1,2}[0-9][0-9A-Z]?|GIR|NPT)[0-9][A-Z]{2}")
_BETWEEN = re.compile(r"[\s.,\-_\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff]+")
_LONGEST = 40
"""Written postcodes have at most 8 characters; beyond this many the rest is not spaces."""


def _bare(text: str) -> str:
    """``text`` in capitals without spaces and dashes; "" if it is no postcode on any account."""
    bare = _BETWEEN.sub("", text) if len(text) <= _LONGEST else ""
    return bare.upper() if bare.isascii() else ""


def clean(text: str) -> str:
    """The postcode that ``text`` writes, in capitals without spaces ("cb1 2ab": "CB12AB").

    "" if it cannot be a whole postcode. Spaces, dashes and stops may stand anywhere.
    """
    bare = _bare(text)
    return bare if _WHOLE.fullmatch(bare) else ""


def split(postcode: str) -> tuple[str, str]:
    """The outward and inward codes of a cleaned postcode: "CB12AB" is ("CB1", "2AB")."""
    return postcode[:-3], postcode[-3:]


def area(postcode: str) -> str:
    """The postcode area, the one or two letters a postcode or outward code begins with: "CB"."""
    return postcode[:2] if postcode[1:2].isalpha() else postcode[:1]


def keys(postcode: str) -> str:
    """The keys that a cleaned postcode is pressed on, one a character: "CB12AB" is "221222"."""
    return postcode.translate(_PRESSES)


def spaced(text: str) -> str:
    """``text`` so that a voice spells it: "CB1" is "C B 1", and "CB1 2AB" is "C B 1, 2 A B".

    Digits are said singly ("B 3 2"): "thirty two" is too easily taken for "thirteen, two".
    """
    return ", ".join(" ".join(part) for part in text.upper().split())
