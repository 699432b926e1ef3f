"""Finds what our log lacks of a call that the telephone company's list of calls has.

What is found becomes events like any other, marked as recovered, so that a call of which every
webhook was lost is still in the log, with what is missing from it named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from ivr.events import STATUS, Event, Fact
from ivr.log import CallRecord


class Listed(Protocol):
    """A call as the company's list has it."""

    @property
    def sid(self) -> str:
        """Its CallSid."""

    @property
    def status(self) -> str:
        """How it ended, in Twilio's words."""

    @property
    def seconds(self) -> int | None:
        """How long it lasted."""

    @property
    def direction(self) -> str:
        """``inbound`` for one that somebody made to us."""

    @property
    def began(self) -> datetime | None:
        """When it began, to the second."""

    @property
    def ended(self) -> datetime | None:
        """When it ended, to the second; None while it lasts."""

    @property
    def to(self) -> str:
        """The number that was dialled, in E.164."""


def lacking(
    listed: Iterable[Listed],
    numbers: Mapping[str, str],
    known: Callable[[str], CallRecord | None],
) -> Iterator[Event]:
    """The events of what is ``listed`` of the calls to our ``numbers`` and is not ``known``.

    ``numbers`` tells of each of the line's numbers how a caller to it comes (``menu`` or
    ``own_number``): an account may have others, which are nobody's business here. Found twice,
    an event is the same; a call that is not over is left until it is.
    """
    for call in listed:
        if call.direction == "inbound" and call.ended and call.to in numbers:
            yield from _lacking(call, numbers[call.to], known(call.sid))


def _lacking(call: Listed, via: str, record: CallRecord | None) -> Iterator[Event]:
    if call.began and not (record and record.began):
        yield _event(call.sid, "began", call.began, {"status": "ringing", "via": via})
    if call.ended and not (record and record.ended):
        told: dict[str, Fact] = {"status": call.status, "seconds": call.seconds}
        yield _event(call.sid, "ended", call.ended, told)


def _event(sid: str, which: str, at: datetime, told: Mapping[str, Fact]) -> Event:
    facts = {name: value for name, value in told.items() if value is not None}
    return Event(f"{sid}-recovered-{which}", sid, STATUS, at, {**facts, "recovered": True})
