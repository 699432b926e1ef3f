"""What a callback becomes once the telephone company has answered what we asked of it."""

from __future__ import annotations

from datetime import datetime

from ivr.callbacks.callback import (
    CALLER,
    LET_GO,
    LETTING_GO,
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


def letting_go(callback: Callback, now: datetime) -> Callback:
    """What to write down before a caller who waits for nobody is told so.

    Whoever succeeds in that tells them; the telephone company is asked before it is done again.
    """
    return changed(callback, why=LETTING_GO, due=now + RULES.silence)


def words_marker(callback: Callback) -> str:
    """What tells the words for a caller who waits for nobody, in the address they are asked at."""
    return f"{marker(callback)}-{LET_GO}"


def not_let_go(callback: Callback, now: datetime) -> Callback:
    """``callback`` once it is certain that its caller was never told that nobody is there."""
    if not (_alone(callback) and callback.why == LETTING_GO):
        return callback
    return changed(callback, why="", due=now)


def let_go(callback: Callback, side: str, now: datetime) -> Callback:
    """``callback`` once the call of ``side`` that waited for nobody has been told to end."""
    if side == SERVICE:
        waits = callback.service_call and callback.state not in {*RINGING, State.CONNECTED}
        return changed(callback, service_call="") if waits else callback
    if not _alone(callback) or callback.why == LET_GO:
        return callback
    silent = now + RULES.silence
    return changed(callback, why=LET_GO, due=max(callback.due or silent, silent))


def _alone(callback: Callback) -> bool:
    """Whether a caller has been rung whose service is gone."""
    return bool(callback.state is State.RINGING_CALLER and callback.placed and callback.gone)


def _awaits(callback: Callback, side: str, of: str) -> bool:
    """Whether a call to ``side`` is claimed of which nothing final is known."""
    waits = bool(callback.placed) and RINGING.get(callback.state) == side
    return waits and of in ("", marker(callback))


def _sid(callback: Callback, side: str) -> str:
    return callback.service_call if side == SERVICE else callback.caller_call
