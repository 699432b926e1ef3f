"""What letters and digits sound like on a telephone, and the words that people say for them.

All of this is tables. A sound is written here as the character heard; after ``=`` it is said
beyond doubt, as by "Charlie"; after ``#`` it is a digit of a longer number, and no letter; "zee"
is heard for more letters than zed is.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from string import ascii_uppercase, digits
from types import MappingProxyType
from typing import NamedTuple

CLOSE = 0.3
"""How likely the other of a pair that recognisers often take for one another is."""
FAR = 0.1
"""How likely another of the same rhyming set is. Both figures are judgement, not measurement:
at about 90 % right per symbol what is heard must outweigh all of its rivals together."""

# Close: the pairs that recognisers of spelt letters had most trouble with (Cole and Fanty,
# "Spoken letter recognition", 1990; Fanty, Cole and Roginski, "English alphabet recognition with
# telephone speech", 1991: 89 % of letters right, 93 % by people), P/B, T/D and A/8 in UK
# postcodes (Voicegain), and five/nine, for which radio operators say "fife" and "niner".
_CLOSE = ("BD", "BP", "BV", "DT", "PT", "GT", "MN", "JK", "FS", "A8", "H8", "59")
# Far: sets that rhyme or begin alike, of which the E set is the worst.
_FAR = ("BCDEGPTV3", "FSX6", "AHJK8", "IY59", "I1", "19", "GJ", "QU2", "04")
# Zed is no member of the E set, but zee is.
_ZEE_CLOSE = "CV"
_ZEE_FAR = "BDEGPT3"


class Kind(NamedTuple):
    """What a sound may be where a postcode wants a letter, or where it wants a digit."""

    mark: str
    """ "A" for letters, "9" for digits."""
    characters: Mapping[str, float]
    """Each with its weight, likeliest first: 1.0 for what was heard, less for its rivals."""
    likeliest: str
    weight: float
    """The weight of the likeliest; below 1.0 where a digit was heard for a letter, and so on."""


Sound = tuple[Kind, ...]
"""One symbol as heard: the kinds of character it may be, letters before digits."""


def _sound(weights: Mapping[str, float]) -> Sound:
    """``weights``, by character, parted into letters and digits."""
    ranked = sorted(weights.items(), key=lambda each: -each[1])
    letters = [each for each in ranked if each[0].isalpha()]
    figures = [each for each in ranked if each[0].isdigit()]
    return tuple(
        Kind(mark, MappingProxyType(dict(kind)), *kind[0])
        for mark, kind in (("A", letters), ("9", figures))
        if kind
    )


def _confusions() -> dict[str, dict[str, float]]:
    """For every character, itself and what it is taken for."""
    heard: dict[str, dict[str, float]] = {each: {} for each in ascii_uppercase + digits}
    for weight, groups in ((FAR, _FAR), (CLOSE, _CLOSE)):
        for group in groups:
            for one, other in permutations(group, 2):
                heard[one][other] = weight
    for each, others in heard.items():
        others[each] = 1.0
    return heard


def _sounds() -> dict[str, Sound]:
    """Every sound by the name this module gives it."""
    heard = _confusions()
    numeric = {f"#{each}": _only_digits(heard[each]) for each in digits}
    heard["O"]["0"] = 1.0  # "oh" is the name of both
    heard["0"]["O"] = 0.5
    heard["I"]["1"] = 0.5  # recognisers write "CBI" for CB1
    heard["zee"] = {"Z": 1.0} | dict.fromkeys(_ZEE_FAR, FAR) | dict.fromkeys(_ZEE_CLOSE, CLOSE)
    sure = {f"={each}": {each: 1.0} for each in ascii_uppercase + digits}
    return {name: _sound(weights) for name, weights in (heard | numeric | sure).items()}


def _only_digits(weights: Mapping[str, float]) -> dict[str, float]:
    return {each: weight for each, weight in weights.items() if each.isdigit()}


SOUNDS: Mapping[str, Sound] = MappingProxyType(_sounds())

RIVALS: Mapping[str, frozenset[str]] = MappingProxyType(
    {each: frozenset(SOUNDS[each][0].characters) for each in ascii_uppercase}
)
"""For every letter, itself and the letters it is taken for."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _words(table: Mapping[str, str]) -> dict[str, str]:
    """Word to sound, from a table of sound to its words."""
    return {word: sound for sound, words in table.items() for word in words.split()}


LETTER_NAMES: Mapping[str, str] = MappingProxyType(
    {each.lower(): each for each in ascii_uppercase}
    | _words(
        {
            "A": "ay eh",
            "B": "be bee",
            "C": "see sea cee",
            "D": "dee",
            "E": "ee",
            "F": "ef eff",
            "G": "gee",
            "H": "aitch haitch",
            "I": "eye aye",
            "J": "jay",
            "K": "kay okay",
            "L": "el ell",
            "M": "em",
            "N": "en",
            "O": "oh owe",
            "P": "pee pea",
            "Q": "cue queue kew",
            "R": "ar are",
            "S": "ess",
            "T": "tee tea",
            "U": "you yew",
            "V": "vee",
            "W": "doubleu doubleyou doubleyew dubya",
            "X": "ex",
            "Y": "why wye",
            "Z": "zed zet",
            "zee": "zee",
        }
    )
)

NATO: Mapping[str, str] = MappingProxyType(
    {
        word: "=" + word[0].upper()
        for word in _set(
            "alpha alfa bravo charlie charley delta echo foxtrot golf hotel india juliet juliett "
            "juliette kilo lima mike november oscar papa quebec romeo sierra tango uniform victor "
            "whisky whiskey xray yankee zulu"
        )
    }
)

DIGIT_NAMES: Mapping[str, str] = MappingProxyType(
    {each: each for each in digits}
    | {"zero": "=0", "nought": "=0", "naught": "=0", "sero": "=0", "dim": "=0"}
    | _words(
        {
            "1": "one won un",
            "2": "two to too dau dwy",
            "3": "three tri tair",
            "4": "four for fore pedwar pedair",
            "5": "five fife pump pum",
            "6": "six sex chwech chwe",
            "7": "seven saith",
            "8": "eight ate wyth",
            "9": "nine nein niner naw",
        }
    )
)
"""English with its homophones, and Welsh."""

NUMBERS: Mapping[str, str] = MappingProxyType(
    _words(
        {
            "10": "ten deg",
            "11": "eleven",
            "12": "twelve",
            "13": "thirteen",
            "14": "fourteen",
            "15": "fifteen",
            "16": "sixteen",
            "17": "seventeen",
            "18": "eighteen",
            "19": "nineteen",
            "20": "twenty",
            "30": "thirty",
            "40": "forty fourty",
            "50": "fifty",
            "60": "sixty",
            "70": "seventy",
            "80": "eighty",
            "90": "ninety",
        }
    )
)

TENS: Mapping[str, str] = MappingProxyType(
    {word: each[0] for word, each in NUMBERS.items() if each >= "20" and each.endswith("0")}
)
"""The first digit of twenty, thirty and so on, which another digit may follow."""

TIMES: Mapping[str, int] = MappingProxyType({"double": 2, "treble": 3, "triple": 3})


FILLERS = _set(
    "um er erm uh ah mm hmm space gap dash hyphen then and capital upper lower case letter "
    "letters number figure"
)
"""What people say between two characters of one postcode without meaning anything."""

MAYBE = _set("a i be see sea you are why oh o to too for tea pea won ate sex el un pump dim kew eh")
"""Names of characters that are words of ordinary talk too."""

TALK = _set("my is it in at on so no ok okay we he me us am an as by do go hi if of or up im id")
"""Words of ordinary talk that only now and then are letters or their names."""
