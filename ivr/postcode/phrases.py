"""Finds, at each word of what was said, every way to take it: as letters, as digits, as nothing.

"Double two", "twenty one" and "B for Bravo" are ways that take several words. There are a few
ways at each word and none takes more than six, so the work grows with the length of the text
and no faster.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ivr.postcode.sounds import (
    CLOSE,
    DIGIT_NAMES,
    FILLERS,
    LETTER_NAMES,
    MAYBE,
    NATO,
    NUMBERS,
    RIVALS,
    SOUNDS,
    TALK,
    TENS,
    TIMES,
    Sound,
)

LOOKED_AT = 1_000
"""Characters of the text that are looked at: more than a minute of spelling."""

# How likely each liberty with the words is. They are judgement, set so that the examples of
# the tests come out as a person would take them; only their order matters much.
SURE = 0.01  # to leave out a word that can only be a character
SELDOM = 0.2
PERHAPS = 0.5
LIKELY = 0.7

_PIECES = re.compile(r"[a-zA-Z]+|[0-9]+")
_NAMES: Mapping[str, str] = MappingProxyType({**DIGIT_NAMES, **LETTER_NAMES, **NATO})
_OF_TWO_WORDS = re.compile(
    r"\b(double)[\s-]+(u|you|yew)\b|\be?(x)[\s-]+(ray)\b|\b(fox)[\s-]+(trot)\b", re.IGNORECASE
)
_DIGIT_LINKS = ("four", "4")  # as recognisers write the "for" of "B for Bravo"
_ALONE: tuple[tuple[str, ...], ...] = ((),)
_LINKS: Mapping[str, Sequence[tuple[str, ...]]] = MappingProxyType(
    {"as": (("in",), ()), "is": (("for",),)} | dict.fromkeys(("for", "like", *_DIGIT_LINKS), _ALONE)
)
_TEENS = {f"1{each}": f"{each}0" for each in "3456789"}
_ALIKE = MappingProxyType({**_TEENS, **{tens: teen for teen, tens in _TEENS.items()}})
_MOST_FIGURES = 5
_MOST_LETTERS = 3
_PAIR = 2
_SHORTEST_EXAMPLE = 3


class Word(NamedTuple):
    """One run of letters or of digits, in lower case."""

    text: str
    spelt: bool
    """Whether it is seen to be characters: in "cb12" by touching others, in "CB 12" by capitals."""


class Way(NamedTuple):
    """One way to take the words from one on, up to the word ``after``."""

    sounds: tuple[Sound, ...]
    after: int
    weight: float = 1.0
    joins: bool = False
    """Whether the words belong together, so that nothing may begin or end among them."""


_END = Word("", spelt=False)


class Moment(NamedTuple):
    """What may be made of the text from one word on."""

    ways: Sequence[Way]
    skip: float
    """How likely the word means nothing, between two characters of one postcode."""
    pause: float
    """The same, between the two halves of a postcode, where people stop and talk."""
    seam: float
    """How likely a postcode ends before this word, or begins after it."""


def listen(text: str) -> list[Moment]:
    """What may be made of ``text`` at each word; only its first 1,000 characters count."""
    words = _words(text)
    ahead = [*words, _END, _END, _END]
    moments: list[Moment] = []
    joined = 0
    for at, word in enumerate(words):
        ways = [*_together(ahead, at), *_alone(word, at + 1)]
        inside = at < joined
        if inside:  # in "B for Bravo" a four is still possible, but not likely
            ways = [way._replace(weight=way.weight * SELDOM) for way in ways]
        moments.append(_moment(word, ways, inside=inside))
        joined = max([joined, *(way.after for way in ways if way.joins)])
    return moments


def _words(text: str) -> list[Word]:
    """The words of ``text`` without fillers, as if they had never been said."""
    plain = unicodedata.normalize("NFKD", text[:LOOKED_AT])[:LOOKED_AT]
    plain = _OF_TWO_WORDS.sub(r"\1\2\3\4\5\6", plain.replace("'", "").replace("\u2019", ""))
    pieces = list(_PIECES.finditer(plain))
    edges = Counter(edge for piece in pieces for edge in piece.span())
    touching = (max(edges[edge] for edge in piece.span()) > 1 for piece in pieces)
    words = [_word(piece[0], each) for piece, each in zip(pieces, touching, strict=True)]
    return [word for word in words if word.spelt or word.text not in FILLERS]


def _word(piece: str, touching: bool) -> Word:  # noqa: FBT001 - one of a pair, read at once
    return Word(piece.lower(), touching or (len(piece) == _PAIR and piece.isupper()))


def _moment(word: Word, ways: Sequence[Way], *, inside: bool) -> Moment:
    """How freely a word may be left out, by the kind of word it is."""
    common = "" if word.spelt else word.text
    if common in TALK or not ways:
        return Moment(ways, SELDOM, LIKELY, SURE if inside else 1.0)
    if common in MAYBE:
        return Moment(ways, SELDOM, PERHAPS, SURE if inside else SELDOM)
    return Moment(ways, SURE, SURE, SURE)


# -- one word ------------------------------------------------------------------------------


def _alone(word: Word, after: int) -> Iterator[Way]:
    """The ways to take one word by itself."""
    text = word.text
    if text in NUMBERS:
        return _number(NUMBERS[text], after)
    if len(text) > 1 and text.isdigit():
        return _figures(text, after)
    return _characters(word, after)


def _number(number: str, after: int, doubtful: str = "") -> Iterator[Way]:
    """The ways to take a number: as its digits, and as the number that sounds like it."""
    first, rest = number[:2], number[2:]
    yield Way(_digits(number, doubtful), after)
    if first in _ALIKE:  # fifteen, fifty
        yield Way(_digits(_ALIKE[first] + rest, doubtful), after, CLOSE)


def _figures(figures: str, after: int) -> Iterator[Way]:
    """The ways to take a number written in figures, where an 8 may well have been an A."""
    if len(figures) > _MOST_FIGURES:
        return
    yield from _number(figures, after, "8")
    if figures[0] == "0":  # P015: P O 15
        yield Way((*_heard("O"), *_digits(figures[1:], "8")), after, PERHAPS)
    if len(figures) == _PAIR and figures[0] > "1" and figures[1] > "0":  # 21: twenty, one
        yield Way(_digits(f"{figures[0]}0{figures[1]}"), after, PERHAPS)


def _digits(digits: str, doubtful: str = "") -> tuple[Sound, ...]:
    """The sounds of ``digits``, of which only the ``doubtful`` may have been letters."""
    return tuple(SOUNDS[each if each in doubtful else f"#{each}"] for each in digits)


def _characters(word: Word, after: int) -> Iterator[Way]:
    """The ways to take a word as the name of a character, and as characters written together."""
    text, spelt = word
    written = len(text) <= (_MOST_LETTERS if spelt else _PAIR)
    name = _NAMES.get(text) if len(text) > 1 else None
    if name:
        yield Way((SOUNDS[name],), after, SELDOM if text in TALK or (spelt and written) else 1.0)
    if text.startswith("double") and name:
        yield Way(_heard("UU"), after, PERHAPS)
    if written:
        yield Way(_heard(text.upper()), after, SELDOM if not spelt and _talk(text) else 1.0)


def _heard(characters: str) -> tuple[Sound, ...]:
    return tuple(SOUNDS[each] for each in characters)


def _talk(text: str) -> bool:
    """Whether two letters are rather a word than letters written together."""
    return len(text) > 1 and (text in TALK or text in _NAMES)


# -- several words -------------------------------------------------------------------------


def _together(ahead: Sequence[Word], at: int) -> Iterator[Way]:
    """The ways to take two words or more as one thing."""
    text, following = ahead[at].text, ahead[at + 1]
    unit = "" if following.spelt else DIGIT_NAMES.get(following.text, "")
    if text in TENS and unit in tuple("123456789"):
        yield Way(_digits(TENS[text] + unit), at + 2)
    times = TIMES.get(text, 1)
    if times > 1 and following.text in _NAMES:
        yield Way((SOUNDS[_NAMES[following.text]],) * times, at + 2, joins=True)
    first = at if times == 1 else at + 1
    letter = LETTER_NAMES.get(ahead[first].text)
    if letter:
        for way in _examples(ahead, first + 1, letter):
            yield way._replace(sounds=way.sounds * times)


def _examples(ahead: Sequence[Word], at: int, name: str) -> Iterator[Way]:
    """The ways to take what follows a letter as an example of it: "for Bravo", or just "Bravo"."""
    letter = SOUNDS[name][0].likeliest
    link = ahead[at].text
    if NATO.get(link) == f"={letter}":
        yield Way((SOUNDS[f"={letter}"],), at + 1, PERHAPS)
    for rest in _LINKS.get(link, ()):
        end = at + 1 + len(rest)
        if tuple(word.text for word in ahead[at + 1 : end]) == rest:
            meant = _meant(letter, ahead[end].text, firm=link not in _DIGIT_LINKS)
            if meant:
                yield Way((SOUNDS[meant],), end + 1, joins=True)


def _meant(letter: str, example: str, *, firm: bool) -> str:
    """The sound meant by ``letter`` and an example of it; "" if it is no example.

    Where the link is ``firm`` (no "4" that may be a digit), "P for Bertie" is a B misheard, and
    "C for see" is C. But "B for Leeds" is B 4, and then Leeds: those do not sound alike.
    """
    if len(example) < _SHORTEST_EXAMPLE or example in DIGIT_NAMES or example in NUMBERS:
        return ""
    if example in LETTER_NAMES:
        return f"={letter}" if firm and LETTER_NAMES[example] == letter else ""
    initial = example[0].upper()
    alike = initial == letter or (firm and (initial in RIVALS[letter] or example in NATO))
    return f"={initial}" if alike else ""
