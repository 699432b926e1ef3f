"""What a step of the call may consult: the table, the map, the words, and the time it is.

All of it is in memory and none of it is remembered from one turn to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.call import Call, Heard
from ivr.prompts import Catalogue
from ivr.routing import Number, Table
from ivr.whereabouts import Ladder

CLEAR = 0.4
"""The recogniser's trust (0 to 1) below which what it heard counts as not heard."""


@dataclass(frozen=True, slots=True)
class World:
    """The world at one turn of one call."""

    table: Table
    whereabouts: Ladder
    catalogues: Mapping[str, Catalogue]
    now: datetime
    caller: str = ""
    """The number the caller rings from, in E.164; "" if it is withheld."""
    dialled: str = ""
    """The number the caller dialled, in E.164."""
    can_promise: Callable[[], bool] = lambda: True
    """Whether a promise to ring back could be kept on disk just now; asked only where it counts,
    for it may wait for the disk."""

    @property
    def local(self) -> str:
        """The service whose own number was dialled, or ""."""
        return self.table.own_numbers.get(self.dialled, "")

    def words(self, call: Call) -> Catalogue:
        """What is said in the call's language, or in the line's first if there is no such one."""
        return self.catalogues.get(call.language) or next(iter(self.catalogues.values()))

    def chosen(self, call: Call, heard: Heard, keys: Mapping[str, str]) -> str:
        """What an answer means, of what each key (or its words) may mean; "" if it is not clear.

        ``keys`` maps a key to the name of a meaning under ``[words]`` in the catalogue, those
        first that count first when several are said.
        """
        pressed = self.pressed(call, heard)
        return keys.get(pressed, "") if pressed else self.meant(call, heard, *keys.values())

    def pressed(self, call: Call, heard: Heard) -> str:
        """The keys pressed, or the one key that was named ("two") and nothing else said."""
        clear = heard.confidence >= CLEAR
        return heard.digits or (self.words(call).key(heard.speech) if clear else "")

    def meant(self, call: Call, heard: Heard, *meanings: str) -> str:
        """Which of ``meanings`` was said clearly enough, or ""."""
        if heard.confidence < CLEAR:
            return ""
        return self.words(call).means(heard.speech, *meanings)

    def spoken(self, service: str) -> str:
        """A service's name as a caller hears it."""
        return self.table.services[service].spoken

    def open_number(self, service: str, after: int) -> int:
        """The next number to ring for ``service``, counted from 1, or 0 when there is none.

        ``after`` is the one that rang last. Numbers are counted over the whole chain of those
        who take over, open or not, so that the count means the same at every turn.
        """
        chain = self.table.ringing(service)
        for count, (owner, _) in enumerate(chain[after:], start=after + 1):
            if self.table.is_open(owner, self.now):
                return count
        return 0

    def answering(self, service: str) -> str:
        """The service that rings first for ``service``: itself, who takes over, or the fallback."""
        ring = self.open_number(service, after=0)
        return self.table.ringing(service)[ring - 1][0] if ring else self.table.line.fallback

    def number(self, service: str, ring: int) -> Number:
        """The number counted ``ring`` (from 1) in the chain of ``service``."""
        return self.table.ringing(service)[ring - 1][1]
