"""What the page shows of a report: tables for everybody, and the charts that are drawn of them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.console.pages.report.asked import EVERYBODY, Asked
from ivr.console.pages.report.beside import (
    ABANDONED,
    RATES,
    WAIT,
    Bar,
    Figures,
    Rate,
    bars,
    drawn,
)
from ivr.report import ITEMS, Contract, Report
from ivr.report.forms import notes
from ivr.report.kpis import Kpis
from ivr.report.measures import MEASURES
from ivr.report.published import Published
from ivr.report.row import MISSING
from ivr.routing import Service

ENGLAND = "England"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its heads, and rows that begin with their own."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, what it says to those who cannot see it, and its figures as a table."""

    name: str
    title: str
    says: str
    drawn: Mapping[str, Any]
    """What the browser draws: the kind, the labels and each series, with None for a gap."""
    table: Grid

    @property
    def height(self) -> str:
        """How tall it is drawn, so that each bar has room: "", ``tall`` or ``taller``."""
        if self.drawn["kind"] != "bar":
            return ""
        return ("", "tall", "taller")[bisect((8, 14), len(self.table.rows) - 1)]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the page shows."""

    known: bool
    """Whether the log has any call of the month."""
    whose: str
    beside: str
    """What it is set beside, in words; "" if nothing is published."""
    rates: Grid
    charts: Sequence[Chart]
    items: Grid
    services: Grid
    meanings: Sequence[tuple[str, str, str]]
    """Each item's id, name and meaning."""
    notes: Sequence[str]


def shown(
    told: Report, asked: Asked, beside: Published | None, services: Mapping[str, Service]
) -> Shown:
    """What is shown of ``told``, the report ``asked`` for, ``beside`` what is published."""
    contracts = {each.contract_code: each for each in told.contracts.values()}
    here = {code: told.figures(code) for code in contracts}
    published = _published(beside)
    groups = bars(contracts.values(), here, published)
    whose = _whose(asked, contracts)
    return Shown(
        told.began is not None,
        whose,
        f"{ENGLAND} as published, {month_words(beside)}" if beside else "",
        _rates(told, asked, published, beside),
        [*_charts(told, groups, beside)],
        _items(told, contracts, here),
        _services(told, services),
        [(each.id, each.name, each.explained(told.clock)) for each in ITEMS.values()],
        [*notes(told)],
    )


def month_words(month: Published | Asked) -> str:
    """A month as people say it: ``December 2025``."""
    return f"{month.month.first:%B %Y}"


def _published(beside: Published | None) -> dict[str, Figures]:
    found: dict[str, dict[str, int | None]] = {}
    for row in beside.rows if beside else ():
        found.setdefault(row.contract.contract_code, {})[row.item.id] = row.value
    return dict(found)


def _whose(asked: Asked, contracts: Mapping[str, Contract]) -> str:
    if asked.of == EVERYBODY:
        return "All services"
    known = contracts.get(asked.of)
    return f"{known.contract_code} {known.contract_name}" if known else asked.of


def _rates(
    told: Report, asked: Asked, published: Mapping[str, Figures], beside: Published | None
) -> Grid:
    """The first table: here, the same services as published, and all of England."""
    columns = {f"This line, {month_words(asked)}": [told.whole()]}
    if beside:
        same = [published[e.contract_code] for e in beside.contracts.values() if asked.among([e])]
        if asked.of != EVERYBODY:
            columns[f"These, as published, {month_words(beside)}"] = same
        columns[f"{ENGLAND}, as published, {month_words(beside)}"] = [*published.values()]
    rows = [[rate.title, *map(rate.shown, columns.values())] for rate in RATES]
    return Grid(["", *columns], rows)


def _charts(told: Report, groups: Sequence[Bar], beside: Published | None) -> Iterator[Chart]:
    days = told.by_day()
    if any(each.received for each in days.values()):
        yield _by_day("wait-days", "Waits by day", days, ("speed_to_answer", "centile_95"))
        yield _by_day("abandoned-days", "Abandoned by day", days, ("abandoned_of_received",))
    if told.began or beside:
        yield _by_group("wait-groups", WAIT, groups, beside)
        yield _by_group("abandoned-groups", ABANDONED, groups, beside)


SERIES = {
    "speed_to_answer": "Mean wait until answered",
    "centile_95": "95th centile of the waits",
    "abandoned_of_received": "Abandoned, of calls received",
}


def _by_day(name: str, title: str, days: Mapping[Any, Kpis], of: Sequence[str]) -> Chart:
    measures = [each for each in MEASURES if each.name in of]
    unit = "%" if "abandoned" in of[0] else "s"
    labels = [f"{day:%-d %b}" for day in days]
    series = [
        {"label": SERIES[e.name], "data": [_as_drawn(e.of(k), unit) for k in days.values()]}
        for e in measures
    ]
    rows = [
        [label, *(e.shown(each) for e in measures)]
        for label, each in zip(labels, days.values(), strict=True)
    ]
    says = f"{title}, a line for each of: {', '.join(SERIES[e.name] for e in measures)}."
    table = Grid(["Day", *(SERIES[each.name] for each in measures)], rows)
    return Chart(name, title, says, _drawn("line", unit, labels, series), table)


def _as_drawn(value: float | None, unit: str) -> float | None:
    return round(value * 100, 1) if value is not None and unit == "%" else value


def _by_group(name: str, rate: Rate, groups: Sequence[Bar], beside: Published | None) -> Chart:
    labels = [each.label for each in groups]
    series = [{"label": "This line", "data": [drawn(rate.of(e.here), rate.unit) for e in groups]}]
    heads = ["", "This line"]
    rows = [[each.label, rate.shown(each.here)] for each in groups]
    if beside:
        published = f"As published, {month_words(beside)}"
        data = [drawn(rate.of(each.published), rate.unit) for each in groups]
        series.append({"label": published, "data": data})
        heads.append(published)
        rows = [[*row, rate.shown(each.published)] for row, each in zip(rows, groups, strict=True)]
    says = f"{rate.title}: a bar for each of {len(groups)}, here and as published."
    return Chart(
        name, rate.title, says, _drawn("bar", rate.unit, labels, series), Grid(heads, rows)
    )


def _drawn(
    kind: str, unit: str, labels: Sequence[str], series: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    return {"kind": kind, "unit": unit, "labels": [*labels], "series": [*series]}


def _items(told: Report, contracts: Mapping[str, Contract], here: Mapping[str, Figures]) -> Grid:
    """The eleven items of each contract, and of all."""
    rows = [
        [f"{code} {each.contract_name}", *map(_figure, here[code].values())]
        for code, each in contracts.items()
    ]
    if len(rows) > 1:
        rows.append(["All together", *map(_figure, told.whole().values())])
    return Grid(["Service", *ITEMS], rows)


def _services(told: Report, services: Mapping[str, Service]) -> Grid:
    """What is measured beside the items, of the services that had any call."""
    rows = [
        [_name(code, services), *(each.shown(kpis) for each in MEASURES)]
        for code, kpis in told.by_service().items()
        if kpis.received or kpis.callbacks
    ]
    return Grid(["Service", *(each.title for each in MEASURES)], rows)


def _name(code: str, services: Mapping[str, Service]) -> str:
    return services[code].name if code in services else code


def _figure(value: int | None) -> str:
    return MISSING if value is None else f"{value:,}"
