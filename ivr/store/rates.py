"""Counts, by service, how many calls it was offered, answered, and was said to be wrong for.

And how many calls of all are known from the telephone company's list alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, func, select

from ivr.alarms import LINE, Rate
from ivr.records import OWN_NUMBER
from ivr.store.database import Database
from ivr.store.tables import calls


class Rates:
    """The counts of a store, reached as ``Store.rates``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, since: datetime, until: datetime) -> Mapping[str, Rate]:
        """The counts of the calls first heard of in that time, by the service first offered."""
        own = case((calls.c.answered_service == calls.c.offered_service, 1), else_=0)
        wrong = case((calls.c.wrong_area > 0, 1), else_=0)
        counted = (
            select(calls.c.offered_service, func.count(), func.sum(own), func.sum(wrong))
            .where(calls.c.first_heard >= since, calls.c.first_heard < until)
            .where(calls.c.offered_service != "")
            .group_by(calls.c.offered_service)
        )
        with self._database.reading() as connection:
            rows = connection.execute(counted).all()
        return {service: Rate(count, int(own), int(wrong)) for service, count, own, wrong in rows}

    def reached(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """How many calls first heard of in that time were led to each service; "" counts all calls.

        Those to a service's own number are counted apart: no route of the table leads them there.
        """
        ways = (calls.c.offered_service, calls.c.via)
        counted = (
            select(*ways, func.count())
            .where(calls.c.first_heard >= since, calls.c.first_heard < until)
            .group_by(*ways)
        )
        found: Counter[str] = Counter()
        with self._database.reading() as connection:
            for service, via, count in connection.execute(counted):
                found[LINE] += count
                if service:
                    own = via == OWN_NUMBER
                    found[f"{service} by its own number" if own else service] += count
        return found

    def recovered(self, since: datetime, until: datetime) -> int:
        """How many calls first heard of in that time rest on the telephone company's list."""
        counted = (
            select(func.count())
            .select_from(calls)
            .where(calls.c.first_heard >= since, calls.c.first_heard < until)
            .where(calls.c.rest["recovered"].as_boolean())
        )
        with self._database.reading() as connection:
            return connection.execute(counted).scalar_one()
