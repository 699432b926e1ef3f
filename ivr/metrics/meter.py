"""The counts that a program keeps while it works, shared with the others if there is a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    values,
)

from ivr.metrics.labels import Known
from ivr.metrics.slot import FOLDER, Slot

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Upper bounds of the classes a turn's time falls in: Twilio gives up after 15 s, and no turn of
ours may take 2."""

TURNS, STEPS, RINGS, HANDINGS = 600, 60, 2_000, 8
"""How many sets of labels each metric may have: thrice what there are today, or more."""

log = structlog.get_logger("ivr.metrics")


class Meter:
    """What one program counts. No method ever raises, whatever is wrong with where it counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._broken = False
        self._turns = self._count("ivr_turns", "Turns answered.", "step", "heard", "reached")
        self._seconds = Histogram(
            "ivr_turn_seconds",
            "How long the answer to a turn took us, in seconds.",
            ["step"],
            registry=self.registry,
            buckets=SECONDS,
        )
        self._last_resorts = self._count(
            "ivr_last_resorts", "Turns that went wrong and were answered with the last resort."
        )
        self._refused = self._count("ivr_refused_requests", "Requests that Twilio did not sign.")
        self._rings = self._count(
            "ivr_rings", "Telephones rung, as Twilio told how it ended.", "service", "ended"
        )
        self._unlogged = self._count("ivr_unlogged_turns", "Events that could not be kept on disk.")
        self._handings = self._count(
            "ivr_relay_handings", "What the relay handed over, and what the store kept.", "how"
        )
        self._known = {
            "turns": Known(TURNS),
            "steps": Known(STEPS),
            "rings": Known(RINGS),
            "handings": Known(HANDINGS),
        }

    def turn(self, step: str, heard: str, reached: str, seconds: float) -> None:
        """A turn was answered, within ``seconds``."""
        with self._harmless():
            self._turns.labels(*self._known["turns"](step, heard, reached)).inc()
            self._seconds.labels(*self._known["steps"](step)).observe(seconds)

    def last_resort(self) -> None:
        """A turn went wrong, and its caller was put through to the fallback."""
        with self._harmless():
            self._last_resorts.inc()

    def refused(self) -> None:
        """A request was refused, for Twilio had not signed it."""
        with self._harmless():
            self._refused.inc()

    def ring(self, service: str, ended: str) -> None:
        """A telephone of ``service`` rang, and it ``ended`` so, in Twilio's word."""
        with self._harmless():
            self._rings.labels(*self._known["rings"](service, ended)).inc()

    def unlogged(self, more: int) -> None:
        """So many ``more`` events could not be kept."""
        with self._harmless():
            self._unlogged.inc(more)

    def handed(self, **done: int) -> None:
        """What a pass of the relay did, and of how many: see :class:`ivr.relay.Handed`."""
        with self._harmless():
            for how, count in done.items():
                if count:
                    self._handings.labels(*self._known["handings"](how)).inc(count)

    def _count(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        """Whatever goes wrong within is told once, by its kind, and costs no caller anything."""
        try:
            yield
        except Exception as wrong:  # noqa: BLE001 - a count is worth nobody's call
            if not self._broken:
                self._broken = True
                log.warning("metrics are broken", fault=type(wrong).__name__)


@cache
def meter() -> Meter:
    """This program's meter. It shares its counts if PROMETHEUS_MULTIPROC_DIR names a folder.

    Where that folder cannot be used it counts for itself alone, and says so.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]
    values.ValueClass = _kept(os.environ.get(FOLDER, ""))
    try:
        return Meter()
    except Exception as wrong:  # noqa: BLE001 - as above
        log.warning("metrics are not shared", fault=type(wrong).__name__)
        values.ValueClass = values.MutexValue
        return Meter()


def _kept(folder: str) -> type:
    """The class of values that are kept in ``folder``, or in this program if there is none."""
    kept: type = values.MutexValue
    if folder:
        try:
            kept = values.MultiProcessValue(Slot(Path(folder)).name)  # type: ignore[no-untyped-call]
        except Exception as wrong:  # noqa: BLE001 - as above
            log.warning("metrics are not shared", fault=type(wrong).__name__)
    return kept
