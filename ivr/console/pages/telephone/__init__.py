"""A handset in the page that rings the line: the operator is the caller, and whoever is rung.

Only on a test line: there a call can reach nobody, and only this machine's own telephone can ring.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from werkzeug.datastructures import MultiDict

from ivr.console.means import Means
from ivr.console.pages.telephone.calls import Calls, Ring, Ringing, TooManyError, ring_local
from ivr.console.pages.telephone.handset import Handset
from ivr.console.roles import Role, allowed, current_person
from ivr.routing import Table
from ivr.snapshot import NothingToServe

CALLERS = {
    "+447700900461": "a mobile, 07700 900461",
    "+441632960461": "a landline, 01632 960461",
    "+441134960461": "a landline in Leeds, 0113 496 0461",
    "+441174960461": "a landline in Bristol, 0117 496 0461",
    "": "a withheld number",
}
"""Whom the call may come from, in E.164: numbers that Ofcom keeps for drama."""

KEYS = (
    ("1", ""),
    ("2", "ABC"),
    ("3", "DEF"),
    ("4", "GHI"),
    ("5", "JKL"),
    ("6", "MNO"),
    ("7", "PQRS"),
    ("8", "TUV"),
    ("9", "WXYZ"),
    ("*", ""),
    ("0", ""),
    ("#", ""),
)
"""The keypad, with the letters on each key as postcodes need them."""

FATES = (
    ("Answer, and press 1", "answers| and presses 1"),
    ("Answer, and press nothing", "declines"),
    ("Engaged", "busy"),
    ("Let it ring out", "no answer"),
    ("A voicemail answers", "voicemail"),
    ("The network fails", "fails"),
)
"""What may become of ringing: what the button says, and the words of a written call, in which
``|`` is where the seconds of ringing stand."""


def page(means: Means, ring: Ring | None = None) -> Blueprint:
    """The page's views. ``ring`` is how the line is reached, if not on this machine by HTTP.

    Raises RuntimeError for a line that takes real callers.
    """
    if not means.settings.test_line:
        raise RuntimeError("a line that takes real callers is rung from a telephone, not from here")
    views = Telephone(means, Calls(ring or ring_local(means.settings, means.clock)))
    blueprint = Blueprint("telephone", __name__)
    blueprint.add_url_rule("/", "index", views.index)
    blueprint.add_url_rule("/calls", "begin", views.begin, methods=["POST"])
    blueprint.add_url_rule("/calls/<name>", "call", views.call)
    blueprint.add_url_rule("/calls/<name>", "does", views.does, methods=["POST"])
    return blueprint


class Telephone:
    """The views: the handset, and what its page asks of a call."""

    def __init__(self, means: Means, calls: Calls) -> None:
        self._means = means
        self._calls = calls

    @allowed(Role.VIEWER)
    def index(self) -> str:
        """The handset."""
        table = self._table()
        return render_template(
            "telephone/telephone.html",
            callers=CALLERS,
            dialled=_dialled(table),
            names=_names(table),
            keys=KEYS,
            fates=FATES,
        )

    @allowed(Role.VIEWER)
    def begin(self) -> Response:
        """Ring; how the call stands once it waits for somebody."""
        caller, number = request.form.get("from"), request.form.get("to", "")
        if caller not in CALLERS or number not in _dialled(self._table()):
            return _refused(400, "Choose who rings, and which number, from the lists.")
        try:
            name, handset = self._calls.begin(Ringing(current_person().id, str(caller), number))
        except TooManyError as wrong:
            return _refused(503, f"{wrong}.")
        url = url_for("telephone.call", name=name)
        return make_response(jsonify({"url": url, **handset.told(0, 0)}), 201)

    @allowed(Role.VIEWER)
    def call(self, name: str) -> Response:
        """How a call stands, once it waits for somebody after the step already seen."""
        return jsonify(self._mine(name).told(*_seen(request.args)))

    @allowed(Role.VIEWER)
    def does(self, name: str) -> Response:
        """One of the people does something; how the call stands after that."""
        handset, (seen, step) = self._mine(name), _seen(request.form)
        try:
            handset.does(step, request.form.get("does", ""))
        except ValueError as wrong:
            return _refused(400, f"That cannot be done now. {str(wrong).capitalize()}.")
        return jsonify(handset.told(seen, step))

    def _mine(self, name: str) -> Handset:
        return self._calls.of(current_person().id, name) or abort(404)

    def _table(self) -> Table | None:
        """The table that is served, if there is one."""
        try:
            return self._means.table()
        except NothingToServe:
            return None


def _dialled(table: Table | None) -> dict[str, str]:
    """The numbers that may be dialled, and what each is."""
    if table is None:
        return {}
    own = {
        service.own_number: f"{service.name}, {service.own_number}"
        for service in sorted(table.services.values(), key=lambda each: each.name)
        if service.own_number
    }
    return {table.line.number: f"the line, {table.line.number}", **own}


def _names(table: Table | None) -> dict[str, str]:
    """Whose each number is that the line may ring."""
    services = table.services.values() if table else ()
    return {number.value: each.name for each in services for number in each.numbers}


def _seen(said: MultiDict[str, str]) -> tuple[int, int]:
    """How many events the page has seen, and the step at which it saw the call wait."""
    return max(0, said.get("seen", 0, int)), said.get("step", 0, int)


def _refused(status: int, why: str) -> Response:
    return make_response(jsonify({"error": why}), status)
