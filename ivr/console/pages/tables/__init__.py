"""The page Tables: the routing table's versions, and each one's way from a file to live and back.

Nothing here changes a version: what is edited becomes a candidate of its own, is checked and
compared, and goes live only when somebody who may publish says so, and why.
"""

from __future__ import annotations

from flask import Blueprint

from ivr.console.means import Means
from ivr.console.pages.tables import changing, editing, seeing
from ivr.console.pages.tables.checks import Checks


def page(means: Means) -> Blueprint:
    """The list, one version, its difference, its sheets, and what may be done with it."""
    pages = Blueprint("tables", __name__)
    checks = Checks(means)
    seeing.join(pages, means, checks)
    changing.join(pages, means, checks)
    editing.join(pages, means, checks)
    return pages
