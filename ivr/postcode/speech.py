"""Makes out a postcode in what a speech recogniser wrote down, with what it may have misheard.

The words are walked once, from left to right. At each word only the few likeliest beginnings of
a postcode of each shape are kept, so the time taken grows with the length of the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from ivr.postcode.phrases import SELDOM, SURE, Moment, Way, listen

MOST = 8
"""The most readings returned."""

_OUTWARD = frozenset({"A9", "A99", "A9A", "AA9", "AA99", "AA9A"})
_WHOLE = frozenset(outward + "9AA" for outward in _OUTWARD)
_BEGUN = frozenset(shape[:end] for shape in _WHOLE for end in range(len(shape) + 1))
_NO_NUMBER = re.compile(r"[A-Z]+0[0-9]")  # as in "P06": no district's number begins so

_KEPT = 24  # beginnings kept at each word
_FAINT = 0.02  # a beginning less likely than this is given up
_FIRM = 0.5  # and an outward code alone, if less likely than this: "AA" is no A8
_ALONE = 0.2  # how likely a caller who is asked for a postcode gives its first half alone
_NEAR = 0.15  # a reading less likely than this, beside the best one, is not worth asking about


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what was said: a whole postcode (5 to 7 positions) or an outward code (2-4).

    ``characters`` has for each position the characters it may be, likeliest first, and how likely
    each is: 1.0 for what was heard, less for what is easily taken for it. Where the shape of
    postcodes forbids what was heard, only the less likely are left. ``weight`` is how likely the
    reading is beside the best one, which has 1.0.
    """

    characters: tuple[Mapping[str, float], ...]
    weight: float = 1.0


class _Path(NamedTuple):
    """A postcode begun: ``spelt`` so far, each A and 9 of its ``shape``, and how likely it is."""

    weight: float
    """Of the words it was made of."""
    edge: float
    """How likely a postcode begins where this one does, and ends where it ends."""
    shape: str = ""
    spelt: str = ""
    characters: tuple[Mapping[str, float], ...] = ()


def _likelihood(path: _Path) -> float:
    return path.weight * path.edge


def _rank(path: _Path) -> tuple[float, int]:
    """By which rivals are compared: the likelier, and of equals the longer, is the better."""
    return path.weight * path.edge, len(path.spelt)


_Kept = dict[str, _Path]
"""The paths that have come to one word, by what they spell."""


def spoken(text: str) -> list[Reading]:
    """The readings of a recogniser's ``text``, best first, at most 8.

    [] when nothing in it looks like a postcode. At most 1,000 characters are looked at. Of
    readings as likely as one another the later said comes first, for people correct themselves.
    """
    found: _Kept = {}
    for path in _walk(listen(text)):
        _keep(found, path)
    ranked = nlargest(MOST, reversed(found.values()), key=_rank)
    shares = [_likelihood(path) / _likelihood(ranked[0]) for path in ranked]
    return [
        Reading(path.characters, share)
        for path, share in zip(ranked, shares, strict=True)
        if share >= _NEAR
    ]


def _walk(moments: Sequence[Moment]) -> Iterator[_Path]:
    """Every whole postcode or outward code met on the way."""
    kept: list[_Kept] = [{} for _ in range(len(moments) + 1)]
    edge = 1.0
    for at, moment in enumerate(moments):
        begun = nlargest(_KEPT, kept[at].values(), key=_rank)
        yield from _ended(begun, moment.seam)
        for path in begun:
            _keep(kept[at + 1], _passing(path, moment))
        begun.append(_Path(1.0, edge))
        for way in moment.ways:
            for path in begun:
                for taken in _taking(path, way):
                    _keep(kept[way.after], taken)
        edge = moment.seam
    yield from _ended(kept[-1].values(), 1.0)


def _passing(path: _Path, moment: Moment) -> _Path:
    """``path``, taking a word for nothing."""
    weight, edge, shape, spelt, characters = path
    skip = moment.pause if shape in _OUTWARD else moment.skip
    return _Path(weight * skip, edge, shape, spelt, characters)


def _taking(path: _Path, way: Way) -> Iterable[_Path]:
    """``path`` with the sounds of ``way`` added, as letters or digits as its shape allows."""
    paths = [path]
    for sound in way.sounds:
        paths = [
            _Path(
                weight * kind.weight,
                edge,
                shape + kind.mark,
                spelt + kind.likeliest,
                (*characters, kind.characters),
            )
            for weight, edge, shape, spelt, characters in paths
            for kind in sound
            if shape + kind.mark in _BEGUN
        ]
    return [_Path(each[0] * way.weight, *each[1:]) for each in paths]


def _keep(kept: _Kept, path: _Path) -> None:
    """Add ``path`` to ``kept``, unless it is faint or a likelier one there spells the same."""
    if path.weight < _FAINT:
        return
    rival = kept.get(path.spelt)
    if rival is None:
        kept[path.spelt] = path
    elif _rank(path) >= _rank(rival):
        del kept[path.spelt]  # so that the later said is also the later in order
        kept[path.spelt] = path


def _ended(begun: Iterable[_Path], seam: float) -> Iterator[_Path]:
    """Those of ``begun`` that may be all of a postcode, or an outward code alone."""
    for path in begun:
        if path.shape in _WHOLE and not _NO_NUMBER.match(path.spelt, 0, len(path.spelt) - 3):
            yield path._replace(edge=path.edge * seam)
        elif path.shape in _OUTWARD and path.weight >= _FIRM and not _NO_NUMBER.match(path.spelt):
            cut = SELDOM if seam == SURE else seam  # what follows may be an inward code cut short
            yield path._replace(edge=path.edge * cut * _ALONE)
