"""Gathers, for each turn, the world its steps may consult, and keeps what they promise.

All that a caller needs is here in memory: the directory, the tables still in use, the words. The
only thing a turn waits for is the disk, and only where a promise is to be kept on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from urllib.parse import urlencode
from uuid import uuid4

from ivr import numbers, routing, twiml
from ivr.call import Call, Line, Ring, line
from ivr.hours import LONDON
from ivr.outbox import Outbox, Promise
from ivr.prompts import Catalogue
from ivr.routing import Geography, Table
from ivr.snapshot import NothingToServe, Snapshot, Snapshots
from ivr.whereabouts import Whereabouts
from ivr.world import World

_OURS = re.compile(r"\+44\d{9,10}")
_SHOWN = "+44" + "0" * 10
"""What stands in a document for the number of ours that a caller dialled."""

_CALL = re.compile(r"CA[0-9a-f]{32}")


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """Where and when the line is: what differs between one machine and another."""

    root: str
    """The path the line is mounted under: "" or such as "/press-two"."""
    fallback: str
    """The number rung when no table was ever to be had, in E.164."""
    clock: Callable[[], datetime]
    """The time now, with its zone."""
    pseudonym: Callable[[str, str], str]
    """The name by which a number is known for a purpose, as :meth:`ivr.sealing.Seal.pseudonym`."""
    rings_back: bool = False
    """Whether there is an account at a telephone company, to ring people back with."""


class Switchboard:
    """What one process of the line knows, and the outbox it keeps promises in."""

    def __init__(
        self,
        snapshots: Snapshots,
        catalogues: Mapping[str, Catalogue],
        geography: Geography,
        outbox: Outbox,
        site: Site,
    ) -> None:
        self.root = site.root
        aloud = numbers.aloud(site.fallback)
        self._last_resort = ""
        self._withheld = twiml.last_resort(site.fallback, aloud)
        self._shown = twiml.last_resort(site.fallback, aloud, _SHOWN)
        self.now = site.clock
        self._pseudonym = site.pseudonym
        self._rings_back = site.rings_back
        self.catalogues = catalogues
        self.outbox = outbox
        self.snapshots = snapshots
        self.geography = geography
        self._whereabouts = lru_cache(maxsize=16)(self._look_about)

    def world(self, caller: str, dialled: str, version: str = "") -> World:
        """The world for one turn of a call that began with table ``version`` (the newest if "").

        ``caller`` and ``dialled`` are the numbers as Twilio gives them.
        """
        snapshot = self.snapshots.version(version) if version else self.snapshots.current()
        now = self.now()
        return World(
            snapshot.table,
            self._whereabouts(snapshot, now.astimezone(LONDON).date()),
            self.catalogues,
            now,
            caller=numbers.from_caller(caller),
            dialled=numbers.from_caller(dialled),
            can_promise=self._promises(snapshot.table),
        )

    def last_resort(self, dialled: str = "") -> str:
        """The TwiML that rings the fallback and needs nothing more of ours, ready made.

        Where there was never a table to say what number of ours to show, the one that was
        ``dialled`` is shown, for it is ours, and a withheld one would be refused.
        """
        if self._last_resort:
            return self._last_resort
        ours = _OURS.fullmatch(dialled)
        return self._shown.replace(_SHOWN, dialled) if ours else self._withheld

    def _look_about(self, snapshot: Snapshot, day: date) -> Whereabouts:
        self._last_resort = _last_resort(self.snapshots.current().table)
        answers = routing.compile(snapshot.table, snapshot.directory, day)
        return Whereabouts(snapshot.directory, answers, self.geography)

    def rings_back(self, table: Table) -> bool:
        """Whether those who ask to be rung back can be: by an account, or on a test line."""
        return self._rings_back or table.line.test_line

    def _promises(self, table: Table) -> Callable[[], bool]:
        """Asks whether a callback may be promised: never where nobody can be rung back."""
        return self.outbox.ready if self.rings_back(table) else _never

    def script(self, language: str) -> twiml.Script:
        """How replies are spoken in ``language``, or in the line's first if it has no such one."""
        known = language if language in self.catalogues else next(iter(self.catalogues))
        return twiml.Script(known, self.catalogues)

    def spoken(self, service: str) -> str:
        """A service's name as it is spoken, by the newest table; "" if it is not known there."""
        try:
            found = self.snapshots.current().table.services.get(service)
        except NothingToServe:
            return ""
        return found.spoken if found else ""

    def keep(self, call_sid: str, call: Call) -> bool:
        """Whether the promise to ring back is now on disk; one to a call, however often asked."""
        name = f"callback-{self.call_name(call_sid)}"
        promise = Promise(name, "callback", call.service, call.ring_back, self.now())
        return self.outbox.accept(promise)

    def call_name(self, call_sid: str) -> str:
        """What a call is known by: its CallSid, or x and 32 hexadecimal digits if that is odd."""
        if _CALL.fullmatch(call_sid):
            return call_sid
        return "x" + (self._pseudonym(call_sid, "call") or uuid4().hex)

    def caller_name(self, number: str) -> str:
        """What a caller is known by who rings from ``number`` (E.164); "" if it is withheld."""
        return self._pseudonym(number, "caller")

    def whispered(self, area: str, language: str, *, crisis: bool) -> tuple[Line, ...]:
        """What whoever answers is told: what call this is, where from, and in which language."""
        town = self.geography.post_towns.get(area)
        where = line("whisper", town=town) if town else line("whisper_unknown")
        told = where if crisis else line("whisper_adviser")
        first = next(iter(self.catalogues))
        if language in {"", first} or language not in self.catalogues:
            return (told,)
        return (told, line("whisper_language", language=self.catalogues[language].name))

    def whisper_address(self, call: Call, ring: Ring) -> str:
        """Where Twilio asks what to whisper to whoever answers."""
        known = {
            "area": ring.area,
            "language": call.language,
            "accept": "1" if ring.person else "",
            "for": "" if ring.crisis else "adviser",
        }
        query = urlencode({name: value for name, value in known.items() if value})
        return f"{self.root}/voice/whisper?{query}"

    def status_address(self, call: Call, world: World) -> str:
        """Where Twilio tells how the telephone that a call now rings is doing: whose it is."""
        at_fallback = call.step == "fallback"
        service = world.table.line.fallback if at_fallback else call.service
        owner, _ = world.table.ringing(service)[call.ring - 1]
        query = urlencode({"service": owner, "ring": call.ring, "turn": call.turn})
        return f"{self.root}/status/leg?{query}"

    def caller_id(self, world: World) -> str:
        """The number a service is shown: the caller's, or ours where theirs would be refused.

        UK freephone lines refuse calls that do not come from a valid UK number.
        """
        of_the_line = world.table.line
        valid = numbers.valid_uk_caller_id(world.caller, of_the_line.test_line)
        return world.caller if valid else of_the_line.caller_id


def _never() -> bool:
    return False


def _last_resort(table: Table) -> str:
    number = table.fallback_number
    return twiml.last_resort(number, numbers.aloud(number), table.line.caller_id)
