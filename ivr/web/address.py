"""Writes where a call has got to as the address of its next turn, and reads it back.

The address says how far a caller has come and which services are in question; never who they
are, what they keyed or said, or where they are beyond the one or two letters of a postcode area.
What comes back is signed by Twilio, and checked all the same.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from ivr import flow
from ivr.call import Call, Cover, Option
from ivr.routing import Table

COUNTS = ("turn", "tries", "ring")
LONGEST_COUNT = 2
"""Digits in a count: more than any call of ours can need."""
NEEDS_OPTIONS = frozenset({"nearby", "which", "confirm", "age"})
NEEDS_SERVICE = frozenset({"connect", "adviser", "unanswered", "callback", "number"})


class AstrayError(LookupError):
    """An address no call of ours can have come to; the caller goes to the fallback."""


def address(call: Call, root: str) -> str:
    """The address of the turn that answers ``call``, under the path ``root``."""
    counts = {name: getattr(call, name) for name in COUNTS}
    words = {name: getattr(call, name) for name in ("service", "area", "language", "table")}
    known = [(name, str(value)) for name, value in {**counts, **words}.items() if value]
    options = [("option", _written(option.cover)) for option in call.options]
    return f"{root}/voice/{call.step}?{urlencode(known + options)}"


def _written(cover: Cover) -> str:
    return f"{cover.adult}~{cover.under_18}~{cover.area}"


def read(step: str, query: MultiDict[str, str], table: Table, languages: Container[str]) -> Call:
    """The call at an address, in the world of ``table``.

    Raises :class:`AstrayError` for a step, a service or a number that is not to be found there.
    """
    if step not in flow.STEPS or step in flow.ENDINGS:
        raise AstrayError(step)
    turn, tries, ring = _counts(query)
    call = Call(
        step,
        turn=turn,
        tries=tries,
        ring=ring,
        service=_service(query.get("service", ""), table),
        options=tuple(_option(text, table) for text in query.getlist("option")),
        area=_area(query.get("area", "")),
        language=_language(query.get("language", ""), table, languages),
        table=table.version,
    )
    _refuse_halves(call, table)
    return call


def _counts(query: Mapping[str, str]) -> Iterator[int]:
    for name in COUNTS:
        text = query.get(name, "0")
        if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_COUNT):
            raise AstrayError("count")
        yield int(text)


def _service(code: str, table: Table) -> str:
    if code and code not in table.services:
        raise AstrayError("service")
    return code


def _option(text: str, table: Table) -> Option:
    adult, _, rest = text.partition("~")
    under_18, _, area = rest.partition("~")
    return Option(Cover(_service(adult, table), _service(under_18, table), _area(area)))


def _area(text: str) -> str:
    """A postcode area's one or two letters, or "" for anything else."""
    return text if len(text) <= 2 and text.isascii() and text.isalpha() else ""  # noqa: PLR2004 - two letters


def _language(code: str, table: Table, languages: Container[str]) -> str:
    return code if code in languages else table.line.languages[0].code


def _refuse_halves(call: Call, table: Table) -> None:
    """Refuse an address that lacks what its step must know."""
    if call.step in NEEDS_OPTIONS and not call.options:
        raise AstrayError("options")
    if call.step in NEEDS_SERVICE and not call.service:
        raise AstrayError("service")
    rung = table.line.fallback if call.step == "fallback" else call.service
    if rung and call.ring > len(table.ringing(rung)):
        raise AstrayError("ring")
