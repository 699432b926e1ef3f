"""Reckons a month's report from the log, in a thread beside those that answer, once for all.

A month of all of England is some hundred thousand calls, and takes many seconds: whoever asks for
it meanwhile is told to ask again. What has been reckoned is good for a while.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from ivr.report import Clock, Contract, Month, Report, by_service, read_contracts, report_of
from ivr.report.published import Published, PublishedError
from ivr.report.published import read as read_published
from ivr.routing import Service
from ivr.store import Store

FRESH, LATER = timedelta(minutes=1), timedelta(minutes=15)
"""How long a report is good for: of a month that goes on, and of one that is over."""

KEPT = 2
"""Reports in memory: one of a whole nation's month takes some tens of megabytes."""

PUBLISHED = "published"
"""The folder of the published figures, in the configuration folder."""

Key = tuple[Month, Clock, tuple[tuple[str, Contract], ...]]
"""Which report it is: the contracts are by service."""


class Reckoned:
    """The reports of one store. Safe to share between threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._reckoning = ThreadPoolExecutor(max_workers=1, thread_name_prefix="report")
        self._kept: dict[Key, tuple[datetime, Future[Report]]] = {}
        self._changing = threading.Lock()

    def report(
        self,
        month: Month,
        clock: Clock,
        contracts: Mapping[str, Contract],
        patience: float | None = None,
    ) -> Report | None:
        """The report of ``month``; ``contracts`` are by service. Raises the store's errors.

        None if it takes longer than ``patience`` seconds: it is reckoned on, and may be asked for
        again. Without ``patience`` it is waited for.
        """
        try:
            return self._begun((month, clock, tuple(contracts.items()))).result(patience)
        except TimeoutError:
            return None

    def _begun(self, key: Key) -> Future[Report]:
        """The reckoning of a report that is still good, or one begun now."""
        with self._changing:
            now = self._clock()
            good = [each for each in self._kept.items() if _is_good(*each, now)]
            self._kept = dict(good)
            if key not in self._kept:
                future = self._reckoning.submit(self._reckon, *key)
                self._kept = dict([*good, (key, (now, future))][-KEPT:])
            return self._kept[key][1]

    def _reckon(
        self, month: Month, clock: Clock, contracts: tuple[tuple[str, Contract], ...]
    ) -> Report:
        return report_of(self._store, dict(contracts), month, clock)


def _is_good(key: Key, kept: tuple[datetime, Future[Report]], now: datetime) -> bool:
    """Whether what was begun at some moment is still being reckoned, or has not grown old."""
    begun, future = kept
    if not future.done():
        return True
    lasts = LATER if key[0].ends < begun else FRESH
    return future.exception() is None and now - begun < lasts


def contracts_of(folder: Path, services: Mapping[str, Service]) -> dict[str, Contract]:
    """The contract of each of ``services`` that has one, by ``contracts.csv`` in ``folder``.

    Raises OSError and :class:`ivr.report.ContractsError`.
    """
    return by_service(read_contracts((folder / "contracts.csv").read_bytes()), services)


def published_in(folder: Path) -> tuple[list[Published], list[str]]:
    """The published months in ``folder``, earliest first, and what is wrong with other files."""
    found: list[Published] = []
    wrong: list[str] = []
    for path in sorted((folder / PUBLISHED).glob("*.csv")):
        try:
            found.append(read_published(path))
        except PublishedError as error:
            wrong.append(f"{path.name}, {error}")
        except OSError as error:
            wrong.append(f"{path.name}: {error.strerror}")
    return sorted(found, key=lambda each: each.month), wrong


def nearest(months: list[Published], month: Month) -> Published | None:
    """That of ``month``, or the newest before it, or else the first there is."""
    if not months:
        return None
    return ([each for each in months if each.month <= month] or months[:1])[-1]
