"""Compares the services and the line of two tables: numbers, names, hours, menu."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from ivr.hours import LONDON
from ivr.routing import LineSettings, Service, Table

AHEAD = 400
"""Days for which opening hours are compared: a year, and the holidays about its end."""


SERVICE = "service"
"""What changes where a whole service is new or gone."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about a service, or the line, that differs."""

    service: str
    """Its code; "" for the line itself."""
    what: str
    """Such as ``numbers``."""
    before: str
    after: str
    noticed: bool
    """Whether a caller could notice it."""

    def __str__(self) -> str:
        """One line."""
        if self.what == SERVICE:
            return (
                f"{self.service}: {f'new, {self.after}' if self.after else f'gone, {self.before}'}"
            )
        where = f"{self.service}: " if self.service else "line.toml: "
        return f"{where}{self.what} {self.before or '(none)'} -> {self.after or '(none)'}"


def _numbers(service: Service) -> str:
    return "; ".join(
        f"{each.value} {each.seconds} {'person' if each.person else 'queue'}"
        for each in service.numbers
    )


FIELDS: Mapping[str, tuple[Callable[[Service], str], bool]] = MappingProxyType(
    {
        "name": (lambda service: service.name, False),
        "spoken_name": (lambda service: service.spoken, True),
        "nation": (lambda service: service.nation, False),
        "contract": (lambda service: service.contract, False),
        "organisation": (lambda service: service.organisation, False),
        "numbers": (_numbers, True),
        "take_over": (lambda service: service.take_over, True),
        "own_number": (lambda service: service.own_number, True),
    }
)
"""What may change of a service, and whether callers notice it."""


def _languages(line: LineSettings) -> str:
    return ", ".join(f"{each.code} {each.key}".strip() for each in line.languages)


LINE: Mapping[str, tuple[Callable[[LineSettings], str], bool]] = MappingProxyType(
    {
        "number": (lambda line: line.number, True),
        "caller_id": (lambda line: line.caller_id, True),
        "test_line": (lambda line: "true" if line.test_line else "false", True),
        "notice": (lambda line: line.notice, False),
        "fallback": (lambda line: line.fallback, True),
        "adviser": (lambda line: line.adviser, True),
        "menu": (lambda line: f"{line.adviser_key}, {line.mental_health_key}", True),
        "languages": (_languages, True),
        "limits": (lambda line: f"{line.limits.numbers}, {line.limits.seconds} s", False),
    }
)  # fmt: skip
"""What may change of the line."""


def changes(before: Table, after: Table, first: date) -> Iterator[Change]:
    """Every change, that of hours from the ``first`` day on."""
    for what, (told, noticed) in LINE.items():
        if told(before.line) != told(after.line):
            yield Change("", what, told(before.line), told(after.line), noticed)
    reached = before.reached | after.reached
    for code in sorted(before.services.keys() | after.services.keys()):
        yield from _service(before, after, code, met=code in reached)
        yield from _hours(before, after, code, first)


def _service(before: Table, after: Table, code: str, *, met: bool) -> Iterator[Change]:
    old, new = before.services.get(code), after.services.get(code)
    if old and new:
        for what, (told, noticed) in FIELDS.items():
            if told(old) != told(new):
                yield Change(code, what, told(old), told(new), noticed and met)
    else:
        names = (old.name if old else "", new.name if new else "")
        yield Change(code, SERVICE, *names, noticed=False)


def _hours(before: Table, after: Table, code: str, first: date) -> Iterator[Change]:
    """Whether the hours differ, and on which day first; rows that say the same are no change."""
    if not (code in before.services and code in after.services):
        return
    told = [set(table.hours.get(code, ())) for table in (before, after)]
    nations = {table.services[code].nation for table in (before, after)}
    if told[0] == told[1] and len(nations) == 1 and before.holidays == after.holidays:
        return
    for number in range(-1, AHEAD):
        day = first + timedelta(days=number)
        old, new = (_open(table, code, day) for table in (before, after))
        if old != new:
            yield Change(code, f"hours from {day:%-d %B %Y}", old, new, noticed=True)
            return


def _open(table: Table, code: str, day: date) -> str:
    """The stretches that begin on ``day``, joined where they touch, by the clock in London."""
    joined: list[tuple[datetime, datetime]] = []
    for opens, closes in sorted(set(table.stretches(code, day))):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], closes)
        elif opens < closes:
            joined.append((opens, closes))
    return ", ".join(f"{_clock(opens)} to {_clock(closes)}" for opens, closes in joined) or "closed"


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%H:%M}"
