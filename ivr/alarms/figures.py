"""The figures that alarms are judged by. None is not known, and never nought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of the last hour that are over, of one service or of all."""

    answered: int = 0
    """The caller was put through to somebody."""
    abandoned: int = 0
    """The caller rang off before anybody took the call."""
    callback: int = 0
    """The caller was promised to be rung back."""
    unanswered: int = 0
    """The caller stayed, and nobody took the call."""
    unknown: int = 0
    """Too much was lost to tell."""

    @property
    def over(self) -> int:
        """All of them."""
        return self.answered + self.abandoned + self.callback + self.unanswered + self.unknown


@dataclass(frozen=True, slots=True)
class Check:
    """What ``/ready`` says of one thing: whether it is well, and how to mend it if not."""

    name: str
    ok: bool
    say: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was looked up at one moment."""

    checks: tuple[Check, ...] | None = None
    """What the web says of itself; () if it does not answer, None if it was not asked."""
    events: int | None = None
    """Events in the outbox that the store is not known to have."""
    oldest_event: float | None = None
    """Seconds for which the oldest of them has waited; the like for promises below."""
    promises: int | None = None
    oldest_promise: float | None = None
    aside: int | None = None
    """Files of events that the store will not have."""
    unlogged: int | None = None
    """Events that could not be kept on disk within the last hour."""
    free: float | None = None
    """Bytes that are free on the state folder's disk."""
    store: bool | None = None
    """Whether the store answers; None if there is none yet to ask."""
    calls: Mapping[str, Calls] | None = None
    """The calls of the last hour by service; "" are those of none."""
    last_resorts: int | None = None
    """Calls of the last hour that came to the last resort."""
    silent: tuple[str, ...] | None = None
    """Services that nobody rang for an hour that is busy in other weeks; "" is the whole line."""
    failing: tuple[str, ...] | None = None
    """Rows of the table whose newest probe led elsewhere; None where nobody probes."""
    wrong_areas: tuple[str, ...] | None = None
    """Services of which many more callers than usual say that it is the wrong area."""
    answer_rates: tuple[str, ...] | None = None
    """Services that answer a much smaller share of their calls than usual."""
    callbacks: Mapping[str, int] | None = None
    """How many callbacks there are by state, ends left out."""
    overdue: int | None = None
    """Callbacks that are past their deadline."""
    reconciled: float | None = None
    """Seconds since callbacks were last compared with reality."""
    redis: bool | None = None
    """Whether Redis answers."""
    workers: Mapping[str, int] = field(default_factory=dict)
    """How many workers take from each queue; {} where Redis was not asked, or did not answer."""
    directory: float | None = None
    """Days since the end of the month that the directory's postcodes are of."""
    certificate: float | None = None
    """Days until the certificate at the public address expires."""
    watched: float | None = None
    """Seconds since somebody last looked at all this."""
