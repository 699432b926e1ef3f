"""Takes promises into the store, and looks at the callbacks that are due.

The store's row is the truth; a job says no more than "look at this one now". It may run twice, and
beside itself: before anybody is rung it is written down that they will be, and only who succeeds
in that rings (:mod:`workers.ringing`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ivr.callbacks import Callback
from ivr.relay import Parcels
from ivr.sealing import SealError
from workers import means
from workers.asking import ask_to_look
from workers.means import NotDoneError

KIND = "callback"
"""The one kind of promise there is; another is a later version's, and stays where it is."""


class Keeper(Protocol):
    """What keeps promises for good: the store's callbacks."""

    def promise(
        self, promise_id: str, call: str, service: str, number: str, asked: datetime
    ) -> Callback:
        """The callback that keeps the promise, now in the store; the same one for the same id."""


def keep_promise(parcel: str) -> None:
    """Keep the promise in ``parcel`` in the store, answer that it is kept, and look at it.

    Raises NotDoneError if it cannot be kept now.
    """
    redis = means.redis()
    with means.unquoted("a promise was not kept"):
        callback = keep(parcel, Parcels(redis, means.seal()), means.store().callbacks)
    if callback:
        ask_to_look(redis, callback, f"p-{parcel}")


def keep(parcel: str, parcels: Parcels, store: Keeper) -> str:
    """Keep what is in ``parcel``: the callback's id; "" if it was kept before, or Redis lost it.

    Raises NotDoneError where it cannot be read here, and whatever the store does.
    """
    try:
        promise = parcels.take(parcel)
    except (SealError, ValueError) as wrong:
        raise NotDoneError(f"a promise cannot be read: {type(wrong).__name__}") from None
    if promise is None:
        return ""
    if promise.kind != KIND:
        raise NotDoneError("this version of the line knows no such promise")
    call = promise.id.removeprefix(f"{KIND}-")
    callback = store.promise(promise.id, call, promise.service, promise.number, promise.asked)
    parcels.answer(parcel)
    return callback.id


def look(callback: str) -> None:
    """Do what is next for ``callback``. Raises NotDoneError where that cannot be done now."""
    from workers.ringing import ringer  # noqa: PLC0415 - Twilio's library is large, and others need none

    with means.unquoted("a callback could not be looked at"):
        ringer(means.settings(), means.store(), means.now).look(callback)
