"""What is looked up for ``/metrics``: the outbox, what is served, and what the last watch found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from ivr.alarms import ALARMS, STALE, Calls, Figures, Found, age, read, since, standing
from ivr.metrics import Shown
from ivr.settings import Settings
from ivr.snapshot import NothingToServe
from ivr.web.switchboard import Switchboard

OUTCOMES = ("answered", "abandoned", "callback", "unanswered", "unknown")


class Shelf:
    """Looks up what the line on ``board`` can tell at once, asking no server for it."""

    def __init__(self, settings: Settings, board: Switchboard) -> None:
        self._board = board
        self._file = settings.watch_file
        self._began = board.now()

    def shown(self) -> Iterator[Shown]:
        """Every figure, those that are not known left out."""
        now = self._board.now()
        yield from self._outbox(now)
        yield from self._served()
        yield from self._watched(now)

    def _outbox(self, now: datetime) -> Iterator[Shown]:
        outbox = self._board.outbox
        yield Shown.of("ivr_outbox_writable", "Whether promises can be kept.", outbox.ready())
        with suppress(Exception):  # whatever is wrong with it: that is shown above
            count, oldest = outbox.depth()
            yield Shown.of("ivr_outbox_events", "Events the store is not known to have.", count)
            yield Shown.of(
                "ivr_outbox_oldest_event_seconds", "How long the oldest waits.", age(oldest, now)
            )
            count, oldest = outbox.standing()
            yield Shown.of("ivr_outbox_promises", "Promises not yet handed on.", count)
            yield Shown.of(
                "ivr_outbox_oldest_promise_seconds", "How long the oldest waits.", age(oldest, now)
            )

    def _served(self) -> Iterator[Shown]:
        refused = self._board.snapshots.refused()
        yield Shown.of("ivr_files_refused", "New files that are not served.", len(refused))
        with suppress(NothingToServe):
            snapshot = self._board.snapshots.current()
            table, directory = snapshot.table.version, snapshot.directory.version
            yield Shown("ivr_table", "The table served.", ("version",), {(table,): 1})
            yield Shown("ivr_directory", "The directory served.", ("version",), {(directory,): 1})

    def _watched(self, now: datetime) -> Iterator[Shown]:
        found = self._found()
        self._began = min(self._began, now)  # not to come, if the clock was set back
        watched = since(now, found.at if found else None, self._began)
        yield Shown.of("ivr_watched_seconds", "Time since the last watch.", watched)
        late = {each.alarm.name for each in standing(Figures(watched=watched), ALARMS)}
        fresh = found if found and abs(now - found.at) <= STALE else None
        if fresh:
            yield from _found(fresh.figures)
        stand = {*late, *(fresh.since if fresh else ())}
        known = {
            each.name: float(each.name in stand)
            for each in ALARMS
            if fresh or each.name == "watch_late"
        }
        yield Shown.by("name", "ivr_alarm", "1 for each alarm that stands.", known)

    def _found(self) -> Found | None:
        """What the last watch found; None if there was none, or not one of ours."""
        with suppress(OSError, ValueError):
            return read(self._file.read_text(encoding="utf-8"))
        return None


def _found(figures: Figures) -> Iterator[Shown]:
    yield Shown.by("state", "ivr_callbacks", "Callbacks by state.", figures.callbacks)
    yield Shown.of("ivr_callbacks_overdue", "Callbacks past their deadline.", figures.overdue)
    yield Shown.of("ivr_reconciled_seconds", "Time since the last comparison.", figures.reconciled)
    yield Shown.of("ivr_compared_seconds", "How far the comparison is behind.", figures.compared)
    yield Shown.of(
        "ivr_calls_recovered", "Calls of a week that rest on Twilio's list.", figures.recovered
    )
    yield Shown.of("ivr_store_answers", "Whether the store answers.", figures.store)
    yield Shown.of("ivr_redis_answers", "Whether Redis answers.", figures.redis)
    yield Shown.of("ivr_disk_free_bytes", "Free on the state folder's disk.", figures.free)
    yield Shown.by("queue", "ivr_workers", "Workers of each queue.", figures.workers)
    yield Shown.by("queue", "ivr_jobs_waiting", "Jobs that wait in each queue.", figures.jobs)
    yield Shown.by("queue", "ivr_jobs_failed", "Jobs of a week that failed.", figures.failed)
    yield Shown.of("ivr_relay_seconds", "Time since the relay's last pass.", figures.relayed)
    yield Shown(
        "ivr_calls_last_hour",
        "Calls of the last hour that are over.",
        ("service", "outcome"),
        dict(_by_outcome(figures.calls or {})),
    )


def _by_outcome(calls: Mapping[str, Calls]) -> Iterator[tuple[tuple[str, ...], float]]:
    for service, each in calls.items():
        for outcome in OUTCOMES:
            yield (service, outcome), float(getattr(each, outcome))
