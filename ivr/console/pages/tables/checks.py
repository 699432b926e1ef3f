"""The checks that go on just now: each in a thread of its own, and how far it is.

A check looks at every postcode at every hour, which takes some seconds; who asked for it sees how
far it is and may go elsewhere meanwhile. One is made at a time, so that the line keeps a processor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import structlog

from ivr import checking
from ivr.console.means import Means
from ivr.console.roles import Person
from ivr.tables import counts

log = structlog.get_logger("ivr.console")

KEPT = 32
"""Checks that are remembered to have broken off."""

THREAD = "table check"
"""What the threads are called."""


@dataclass(slots=True)
class Going:
    """How far a check is."""

    done: float = 0.0
    """From 0 to 1."""
    broken: str = ""
    """Why it broke off; "" while it goes on."""


@dataclass(slots=True, eq=False)
class _Kept:
    """The checks of one console, which its page and its API both look at."""

    going: dict[str, Going] = field(default_factory=dict)
    changing: threading.Lock = field(default_factory=threading.Lock)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)


_kept: WeakKeyDictionary[Means, _Kept] = WeakKeyDictionary()


class Checks:
    """The checks of one console, however often this is made for it. Threads may share it."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._kept = _kept.setdefault(means, _Kept())

    def of(self, version: str) -> Going | None:
        """How far the check of a version is; None if none goes on, nor broke off."""
        return self._kept.going.get(version)

    def begin(self, version: str, person: Person) -> None:
        """Have a version checked for ``person``, unless it is being checked already."""
        kept, going = self._kept, Going()
        with kept.changing:
            before = kept.going.get(version)
            if before and not before.broken:
                return
            kept.going = dict([*kept.going.items(), (version, going)][-KEPT:])
        said = f"{THREAD} {version}"
        threading.Thread(
            target=self._go, args=(version, going, person.login), name=said, daemon=True
        ).start()

    def _go(self, version: str, going: Going, who: str) -> None:
        try:
            with self._kept.one_at_a_time:
                _check(self._means, version, who, lambda done: _note(going, done))
        except Exception as wrong:  # noqa: BLE001 - whoever waits at the page must be told
            log.warning("check broke off", version=version, fault=type(wrong).__name__)
            going.broken = type(wrong).__name__
            return
        with self._kept.changing:
            self._kept.going.pop(version, None)


def _note(going: Going, done: float) -> None:
    going.done = done


def _check(means: Means, version: str, who: str, progress: Callable[[float], None]) -> None:
    """Check a version against the directory that is served, and keep what was found.

    What is live is checked too, where that was not done lately: the one is measured by the other.
    """
    result = _run(means, version, progress)
    live, now = means.store.versions.live(), means.clock()
    if live and live.id != version and not counts(live.check, now, result.directory):
        means.store.versions.checked(live.id, _run(means, live.id, lambda _: None).summary())
    means.store.versions.checked(version, result.summary())
    found = {**result.counts(), "without": result.without}
    means.audit(who, "table: checked", version, found)


def _run(means: Means, version: str, progress: Callable[[float], None]) -> checking.Check:
    return checking.check(
        means.table(version),
        means.snapshots.current().directory,
        means.geography,
        means.clock(),
        progress=progress,
    )
