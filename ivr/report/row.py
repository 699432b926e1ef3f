"""One row of the published file: one figure of one contract and month."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.report.contracts import Contract
from ivr.report.items import Item
from ivr.report.month import Month

MISSING = "-"
"""How the published file says that a figure is not known; nought is ``0``."""

COLUMNS = (
    "REPORTING_PERIOD_START",
    "REPORTING_PERIOD_END",
    "REGION",
    "ICB_CODE",
    "ICB_NAME",
    "ORG_CODE",
    "ORG_NAME",
    "CONTRACT_CODE",
    "CONTRACT_NAME",
    "METRIC_ID",
    "METRIC_NAME",
    "METRIC_VALUE",
)
"""The columns of the published file."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, and what it is of."""

    month: Month
    contract: Contract
    item: Item
    value: int | None
    """None where it is not known."""

    def cells(self) -> tuple[str, ...]:
        """Its twelve columns, as :data:`COLUMNS` names them."""
        period = (self.month.first.isoformat(), self.month.last.isoformat())
        metric = (self.item.id, self.item.name, shown(self.value))
        return (*period, *self.contract.cells(), *metric)


def shown(value: int | None) -> str:
    """A figure as the published file has it."""
    return MISSING if value is None else str(value)
