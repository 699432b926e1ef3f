"""What the page Today shows, as values: who rings now, how the day's calls went, who waits.

Figures of the whole line come from what the last watch found; one that is not known is shown as
not known, never as nought and never as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from ivr.alarms import ALARMS, STALE, Found, Standing, standing
from ivr.alarms.figures import Figures
from ivr.callbacks import ENDS, State
from ivr.console.telling import lasted, named
from ivr.log import CallRecord
from ivr.routing import Service
from ivr.store import CameTo

SEEN_AT: Mapping[str, frozenset[str]] = {
    "callbacks": frozenset({"overdue", "needs_a_person", "callback_unanswered"}),
    "trials": frozenset({"probe_failed", "test_call_failed"}),
    "calls": frozenset({"unanswered", "none_answered", "last_resort", "silent"}),
    "tables": frozenset({"wrong_area_jump", "answer_rate_jump", "refused", "not_served"}),
}
"""The page that shows what alarms are about, for whoever has a browser and no terminal."""


@dataclass(frozen=True, slots=True)
class Now:
    """The calls that are going on, by what their callers do."""

    asked: int = 0
    """They are asked something, or hear whom they are put through to."""
    ringing: int = 0
    """A telephone rings for them."""
    picked_up: int = 0
    """A telephone that was rung for them has been picked up."""
    longest: float | None = None
    """Seconds since the longest of those whom nobody has picked up rang in; None for none."""

    @property
    def all(self) -> int:
        """All of them."""
        return self.asked + self.ringing + self.picked_up


@dataclass(frozen=True, slots=True)
class Day:
    """The calls of a day, of one service or of all."""

    answered: int = 0
    abandoned: int = 0
    callback: int = 0
    unanswered: int = 0
    under_way: int = 0
    unknown: int = 0

    @property
    def all(self) -> int:
        """All of them."""
        return sum(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Row:
    """One service's day."""

    code: str
    """Its code; "" for the calls that were offered to none by name."""
    name: str
    day: Day


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The callbacks to which something is still owed."""

    waiting: int
    """All of them."""
    overdue: int
    """Those past their deadline."""
    person: int
    """Those that no machine does anything more for."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alarm that stands, and since when as far as is known."""

    standing: Standing
    since: datetime | None

    @property
    def page(self) -> str:
        """The page that shows what it is about; "" if none does."""
        return next(
            (page for page, names in SEEN_AT.items() if self.standing.alarm.name in names), ""
        )

    @property
    def documents(self) -> list[str]:
        """The documents that it tells whoever mends it to see."""
        return re.findall(r"docs/([a-z0-9-]+)\.md", self.standing.alarm.mend)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what works behind the line, and how it does."""

    name: str
    say: str
    well: bool | None
    """None: not known."""


def going_on(records: Iterable[CallRecord], now: datetime) -> Now:
    """How it stands with the calls of ``records``, all of which are going on."""
    told = [(_stage(each), each.began) for each in records]
    words = [stage for stage, _ in told]
    began = [at for stage, at in told if stage != "picked_up" and at]
    longest = (now - min(began)).total_seconds() if began else None
    return Now(words.count("asked"), words.count("ringing"), words.count("picked_up"), longest)


def _stage(record: CallRecord) -> str:
    """What the caller of ``record`` does, by the last step they came to."""
    last = record.legs[-1] if record.legs else None
    if last is None or last.turn != len(record.steps) - 1:
        return "asked"
    return "picked_up" if last.picked_up and not last.came_to else "ringing"


def day(counted: Mapping[CameTo, int]) -> Day:
    """The day of a service by what was ``counted`` of it."""
    return Day(**{word.value: count for word, count in counted.items()})


def rows(tally: Mapping[str, Mapping[CameTo, int]], services: Mapping[str, Service]) -> list[Row]:
    """The services that were offered a call, by name; last those calls that had none."""
    told = [Row(code, named(code, services), day(counted)) for code, counted in tally.items()]
    return sorted(told, key=lambda row: (not row.code, row.name))


def together(days: Iterable[Row]) -> Day:
    """All the ``days`` as one."""
    every = [row.day for row in days]
    return Day(**{each.name: sum(getattr(day, each.name) for day in every) for each in fields(Day)})


def callbacks(counts: Mapping[State, int], overdue: int) -> Callbacks:
    """How many are open, by how many there are in each state, and how many are ``overdue``."""
    waiting = sum(count for state, count in counts.items() if state not in ENDS)
    return Callbacks(waiting, overdue, counts[State.NEEDS_A_PERSON])


def fresh(found: Found | None, now: datetime) -> Figures:
    """What the last watch found, if that is recent enough to be told as if it were so now."""
    if found is None:
        return Figures()
    watched = max(0.0, (now - found.at).total_seconds())
    if now - found.at > STALE:
        return Figures(watched=watched)
    return replace(found.figures, watched=watched)


def alerts(found: Found | None, now: datetime) -> list[Alert]:
    """The alarms that stand, the gravest first."""
    since = found.since if found else {}
    return [Alert(each, since.get(each.alarm.name)) for each in standing(fresh(found, now), ALARMS)]


def parts(figures: Figures, alerts: Sequence[Alert]) -> list[Part]:
    """How each part does by ``figures``; it is not well while an alarm that is about it stands."""
    stand = {each.standing.alarm.name for each in alerts}
    return [
        Part(name, say or "not known", None if not say else not stand.intersection(about))
        for name, about, say in _parts(figures)
    ]


def _parts(figures: Figures) -> list[tuple[str, frozenset[str], str]]:
    """Each part's name, the alarms that are about it, and what is known of it; "" for nothing."""
    workers = _by_queue(figures.workers)
    return [
        ("The line's web", _WEB, _answers(figures.checks)),
        ("Events waiting to be kept", _EVENTS, _waiting(figures.events, figures.oldest_event)),
        (
            "Promises waiting to be kept",
            _PROMISES,
            _waiting(figures.promises, figures.oldest_promise),
        ),
        ("Events set aside", frozenset({"set_aside"}), _count(figures.aside)),
        ("Events lost in the last hour", frozenset({"unlogged"}), _count(figures.unlogged)),
        ("Database", frozenset({"store_away"}), _answers(figures.store)),
        ("Redis", frozenset({"redis_away"}), _answers(figures.redis)),
        ("Relay's last pass", frozenset({"relay_gone"}), _ago(figures.relayed)),
        ("Workers by queue", frozenset({"worker_gone"}), workers),
        ("Jobs waiting, by queue", frozenset({"events_late"}), _by_queue(figures.jobs)),
        ("Jobs that failed, by queue", frozenset(), _by_queue(figures.failed)),
        ("Callbacks last compared", frozenset({"reconcile_late"}), _ago(figures.reconciled)),
        ("Free on disk", frozenset({"disk_low"}), _bytes(figures.free)),
        ("Last looked at all this", frozenset({"watch_late"}), _ago(figures.watched)),
    ]


_WEB = frozenset({"web_away", "not_served", "refused"})
_EVENTS = frozenset({"events_late"})
_PROMISES = frozenset({"promises_late", "no_promises"})


def _by_queue(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _answers(told: object) -> str:
    """Whether it answers, where that is known; what was asked in vain is false."""
    return "" if told is None else "answers" if told else "does not answer"


def _waiting(count: int | None, oldest: float | None) -> str:
    if not count:
        return _count(count)
    return f"{count:,}, the oldest for {lasted(oldest)}"


def _count(count: int | None) -> str:
    return "" if count is None else f"{count:,}" if count else "none"


def _ago(seconds: float | None) -> str:
    return "" if seconds is None else f"{lasted(seconds)} ago"


def _bytes(count: float | None) -> str:
    return "" if count is None else f"{count / 1024**3:,.1f} GB"
