"""Who did or saw what, in a chain that shows where anything was changed or taken out afterwards.

Each entry's hash is made of all that it says, its place and the hash of the entry before, so that
none can be changed, taken out, put in or moved without every later hash being another. The newest
hash, kept somewhere else, proves all that came before it, and that nothing was cut off the end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

NOTHING = "0" * 64
"""The hash of what comes before the first entry."""


class ChainError(ValueError):
    """The chain does not hold; the message says, in one clear line, from which entry on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did or saw."""

    position: int
    """1 for the first, and one more for each."""
    at: datetime
    who: str
    """A login, or what names a program."""
    what: str
    about: str
    """What it was done to, by its id; "" for the line as a whole."""
    detail: Mapping[str, object]
    previous: str
    """The hash of the entry before; :data:`NOTHING` for the first."""
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry's place and hash: what proves all that came before."""

    position: int = 0
    hash: str = NOTHING

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Head:
        """What ``str`` wrote. Raises ValueError for anything else."""
        position, _, hash_ = text.strip().partition(":")
        if not (position.isascii() and position.isdigit() and len(hash_) == len(NOTHING)):
            raise ValueError(f"{text!r} is no place and hash, such as 12:{'9f' * 32}")
        return cls(int(position), hash_)


def entry(head: Head, at: datetime, done: tuple[str, str, str, Mapping[str, object]]) -> Entry:
    """The entry that comes after ``head``; ``done`` is who, what, about and detail."""
    who, what, about, detail = done
    position = head.position + 1
    own = _hash(position, at, done, head.hash)
    return Entry(position, at, who, what, about, detail, head.hash, own)


def verify(entries: Iterable[Entry], known: Head | None = None) -> Head:
    """The newest entry's place and hash, if the chain holds from its first entry to its last.

    ``known`` is a head that was written down before; it must be in the chain. Raises ChainError.
    """
    head = Head()
    met = known is None or known == head
    for each in entries:
        head = _next(head, each)
        met = met or head == known
    if not met:
        raise ChainError(f"entry {known} is not in the audit: it was changed, or cut off the end")
    return head


def _next(head: Head, found: Entry) -> Head:
    if found.position != head.position + 1:
        raise ChainError(f"entry {head.position + 1} of the audit is missing")
    done = (found.who, found.what, found.about, found.detail)
    if found.previous != head.hash or found.hash != _hash(
        found.position, found.at, done, found.previous
    ):
        raise ChainError(f"entry {found.position} of the audit was changed after it was written")
    return Head(found.position, found.hash)


def _hash(
    position: int, at: datetime, done: tuple[str, str, str, Mapping[str, object]], previous: str
) -> str:
    said = json.dumps(
        [position, at.astimezone(UTC).isoformat(), *done, previous],
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    return hashlib.sha256(said.encode()).hexdigest()
