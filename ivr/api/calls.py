"""The calls: found by time, service and outcome, and one call's way through the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask_smorest import abort  # type: ignore[import-untyped]
from marshmallow import Schema, fields

from ivr.api.area import Area, found, login
from ivr.api.words import Flag, Moment, Text, Whole, choice, many, maybe
from ivr.console.means import Means
from ivr.console.pages.calls import LOOKED_AT, asked, timeline
from ivr.console.roles import Role
from ivr.console.telling import services
from ivr.events import CALL
from ivr.hours import LONDON
from ivr.log import CallRecord
from ivr.report import Clock
from ivr.report.waits import seconds, to_abandonment, to_answer
from ivr.store import CameTo, Seen
from ivr.store.looking import PAGE


class Call(Schema):
    """A call; never who rang, and never from where."""

    call = Text()
    heard = Moment()
    began = maybe(Moment)
    service = Text(metadata={"description": "First offered; empty for none by name."})
    came_to = Text(metadata={"description": ", ".join(CameTo)})
    seconds = maybe(fields.Float)
    waited = maybe(fields.Float, metadata={"description": "Seconds from the first ring."})
    wrong_area = maybe(Whole)
    table = Text()
    complete = Flag()


class CallsTold(Schema):
    """Calls, the newest first; ``after`` asks for the next of them, if there are more."""

    calls = many(Call)
    after = Text()


class Turn(Schema):
    """One thing that happened on a call."""

    at = maybe(Moment)
    title = Text()
    detail = Text()
    kind = Text()


class FullCall(Call):
    """A call, turn by turn."""

    turns = many(Turn)


def _day(says: str) -> fields.String:
    return fields.String(metadata={"description": says})


Wanted = Schema.from_dict(
    {
        "from": _day("The first day, such as 2027-03-01; today if not given."),
        "from_time": _day("From when on that day, such as 14:30."),
        "to": _day("The last day."),
        "to_time": _day("The last minute."),
        "service": _day("A service's code, or - for no service by name."),
        "came_to": choice("", *CameTo, needed=False),
        "after": _day("What the list before told."),
    },
    name="CallsWanted",
)


def areas(means: Means) -> Iterator[Area]:
    """The calls."""
    area = Area("calls", "Calls, without who rang or from where.", means)

    @area.get("/calls", Role.VIEWER, CallsTold, Wanted)
    def listed(given: Mapping[str, str]) -> Mapping[str, object]:
        """Calls of a time; of today unless it is said."""
        return _searched(means, given)

    @area.get("/calls/<call>", Role.VIEWER, FullCall)
    def one(call: str) -> Mapping[str, object]:
        """One call, turn by turn; that somebody looked is written down."""
        known = CALL.fullmatch(call)
        seen: Seen = found(known and means.store.looking.one(call, means.clock()), "call")
        means.audit(login(), LOOKED_AT, seen.record.call)
        return {**_call(seen), "turns": _turns(means, seen.record)}

    yield area


def _searched(means: Means, given: Mapping[str, str]) -> Mapping[str, object]:
    now = means.clock()
    told = asked.read(given, now.astimezone(LONDON).date())
    if told.wanted is None:
        abort(422, errors={"query": {name: [say] for name, say in told.wrong.items()}})
        raise AssertionError  # it has gone by now
    after = asked.place(given.get("after", ""))
    calls = means.store.looking.search(told.wanted, now, after, PAGE + 1)
    more = asked.mark(calls[PAGE - 1].place) if len(calls) > PAGE else ""
    return {"calls": [_call(each) for each in calls[:PAGE]], "after": more}


def _call(seen: Seen) -> dict[str, object]:
    record = seen.record
    return {
        "call": record.call,
        "heard": seen.heard,
        "began": record.began,
        "service": record.offered.service if record.offered else "",
        "came_to": seen.came_to.value,
        "seconds": seconds(record.began, record.ended),
        "waited": _waited(seen),
        "wrong_area": record.wrong_area,
        "table": record.table,
        "complete": record.complete,
    }


def _waited(seen: Seen) -> float | None:
    """From the first ring on, as the report counts."""
    if seen.came_to is CameTo.ANSWERED:
        return to_answer(seen.record, Clock.RINGING)
    rang_off = seen.came_to is CameTo.ABANDONED and seen.record.rang
    return to_abandonment(seen.record, Clock.RINGING) if rang_off else None


def _turns(means: Means, record: CallRecord) -> list[timeline.Entry]:
    known, events = services(means), means.store.events(record.call)
    return timeline.of_events(events, known) if events else timeline.of_record(record, known)
