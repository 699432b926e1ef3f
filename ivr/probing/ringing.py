"""Rings once as a probe's caller would, and tells whether the right telephone was answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from secrets import token_hex

from ivr.events import PROBE
from ivr.phone import CALLER, Phone, Told
from ivr.probing.caller import Caller
from ivr.probing.planning import Probe
from ivr.routing import Table
from ivr.store import Probed

LONGEST = 200
"""Characters of why a probe failed."""


def sid() -> str:
    """A call's name, by which every part of the line knows it for a probe."""
    return PROBE + token_hex(16)[: 34 - len(PROBE)]


def ring(phone: Phone, table: Table, probe: Probe, clock: Callable[[], datetime]) -> Probed:
    """Ring as ``probe`` says, by the ``table`` that the line should serve."""
    began, people = clock(), Caller(probe)
    may = {_first(table, probe.service, began)}
    try:
        told = _dialling(phone, probe.dialled).ring(people, CALLER, began)
    except (LookupError, ValueError, OSError) as wrong:
        why = f"the line did not answer as it should: {type(wrong).__name__}"
    else:
        may.add(_first(table, probe.service, clock()))  # a door may have opened meanwhile
        why = _why(told, people, may, table)
    return Probed(began, probe.route, probe.service, not why, why[:LONGEST])


def _dialling(phone: Phone, number: str) -> Phone:
    """A telephone that rings ``number`` of the line, or its own if that is ""."""
    return replace(phone, number=replace(phone.number, number=number)) if number else phone


def _first(table: Table, service: str, at: datetime) -> str:
    """The number that must ring first: of the first that is open, else of the fallback."""
    chain = (*table.ringing(service), *table.ringing(table.line.fallback))
    return next((number.value for code, number in chain if table.is_open(code, at)), "")


def _why(told: Told, people: Caller, may: set[str], table: Table) -> str:
    """Why the call was not as it should be, in words; "" if it was."""
    first = next(iter(told.rung), "")
    if first and first not in may:
        return f"it rang {_whose(table, first)}"
    if people.astray:
        return f"its caller was asked something at the step {people.astray!r}, and should not be"
    if not first:
        return f"nothing rang: {told.verdict}{told.why and f', {told.why}'}"
    return "" if told.reached in may else f"nobody was reached: {told.verdict}"


def _whose(table: Table, number: str) -> str:
    """The service that a number is one of."""
    found = (code for code, each in table.services.items() if number in {n.value for n in each.numbers})  # fmt: skip  # noqa: E501
    return next(found, "a number that is not in the table")
