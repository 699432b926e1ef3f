"""What the page Test calls shows, as values: the last round of probes, and services' telephones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from ivr import numbers
from ivr.console.means import Means
from ivr.console.telling import when
from ivr.routing import Table
from ivr.snapshot import NothingToServe
from ivr.store import Probed
from ivr.store.probes import KEPT
from ivr.trials import AGAIN, ENDS, MONTH, UNTAKEN, State, Trial
from ivr.watching.stored import DAY, LATELY

LINE = "line"
"""As whom the line itself asks for a test call."""

STATES: Mapping[State, tuple[str, str]] = MappingProxyType(
    {
        State.ASKED: ("Asked for", "blue"),
        State.RINGING: ("Ringing", "aqua-green"),
        State.CONFIRMED: ("Confirmed", "green"),
        State.DENIED: ("Not the service", "red"),
        State.SILENT: ("No key pressed", "orange"),
        State.UNANSWERED: ("Nobody answered", "orange"),
        State.FAILED: ("Not rung", "red"),
        State.LOST: ("Not known", "grey"),
    }
)
"""What each state is called, and the colour of its tag."""

SAYS: Mapping[State, str] = MappingProxyType(
    {
        **UNTAKEN,
        State.ASKED: "it will be rung within minutes, once nobody waits to be rung back",
        State.RINGING: "it is being rung, or was until just now",
        State.CONFIRMED: "whoever answered pressed 1: they are the service",
        State.LOST: "it was never made, or nobody knows what came of it",
    }
)
"""What each state means."""


@dataclass(frozen=True, slots=True)
class Round:
    """The last round of probes."""

    at: datetime | None = None
    """When its last probe was; None where there was none for a fortnight."""
    found: Sequence[Probed] = ()
    """The newest probe of each way, those that failed first, then as they were rung."""
    stale: bool = True
    """Whether it is too long ago to tell how it is now."""

    @property
    def failed(self) -> Sequence[Probed]:
        """Those that led elsewhere, or to nobody."""
        return [each for each in self.found if not each.ok]


@dataclass(frozen=True, slots=True)
class Item:
    """One telephone of a service that the table names to be rung."""

    code: str
    place: int
    number: str
    open: bool
    """Whether its service is open now."""
    barred: str
    """Why it is never rung all the same, in words; "" if it is."""
    newest: Trial | None
    before: Trial | None
    """The last that tells anything, where the newest does not."""
    due: datetime | None
    """From when on the line rings it by itself; None where it does not."""
    following: str
    """The same in words."""

    @property
    def under_way(self) -> bool:
        """Whether it is to be rung, or is being rung."""
        return self.newest is not None and self.newest.state not in ENDS


def last_round(means: Means) -> Round:
    """The last round of probes; what was found so near its end that it is of the same round."""
    now = means.clock()
    for back in (LATELY, DAY, KEPT):
        if found := means.store.probes.newest(now - back):
            last = max(each.at for each in found)
            together = [each for each in found if last - each.at <= LATELY]
            together.sort(key=lambda each: (each.ok, each.at, each.route))
            return Round(last, together, stale=now - last > LATELY)
    return Round()


def served(means: Means) -> Table | None:
    """The table that this machine serves, if there is one."""
    try:
        return means.table()
    except NothingToServe:
        return None


def items(means: Means, table: Table) -> Iterator[Item]:
    """Every telephone that ``table`` names to be rung, with how it stands."""
    now, kept = means.clock(), means.store.trials
    newest = {(each.service, each.number): each for each in kept.newest()}
    telling = {(each.service, each.number): each for each in kept.newest(lost=False)}
    for code in table.line.test_calls:
        for place, number in enumerate(table.services[code].numbers, 1):
            whose = (code, number.value)
            stands = item(table, code, place, now, newest.get(whose))
            lost = stands.newest and stands.newest.state is State.LOST
            yield replace(stands, before=telling.get(whose)) if lost else stands


def item(table: Table, code: str, place: int, now: datetime, newest: Trial | None) -> Item:
    """The telephone at that ``place`` of a service, by its ``newest`` test call."""
    own = table.services[code]
    number = own.numbers[place - 1].value
    barred = numbers.allowed_to_ring(number, table.line.test_line, own.nation)
    due = None if barred else _due(newest, now)
    open_ = table.is_open(code, now)
    following = _following(due, now, open_=open_, always=code not in table.hours)
    return Item(code, place, number, open_, barred or "", newest, None, due, following)


def _due(last: Trial | None, now: datetime) -> datetime | None:
    """From when on it is due by what came of the ``last``, as :func:`ivr.trials.due` has it."""
    if last is None:
        return now
    if last.state not in ENDS:
        return None
    return last.changed + (MONTH if last.state is State.CONFIRMED else AGAIN)


def _following(due: datetime | None, now: datetime, *, open_: bool, always: bool) -> str:
    if due is None:
        return ""
    if due > now:
        return when(due) + ("" if always else ", or once it is open")
    return "within minutes" if open_ else "once it is open"


def by(trial: Trial) -> str:
    """Who asked for a test call, as the page says it."""
    return "the line itself, for it was due" if trial.who == LINE else trial.who
