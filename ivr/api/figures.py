"""How it stands today, which alarms stand, and the month's report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from flask_smorest import abort  # type: ignore[import-untyped]
from marshmallow import Schema, fields

from ivr.api.area import Area
from ivr.api.words import Anything, Counts, Moment, Text, Whole, choice, many, maybe, one
from ivr.console.means import Means
from ivr.console.pages.report import PATIENCE, asked
from ivr.console.pages.report.reckoned import Reckoned, contracts_of
from ivr.console.pages.today import figures
from ivr.console.roles import Role
from ivr.console.telling import midnight, services
from ivr.report import Clock, ContractsError
from ivr.report.forms import as_json
from ivr.watching import kept


class Alert(Schema):
    """An alarm that stands."""

    name = Text()
    say = Text()
    threshold = Text()
    mend = Text()
    since = maybe(Moment)


class Alarms(Schema):
    """The alarms that stand, the gravest first."""

    alarms = many(Alert)
    watched = maybe(Moment, metadata={"description": "When somebody last looked."})


class Row(Schema):
    """The day's calls of one service; ``code`` is empty for those that came to none by name."""

    code = Text()
    name = Text()
    day = Counts()


class Waiting(Schema):
    """The callbacks to which something is owed."""

    waiting = Whole()
    overdue = Whole()
    person = Whole()


class Today(Schema):
    """How it stands now."""

    at = Moment()
    going_on = Anything(metadata={"description": "Calls that go on, by what their callers do."})
    services = many(Row)
    together = Counts()
    callbacks = one(Waiting)
    live = Text()
    served = Text()


class Month(Schema):
    """Which month, whose figures, and when a wait begins."""

    month = fields.String(metadata={"description": "Such as 2027-03; this one if not given."})
    of = fields.String(metadata={"description": "A region, or a contract's code."})
    clock = choice(*(each.value for each in Clock), needed=False)


class Report(Schema):
    """The eleven items by contract, what is measured beside them, and what each means."""

    report = Anything()


def areas(means: Means) -> Iterator[Area]:
    """Today, alarms, report."""
    area = Area("figures", "How it stands, what is the matter, and the report.", means)
    reckoned = Reckoned(means.store, means.clock)

    @area.get("/today", Role.VIEWER, Today)
    def today() -> Mapping[str, object]:
        """How it stands now."""
        return _today(means)

    @area.get("/alarms", Role.VIEWER, Alarms)
    def alarms() -> Mapping[str, object]:
        """The alarms that stand."""
        found = kept(means.settings)
        told = [
            {
                "name": each.standing.alarm.name,
                "say": each.standing.say,
                "threshold": each.standing.alarm.threshold,
                "mend": each.standing.alarm.mend,
                "since": each.since,
            }
            for each in figures.alerts(found, means.clock())
        ]
        return {"alarms": told, "watched": found.at if found else None}

    @area.get("/report", Role.VIEWER, Report, Month)
    def report(given: Mapping[str, str]) -> Mapping[str, object]:
        """The report of a month; 503 while it is still reckoned: ask again."""
        return {"report": _report(means, reckoned, given)}

    yield area


def _today(means: Means) -> Mapping[str, object]:
    now, looking = means.clock(), means.store.looking
    rows = figures.rows(looking.tally(midnight(now), now, now), services(means))
    table, newest = means.snapshots.table, means.store.versions.newest()
    waiting = means.store.callbacks
    return {
        "at": now,
        "going_on": asdict(figures.going_on(looking.under_way(now), now)),
        "services": [asdict(row) for row in rows],
        "together": asdict(figures.together(rows)),
        "callbacks": figures.callbacks(waiting.counts(), waiting.overdue(now)),
        "live": newest.version if newest else "",
        "served": table.version if table else "",
    }


def _report(means: Means, reckoned: Reckoned, given: Mapping[str, str]) -> object:
    try:
        wanted = asked.read(given, means.clock())
    except ValueError as wrong:
        abort(422, message=f"{wrong}")
        raise
    try:
        contracts = contracts_of(means.settings.config_dir, means.table().services)
    except OSError as wrong:
        raise ContractsError(f"contracts.csv cannot be read: {wrong.strerror}") from None
    chosen = {each.contract_code for each in wanted.among(contracts.values())}
    if not chosen:
        abort(404, message="there is no such region or contract")
    told = reckoned.report(wanted.month, wanted.clock, contracts, PATIENCE)
    if told is None:
        abort(503, message="it is being reckoned: ask again", headers={"Retry-After": "5"})
        raise AssertionError  # it has gone by now
    return json.loads(as_json(told.only(chosen) if wanted.of else told, explain=True))
