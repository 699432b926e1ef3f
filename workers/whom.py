"""Whom a callback's calls ring, by the routing table of today, and the addresses they are given."""

from __future__ import annotations

from datetime import datetime

from ivr import numbers
from ivr.callbacks import SERVICE, Callback
from ivr.ringing_back import Back
from ivr.routing import Number, Table


def rings(table: Table, service: str, now: datetime) -> tuple[int, ...]:
    """Which numbers of the chain of ``service`` may be rung ``now``, counted from 1."""
    return tuple(
        place
        for place, (code, number) in enumerate(table.ringing(service), 1)
        if table.is_open(code, now)
        and not numbers.allowed_to_ring(
            number.value, table.line.test_line, table.services[code].nation
        )
    )


def fit(table: Table, service: str, number: str) -> bool:
    """Whether a caller's ``number`` (E.164; "" if it is gone) may be rung for ``service``.

    It was asked when it was promised; the table may have changed since.
    """
    nation = table.services[service].nation if service in table.services else ""
    allowed = bool(number) and numbers.may_ring_back(number, table.line.test_line, nation)
    return allowed and not table.is_ours(number)


def chained(table: Table, callback: Callback) -> Number | None:
    """The number of its service's chain that ``callback`` has come to, if there still is one."""
    chain = table.ringing(callback.service)
    return chain[callback.ring - 1][1] if 1 <= callback.ring <= len(chain) else None


def back(table: Table, callback: Callback, side: str, language: str = "") -> Back:
    """The call of ``side`` that ``callback`` has come to, as its addresses tell it."""
    number = chained(table, callback)
    return Back(
        callback.id,
        side,
        callback.attempt,
        callback.ring,
        callback.service,
        queue=side == SERVICE and number is not None and not number.person,
        language=language,
    )
