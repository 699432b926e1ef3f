"""How often anybody may try to sign in, and why that locks nobody out.

Each address and each login has a few attempts at once and then one a minute. A browser in which
somebody has signed in before holds a mark for that login, and has attempts of its own: whoever
guesses at a login from elsewhere uses up none of those. And a one-time link, which the terminal
prints for any administrator, counts nothing at all.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

AT_ONCE = 8
"""Attempts before anybody has to wait."""

ADDRESS = 30
"""Attempts at once from one address, for many people may share one."""

AGAIN = timedelta(minutes=1)
"""How long it takes until there is one more."""

MOST = 50_000
"""How many logins and addresses are remembered; those not heard of longest are forgotten."""


@dataclass(slots=True)
class Bucket:
    """What is left of the attempts of one."""

    left: float
    at: datetime


class Throttle:
    """Counts the attempts that one console sees. Safe to share between threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, login: str, address: str, mark: str = "") -> bool:
        """Whether somebody at ``address`` may try ``login`` now; it counts as an attempt if so.

        ``mark`` is the browser's own, "" if it has none for that login.
        """
        with self._lock:
            asked = [self._bucket(*which) for which in _which(login, address, mark)]
            if any(bucket.left < 1 for bucket in asked):
                return False
            for bucket in asked:
                bucket.left -= 1
            return True

    def give_back(self, login: str, address: str, mark: str = "") -> None:
        """The attempt was right, and shall not count."""
        with self._lock:
            for kind, name, most in _which(login, address, mark):
                bucket = self._bucket(kind, name, most)
                bucket.left = min(most, bucket.left + 1)

    def _bucket(self, kind: str, name: str, most: int) -> Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault((kind, name), Bucket(most, now))
        self._buckets.move_to_end((kind, name))
        bucket.left = min(float(most), bucket.left + (now - bucket.at) / AGAIN)
        bucket.at = now
        while len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return bucket


def _which(login: str, address: str, mark: str) -> Iterable[tuple[str, str, int]]:
    """The buckets that an attempt is taken from: a kind, a name, and how many it holds."""
    if mark:
        return [("mark", f"{login} {mark}", AT_ONCE)]
    return [("login", login, AT_ONCE), ("address", address, ADDRESS)]
