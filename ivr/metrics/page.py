"""The page that Prometheus reads: what every program counted, and what was looked up for it."""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from ivr.metrics.meter import Meter
from ivr.metrics.shown import Figures, Shown
from ivr.metrics.slot import FOLDER

TYPE = CONTENT_TYPE_LATEST
"""The page's content type."""


def page(meter: Meter, shown: Iterable[Shown] = ()) -> bytes:
    """The whole page. Raises whatever is wrong with the files that programs share."""
    looked_up = CollectorRegistry()
    looked_up.register(Figures(shown))
    return generate_latest(_counted(meter)) + generate_latest(looked_up)


def _counted(meter: Meter) -> CollectorRegistry:
    """The counts of all programs that share them, or of this one alone."""
    if values.ValueClass is values.MutexValue:
        return meter.registry
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def total(name: str) -> float | None:
    """What all programs together have counted as ``name``; None if they share no counts.

    Raises whatever is wrong with the files that they share.
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return None
    shared = CollectorRegistry()
    MultiProcessCollector(shared, folder)  # type: ignore[no-untyped-call]
    return shared.get_sample_value(name) or 0.0
