"""Counts, by service, how many calls it was offered, answered, and was said to be wrong for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, func, select

from ivr.alarms import Rate
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
