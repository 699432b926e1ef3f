"""Answers requests to the REST API: places calls, changes, reads and lists them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ivr.phone.exchange import listing, resource
from ivr.phone.exchange.asked import RefusedError, Wanted, change, order
from ivr.phone.exchange.company import Exchange, seen
from ivr.phone.exchange.dialled import Dialled, Status
from ivr.phone.exchange.resource import Json
from ivr.phone.exchange.troubles import Request

PATH = re.compile(
    r"/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})/Calls"
    r"(/(?P<sid>CA[0-9a-f]{32})(?P<events>/Events)?)?\.json"
)

KINDS: Mapping[tuple[str, bool, bool], Request] = {
    ("POST", False, False): Request.PLACE,
    ("GET", False, False): Request.LIST,
    ("POST", True, False): Request.CHANGE,
    ("GET", True, False): Request.READ,
    ("GET", True, True): Request.EVENTS,
}
"""What a request is: by its method, whether it names a call, and whether it asks for its events."""

CREATED, OK = 201, 200
NOT_SIGNED_IN, NOT_FOUND, NOT_IN_PROGRESS = 20003, 20404, 21220


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    json: Json

    @property
    def body(self) -> bytes:
        """The reply as it is sent."""
        return json.dumps(self.json).encode()


def kind(wanted: Wanted) -> Request | None:
    """Which kind of request it is; None for one that is not known here."""
    match = PATH.fullmatch(wanted.path)
    return KINDS.get((wanted.method, bool(match["sid"]), bool(match["events"]))) if match else None


def answer(exchange: Exchange, wanted: Wanted) -> Reply:
    """Do what is asked, and answer; what is refused is done in no part."""
    try:
        _sign_in(exchange, wanted)
        request = kind(wanted)
        if request is None:
            raise _not_found(wanted.path)
        return DO[request](exchange, wanted)
    except RefusedError as refused:
        return Reply(refused.status, resource.error(refused.status, refused.code, str(refused)))


def _sign_in(exchange: Exchange, wanted: Wanted) -> None:
    """The user is the account, and the account is that of the path and of this company."""
    match = PATH.fullmatch(wanted.path)
    is_theirs = match is None or match["account"] == wanted.user
    is_ours = wanted.user == exchange.account or not exchange.account
    if not (is_theirs and is_ours and wanted.password == exchange.token):
        raise RefusedError(401, NOT_SIGNED_IN, "Authenticate")


def _place(exchange: Exchange, wanted: Wanted) -> Reply:
    asked_for = order(wanted.form, exchange.owned)
    call = exchange.place(asked_for, wanted.as_asked(exchange.clock(), CREATED, ""))
    return Reply(CREATED, resource.call(seen(call), wanted.user))


def _change(exchange: Exchange, wanted: Wanted) -> Reply:
    call = _dialled(exchange, wanted)
    url = change(wanted.form)
    if call.status.is_over or (url and call.status is not Status.IN_PROGRESS):
        raise RefusedError(400, NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
    exchange.requests[call.sid].append(wanted.as_asked(exchange.clock(), OK, ""))
    if url:
        exchange.send(call, url)
    else:
        exchange.hang_up(call)
    return Reply(OK, resource.call(seen(call), wanted.user))


def _read(exchange: Exchange, wanted: Wanted) -> Reply:
    found = exchange.find(_sid(wanted))
    if found is None:
        raise _not_found(wanted.path)
    return Reply(OK, resource.call(found, wanted.user))


def _list(exchange: Exchange, wanted: Wanted) -> Reply:
    calls = listing.picked(exchange.listed(), wanted.query)
    return _paged(wanted, "calls", {call.sid: resource.call(call, wanted.user) for call in calls})


def _events(exchange: Exchange, wanted: Wanted) -> Reply:
    requests = exchange.requests[_dialled(exchange, wanted).sid]
    told = requests if exchange.tells_requests else []
    if not exchange.tells_parameters:
        told = [replace(one, form={}) for one in told]
    return _paged(wanted, "events", {f"{n}": resource.event(one) for n, one in enumerate(told)})


def _paged(wanted: Wanted, name: str, items: Mapping[str, Json]) -> Reply:
    page = listing.page(wanted.query)
    shown = listing.cut(items, page)
    marks = [mark for mark, _ in shown]
    more = bool(marks) and marks[-1] != list(items)[-1]
    about = listing.about(wanted.path, wanted.query, page, (marks, more))
    return Reply(OK, {**about, name: [item for _, item in shown]})


def _dialled(exchange: Exchange, wanted: Wanted) -> Dialled:
    call = exchange.calls.get(_sid(wanted))
    if call is None:
        raise _not_found(wanted.path)
    return call


def _sid(wanted: Wanted) -> str:
    match = PATH.fullmatch(wanted.path)
    return match["sid"] if match else ""


def _not_found(path: str) -> RefusedError:
    return RefusedError(404, NOT_FOUND, f"The requested resource {path} was not found")


DO: Mapping[Request, Callable[[Exchange, Wanted], Reply]] = {
    Request.PLACE: _place,
    Request.CHANGE: _change,
    Request.READ: _read,
    Request.LIST: _list,
    Request.EVENTS: _events,
}
