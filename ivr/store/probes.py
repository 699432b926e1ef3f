"""Keeps what probes of the table's routes found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from ivr.store.database import Database
from ivr.store.operators import probes

KEPT = timedelta(days=14)
"""How long a probe is kept that failed."""
WELL = timedelta(hours=1)
"""How long one is kept that did not: every host makes some five thousand an hour."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What one probe found."""

    at: datetime
    route: str
    """The row of the table, as an operator knows it."""
    service: str
    """The service that it should lead to."""
    ok: bool
    why: str = ""
    """What was wrong, in words; "" if nothing was."""
    host: str = ""
    """The machine whose line was rung."""


class Probes:
    """The probes of a store, reached as ``Store.probes``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, found: Sequence[Probed]) -> None:
        """Keep a round of probes, and forget what was kept for long enough."""
        if not found:
            return
        rows = [{name: getattr(each, name) for name in Probed.__slots__} for each in found]
        now = max(each.at for each in found)
        well = probes.c.ok & (probes.c.at < now - WELL)
        with self._database.writing() as connection:
            connection.execute(delete(probes).where((probes.c.at < now - KEPT) | well))
            connection.execute(insert(probes).values(rows))

    def newest(self, since: datetime) -> list[Probed]:
        """The newest probe of each route and service that each host has probed ``since``."""
        last = (
            select(func.max(probes.c.position))
            .where(probes.c.at >= since)
            .group_by(probes.c.route, probes.c.service, probes.c.host)
        )
        columns = [probes.c[name] for name in Probed.__slots__]
        wanted = select(*columns).where(probes.c.position.in_(last)).order_by(*_ORDER)
        with self._database.reading() as connection:
            return [Probed(*row) for row in connection.execute(wanted)]


_ORDER = (probes.c.route, probes.c.host)
