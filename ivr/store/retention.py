"""How long what is known of a call is kept, and what was forgotten when its time had come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days each thing is kept, at most, after it was last heard of. Each is at least 1.

    Raises ValueError for fewer, or where what is derived would go before what it derives from.
    """

    call_days: int = 396
    """A call's record: thirteen months, so that a month can be told beside the same one a year
    before. Our judgement; the collection that is published is monthly."""
    event_days: int = 35
    """A call's events: while a late one may still come and the month is being reported. After
    that the record stands as it is. Our judgement."""
    pseudonym_days: int = 4
    """What tells that two calls came from one number: NHS 111 deletes what finds a repeat caller,
    the third call in 96 hours, after 96 hours."""
    area_days: int = 1
    """The letters of the postcode area a caller was in: NHS 111 deletes where a mobile was after
    24 hours. The service they were offered is kept with the record."""

    callback_days: int = 396
    """A callback that has ended, with its history: as long as the call it was promised on. One
    that is open is never forgotten. That a number is never to be rung is kept for good."""

    def __post_init__(self) -> None:
        if min(self.pseudonym_days, self.area_days, self.event_days, self.callback_days) < 1:
            raise ValueError("whatever is kept is kept for a day at least")
        if self.call_days < self.event_days:
            raise ValueError("a call's record is kept at least as long as its events")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was forgotten."""

    calls: int = 0
    """Records, with whatever events they had left."""
    events: int = 0
    settled: int = 0
    """Records that will stand as they are, their events being gone."""
    pseudonyms: int = 0
    """Records that lost their caller's pseudonym."""
    areas: int = 0
    """Records that lost their postcode area."""
    callbacks: int = 0
    """Callbacks that had ended, with their history."""
