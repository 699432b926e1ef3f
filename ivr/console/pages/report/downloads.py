"""The files that a month's figures can be kept in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

from ivr.console.pages.report.asked import EVERYBODY, Asked
from ivr.report import Contract, Report, Row
from ivr.report.forms import as_json, measures_csv
from ivr.report.published import write

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would reckon, and not show."""


@dataclass(frozen=True, slots=True)
class Download:
    """One of them."""

    title: str
    ending: str
    kind: str
    write: Callable[[Report], str]

    def name(self, asked: Asked) -> str:
        """What the file is called."""
        of = asked.of.lower().replace(" ", "-") if asked.of != EVERYBODY else "all"
        return f"press-two-{asked.month}-{of}-{self.ending}"


def _published(report: Report) -> str:
    """The published form, to the letter; but a name is never a formula."""
    return write(_harmless(row) for row in report.rows()).decode()


def _harmless(row: Row) -> Row:
    cells = {each.name: getattr(row.contract, each.name) for each in fields(Contract)}
    safe = {name: f"'{cell}" for name, cell in cells.items() if cell.startswith(FORMULA)}
    return replace(row, contract=replace(row.contract, **safe)) if safe else row


def _json(report: Report) -> str:
    return as_json(report, explain=True)


def _by_service(report: Report) -> str:
    return measures_csv("service", report.by_service())


def _by_day(report: Report) -> str:
    return measures_csv("day", {str(day): each for day, each in report.by_day().items()})


CSV, JSON = "text/csv", "application/json"

DOWNLOADS: Mapping[str, Download] = MappingProxyType(
    {
        "published": Download("The published form (CSV)", "published.csv", CSV, _published),
        "json": Download("The same with every definition (JSON)", "items.json", JSON, _json),
        "services": Download("The measures, by service (CSV)", "services.csv", CSV, _by_service),
        "days": Download("The measures, by day (CSV)", "days.csv", CSV, _by_day),
    }
)
