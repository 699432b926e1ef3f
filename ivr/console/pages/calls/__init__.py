"""The page Calls: calls found by time, service and outcome, and one call's way through the line.

Never a number and never a postcode; who has looked at one call's way is written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request, url_for

from ivr.console import telling
from ivr.console.means import Means
from ivr.console.pages.calls import asked, shown, timeline
from ivr.console.roles import Role, allowed, current_person
from ivr.console.telling import services
from ivr.events import CALL
from ivr.hours import LONDON
from ivr.routing import Service
from ivr.store import CameTo, Seen
from ivr.store.looking import PAGE

LOOKED_AT = "call looked at"
"""What the audit says of it."""


def page(means: Means) -> Blueprint:
    """The search, and one call."""
    pages = Blueprint("calls", __name__)

    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        return render_template("calls/index.html", **_searched(means, request.args))

    @pages.get("/<call>")
    @allowed(Role.VIEWER)
    def one(call: str) -> str:
        known = CALL.fullmatch(call)
        seen = means.store.looking.one(call, means.clock()) if known else None
        if seen is None:
            abort(404)
        means.audit(current_person().login, LOOKED_AT, seen.record.call)
        return render_template("calls/one.html", **_told(means, seen))

    return pages


def _searched(means: Means, given: Mapping[str, str]) -> Mapping[str, object]:
    now = means.clock()
    told = asked.read(given, now.astimezone(LONDON).date())
    known = services(means)
    found: list[Seen] = []
    if told.wanted:
        after = asked.place(given.get("after", ""))
        found = means.store.looking.search(told.wanted, now, after, PAGE + 1)
    more = found[PAGE - 1].place if len(found) > PAGE else None
    return {
        "telling": telling,
        "asked": told,
        "services": _choices(known, "" if told.wrong.get("service") else told.values["service"]),
        "outcomes": shown.OUTCOMES,
        "lines": [shown.line(each, known) for each in found[:PAGE]],
        "further": "after" in given,
        "first": _address(told.values),
        "older": _address({**told.values, "after": asked.mark(more)}) if more else "",
    }


def _address(values: Mapping[str, str]) -> str:
    """Where the same is looked for again."""
    return f"{url_for('calls.index')}?{urlencode(values)}"


def _choices(known: Mapping[str, Service], chosen: str) -> list[tuple[str, str]]:
    """The services to choose from, by name; one that the table has no more is still told."""
    listed = sorted(((code, each.name) for code, each in known.items()), key=lambda each: each[1])
    if chosen and chosen != asked.NO_SERVICE and chosen not in known:
        listed.append((chosen, chosen))
    return [("", "Any service"), *listed, (asked.NO_SERVICE, "No service by name")]


def _told(means: Means, seen: Seen) -> Mapping[str, object]:
    known, record = services(means), seen.record
    events = means.store.events(record.call)
    entries = timeline.of_events(events, known) if events else timeline.of_record(record, known)
    return {
        "telling": telling,
        "seen": seen,
        "summary": shown.summary(seen, known),
        "entries": timeline.since(entries, record.began or seen.heard),
        "forgotten": not events,
        "lost": "" if seen.came_to is CameTo.UNDER_WAY else shown.lost(record),
    }
