"""What people do to a callback: ask once more, have it tried again, hand it over, close it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ivr.callbacks.callback import (
    ASKED_AFTER_9,
    OPTED_OUT,
    RINGING,
    Callback,
    Rules,
    State,
    changed,
    moved,
    needs_a_person,
)

TAKEN_ON = "taken_on"
"""Why a callback is left to a person, where one has taken it on."""
FOR_A_PERSON = frozenset({OPTED_OUT, ASKED_AFTER_9, "cap", "refused_number", TAKEN_ON})
"""Why a machine may not ring somebody, however often they ask."""
BY_A_PERSON = timedelta(hours=1)
"""How long an attempt that a person has asked for may still be made."""
LONGEST_REASON = 120
"""Characters of a reason."""


class CallbackError(Exception):
    """A callback may not be changed so; the message is one clear line."""


def asked_again(callback: Callback, at: datetime, rules: Rules) -> Callback:
    """``callback`` once its caller was promised another, which is the same one.

    It may be kept for as long as a new one, and is tried once more if only a person was going to.
    Who had pressed 9 has changed their mind: no machine rings them, but a person does.
    """
    expires = max(callback.expires, at + rules.expiry)
    if callback.is_open and callback.why == OPTED_OUT:
        return changed(callback, expires=expires, why=ASKED_AFTER_9)
    if callback.state is State.NEEDS_A_PERSON and callback.why not in FOR_A_PERSON:
        return moved(callback, State.ASKED, at, due=at, expires=expires, why="")
    return changed(callback, expires=expires) if callback.is_open else callback


def barred(callback: Callback, why: str, at: datetime) -> Callback:
    """``callback``, for which no machine may ring; ``why`` is a word of :data:`FOR_A_PERSON`."""
    return needs_a_person(callback, why, at)


def close(callback: Callback, reason: str, now: datetime) -> Callback:
    """``callback`` as a person closes it, for a ``reason`` in their own words.

    Raises CallbackError if it has ended, a telephone is ringing for it, or the reason is none or
    holds what may be a number.
    """
    reason = " ".join(reason.split())
    _may_be_changed(callback)
    if not reason or len(reason) > LONGEST_REASON:
        raise CallbackError(f"give a reason, of at most {LONGEST_REASON} characters")
    if re.search(r"(?:\d\D?){6}", reason):
        raise CallbackError("the reason holds what may be a number: it is kept, so leave that out")
    return moved(callback, State.CLOSED, now, due=None, why=reason)


def retry(callback: Callback, now: datetime) -> Callback:
    """``callback`` as a person has it tried again, at once.

    Raises CallbackError if it has ended, is being rung or is about to be, or its caller ever asked
    never to be rung.
    """
    _may_be_changed(callback)
    if callback.state is State.ASKED:
        raise CallbackError("it is about to be tried; nothing was changed")
    return _anew(callback, now)


def hand_over(callback: Callback, service: str, now: datetime) -> Callback:
    """``callback`` as a person has another ``service`` (its code) ring the caller, at once.

    Raises CallbackError as :func:`retry` does, and if that service has it already.
    """
    _may_be_changed(callback)
    if callback.service == service:
        raise CallbackError("that service has it already")
    return _anew(callback, now, service=service)


def take_on(callback: Callback, now: datetime) -> Callback:
    """``callback`` once a person rings the caller themselves: no machine does so any more.

    One for which no machine may ring anyway keeps the reason. Raises CallbackError if it has ended
    or is being rung.
    """
    _may_be_changed(callback)
    left = callback.state is State.NEEDS_A_PERSON and callback.why in FOR_A_PERSON
    return callback if left else needs_a_person(callback, TAKEN_ON, now)


def _anew(callback: Callback, now: datetime, **changes: object) -> Callback:
    if callback.why == OPTED_OUT:
        raise CallbackError("the caller asked never to be rung: close it, with the reason")
    if callback.why == ASKED_AFTER_9:
        raise CallbackError("no machine rings who once pressed 9: ring them, once, yourself")
    expires = max(callback.expires, now + BY_A_PERSON)
    return moved(callback, State.ASKED, now, due=now, expires=expires, why="", **changes)


def _may_be_changed(callback: Callback) -> None:
    if not callback.is_open:
        raise CallbackError(f"it has ended: {callback.state}")
    if callback.state in RINGING:
        raise CallbackError("a telephone is being rung for it: look again in two minutes")
