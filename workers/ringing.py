"""Does what is next for one callback: decides, writes it down, and only then has anybody rung.

All that is decided is decided in :mod:`ivr.callbacks`; here it is done. Killed anywhere, what was
written down says what may have been done, and Twilio is asked before it is done again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import structlog

from ivr import callbacks, telephony
from ivr.callbacks import (
    CALLER,
    RULES,
    Ask,
    Become,
    Callback,
    Facts,
    LetGo,
    Ring,
    Seek,
    State,
)
from ivr.ringing_back import SORRY, STATUS, address
from ivr.routing import Table
from ivr.sealing import SealError
from ivr.settings import Settings
from ivr.snapshot import NothingToServe, Outside, Snapshots, read_geography
from ivr.telephony import (
    BusyError,
    CallState,
    RefusedError,
    Telephony,
    UnclearError,
    UnknownOutcomeError,
)
from workers import whom
from workers.means import NotDoneError
from workers.noting import WHO, Notes

if TYPE_CHECKING:
    from ivr.store import Store

STEPS = 12
"""Steps made at one look, at most: a chain of numbers that are all refused, and what follows."""

CALLER_RINGS = 30
"""Seconds for which the caller's telephone rings: six or seven times, and most voicemail answers
then. Our judgement."""

NOT_A_NUMBER = frozenset((13223, 13224, 13225, 21211, 21214, 21215, 21216, 21217, 21401))
"""Twilio's errors that tell of the number rung and not of us: it is none, or may not be rung."""

log = structlog.get_logger("workers.ringing")


@dataclass(frozen=True, slots=True)
class Line:
    """What a line rings people back by."""

    company: Telephony | None
    table: Table
    root: str
    """Where Twilio reaches the line."""


def ringer(settings: Settings, store: Store, clock: Callable[[], datetime]) -> Ringer:
    """Who rings people back for the line of ``settings``, by its table of this moment.

    Raises NotDoneError where there never was a good table.
    """
    company, table = opened(settings)
    if table is None:
        raise NotDoneError("there is no routing table to ring anybody by")
    return Ringer(store, Line(company, table, settings.public_url), clock)


def opened(settings: Settings) -> tuple[Telephony | None, Table | None]:
    """The telephone company and the newest good table of the line of ``settings``, if any."""
    company, snapshots = _opened(settings)
    with suppress(NothingToServe):
        snapshots.current()  # looks whether the files have changed
    return company, snapshots.table


@cache
def _opened(settings: Settings) -> tuple[Telephony | None, Snapshots]:
    """Made once for this program: the pace of its calls is kept in the company."""
    at_once = Outside(begin=lambda look: look())
    holidays = read_geography(settings, at_once).holidays
    return telephony.company(settings), Snapshots(settings, holidays, at_once)


class Ringer:
    """Looks at callbacks in ``store``, and rings whom the ``line`` says."""

    def __init__(self, store: Store, line: Line, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._line = line
        self._clock = clock
        self._notes = Notes(store, clock)

    def look(self, id_: str) -> None:
        """Do what is next for the callback ``id_``, and what is next after that at once.

        Raises whatever the store does where it is away.
        """
        for _ in range(STEPS):
            callback = self._store.callbacks.get(id_)
            if callback is None or not self._step(callback):
                return

    def _step(self, callback: Callback) -> bool:
        """Do one thing; whether to look again at once."""
        now = self._clock()
        step = callbacks.decide(callback, now, RULES, self._facts(callback, now))
        match step:
            case Become(after):
                self._store.callbacks.change(callback, after, _told(callback, after), WHO, now)
                return True
            case Ring(side, ring):
                return self._ring(callback, Ring(side, ring))
            case Ask():
                return self._ask(callback, step)
            case LetGo(side, sid):
                return self._let_go(callback, side, sid)
            case Seek(call):
                return self._seek(callback, call)
            case _:
                return False

    def _facts(self, callback: Callback, now: datetime) -> Facts:
        kept = self._store.callbacks
        try:
            number = kept.number(callback.id)
        except SealError:
            return Facts(rings=(), key=False)
        return Facts(
            rings=whom.rings(self._line.table, callback.service, now),
            fit=whom.fit(self._line.table, callback.service, number),
            may_call=kept.may_call(number),
            rung_lately=kept.rung_lately(number, now),
            rung_last_hour=kept.rung_last_hour(now),
            ahead=kept.ahead(callback),
            company=self._line.company is not None,
        )

    def _ring(self, callback: Callback, step: Ring) -> bool:
        """Write down that somebody will be rung, and ring them if nobody else was quicker."""
        company = self._line.company
        now = self._clock()
        claimed = callbacks.claim(callback, step, now)
        ringing = self._whom(claimed, step.side)
        if company is None or ringing is None:
            return False
        what = f"rings {step.side} {step.ring}"
        if not self._store.callbacks.change(callback, claimed, what, WHO, now):
            return True
        try:
            sid = company.place(ringing).sid
        except (BusyError, RefusedError) as wrong:
            log.warning("not rung", callback=callback.id, side=step.side, error=str(wrong))
            return self._notes.not_placed(claimed, step.side, _why(wrong))
        except UnknownOutcomeError as wrong:
            log.warning("rung perhaps", callback=callback.id, side=step.side, error=str(wrong))
            return False
        self._notes.placed(claimed, step.side, sid)
        return False

    def _whom(self, claimed: Callback, side: str) -> telephony.Ringing | None:
        """The call to place for what was ``claimed``; None if nobody knows any longer to whom."""
        back = whom.back(self._line.table, claimed, side, self._language(claimed, side))
        root, mark = self._line.root, callbacks.marker(claimed)
        to, seconds = self._number(claimed, side)
        if not to:
            return None
        return telephony.Ringing(
            to,
            self._line.table.line.caller_id,
            address(root, back, mark=mark),
            address(root, back, STATUS, mark),
            seconds,
            hears_machines=side == CALLER,
        )

    def _number(self, callback: Callback, side: str) -> tuple[str, int]:
        """Whom to ring and for how many seconds; "" if that is not known any longer."""
        if side == CALLER:
            return self._store.callbacks.number(callback.id), CALLER_RINGS
        number = whom.chained(self._line.table, callback)
        return (number.value, number.seconds) if number else ("", 0)

    def _language(self, callback: Callback, side: str) -> str:
        """The language of the call on which the promise was made; "" if it is not known."""
        record = self._store.call(callback.call) if side == CALLER else None
        return record.language if record else ""

    def _ask(self, callback: Callback, step: Ask) -> bool:
        """Ask how a call is doing of which nothing was heard; whether anything was learned."""
        company = self._line.company
        if company is None:
            return False
        try:
            found = self._asked(company, callback, step)
        except UnclearError as wrong:
            log.warning("not known", callback=callback.id, side=step.side, error=str(wrong))
            return self._notes.unclear(callback, step.side)
        if found:
            return self._notes.found(callback, step.side, found)
        return self._notes.not_placed(callback, step.side, "lost")

    def _asked(self, company: Telephony, callback: Callback, step: Ask) -> CallState | None:
        """How the call is doing; None only if it certainly never was. Raises UnclearError."""
        claimed = callback.placed or callback.changed
        found = company.state(step.sid) if step.sid else company.find(step.marker, claimed)
        if found is None and step.sid:
            raise UnclearError("Twilio once told of the call, and does not know it now")
        if found is None and self._clock() - claimed < RULES.silence:
            raise UnclearError("Twilio's list may not have it yet")
        return found

    def _let_go(self, callback: Callback, side: str, sid: str) -> bool:
        """End a call that waits for nobody; whoever has picked up is told that it does.

        Only one that Twilio says nobody has picked up is ended without a word. Where it is not
        known whether the words are being said, they are tried again later, and not cut off. Those
        for a caller ask for a key, as the first do, for it may be anybody who has picked up; and
        with that key they are put through to others, so it is first written down that it is done.
        """
        company, mark = self._line.company, ""
        if company is None:
            return False
        if side == CALLER:
            now, mark = self._clock(), callbacks.words_marker(callback)
            claimed = callbacks.letting_go(callback, now)
            if not self._store.callbacks.change(callback, claimed, "will let caller go", WHO, now):
                return True
        back = whom.back(self._line.table, callback, side)
        try:
            if not company.say_instead(sid, address(self._line.root, back, SORRY, mark)):
                company.hang_up(sid)
        except UnclearError as wrong:
            log.warning("not let go", callback=callback.id, side=side, error=str(wrong))
            return False
        return self._notes.let_go(callback, side)

    def _seek(self, callback: Callback, call: Ask) -> bool:
        """Find out whether a caller was told that nobody is there; if not, they are to be now."""
        company = self._line.company
        if company is None:
            return False
        try:
            taken = company.was_sent(call.sid, callbacks.words_marker(callback))
        except UnclearError as wrong:
            log.warning("let go perhaps", callback=callback.id, error=str(wrong))
            return self._ask(callback, call)
        if taken:
            return self._notes.let_go(callback, CALLER)
        return self._notes.not_let_go(callback)


def _told(before: Callback, after: Callback) -> str:
    """What has become of a callback by itself, as its history tells it."""
    if after.state is State.CONNECTED:
        return "settled"
    waits = (after.state, after.attempt) == (before.state, before.attempt)
    return "waits: the hour has had its rings" if waits else after.state


def _why(wrong: BusyError | RefusedError) -> str:
    """Why nobody was rung, in a callback's own word."""
    if isinstance(wrong, BusyError):
        return "busy"
    return "refused_number" if wrong.code in NOT_A_NUMBER else "refused"
