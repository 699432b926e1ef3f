"""A report as text: the published CSV, JSON for programs, or a table for a person to read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ivr.report import published
from ivr.report.items import ITEMS
from ivr.report.kpis import Kpis
from ivr.report.measures import MEASURES
from ivr.report.month import day_of
from ivr.report.outcome import Aside
from ivr.report.report import Report
from ivr.report.row import COLUMNS, MISSING, Row, shown
from ivr.report.waits import Clock

ASIDE = {
    Aside.ADVISER: "chose the health adviser",
    Aside.FALLBACK: "went straight to the line that is always open",
    Aside.RANG_OFF: "rang off before any service was offered",
    Aside.UNKNOWN: "are not known to belong to any service",
    Aside.UNDATED: "of about then do not say when they were",
}
"""Why a call belongs to no service, in words that follow a number of calls."""


def as_csv(report: Report) -> str:
    """The published items as the published file has them."""
    return published.write(report.rows()).decode()


def as_json(report: Report, *, explain: bool = False) -> str:
    """The same as JSON, with what is measured of all the calls of the month."""
    told = {
        **_head(report),
        "rows": [_published(row) for row in report.rows()],
        "all_contracts": dict(report.whole()),
        "measures": _measured(report.all()),
    }
    return _dumped(told, report.clock, explain=explain)


def as_table(report: Report) -> str:
    """The same for a person to read: a line for each contract, and what to bear in mind."""
    codes = dict.fromkeys(row.contract.contract_code for row in report.rows())
    lines = {code: report.figures(code) for code in codes}
    if len(lines) > 1:
        lines["all"] = report.whole()
    rows = [[code, *map(shown, figures.values())] for code, figures in lines.items()]
    names = ["name", *(_name(report, code) for code in lines)]
    grid = _grid([["contract", *ITEMS], *rows])
    told = (f"{line}  {name}".rstrip() for line, name in zip(grid, names, strict=True))
    return "\n".join([*told, "", *notes(report), ""])


def measures_csv(by: str, told: Mapping[str, Kpis]) -> str:
    """What is measured, a row for each of ``told``, the first column called ``by``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([by, *(measure.name for measure in MEASURES)])
    for key, each in told.items():
        figures = _measured(each).values()
        writer.writerow([key, *(MISSING if value is None else value for value in figures)])
    return text.getvalue()


def measures_json(
    report: Report, by: str, told: Mapping[str, Kpis], *, explain: bool = False
) -> str:
    """The same as JSON."""
    rows = [{by: key, **_measured(each)} for key, each in told.items()]
    head = _head(report) | {"by": by, "measures": rows}
    return _dumped(head, report.clock, explain=explain)


def measures_table(report: Report, by: str, told: Mapping[str, Kpis]) -> str:
    """The same for a person to read, with all together in the last line."""
    head = [by, *(measure.title for measure in MEASURES)]
    every = {**told, "all": report.all()} if len(told) > 1 else told
    rows = [[key, *(e.shown(each) for e in MEASURES)] for key, each in every.items()]
    return "\n".join([*_grid([head, *rows]), "", *notes(report), ""])


def explained(clock: Clock) -> str:
    """How every figure is counted, by ``clock``."""
    items = [f"{each.id}  {each.name}: {each.explained(clock)}" for each in ITEMS.values()]
    measures = [f"{e.title} ({e.unit}): {e.explained(clock)}" for e in MEASURES]
    return "\n".join(["The published items", *items, "", "Beside them", *measures, ""])


def _name(report: Report, contract: str) -> str:
    names = (e.contract_name for e in report.contracts.values() if e.contract_code == contract)
    return next(names, "")


def _head(report: Report) -> dict[str, Any]:
    first, last = report.began or (None, None)
    return {
        "month": str(report.month),
        "clock": report.clock.value,
        "first_call": first.isoformat() if first else None,
        "last_call": last.isoformat() if last else None,
        "incomplete": report.incomplete,
        "recovered": report.recovered,
        "aside": {each.value: number for each, number in report.aside.items()},
    }


def _published(row: Row) -> dict[str, str | int]:
    """A row by the published columns; a figure that is there is a number."""
    cells = dict[str, str | int](zip(COLUMNS, row.cells(), strict=True))
    return cells if row.value is None else cells | {COLUMNS[-1]: row.value}


def _measured(told: Kpis) -> dict[str, int | float | None]:
    return {measure.name: measure.of(told) for measure in MEASURES}


def _dumped(told: dict[str, Any], clock: Clock, *, explain: bool) -> str:
    if explain:
        meant = {each.id: each.explained(clock) for each in ITEMS.values()}
        told |= {"definitions": meant | {e.name: e.explained(clock) for e in MEASURES}}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def notes(report: Report) -> Iterator[str]:
    """What to bear in mind when reading the figures."""
    yield f"{report.month}. The clock starts at {report.clock.words}."
    if not report.began:
        yield "The log holds no call of that month: nothing is known of it."
        return
    first, last = map(day_of, report.began)
    yield f"The log's calls of the month are from {first} to {last}."
    for why, number in report.aside.items():
        if number:
            yield f"{number} more calls {ASIDE[why]}."
    unlisted = sum(
        len(calls) for code, calls in report.calls.items() if code not in report.contracts
    )
    if unlisted:
        yield f"{unlisted} more calls were offered to services that have no contract."
    yield (
        f"{report.incomplete} records are not complete, {report.recovered} rest on Twilio's list "
        f"of calls; of {report.all().unmeasured} calls the wait is not known."
    )


def _grid(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """``rows`` in columns: the first to the left, and figures to the right."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()
