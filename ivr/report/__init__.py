"""The month's figures, as NHS England publishes them for this very option, told from the call log.

Every call of the month is counted once. What the log does not know is missing from a figure and
told beside it: missing is never nought.
"""

from ivr.report.contracts import Contract, ContractsError, by_service, read_contracts
from ivr.report.items import ITEMS, Item
from ivr.report.month import Month
from ivr.report.report import Report, month_report, report_of
from ivr.report.row import Row
from ivr.report.waits import Clock

__all__ = [
    "ITEMS",
    "Clock",
    "Contract",
    "ContractsError",
    "Item",
    "Month",
    "Report",
    "Row",
    "by_service",
    "month_report",
    "read_contracts",
    "report_of",
]
