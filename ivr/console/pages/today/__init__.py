"""The page Today: who rings now, how the day's calls went, who waits, and what is the matter."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request

from ivr.console import telling
from ivr.console.means import Means
from ivr.console.pages import present
from ivr.console.pages.tables.shown import bare
from ivr.console.pages.today import figures
from ivr.console.roles import Role, allowed
from ivr.console.telling import midnight, services
from ivr.watching import kept

STILL = "still"
"""In the address it stops the page from refreshing itself, for whoever reads slowly."""


def page(means: Means) -> Blueprint:
    """The page, and the part of it that is asked for anew every few seconds."""
    pages = Blueprint("today", __name__)

    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        return render_template("today/index.html", still=STILL in request.args, **_gathered(means))

    @pages.get("/live")
    @allowed(Role.VIEWER)
    def live() -> str:
        return render_template("today/live.html", **_gathered(means))

    return pages


def _gathered(means: Means) -> Mapping[str, object]:
    """Everything that is shown, looked up at this moment."""
    now = means.clock()
    found = kept(means.settings)
    looking, callbacks = means.store.looking, means.store.callbacks
    rows = figures.rows(looking.tally(midnight(now), now, now), services(means))
    alerts = figures.alerts(found, now)
    return {
        "now": now,
        "telling": telling,
        "going_on": figures.going_on(looking.under_way(now), now),
        "rows": rows,
        "together": figures.together(rows),
        "callbacks": figures.callbacks(callbacks.counts(), callbacks.overdue(now)),
        "alerts": alerts,
        "parts": figures.parts(figures.fresh(found, now), alerts),
        "published": means.store.versions.newest(),
        "served": _served(means),
        "bare": bare(means),
        "refused": means.snapshots.refused(),
        "pages": present(),
    }


def _served(means: Means) -> str:
    """The version of the table that this machine serves; "" if it has none."""
    table = means.snapshots.table
    return table.version if table else ""
