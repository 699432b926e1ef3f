"""Turns events and records into rows of the store, and rows into what they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, RowMapping

from ivr.events import Event, moment
from ivr.log import CallRecord, Leg, Offer

Values = dict[str, Any]
"""A row's values by column."""

APART = ("caller", "area")
"""The facts that have a column of their own, so that they can be forgotten by themselves."""


EVENT = tuple(each.name for each in fields(Event))


def of_event(event: Event) -> Values:
    """The row of ``event``."""
    return {
        "id": event.id,
        "call": event.call,
        "kind": event.kind,
        "at": event.at,
        **{name: event.facts.get(name) for name in APART},
        "facts": {name: value for name, value in event.facts.items() if name not in APART},
    }


def to_event(row: Row[*tuple[Any, ...]]) -> Event:
    """The event of a row, less what was forgotten of it.

    It was found fit when it was first told. It is not asked again, which would take an eighth of
    the time that keeping a batch takes.
    """
    id_, call, kind, at, caller, area, facts = row
    if caller is not None:
        facts["caller"] = caller
    if area is not None:
        facts["area"] = area
    event = object.__new__(Event)
    for name, value in zip(EVENT, (id_, call, kind, at, MappingProxyType(facts)), strict=True):
        object.__setattr__(event, name, value)
    return event


def of_record(record: CallRecord, events: Sequence[Event]) -> Values:
    """The row of ``record``, which was folded from ``events``."""
    offered, answer = record.offered, record.answer
    return {
        "call": record.call,
        "first_heard": min(event.at for event in events),
        "last_heard": max(event.at for event in events),
        "settled": False,
        "caller_held": any(event.facts.get("caller") is not None for event in events),
        "area_held": any(event.facts.get("area") is not None for event in events),
        "via": record.via,
        "language": record.language,
        "table_version": record.table,
        "caller": record.caller,
        "area": record.area,
        "began": record.began,
        "ended": record.ended,
        "offered_step": offered.step if offered else "",
        "offered_service": offered.service if offered else "",
        "offered": offered.at if offered else None,
        "rang": record.rang,
        "answered_step": answer.step if answer else "",
        "answered_service": answer.service if answer else "",
        "answered": answer.picked_up if answer else None,
        "abandoned_at": record.abandoned_at,
        "abandoned": record.abandoned,
        "callback_booked": record.reached("booked"),
        "questions": record.questions,
        "wrong_area": record.wrong_area,
        "complete": record.complete,
        "rest": _rest(record),
    }


def to_record(row: RowMapping) -> CallRecord:
    """The record of a row, less what was forgotten of it."""
    rest = row["rest"]
    return CallRecord(
        row["call"],
        via=row["via"],
        language=row["language"],
        table=row["table_version"],
        caller=row["caller"],
        area=row["area"],
        began=row["began"],
        ended=row["ended"],
        steps=tuple(rest["steps"]),
        questions=row["questions"],
        wrong_area=row["wrong_area"],
        offers=tuple(
            Offer(turn, step, service, _moment(at)) for turn, step, service, at in rest["offers"]
        ),
        legs=tuple(_leg(each) for each in rest["legs"]),
        abandoned=row["abandoned"],
        abandoned_at=row["abandoned_at"],
        lacks=tuple(rest["lacks"]),
        recovered=rest.get("recovered", False),
    )


def _rest(record: CallRecord) -> Values:
    """What no report asks for by itself."""
    return {
        "steps": record.steps,
        "offers": [[each.turn, each.step, each.service, _text(each.at)] for each in record.offers],
        "legs": [
            {
                "turn": leg.turn,
                "step": leg.step,
                "ring": leg.ring,
                "service": leg.service,
                "began": _text(leg.began),
                "over": _text(leg.over),
                "came_to": leg.came_to,
                "picked_up": _text(leg.picked_up),
                "taken": leg.taken,
                "exact": leg.exact,
            }
            for leg in record.legs
        ],
        "lacks": record.lacks,
        "recovered": record.recovered,
    }


def _leg(told: Values) -> Leg:
    times = {name: _moment(told[name]) for name in ("began", "over", "picked_up")}
    return Leg(**(told | times))


def _text(at: datetime | None) -> str | None:
    return moment(at) if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
