"""The callbacks: who waits, how it stands, and what a person does for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marshmallow import Schema

from ivr.api.area import Area, found
from ivr.api.words import Flag, Moment, Text, Whole, choice, many, maybe, words
from ivr.callbacks import ENDS, Callback, CallbackError, close, hand_over, retry
from ivr.callbacks import take_on as left_to_a_person
from ivr.console.means import Means
from ivr.console.pages.callbacks import RECENT, doing, worklist
from ivr.console.roles import Role, current_person
from ivr.console.telling import services
from ivr.events import fits


class CallbackTold(Schema):
    """A callback as it stands; never a number."""

    id = Text()
    call = Text()
    service = Text()
    state = Text()
    why = Text()
    asked = Moment()
    expires = Moment()
    deadline = Moment()
    due = maybe(Moment)
    attempt = Whole()
    changed = Moment()
    version = Whole(metadata={"description": "Who changes it must say which version they saw."})
    is_open = Flag()


class CallbackChange(Schema):
    """One line of a history."""

    at = Moment()
    who = Text()
    what = Text()
    state = Text()


class FullCallback(CallbackTold):
    """A callback, with all that was done."""

    history = many(CallbackChange)


class CallbacksTold(Schema):
    """Callbacks, the oldest first."""

    callbacks = many(CallbackTold)


class Which(Schema):
    """Those that are open, or those of a week that have ended."""

    which = choice("open", "ended", needed=False, load_default="open")


class Seen(Schema):
    """The version of the callback that was seen: what has moved since is not changed."""

    version = Whole(required=True)


class Closing(Seen):
    """Why it is closed."""

    reason = words()


class HandingOver(Seen):
    """To which service it is handed over."""

    service = words(40)


class Shown(Schema):
    """The number, which is shown to nobody unasked; that it was is written down."""

    number = Text()


def areas(means: Means) -> Iterator[Area]:
    """The callbacks."""
    area = Area("callbacks", "Who was promised to be rung back.", means)
    _seeing(area, means)
    _doing(area, means)
    yield area


def _seeing(area: Area, means: Means) -> None:
    @area.get("/callbacks", Role.VIEWER, CallbacksTold, Which)
    def listed(given: Mapping[str, str]) -> Mapping[str, object]:
        """The callbacks."""
        kept = means.store.callbacks
        ended = given["which"] == "ended"
        return {"callbacks": kept.among(list(ENDS), means.clock() - RECENT) if ended else kept.open()}  # fmt: skip  # noqa: E501

    @area.get("/callbacks/<id>", Role.VIEWER, FullCallback)
    def callback(id: str) -> Mapping[str, object]:  # noqa: A002 - what it is
        """One callback."""
        return _told(means, _found(means, id))

    @area.post("/callbacks/<id>/number", Role.EDITOR, Shown)
    def number(id: str) -> Mapping[str, object]:  # noqa: A002 - what it is
        """Show the caller's number."""
        return {"number": doing.number(means, _found(means, id), current_person())}


def _doing(area: Area, means: Means) -> None:
    @area.post("/callbacks/<id>/close", Role.EDITOR, FullCallback, Closing)
    def close_(given: Mapping[str, str], id: str) -> Mapping[str, object]:  # noqa: A002 - what it is
        """Close it, for a reason that a person gives."""
        reason = doing.plain(given["reason"])
        what = f"closed: {reason}"
        return _changed(means, id, given, what, lambda it, now: close(it, reason, now))

    @area.post("/callbacks/<id>/retry", Role.EDITOR, FullCallback, Seen)
    def retry_(given: Mapping[str, str], id: str) -> Mapping[str, object]:  # noqa: A002 - what it is
        """Have it tried again at once."""
        return _changed(means, id, given, "retry", retry)

    @area.post("/callbacks/<id>/hand-over", Role.EDITOR, FullCallback, HandingOver)
    def hand_over_(given: Mapping[str, str], id: str) -> Mapping[str, object]:  # noqa: A002 - what it is
        """Hand it over to another service."""
        to = given["service"]
        if to not in services(means):
            raise CallbackError("choose a service of the table")
        what = f"handed over: to {to}"
        return _changed(means, id, given, what, lambda it, now: hand_over(it, to, now))

    @area.post("/callbacks/<id>/take-on", Role.EDITOR, FullCallback, Seen)
    def take_on(given: Mapping[str, str], id: str) -> Mapping[str, object]:  # noqa: A002 - what it is
        """Take it on: no machine rings any more."""
        it = _found(means, id)
        doing.as_seen(it, str(given["version"]))
        doing.take_on(means, it, current_person(), left_to_a_person)
        return _told(means, _found(means, id))


def _changed(
    means: Means, id_: str, given: Mapping[str, str], what: str, become: doing.Change
) -> Mapping[str, object]:
    it = _found(means, id_)
    doing.as_seen(it, str(given["version"]))
    doing.change(means, it, what, current_person(), become)
    return _told(means, _found(means, id_))


def _found(means: Means, id_: str) -> Callback:
    it: Callback = found(fits("callback", id_) and means.store.callbacks.get(id_), "callback")
    return it


def _told(means: Means, it: Callback) -> Mapping[str, object]:
    stands = {name: getattr(it, name) for name in CallbackTold().fields}
    stands["why"] = worklist.why(it)
    return {**stands, "history": means.store.callbacks.history(it.id)}
