"""A month's report: its calls, each counted once, and the figures that are told from them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from ivr.callbacks import Callback, State
from ivr.log import CallRecord
from ivr.report.contracts import Contract
from ivr.report.items import ITEMS
from ivr.report.kpis import Kpis, kpis, without_a_log
from ivr.report.month import Month, day_of
from ivr.report.outcome import Aside, Outcome, moment, outcome
from ivr.report.row import Row
from ivr.report.waits import Clock

EARLIER = timedelta(hours=1)
"""How long before its known beginning a call may have been heard of: where turns were lost, or two
machines' clocks disagree. It is never heard of later."""


@dataclass(frozen=True, slots=True)
class Report:
    """The calls of one month, and what they come to."""

    month: Month
    clock: Clock
    contracts: Mapping[str, Contract]
    """The contract of each service that has one, by the service's code, in the order told."""
    calls: Mapping[str, Sequence[Outcome]]
    """The calls of each service they were first offered to."""
    aside: Mapping[Aside, int]
    """How many calls belong to no service, and why."""
    began: tuple[datetime, datetime] | None
    """The first and last moment at which a call of the month began; None if the log has none."""
    incomplete: int
    """Calls of which the log is known to lack something, those that are aside included."""
    recovered: int
    """Calls told by Twilio's list of calls, the line's own tidings lost; likewise."""
    promised: Sequence[Callback] | None = None
    """The callbacks promised in the month; None where nothing is known of callbacks."""

    def only(self, contracts: Collection[str]) -> Report:
        """The same of these ``contracts`` alone, with nothing told of any other call."""
        kept = {code: e for code, e in self.contracts.items() if e.contract_code in contracts}
        calls = {code: calls for code, calls in self.calls.items() if code in kept}
        promised = self.promised and [each for each in self.promised if each.service in kept]
        return replace(
            self,
            contracts=kept,
            calls=calls,
            aside={},
            incomplete=sum(not call.complete for each in calls.values() for call in each),
            recovered=sum(call.recovered for each in calls.values() for call in each),
            promised=promised,
        )

    def rows(self) -> list[Row]:
        """The published rows, in the order of the contracts."""
        every = {each.contract_code: each for each in self.contracts.values()}
        return [
            Row(self.month, contract, ITEMS[item], value)
            for code, contract in every.items()
            for item, value in self.figures(code).items()
        ]

    def figures(self, contract: str) -> Mapping[str, int | None]:
        """The eleven items of ``contract`` by their ids; None where a figure is missing.

        A contract without calls has received none, if the log has any call of the month; if not,
        nothing is known of it. Raises KeyError for a contract that no service has.
        """
        services = [code for code, each in self.contracts.items() if each.contract_code == contract]
        if not services:
            raise KeyError(contract)
        return self.reckon([call for service in services for call in self.calls.get(service, ())])

    def whole(self) -> Mapping[str, int | None]:
        """The eleven items of all contracts together, reckoned from their calls."""
        return self.reckon([call for code in self.contracts for call in self.calls.get(code, ())])

    def reckon(self, calls: Sequence[Outcome]) -> Mapping[str, int | None]:
        """The eleven items of ``calls``."""
        told = {each.id: each.reckon(calls) if self.began else None for each in ITEMS.values()}
        return MappingProxyType(told)

    def by_service(self) -> dict[str, Kpis]:
        """What is measured beside the published items, by service: those with calls or a contract.

        A service without a contract is told too.
        """
        ringing_back = {each.service for each in self.promised or ()}
        services = dict.fromkeys((*self.contracts, *sorted(ringing_back.union(self.calls))))
        return {code: self._kpis(self.calls.get(code, ()), code) for code in services}

    def by_day(self) -> dict[date, Kpis]:
        """The same, of all services, by the day in London.

        Every day is told from the first with a call to the last: one without stands out.
        """
        days: defaultdict[date, list[Outcome]] = defaultdict(list)
        for call in self._every():
            days[call.day].append(call)
        return {day: self._kpis(days[day], day=day) for day in self._days()}

    def all(self) -> Kpis:
        """The same, of all services and days."""
        return self._kpis(self._every())

    def _every(self) -> list[Outcome]:
        return [call for calls in self.calls.values() for call in calls]

    def _days(self) -> Iterator[date]:
        if self.began:
            day, last = map(day_of, self.began)
            while day <= last:
                yield day
                day += timedelta(days=1)

    def _kpis(self, calls: Sequence[Outcome], service: str = "", day: date | None = None) -> Kpis:
        promised = self.promised
        if promised is not None:
            promised = [
                each
                for each in promised
                if service in ("", each.service) and (day is None or day_of(each.asked) == day)
            ]
        return kpis(calls, promised) if self.began else without_a_log(promised)


class Promises(Protocol):
    """What is asked of a log's callbacks."""

    def among(self, states: Collection[State], since: datetime) -> list[Callback]:
        """Those in one of ``states`` that were asked for from ``since`` on."""


class Log(Protocol):
    """What a report is told from: the store."""

    @property
    def callbacks(self) -> Promises:
        """The callbacks that were promised."""

    def calls(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        """The calls first heard of from ``since`` to before ``until``."""


def report_of(log: Log, contracts: Mapping[str, Contract], month: Month, clock: Clock) -> Report:
    """The report of ``month`` from all that ``log`` knows of it."""
    promised = log.callbacks.among(list(State), month.begins)
    calls = log.calls(month.begins - EARLIER, month.ends)
    return month_report(calls, contracts, month, clock, promised=promised)


def _of(
    month: Month, records: Iterable[CallRecord]
) -> Iterator[tuple[datetime | None, CallRecord]]:
    """The records of ``month`` and those that do not say when they were, each with when it was."""
    for record in records:
        at = moment(record)
        if at is None or month.holds(at):
            yield at, record


def month_report(
    records: Iterable[CallRecord],
    contracts: Mapping[str, Contract],
    month: Month,
    clock: Clock = Clock.RINGING,
    *,
    promised: Iterable[Callback] | None = None,
) -> Report:
    """The report of ``month`` from ``records``, those of other months being passed over.

    ``contracts`` are by service (:func:`ivr.report.by_service`). A call is of the month in which
    it began, by the calendar in London; one that does not say when it was is told as undated.
    """
    calls: defaultdict[str, list[Outcome]] = defaultdict(list)
    aside: Counter[Aside] = Counter()
    seen: Counter[str] = Counter()
    began: list[datetime] = []
    for at, record in _of(month, records):
        if at is None:
            aside[Aside.UNDATED] += 1
            continue
        began.append(at)
        seen["incomplete"] += not record.complete
        seen["recovered"] += record.recovered
        told = outcome(record, clock)
        if isinstance(told, Aside):
            aside[told] += 1
        else:
            calls[told.service].append(told)
    kept = None if promised is None else tuple(e for e in promised if month.holds(e.asked))
    return Report(
        month,
        clock,
        contracts,
        MappingProxyType(dict(calls)),
        MappingProxyType({each: aside[each] for each in Aside}),
        (min(began), max(began)) if began else None,
        seen["incomplete"],
        seen["recovered"],
        kept,
    )
