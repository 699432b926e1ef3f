"""The page Test calls: whether every route leads where it should, and services answer their own.

In the code a test call is a *trial* (:mod:`ivr.trials`), for pytest takes whatever is named a test
for one.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.console import telling
from ivr.console.means import Means
from ivr.console.pages.tables.changing import said
from ivr.console.pages.trials import doing, shown
from ivr.console.roles import Role, allowed, current_person
from ivr.snapshot import NothingToServe
from ivr.tables import TablesError

Answer = Response | str | tuple[str, int]

STILL = "still"
"""In the address it stops the page from refreshing itself."""
NOTHING = "there is no table here to ring by: see what Today says is wrong"
MADE = "This is a candidate of its own, with that list changed. Nobody is rung until it is live."
HERE = "A table that says just this is here already, as you see it."


def page(means: Means) -> Blueprint:
    """The page, the part of it that is asked for anew, and what may be done there."""
    pages = Blueprint("trials", __name__)
    _seeing(pages, means)
    _doing(pages, means)
    return pages


def _seeing(pages: Blueprint, means: Means) -> None:
    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        return _page(means)

    @pages.get("/live")
    @allowed(Role.VIEWER)
    def live() -> str:
        return render_template("trials/live.html", **_telephones(means))


def _doing(pages: Blueprint, means: Means) -> None:
    @pages.post("/ring")
    @allowed(Role.PUBLISHER)
    def ring() -> Answer:
        service, number = said("service"), said("number")
        try:
            found = doing.ring(means, service, current_person(), number)
        except doing.TrialsError as wrong:
            return _page(means, str(wrong)), 409
        except NothingToServe:
            return _page(means, NOTHING), 409
        if any(new for _, new in found):
            flash(f"{number or service} will be rung within minutes.")
        else:
            flash(f"{number or service} is to be rung already.")
        return redirect(url_for("trials.index"), 303)

    @pages.post("/services")
    @allowed(Role.EDITOR)
    def choose() -> Answer:
        chosen = request.form.getlist("services")
        try:
            made, new = doing.candidate(means, said("live"), chosen, said("why"))
        except TablesError as wrong:
            return _page(means, str(wrong), chosen), 409
        flash(MADE if new else HERE)
        return redirect(url_for("tables.one", id=made.id), 303)


def _page(means: Means, wrong: str = "", chosen: list[str] | None = None) -> str:
    """The page; ``wrong`` is what stood against what was asked, ``chosen`` what was ticked."""
    live = doing.live(means)
    ticked = chosen if chosen is not None else live[1].line.test_calls if live else ()
    return render_template(
        "trials/index.html",
        round=shown.last_round(means),
        live=live[0].id if live else "",
        services=sorted(live[1].services.values(), key=lambda each: each.name) if live else [],
        ticked=ticked,
        choosing=chosen is not None,
        may_choose=current_person().may(Role.EDITOR),
        wrong=wrong,
        why=request.form.get("why", ""),
        **_telephones(means),
    )


def _telephones(means: Means) -> Mapping[str, object]:
    """The telephones of services that the table served here names to be rung."""
    table = shown.served(means)
    items = list(shown.items(means, table)) if table else []
    connected = doing.connected(means)
    return {
        "now": means.clock(),
        "served": table,
        "items": items,
        "under_way": any(each.under_way for each in items),
        "connected": connected,
        "may_ring": connected and current_person().may(Role.PUBLISHER),
        "still": STILL in request.args,
        "by": shown.by,
        "telling": telling,
        "states": shown.STATES,
        "says": shown.SAYS,
    }
