"""Makes of a service's plan its calls: when each begins, from which number, and where from.

The same plan gives the same calls, named alike, so that one that was rung before is known again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from random import Random

from ivr.replay.callers import End, Visit
from ivr.replay.places import Place
from ivr.replay.plan import Plan
from ivr.replay.waits import LONGEST
from ivr.report import Month
from ivr.routing import Service

CALLER = "+447700900{:03}"
"""Mobile numbers kept for drama: a thousand callers share them."""

LONG = 4_500
"""Seconds after which a wait needs so many rings that no question may have come before it."""

SHORTEST_TALK, LONGEST_TALK = 60, 1_200
"""Seconds: how long calls take once answered is not published."""


def visits(
    plan: Plan, service: Service, month: Month, line_number: str, places: Sequence[Place]
) -> Iterator[Visit]:
    """The calls of ``service`` in ``month``, in no order; ``places`` are those that lead to it.

    The longest waits are had by those who are asked nothing, as far as there are any.
    """
    named = sha256(f"{month} {service.contract} {plan}".encode()).hexdigest()
    chance = Random(named)  # noqa: S311 - the same callers each time
    ends = [(End.UNANSWERED, 0)] * plan.unanswered
    ends += [(End.ANSWERED, wait) for wait in plan.answered]
    ends += [(End.ABANDONED, wait) for wait in plan.abandoned]
    chance.shuffle(ends)
    ends.sort(key=lambda end: end[1] > LONG)
    last = (month.ends - month.begins - timedelta(seconds=2 * LONGEST)).total_seconds()
    plain = [place for place in places if place.plain] or places
    for count, (end, wait) in enumerate(ends):
        asked = chance.choice(plain if wait > LONG else places) if count < plan.by_menu else None
        yield Visit(
            "CA" + sha256(f"{named} {count}".encode()).hexdigest()[:32],
            month.begins + timedelta(seconds=chance.uniform(0, last)),
            CALLER.format(chance.randrange(1000)),
            line_number if asked else service.own_number,
            asked,
            end,
            wait,
            talk=chance.randint(SHORTEST_TALK, LONGEST_TALK),
            rings_off=chance.random() < 0.5,  # noqa: PLR2004 - either as likely
        )
