"""One watch: look everything up, judge it, tell what begins and what ends, and keep it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Generic, TypeVar

import structlog

from ivr import metrics
from ivr.alarms import ALARMS, Figures, Found, age, look, read, silent, since, write
from ivr.outbox import Outbox
from ivr.settings import Settings
from ivr.store import Store
from ivr.trials import not_taken
from ivr.watching import here, stored

T = TypeVar("T")

UNLOGGED = "ivr_unlogged_turns_total"

SELDOM = timedelta(minutes=10)
"""How often the calls of whole weeks are counted."""

log = structlog.get_logger("ivr.watch")


class Watch:
    """Watches the line set up by ``settings``; of ``redis`` it asks who works which queue now.

    That raises whatever it likes where Redis is away; None if it is not to be asked. ``queues``
    tells how many jobs wait in each queue, and how many of it failed for good.
    """

    def __init__(
        self,
        settings: Settings,
        redis: Callable[[datetime], Mapping[str, int]] | None = None,
        queues: Callable[[], Mapping[str, tuple[int, int]]] = dict,
    ) -> None:
        self._settings = settings
        self._redis = redis
        self._queues = queues
        self._began: datetime | None = None
        self._jumps = Seldom(lambda store, now: stored.jumps(store.rates, now))
        self._silent = Seldom(lambda store, now: silent(store.rates.reached, now))
        self._recovered = Seldom(lambda store, now: stored.recovered(store.rates, now))

    def look(self, now: datetime) -> Found:
        """Look everything up at ``now``, tell what has changed, and keep it all."""
        self._began = min(self._began or now, now)  # not to come, if the clock was set back
        before = kept(self._settings)
        lost = known(lambda: metrics.total(UNLOGGED))
        found = look(before, now, self.figures(now), None if lost is None else int(lost))
        tell(before, found)
        keep(self._settings.watch_file, found)
        return found

    def figures(self, now: datetime) -> Figures:
        """Everything that can be looked up at ``now``."""
        settings = self._settings
        figures = Figures(
            checks=known(lambda: here.checks(settings)),
            aside=known(lambda: here.aside(settings)),
            free=known(lambda: here.free(settings)),
            directory=known(lambda: here.directory_age(settings, now)),
            certificate=known(lambda: here.certificate_days(settings, now)),
        )
        return self._of_redis(self._of_store(self._of_outbox(figures, now), now), now)

    def _of_outbox(self, figures: Figures, now: datetime) -> Figures:
        if not self._settings.outbox_file.exists():
            return figures
        with closing(Outbox(self._settings.outbox_file)) as outbox:
            events, promises = known(outbox.depth), known(outbox.standing)
        if events:
            figures = replace(figures, events=events[0], oldest_event=age(events[1], now))
        if promises:
            figures = replace(figures, promises=promises[0], oldest_promise=age(promises[1], now))
        return figures

    def _of_store(self, figures: Figures, now: datetime) -> Figures:
        if not (self._settings.database_url or self._settings.store_file.exists()):
            return figures
        store = known(lambda: Store(self._settings.store_url))
        if store is None:
            return replace(figures, store=False)
        with closing(store):
            told = known(lambda: stored.outcomes(store, now))
            if told is None:
                return replace(figures, store=False)
            jumps = self._jumps(store, now)
            return replace(
                figures,
                store=True,
                calls=told[0],
                last_resorts=told[1],
                silent=self._silent(store, now),
                failing=known(lambda: stored.failing(store.probes, now)),
                not_taken=known(lambda: not_taken(store.trials.newest(lost=False), now)),
                wrong_areas=jumps and jumps[0],
                answer_rates=jumps and jumps[1],
                callbacks=known(lambda: stored.waiting(store.callbacks)),
                overdue=known(lambda: store.callbacks.overdue(now)),
                reconciled=known(lambda: since(now, store.last_ran("reconcile"), self._began)),
                compared=known(lambda: self._compared(store, now)),
                recovered=self._recovered(store, now),
            )

    def _compared(self, store: Store, now: datetime) -> float | None:
        """How far the comparison with the company's list of calls is behind, if there is one."""
        settings = self._settings
        if not (settings.account_sid and settings.auth_tokens) and not settings.api_base:
            return None
        return since(now, store.last_ran("compare"), self._began)

    def _of_redis(self, figures: Figures, now: datetime) -> Figures:
        asked = self._redis
        if asked is None:
            return figures
        workers = known(lambda: asked(now))
        queues = known(self._queues) or {}
        return replace(
            figures,
            redis=workers is not None,
            workers=workers or {},
            jobs={name: waiting for name, (waiting, _) in queues.items()},
            failed={name: failed for name, (_, failed) in queues.items()},
            relayed=known(lambda: since(now, here.relayed(self._settings), self._began)),
        )


class Seldom(Generic[T]):
    """What is looked up in the store every :data:`SELDOM`: it counts the calls of weeks."""

    def __init__(self, look_up: Callable[[Store, datetime], T]) -> None:
        self._look_up = look_up
        self._known: tuple[datetime, T | None] | None = None

    def __call__(self, store: Store, now: datetime) -> T | None:
        """What was found lately, or is found now; None where that could not be."""
        if self._known is None or abs(now - self._known[0]) >= SELDOM:
            self._known = now, known(lambda: self._look_up(store, now))
        return self._known[1]


def known(look_up: Callable[[], T]) -> T | None:
    """What is looked up; None where that raises, whatever it raises, for the rest is still told."""
    try:
        return look_up()
    except Exception as wrong:  # noqa: BLE001 - the watch must outlive all that it watches
        # The kind and not the message: databases like to quote the row.
        log.info("cannot be looked up", fault=type(wrong).__name__)
        return None


def kept(settings: Settings) -> Found | None:
    """What the last watch found; None if there was none, or it left nothing sound."""
    with suppress(OSError, ValueError):
        return read(settings.watch_file.read_text(encoding="utf-8"))
    return None


def keep(file: Path, found: Found) -> None:
    """Leave ``found`` in ``file``, whole or not at all; where it cannot be kept, that is told."""
    try:
        _write_whole(file, write(found))
    except OSError as wrong:
        log.warning("what was found cannot be kept", fault=type(wrong).__name__)


def _write_whole(file: Path, text: str) -> None:
    with NamedTemporaryFile("w", dir=file.parent, prefix=".watch-", delete=False) as fresh:
        try:
            fresh.write(text)
            fresh.flush()
            Path(fresh.name).replace(file)
        except OSError:
            Path(fresh.name).unlink()
            raise


def tell(before: Found | None, found: Found) -> None:
    """Log each alarm once when it begins, and once when it ends."""
    stood = before.since if before else {}
    says = {each.alarm.name: each for each in found.standing()}
    for name in [each for each in found.since if each not in stood]:
        told = says[name]
        log.error("alarm", name=name, say=told.say, when=told.alarm.threshold, mend=told.alarm.mend)
    ended = [each.name for each in ALARMS if each.name in stood and each.name not in found.since]
    for name in ended:
        seconds = round((found.at - stood[name]).total_seconds())
        log.info("alarm ended", name=name, stood_seconds=seconds)
