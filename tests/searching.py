"""Finds a caller's numbers, postcodes and words in what a line leaves behind, and nothing else.

A search for digits in a heap of hexadecimal ids, times and ciphertext finds what nobody left
there. So seven keys count only where they stand alone, and what is sealed is passed over: but only
what the line's own keys do open, and no text is passed over for looking like it.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from redis import Redis

from ivr.sealing import Seal, SealError

GRAM = 6
"""Letters by which a canary is looked for first; every word and number is as long."""
PIECE = 1_000_000
"""Letters that are looked through at once."""

_SEALED = re.compile(r"gAAAA[A-Za-z0-9_-]{90,}={0,2}")
_KEYS = re.compile(r"(?<![0-9A-Za-z.])\d{7}(?![0-9A-Za-z])")
_SPACED = re.compile(r"(?<![0-9A-Za-z.])\d(?:[ ,-]{1,2}\d){6}(?![0-9A-Za-z])")
_QUOTED = re.compile("%[0-9A-Fa-f]{2}")
_DIGITS = re.compile(r"\d{10,}")
_AREA = re.compile(r"(?:area=|~)([a-z0-9]{2,4})")
_CODED = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


_WRITTEN = re.compile(rb"[\t\n\x20-\x7e]{4,}")


def written(content: bytes) -> str:
    """What is written in a file that is not text: every run of four characters or more.

    All that is looked for is in ASCII; a number that a file has as a number is not written there.
    """
    return "\n".join(run[0].decode("ascii") for run in _WRITTEN.finditer(content))


def bare(text: str) -> str:
    """Only the letters and digits of a text, in lower case."""
    return re.sub(r"[\W_]+", "", text.lower())


def joined(text: str) -> str:
    """A text with the numbers in it unbroken."""
    return re.sub(r"(?<=\d)[ +().-]+(?=\d)", "", text)


@dataclass(frozen=True, slots=True)
class Canary:
    """What is looked for of one caller."""

    keys: str
    """The seven keys of a postcode."""
    numbers: tuple[str, ...]
    """Telephone numbers, ten digits each: without +44, 0044 or 0."""
    words: tuple[str, ...]
    """Letters and digits alone, in lower case, :data:`GRAM` at least."""
    outward: str
    """The first half of a postcode, in lower case, which tells something only as an area."""


class Search:
    """Looks for every one of ``canaries``; what ``seal`` opens is passed over."""

    def __init__(self, canaries: Iterable[Canary], seal: Seal) -> None:
        all_ = list(canaries)
        self._seal = seal
        self._keys = {each.keys for each in all_}
        self._outwards = {each.outward for each in all_}
        self._words = {word for each in all_ for word in each.words}
        self._numbers = {number for each in all_ for number in each.numbers}
        self._grams = {each[:GRAM] for each in self._words}
        self.characters = 0
        """How many were looked through."""

    def found(self, text: str) -> set[str]:
        """What of any caller's is in ``text``, as it stands or as an address has it."""
        self.characters += len(text)
        open_ = _SEALED.sub(self._passed_over, text)
        plain = f"{open_} {unquote_plus(open_)}" if _QUOTED.search(open_) else open_
        if "\\u" in plain:
            plain += " " + re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), plain)
        low = plain.lower()
        return (
            self._found_keys(plain)
            | (self._outwards & _areas(low))
            | (self._numbers & _tens(joined(plain)))
            | self._found_words(bare(low))
        )

    def _found_keys(self, text: str) -> set[str]:
        alone = {each[0] for each in _KEYS.finditer(text)}
        spaced = {re.sub(r"\D", "", each[0]) for each in _SPACED.finditer(text)}
        return (alone | spaced) & self._keys

    def _found_words(self, text: str) -> set[str]:
        """The words that are in ``text``: thousands are looked for in one pass over it."""
        begun: set[str] = set()
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE + GRAM]
            begun |= self._grams & {piece[at : at + GRAM] for at in range(len(piece))}
        return {each for each in self._words if each[:GRAM] in begun and each in text}

    def _passed_over(self, sealed: re.Match[str]) -> str:
        try:
            self._seal.open(sealed[0].encode())
        except SealError:
            return sealed[0]
        return " "


def _tens(text: str) -> set[str]:
    """Every ten digits that stand together in ``text``, whatever stands beside them."""
    runs = (each[0] for each in _DIGITS.finditer(text))
    return {run[at : at + 10] for run in runs for at in range(len(run) - 9)}


def _areas(text: str) -> set[str]:
    """Whatever stands in ``text`` as an area, and may be the first half of a postcode."""
    told = {each[1] for each in _AREA.finditer(text)}
    return {each[:long] for each in told for long in range(2, len(each) + 1)}


class Shelves:
    """Reads everything in ``redis``, each thing once however often it is asked."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._redis.config_set("rdbcompression", "no")  # what is dumped is to be read
        self._known: set[int] = set()
        self.keys = 0
        """How many keys were read, one that was changed counted anew."""

    def fresh(self) -> str:
        """All that was not there when this was asked last: names, dumps, and what is in them."""
        return "\n".join(self._fresh())

    def _fresh(self) -> Iterator[str]:
        for key in self._redis.scan_iter(count=1000):
            dump = self._redis.dump(key) or b""
            mark = hash((key, dump))
            if mark not in self._known:
                self._known.add(mark)
                self.keys += 1
                yield key.decode("latin-1")
                yield written(dump)
                for value in _values(self._redis, key):
                    yield from unfolded(value)


def _values(redis: Redis, key: bytes) -> Iterator[bytes]:
    """Every value, field and member under ``key``."""
    kind: Any = redis.type(key)
    yield from _parts(READERS[kind.decode()](redis, key))


READERS: Mapping[str, Callable[[Redis, bytes], Any]] = {
    "string": lambda redis, key: redis.get(key),
    "hash": lambda redis, key: redis.hgetall(key),
    "list": lambda redis, key: redis.lrange(key, 0, -1),
    "set": lambda redis, key: redis.smembers(key),
    "zset": lambda redis, key: redis.zrange(key, 0, -1),
    "stream": lambda redis, key: redis.xrange(key),
    "none": lambda _redis, _key: None,  # it went between the two
}
"""How each kind of key is read whole; one of any other kind is an error."""


def _parts(found: Any) -> Iterator[bytes]:  # noqa: ANN401 - whatever Redis answers
    """All that is in an answer of Redis, however deep."""
    if isinstance(found, bytes):
        yield found
    elif isinstance(found, dict):
        yield from _parts([*found.keys(), *found.values()])
    elif isinstance(found, list | tuple | set):
        for each in found:
            yield from _parts(each)


def unfolded(value: bytes) -> Iterator[str]:
    """``value`` as text, and whatever is compressed, coded or both in it, as RQ does."""
    yield value.decode("latin-1")
    with suppress(zlib.error):
        yield from unfolded(zlib.decompress(value))
    if _CODED.fullmatch(value.decode("latin-1")):
        with suppress(NotBase64, zlib.error):
            yield from unfolded(zlib.decompress(b64decode(value, validate=True)))
    if value[:1] in {b"[", b"{"}:
        with suppress(ValueError):
            yield json.dumps(json.loads(value), ensure_ascii=False)
