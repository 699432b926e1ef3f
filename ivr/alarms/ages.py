"""How long ago something was, by a clock that may be set back, and differs from host to host."""

from __future__ import annotations

from datetime import datetime, timedelta

SKEW = timedelta(seconds=30)
"""By so much the clocks of two hosts may differ before one's times tell the other nothing."""


def age(at: datetime | None, now: datetime) -> float:
    """Seconds from ``at`` to ``now``, both by this host's clock; none for nothing.

    A time to come is from before the clock was set back, and counts by how far off it is.
    """
    return abs((now - at).total_seconds()) if at else 0.0


def since(now: datetime, *times: datetime | None) -> float | None:
    """Seconds from the latest of ``times`` to ``now``; None if none of them tells anything.

    A time to come, from before a clock was set back, tells nothing.
    """
    told = [at for at in times if at and at - now <= SKEW]
    return max(0.0, (now - max(told)).total_seconds()) if told else None
