"""Picks calls from the company's list of them, and gives them out page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

from ivr.phone.exchange.asked import BAD_PARAMETER, Form, RefusedError
from ivr.phone.exchange.company import Seen

FIRST_PAGE, MOST = 50, 1000
"""How many are on a page unless told otherwise, and at most."""

PAGING = {"PageSize", "Page", "PageToken"}
EXACT = {"To": "number", "From": "caller", "Status": "status", "ParentCallSid": "parent"}
TIMES = {"StartTime", "StartTime<", "StartTime>", "EndTime", "EndTime<", "EndTime>"}

Item = TypeVar("Item")


class Page(NamedTuple):
    """Which page is asked for: its number, its size, and the mark left by the one before."""

    number: int
    size: int
    token: str


def picked(calls: Sequence[Seen], query: Form) -> list[Seen]:
    """Those of ``calls`` that fit ``query``; one without a time never fits a time.

    Raises :class:`RefusedError` for what Twilio does not know.
    """
    asked = {name: values[0] for name, values in query.items() if name not in PAGING}
    unknown = sorted(set(asked) - set(EXACT) - TIMES)
    if unknown:
        raise RefusedError(400, BAD_PARAMETER, f"Unknown parameters: {', '.join(unknown)}")
    times = {name: _moment(asked[name]) for name in asked if name in TIMES}
    exact = {EXACT[name]: asked[name] for name in asked if name in EXACT}
    return [
        call
        for call in calls
        if all(getattr(call, name) == value for name, value in exact.items())
        and all(_fits(call, name, value) for name, value in times.items())
    ]


def _fits(call: Seen, name: str, value: datetime) -> bool:
    moment = call.began
    if moment and name.startswith("End"):
        moment = moment + timedelta(seconds=call.seconds) if call.status == "completed" else None
    if moment is None:
        return False
    if name.endswith("<"):
        return moment <= value
    return moment >= value if name.endswith(">") else moment.date() == value.date()


def _moment(text: str) -> datetime:
    """A day or a moment, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise RefusedError(400, BAD_PARAMETER, f"{text!r} is no time") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def page(query: Form) -> Page:
    """The page that ``query`` asks for. Raises :class:`RefusedError`."""
    asked = {name: query[name][0] for name in PAGING if name in query}
    size, number = asked.get("PageSize", str(FIRST_PAGE)), asked.get("Page", "0")
    if not (size.isdigit() and 1 <= int(size) <= MOST and number.isdigit()):
        raise RefusedError(400, BAD_PARAMETER, f"Page {number!r} of {size!r}; at most {MOST}")
    if int(number) and "PageToken" not in asked:
        raise RefusedError(400, BAD_PARAMETER, "A page but the first needs its PageToken")
    return Page(int(number), int(size), asked.get("PageToken", ""))


def cut(items: Mapping[str, Item], page: Page) -> list[tuple[str, Item]]:
    """The items on ``page``, by their marks; one that is new since the last page is on none."""
    marks = list(items)
    begins = marks.index(page.token) + 1 if page.token in items else 0
    return [(mark, items[mark]) for mark in marks[begins : begins + page.size]]


def about(
    path: str, query: Form, page: Page, marks: tuple[Sequence[str], bool]
) -> dict[str, object]:
    """What is said of a page: where it is, and where the next and the first are.

    ``marks`` are those on the page, and whether there are more behind them.
    """
    shown, more = marks
    kept = [(name, values[0]) for name, values in query.items() if name not in PAGING]
    start = page.number * page.size

    def link(number: int, token: str) -> str:
        own = [("PageSize", str(page.size)), ("Page", str(number))]
        return f"{path}?{urlencode(kept + own + ([('PageToken', token)] if token else []))}"

    return {
        "page": page.number,
        "page_size": page.size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "uri": link(page.number, page.token),
        "first_page_uri": link(0, ""),
        "next_page_uri": link(page.number + 1, shown[-1]) if more else None,
        "previous_page_uri": None,
    }
