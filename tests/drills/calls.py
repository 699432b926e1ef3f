"""Rings a line many times at once, at a steady rate."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle, islice
from queue import SimpleQueue
from time import monotonic, sleep

from ivr.phone import Number, Phone, Told, Verdict, over_http
from ivr.phone.acting import Actors
from ivr.phone.script import read_script
from ivr.phone.telephone import new_sid
from ivr.web.parts import fallback_document
from tests import shipped
from tests.drills.journal import Journal
from tests.drills.line import Line
from tests.machine import CALLERS

AT_ONCE = 12
"""Callers that are on the line at one time, at most."""
HURRY = 1.3
"""Times the planned rate at which callers who are late may ring."""


@dataclass
class Rung:
    """What became of all the calls."""

    journal: Journal
    told: dict[str, Told] = field(default_factory=dict)
    late: float = 0.0
    """Seconds by which a caller rang later than planned, at most: the telephones were too slow."""
    moments: list[float] = field(default_factory=list)
    """When each rang, in seconds."""

    @property
    def pace(self) -> float:
        """Calls a second, from the first to the last."""
        if len(self.moments) <= 1:
            return 0.0
        return (len(self.moments) - 1) / (max(self.moments) - min(self.moments))

    @property
    def left(self) -> Counter[str]:
        """The calls that reached nobody, by what they came to."""
        return Counter(
            f"{told.verdict} {told.why}"
            for told in self.told.values()
            if told.verdict is not Verdict.REACHED
        )


def ring(line: Line, calls: int, rate: float) -> Rung:
    """Ring ``calls`` times, ``rate`` times a second, as callers of every sort."""
    waiting: SimpleQueue[tuple[float, str] | None] = SimpleQueue()
    began = monotonic()
    for count, script in enumerate(islice(cycle(CALLERS.values()), calls)):
        waiting.put((began + count / rate, script))
    with closing(over_http(line.settings.local_url)) as post:
        callers = Callers(line, Journal(post), rate)
        threads = [
            threading.Thread(target=callers.ring_in_turn, args=(waiting,)) for _ in range(AT_ONCE)
        ]
        for each in threads:
            waiting.put(None)
            each.start()
        for each in threads:
            each.join()
    return callers.rung


class Callers:
    """Those who ring ``line``, one after another in each thread, and write it in ``journal``."""

    def __init__(self, line: Line, journal: Journal, rate: float) -> None:
        self.rung = Rung(journal)
        self._apart = 1 / (HURRY * rate)
        self._last = float("-inf")
        self._lock = threading.Lock()
        self._url = line.settings.public_url
        self._token = line.token
        self._fallback = fallback_document(line.settings)

    def ring_in_turn(self, waiting: SimpleQueue[tuple[float, str] | None]) -> None:
        """Ring when each is due, until there are no more."""
        while (next_one := waiting.get()) is not None:
            due, script = next_one
            self._wait(due)
            self._ring(script)

    def _wait(self, due: float) -> None:
        """Wait until a call is due; callers who are late do not all ring in one moment."""
        with self._lock:
            now = monotonic()
            at = self._last = max(due, now, self._last + self._apart)
            self.rung.late = max(self.rung.late, at - due)
            self.rung.moments.append(at)
        sleep(at - now)

    def _ring(self, script: str) -> None:
        acted = read_script(script)
        own = shipped.table().line
        number = Number(
            f"{self._url}/voice",
            acted.number or own.number,
            fallback_twiml=self._fallback,
            status_callback=f"{self._url}/status",
            token=self._token,
            caller_ids=(own.caller_id,),
        )
        sids: list[str] = []

        def sid() -> str:
            sids.append(new_sid())
            return sids[-1]

        told = Phone(self.rung.journal, number, sid).ring(Actors(acted), acted.caller, acted.began)
        self.rung.told[sids[0]] = told  # the first is the caller's own, and the others are legs
