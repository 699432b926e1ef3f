"""The page Callbacks: who was promised to be rung back, and what a person may do for them.

A caller's number is shown only to who presses for it, once, and that they did is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.callbacks import ENDS, Callback, CallbackError, State, close, hand_over, retry
from ivr.callbacks import take_on as left_to_a_person
from ivr.console import telling
from ivr.console.means import Means
from ivr.console.pages.callbacks import doing, worklist
from ivr.console.roles import Role, allowed, current_person
from ivr.console.telling import services
from ivr.events import fits
from ivr.store import Change

RECENT = timedelta(days=7)
"""How far back those that have ended are listed."""
Answer = Response | str | tuple[str, int]


def page(means: Means) -> Blueprint:
    """The list, one callback, and each thing that may be done to it."""
    pages = Blueprint("callbacks", __name__)
    _seeing(pages, means)
    _doing(pages, means)
    return pages


def _seeing(pages: Blueprint, means: Means) -> None:
    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        return render_template("callbacks/index.html", **_listed(means))

    @pages.get("/live")
    @allowed(Role.VIEWER)
    def live() -> str:
        return render_template("callbacks/live.html", **_listed(means))

    @pages.get("/<id>")
    @allowed(Role.VIEWER)
    def one(id: str) -> str:  # noqa: A002 - what it is
        return _one(means, _found(means, id))

    @pages.post("/<id>/number")
    @allowed(Role.EDITOR)
    def number(id: str) -> Answer:  # noqa: A002 - what it is
        found = _found(means, id)
        try:
            told = doing.number(means, found, current_person())
        except CallbackError as wrong:
            return _one(means, found, wrong=str(wrong)), 409
        return _one(means, found, number=told)


def _doing(pages: Blueprint, means: Means) -> None:
    @pages.post("/<id>/close")
    @allowed(Role.EDITOR)
    def close_(id: str) -> Answer:  # noqa: A002 - what it is
        reason = doing.plain(request.form.get("reason", ""))
        return _changed(means, id, f"closed: {reason}", lambda it, now: close(it, reason, now))

    @pages.post("/<id>/retry")
    @allowed(Role.EDITOR)
    def retry_(id: str) -> Answer:  # noqa: A002 - what it is
        return _changed(means, id, "retry", retry)

    @pages.post("/<id>/hand-over")
    @allowed(Role.EDITOR)
    def hand_over_(id: str) -> Answer:  # noqa: A002 - what it is
        to = request.form.get("service", "")
        if to not in services(means):
            return _one(means, _found(means, id), wrong="choose a service of the table"), 409
        return _changed(means, id, f"handed over: to {to}", lambda it, now: hand_over(it, to, now))

    @pages.post("/<id>/take-on")
    @allowed(Role.EDITOR)
    def take_on(id: str) -> Answer:  # noqa: A002 - what it is
        return _acted(
            means,
            id,
            lambda found: doing.take_on(means, found, current_person(), left_to_a_person),
        )


def _changed(means: Means, id_: str, what: str, become: doing.Change) -> Answer:
    return _acted(
        means, id_, lambda found: doing.change(means, found, what, current_person(), become)
    )


def _acted(means: Means, id_: str, act: Callable[[Callback], None]) -> Answer:
    """The callback's page after ``act``, or with what stood against it and as it is by now."""
    found = _found(means, id_)
    try:
        doing.as_seen(found, request.form.get("version", ""))
        act(found)
    except CallbackError as wrong:
        return _one(means, _found(means, id_), wrong=str(wrong)), 409
    flash("Done. The history below says what and by whom.")
    return redirect(url_for("callbacks.one", id=found.id), 303)


def _found(means: Means, id_: str) -> Callback:
    known = fits("callback", id_) and means.store.callbacks.get(id_)
    return known or abort(404)


def _listed(means: Means) -> Mapping[str, object]:
    """The callbacks that are open, or those of a week that have ended."""
    now, kept = means.clock(), means.store.callbacks
    ended = "ended" in request.args
    found = kept.among(list(ENDS), now - RECENT) if ended else kept.open()
    known = services(means)
    items = [worklist.item(each, known, now, _whose(means, each)) for each in found]
    return {
        "now": now,
        "items": worklist.urgent_first(items),
        "ended": ended,
        "still": "still" in request.args,
        **_WORDS,
    }


def _whose(means: Means, callback: Callback) -> str:
    """Who has taken on a callback that is left to a person; "" for nobody."""
    if callback.state is not State.NEEDS_A_PERSON:
        return ""
    return worklist.taken_on_by(means.store.callbacks.history(callback.id))


def _one(means: Means, found: Callback, *, wrong: str = "", number: str = "") -> str:
    """The page of one callback; ``wrong`` is what stood against what was asked."""
    now, known = means.clock(), services(means)
    history: list[Change] = means.store.callbacks.history(found.id)
    return render_template(
        "callbacks/one.html",
        callback=found,
        item=worklist.item(found, known, now, worklist.taken_on_by(history)),
        history=history,
        others=sorted(
            ((code, each.name) for code, each in known.items() if code != found.service),
            key=lambda each: each[1],
        ),
        may_change=current_person().may(Role.EDITOR),
        wrong=wrong,
        number=number,
        reason=request.form.get("reason", ""),
        **_WORDS,
    )


_WORDS: Mapping[str, object] = {
    "telling": telling,
    "states": worklist.STATES,
    "State": State,
    "done": worklist.done,
}
