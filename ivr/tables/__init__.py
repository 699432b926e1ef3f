"""The versions of the routing table, from import to live and back, and the rules between.

A version is known by what it says (:attr:`ivr.routing.Table.version`) and never changes; what is
done with it is written beside it. Who may do what is decided here, and nowhere else.
"""

from ivr.tables.rules import (
    APPROVED_BY_ANOTHER,
    FRESH,
    TablesError,
    before,
    may_approve,
    may_publish,
    state,
)
from ivr.tables.version import (
    INSTALLED,
    Approval,
    CheckSummary,
    Files,
    Publication,
    State,
    Version,
)

__all__ = [
    "APPROVED_BY_ANOTHER",
    "FRESH",
    "INSTALLED",
    "Approval",
    "CheckSummary",
    "Files",
    "Publication",
    "State",
    "TablesError",
    "Version",
    "before",
    "may_approve",
    "may_publish",
    "state",
]
