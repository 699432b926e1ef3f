"""The test calls: what probes of every route found, and what came of ringing services' own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marshmallow import Schema

from ivr.api.area import Area, found
from ivr.api.words import Flag, Moment, Text, Whole, many, maybe, one, words
from ivr.console.means import Means
from ivr.console.pages.trials import doing, shown
from ivr.console.roles import Role, current_person
from ivr.trials import Telephone as Known


class Probe(Schema):
    """One way that leads to a service, rung by ourselves: no telephone rings for it."""

    at = Moment()
    route = Text(metadata={"description": "The way, such as a row of routes.csv."})
    service = Text(metadata={"description": "To which it should lead."})
    ok = Flag()
    why = Text(metadata={"description": "What was wrong; empty if nothing was."})


class Probes(Schema):
    """The last round of probes, those that failed first; ``at`` is null where there was none."""

    at = maybe(Moment)
    stale = Flag(metadata={"description": "Whether it is too long ago to tell of now."})
    failed = Whole()
    probes = many(Probe)


class TestCall(Schema):
    """One test call to a telephone of a service."""

    id = Text()
    service = Text()
    place = Whole(metadata={"description": "Which of the service's numbers, from 1."})
    number = Text()
    asked = Moment()
    who = Text()
    state = Text(metadata={"description": ", ".join(shown.STATES)})
    changed = Moment()


class Telephone(Schema):
    """A telephone that the table names to be rung, and how it stands."""

    service = Text(attribute="code")
    place = Whole()
    number = Text()
    open = Flag()
    barred = Text(metadata={"description": "Why it is never rung all the same; or empty."})
    newest = one(TestCall, optional=True)
    due = maybe(Moment, metadata={"description": "From when on it is rung, while it is open."})


class TestCalls(Schema):
    """The telephones that are rung, and the last hundred test calls, the newest first."""

    telephones = many(Telephone)
    test_calls = many(TestCall)


class Ringing(Schema):
    """The service whose telephones are to be rung now: real ones, of people at work."""

    service = words(40)


class Rung(Schema):
    """A telephone, and whether it is to be rung only now or was asked for already."""

    service = Text()
    place = Whole()
    number = Text()
    is_new = Flag()


class RungAll(Schema):
    """Every telephone of the service; it is rung within minutes."""

    telephones = many(Rung)


def areas(means: Means) -> Iterator[Area]:
    """Probes and test calls."""
    area = Area("trials", "Whether every route leads where it should, and services answer.", means)

    @area.get("/probes", Role.VIEWER, Probes)
    def probes() -> Mapping[str, object]:
        """What the last round of probes found."""
        last = shown.last_round(means)
        failed = len(last.failed)
        return {"at": last.at, "stale": last.stale, "failed": failed, "probes": last.found}

    @area.get("/test-calls", Role.VIEWER, TestCalls)
    def test_calls() -> Mapping[str, object]:
        """Services' own telephones that are rung, and what came of it."""
        listed = list(shown.items(means, means.table()))
        return {"telephones": listed, "test_calls": means.store.trials.latest()}

    @area.post("/test-calls", Role.PUBLISHER, RungAll, Ringing, status=202)
    def ring(given: Mapping[str, str]) -> Mapping[str, object]:
        """Have every telephone of a service rung, real ones of people at work."""
        service = given["service"]
        found(service in means.table().services, "service in the table that is served")
        asked = doing.ring(means, service, current_person())
        return {"telephones": [_rung(each, new=new) for each, new in asked]}

    yield area


def _rung(telephone: Known, *, new: bool) -> Mapping[str, object]:
    number = telephone.number.value
    return {
        "service": telephone.service,
        "place": telephone.place,
        "number": number,
        "is_new": new,
    }
