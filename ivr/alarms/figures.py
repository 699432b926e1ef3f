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
    """Services that nobody has reached for longer than their own last weeks make likely."""
    failing: tuple[str, ...] | None = None
    """Rows of the table whose newest probe led elsewhere; None where nobody probes."""
    not_taken: tuple[str, ...] | None = None
    """Services' own numbers whose newest test call they did not take, each with why."""
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
    compared: float | None = None
    """Seconds since the hour up to which our log is compared with Twilio's list of calls; None
    where there is no account."""
    recovered: int | None = None
    """Calls of the last week whose beginning or end is known from that list alone."""
    redis: bool | None = None
    """Whether Redis answers."""
    workers: Mapping[str, int] = field(default_factory=dict)
    """How many workers take from each queue, and how many schedulers ("schedule") fill them; {}
    where Redis was not asked, or did not answer."""
    jobs: Mapping[str, int] = field(default_factory=dict)
    """How many jobs wait in each queue."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """How many jobs of each queue failed for good, in the last week at most."""
    relayed: float | None = None
    """Seconds since the relay of this machine made its last pass."""
    directory: float | None = None
    """Days since the end of the month that the directory's postcodes are of."""
    certificate: float | None = None
    """Days until the certificate at the public address expires."""
    watched: float | None = None
    """Seconds since somebody last looked at all this."""
