"""Reads a routing table from its files: all of it sound, or none of it.

``services.csv``, ``routes.csv``, ``hours.csv`` and ``line.toml`` are bytes in, and out comes a
:class:`Table`, or a :class:`TableError` with every mistake (up to 50) by file, row and column.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from ivr.hours import DAY, Opening
from ivr.routing import cells, line, sheet
from ivr.routing.check import Draft
from ivr.routing.mistakes import Mistake, Mistakes
from ivr.routing.sheet import Row, Sheet
from ivr.routing.table import Route, Service, Table

SERVICES = Sheet(
    "services.csv",
    (
        "service",
        "name",
        "spoken_name",
        "nation",
        "contract",
        "organisation",
        "numbers",
        "take_over",
        "own_number",
    ),
    most=2_000,
    signed=("numbers", "own_number"),
)
ROUTES = Sheet(
    "routes.csv",
    ("area_type", "area", "audience", "service", "valid_from", "valid_to", "note"),
    most=60_000,
)
HOURS = Sheet("hours.csv", ("service", "days", "from", "to", "date", "note"), most=10_000)
SHEETS = (SERVICES, ROUTES, HOURS)

FILES = (*(form.file for form in SHEETS), line.FILE)
"""The files of a table."""

NO_DAYS: tuple[frozenset[int], bool] = (frozenset(), False)
NO_HOLIDAYS: Mapping[str, frozenset[date]] = MappingProxyType({})


def read(
    folder: Mapping[str, bytes], holidays: Mapping[str, frozenset[date]] = NO_HOLIDAYS
) -> Table:
    """The table whose files, by name, hold these bytes.

    ``holidays`` are the bank holidays of each division, which no table says. Raises TableError.
    """
    mistakes = Mistakes(FILES)
    for file in FILES:
        if file not in folder:
            allowed = f"the files of a table are {', '.join(FILES)}"
            mistakes.unreadable(file, [Mistake(file, "there is no such file", allowed)])
    rows = {
        form: sheet.read(form, folder[form.file], mistakes) if form.file in folder else []
        for form in SHEETS
    }
    draft = Draft(
        services=[(row, _service(row)) for row in rows[SERVICES]],
        routes=[(row, _route(row)) for row in rows[ROUTES]],
        hours=[(row, _opening(row)) for row in rows[HOURS]],
        whole=SERVICES.file not in mistakes.broken,
        line=line.read(folder[line.FILE], mistakes) if line.FILE in folder else None,
    )
    draft.check()
    mistakes.settle()
    return _table(draft, holidays)


def _table(draft: Draft, holidays: Mapping[str, frozenset[date]]) -> Table:
    """The table that a sound draft says."""
    assert draft.line  # noqa: S101 - a draft without a line is not sound
    line_row, settings = draft.line
    services = {service.code: service for _, service in draft.services}
    hours: defaultdict[str, tuple[Opening, ...]] = defaultdict(tuple)
    for row, opening in draft.hours:
        hours[row.cells["service"]] += (opening,)
    return Table(
        services=MappingProxyType(services),
        routes=tuple(route for _, route in draft.routes),
        hours=MappingProxyType(dict(hours)),
        line=settings,
        version=_version(draft, line_row),
        holidays=holidays,
        own_numbers=MappingProxyType(
            {service.own_number: code for code, service in services.items() if service.own_number}
        ),
    )


def _version(draft: Draft, line_row: Row) -> str:
    """The hash of what the files say, however they are laid out: the order of rows says nothing."""
    sheets = (draft.services, draft.routes, draft.hours)
    said = [sorted(sorted(row.cells.items()) for row, _ in rows) for rows in sheets]
    said.append([sorted(line_row.cells.items())])
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


# -- one row -------------------------------------------------------------------------------


def _service(row: Row) -> Service:
    return Service(
        code=row.need("service", cells.code, ""),
        name=row.need("name", cells.words, ""),
        spoken=row.need("spoken_name", cells.spoken, ""),
        nation=row.need("nation", cells.nation, ""),
        contract=row.may("contract", cells.organisation, ""),
        organisation=row.may("organisation", cells.organisation, ""),
        numbers=row.need("numbers", cells.rung, ()),
        take_over=row.may("take_over", cells.code, ""),
        own_number=row.may("own_number", cells.telephone, ""),
    )


def _route(row: Row) -> Route:
    kind = row.need("area_type", cells.area_type, "")
    return Route(
        area_type=kind,
        area=row.need("area", lambda text: cells.area(kind, text), "") if kind else "",
        audience=row.need("audience", cells.audience, ""),
        service=row.need("service", cells.code, ""),
        valid_from=row.may("valid_from", cells.day, date.min),
        valid_to=row.may("valid_to", cells.day, date.max),
        row=row.number,
    )


def _opening(row: Row) -> Opening:
    """The hours of one row; those of a day that is closed throughout close when they open."""
    row.need("service", cells.code, "")
    weekdays, bank_holiday = row.may("days", cells.days, NO_DAYS)
    day = row.may("date", cells.day, None)
    if bool(row.cells["days"]) == bool(row.cells["date"]):
        row.wrong("days", "stands with a date, or without one and is empty", "days, or else a date")
    if not row.cells["from"] and not row.cells["to"]:
        if weekdays:
            row.wrong("from", "is empty", "times; for a day that is always closed, no row at all")
        return Opening(0, 0, weekdays, bank_holiday, day)
    opens = row.need("from", cells.opens, 0)
    closes = row.need("to", cells.closes, DAY)
    past_midnight = DAY if closes <= opens else 0
    return Opening(opens, closes + past_midnight, weekdays, bank_holiday, day)
