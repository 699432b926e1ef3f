"""Writes down what came of ringing somebody for a callback, whatever was heard of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from ivr import callbacks
from ivr.callbacks import RULES, Callback, Heard
from ivr.telephony import CallState

if TYPE_CHECKING:
    from ivr.store import Store

WHO = "worker"
"""Who changed a callback, as its history tells it."""

TRIES = 8
"""How often a change is tried that somebody else is always quicker to make."""


class Notes:
    """What is written down in ``store`` of callbacks; each method tells whether it was a change."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def placed(self, claimed: Callback, side: str, sid: str) -> bool:
        """The call that was ``claimed`` is ``sid``."""
        mark = callbacks.marker(claimed)
        return self._write(
            claimed.id,
            f"{side} is rung",
            lambda current, now: callbacks.placed(current, side, sid, now, mark),
        )

    def not_placed(self, claimed: Callback, side: str, why: str) -> bool:
        """The call that was ``claimed`` was certainly never made."""
        mark = callbacks.marker(claimed)
        return self._write(
            claimed.id,
            f"{side} was not rung: {why}",
            lambda current, now: callbacks.not_placed(current, side, now, why, mark),
        )

    def unclear(self, callback: Callback, side: str) -> bool:
        """How the call is doing could not be found out."""
        mark = callbacks.marker(callback)
        return self._write(
            callback.id,
            f"asked after {side}: not known",
            lambda current, now: callbacks.unclear(current, side, now, mark),
        )

    def found(self, callback: Callback, side: str, found: CallState) -> bool:
        """How the call is doing was found out."""
        heard = Heard(side, found.sid, found.status, found.seconds or 0)
        return self._write(
            callback.id,
            f"asked after {side}: {found.status}",
            lambda current, now: callbacks.found(current, heard, now, RULES),
        )

    def let_go(self, callback: Callback, side: str) -> bool:
        """Who waited for nobody was told to end."""
        return self._write(
            callback.id,
            f"lets {side} go",
            lambda current, now: callbacks.let_go(current, side, now),
        )

    def not_let_go(self, callback: Callback) -> bool:
        """The caller who waits for nobody was certainly never told so."""
        return self._write(callback.id, "caller was not let go", callbacks.not_let_go)

    def _write(self, id_: str, what: str, change: Callable[[Callback, datetime], Callback]) -> bool:
        """Make a change to the callback as it now is, though tidings may come in between.

        Whether it was made: False where it was no change.
        """
        for _ in range(TRIES):
            current, now = self._store.callbacks.get(id_), self._clock()
            after = change(current, now) if current else None
            if current is None or after is None or after == current:
                return False
            if self._store.callbacks.change(current, after, what, WHO, now):
                return True
        return False
