"""Finds when a service and all who take over from it are closed, and callers find nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from ivr.checking.finding import GAP, Finding
from ivr.checking.ground import Ground, Run, midnight
from ivr.hours import LONDON
from ivr.routing import Geography, Table
from ivr.routing.districts import where

Stretch = tuple[datetime, datetime]
"""From an instant up to another, in UTC."""

TOLD = 3
"""How many stretches are told one by one."""

HOUR = 3600


def closed(ground: Ground, runs: Sequence[Run], geography: Geography) -> Iterator[Finding]:
    """A finding for each service with hours in which neither it nor a take-over answers."""
    routed = _routed(runs)
    led_to = _led(ground.table)
    for service in ground.table.services:
        days = routed.get(service, {})
        led = service in led_to
        shut = shut_of(ground.table, service, (ground.first, ground.last)) if days or led else []
        met = [(each, found) for each in shut if (found := _patches(each, days)) or led]
        if met:
            numbers = {number for _, found in met for number in found}
            yield _finding(ground, service, [each for each, _ in met], numbers, geography)


def _routed(runs: Sequence[Run]) -> dict[str, dict[tuple[date, date], set[int]]]:
    """The patches of each service, by the days they are its own."""
    routed: defaultdict[str, dict[tuple[date, date], set[int]]] = defaultdict(dict)
    for run in runs:
        for (number, _), route in run.routes.items():
            if route:
                routed[route.service].setdefault((run.first, run.last), set()).add(number)
    return routed


def _led(table: Table) -> set[str]:
    """The services callers come to without a place: the adviser, and by numbers of their own."""
    return {table.line.adviser, *table.own_numbers.values()}


def _patches(shut: Stretch, days: Mapping[tuple[date, date], set[int]]) -> set[int]:
    """The patches whose callers meet a stretch of closure."""
    begins, ends = shut
    return {
        number
        for (first, last), numbers in days.items()
        if begins < midnight(last + timedelta(days=1)) and midnight(first) < ends
        for number in numbers
    }


def shut_of(table: Table, service: str, days: tuple[date, date]) -> list[Stretch]:
    """When neither ``service`` nor who takes over is open, from the first day to the last."""
    first, last = days
    chain = table.chain(service)
    if any(code not in table.hours for code in chain) or table.line.fallback in chain:
        return []
    opened = sorted(
        stretch
        for code in chain
        for number in range(-1, (last - first).days + 1)
        for stretch in set(table.stretches(code, first + timedelta(days=number)))
    )
    return list(_between(opened, (midnight(first), midnight(last + timedelta(days=1)))))


def _between(opened: Iterable[Stretch], whole: Stretch) -> Iterator[Stretch]:
    """What ``opened``, in order of beginning, leaves of the whole."""
    at, end = whole
    for opens, closes in opened:
        if at < opens:
            yield at, min(opens, end)
        at = max(at, closes)
        if at >= end:
            return
    if at < end:
        yield at, end


def _finding(
    ground: Ground, service: str, shut: Sequence[Stretch], numbers: set[int], geography: Geography
) -> Finding:
    place = where(ground.told_cells(sorted(numbers)), geography.post_towns)
    table = ground.table
    known = table.services[service]
    others = " and who takes over" if known.take_over else ""
    whom = f"; {place}" if numbers else ""
    return Finding(
        kind="closed",
        weight=GAP,
        title=f"{service}{others} closed {_times(shut)}{whom}",
        postcodes=place.postcodes,
        examples=place.examples,
        mend=f"widen the hours in hours.csv, or name in services.csv a take_over that is open then;"
        f" until then those callers ring {table.line.fallback}",
        service=service,
        districts=place.districts,
    )


def _times(shut: Sequence[Stretch]) -> str:
    hours = sum((ends - begins).total_seconds() for begins, ends in shut) / HOUR
    told = ", ".join(_time(each) for each in shut[:TOLD])
    more = f" and {len(shut) - TOLD} times more" if len(shut) > TOLD else ""
    return f"for {hours:,.4g} hours: {told}{more}"


def _time(shut: Stretch) -> str:
    begins, ends = (each.astimezone(LONDON) for each in shut)
    same = begins.date() == ends.date()
    return f"{begins:%a %-d %b %H:%M} to {ends:{'%H:%M' if same else '%a %-d %b %H:%M'}}"
