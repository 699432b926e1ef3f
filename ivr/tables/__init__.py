"""The versions of the routing table, from import to live and back, and the rules between.

A version is known by what it says (:attr:`ivr.routing.Table.version`) and never changes; what is
done with it is written beside it. Who may do what is decided here, and nowhere else.
"""

from ivr.tables.losing import Loss, loss
from ivr.tables.rules import (
    APPROVED_BY_ANOTHER,
    CHANGED,
    FRESH,
    TablesError,
    UnsaidError,
    before,
    counts,
    has_approved,
    may_approve,
    may_publish,
    must_know,
    must_see,
    same,
    state,
    superseded,
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
    "CHANGED",
    "FRESH",
    "INSTALLED",
    "Approval",
    "CheckSummary",
    "Files",
    "Loss",
    "Publication",
    "State",
    "TablesError",
    "UnsaidError",
    "Version",
    "before",
    "counts",
    "has_approved",
    "loss",
    "may_approve",
    "may_publish",
    "must_know",
    "must_see",
    "same",
    "state",
    "superseded",
]
