"""Rings once as a probe's caller would, and tells whether the right telephone was answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from secrets import token_hex

from ivr.events import PROBE
from ivr.phone import CALLER, Phone, Told
from ivr.probing.planning import Probe
from ivr.replay.callers import End, Visit, Visitor
from ivr.routing import Table
from ivr.store import Probed

LONGEST = 200
"""Characters of why a probe failed."""


def sid() -> str:
    """A call's name, by which every part of the line knows it for a probe."""
    return PROBE + token_hex(16)[: 34 - len(PROBE)]


def ring(phone: Phone, table: Table, probe: Probe, clock: Callable[[], datetime]) -> Probed:
    """Ring as ``probe`` says, by the ``table`` that the line should serve."""
    began = clock()
    visit = Visit(sid(), began, CALLER, phone.number.number, probe.place, End.ANSWERED, talk=1)
    may = {_first(table, probe.service, began)}
    try:
        told = phone.ring(Visitor(visit), CALLER, began)
    except (KeyError, ValueError, OSError) as wrong:  # asked what no caller of ours is, or nothing
        why = f"the line did not answer as it should: {type(wrong).__name__}"
    else:
        may.add(_first(table, probe.service, clock()))  # a door may have opened meanwhile
        why = _why(told, may, table)
    return Probed(began, probe.route, probe.service, not why, why[:LONGEST])


def _first(table: Table, service: str, at: datetime) -> str:
    """The number that must ring first: of the first that is open, else of the fallback."""
    chain = (*table.ringing(service), *table.ringing(table.line.fallback))
    return next((number.value for code, number in chain if table.is_open(code, at)), "")


def _why(told: Told, may: set[str], table: Table) -> str:
    """Why the call was not as it should be, in words; "" if it was."""
    first = next(iter(told.rung), "")
    if not first:
        return f"nothing rang: {told.verdict}{told.why and f', {told.why}'}"
    if first not in may:
        return f"it rang {_whose(table, first)}"
    return "" if told.reached in may else f"nobody was reached: {told.verdict}"


def _whose(table: Table, number: str) -> str:
    """The service that a number is one of."""
    found = (code for code, each in table.services.items() if number in {n.value for n in each.numbers})  # fmt: skip  # noqa: E501
    return next(found, "a number that is not in the table")
