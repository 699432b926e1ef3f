"""What a callback becomes once the telephone company has answered what we asked of it."""

from __future__ import annotations

from datetime import datetime

from ivr.callbacks.callback import (
    CALLER,
    RINGING,
    RULES,
    SERVICE,
    Callback,
    State,
    changed,
    marker,
    needs_a_person,
)

AGAIN = frozenset({"busy", "lost"})
"""Why nothing was rung, though the same may be tried again: the telephone company took no more
calls just then, or never had ours."""


def placed(callback: Callback, side: str, sid: str, now: datetime, of: str = "") -> Callback:
    """``callback`` once the telephone company has told which call (``sid``) rings ``side``.

    As it was, if it has moved on: to another side or, where ``of`` is the marker of the call that
    was placed, to another ring.
    """
    if not _awaits(callback, side, of) or _sid(callback, side) == sid:
        return callback
    silent = (callback.placed or now) + RULES.silence
    due = max(callback.due or silent, silent)
    return changed(callback, due=due, **{f"{side}_call": sid})


def not_placed(callback: Callback, side: str, now: datetime, why: str, of: str = "") -> Callback:
    """``callback`` once it is certain that the call it claimed was never made.

    ``why`` is "busy" (no more calls just now), "lost" (the company never had it), or else why this
    number cannot be rung, in a word.
    """
    if not _awaits(callback, side, of):
        return callback
    rung = callback.rung - (side == CALLER)
    if why in AGAIN:
        due = now + RULES.breath
        return changed(callback, placed=None, due=due, rung=rung, **{f"{side}_call": ""})
    if side == CALLER:
        return needs_a_person(changed(callback, rung=rung), why, now)
    return changed(callback, ring=callback.ring + 1, placed=None, due=now, why=why, service_call="")


def unclear(callback: Callback, side: str, now: datetime, of: str = "") -> Callback:
    """``callback`` once the telephone company was asked after the call of ``side`` and cannot tell.

    It is asked again after a while; at every turn, if somebody may be waiting alone.
    """
    if not _awaits(callback, side, of) or callback.gone:
        return callback
    return changed(callback, due=now + RULES.still)


def let_go(callback: Callback, side: str, now: datetime) -> Callback:
    """``callback`` once the call of ``side`` that waited for nobody has been told to end."""
    if side == SERVICE:
        waits = callback.service_call and callback.state not in {*RINGING, State.CONNECTED}
        return changed(callback, service_call="") if waits else callback
    if not (callback.state is State.RINGING_CALLER and callback.placed and callback.gone):
        return callback
    return changed(callback, why="let_go", due=now + RULES.silence)


def _awaits(callback: Callback, side: str, of: str) -> bool:
    """Whether a call to ``side`` is claimed of which nothing final is known."""
    waits = bool(callback.placed) and RINGING.get(callback.state) == side
    return waits and of in ("", marker(callback))


def _sid(callback: Callback, side: str) -> str:
    return callback.service_call if side == SERVICE else callback.caller_call
