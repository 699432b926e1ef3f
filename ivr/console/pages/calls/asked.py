"""What somebody looks for on the page Calls, read from what they filled in.

Days and times are London's. Everything that cannot be read is told beside its own field, and
nothing is looked for until all of it can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from ivr.console import fields
from ivr.events import CALL
from ivr.hours import LONDON
from ivr.store import CameTo, Place, Wanted

FIELDS = ("from", "from_time", "to", "to_time", "service", "came_to")
MOST = timedelta(days=62)
"""The longest time that is searched at once: two months, so that no search keeps others waiting."""
NO_SERVICE = "-"
"""What stands for the calls that were offered to no service by name."""

_SERVICE = re.compile(r"[a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was filled in, and what it comes to."""

    values: Mapping[str, str]
    """What stands in each field, the defaults filled in."""
    wanted: Wanted | None
    """What is looked for; None if something is wrong."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """What is wrong, by field."""


def read(given: Mapping[str, str], today: date) -> Asked:
    """What ``given`` asks for; where it names no day, ``today``."""
    values = {name: given.get(name, "").strip()[:40] for name in FIELDS}
    values["from"] = values["from"] or today.isoformat()
    values["to"] = values["to"] or max(today, fields.day(values["from"]) or today).isoformat()
    wrong = {name: say for name in FIELDS if (say := _wrong(name, values[name]))}
    if wrong:
        return Asked(values, None, wrong)
    since = _moment(values["from"], values["from_time"] or "00:00")
    until = _until(values["to"], values["to_time"])
    if until <= since:
        return Asked(values, None, {"to": "The end must be after the beginning"})
    if until - since > MOST + timedelta(hours=1):  # the clocks may go back within it
        return Asked(values, None, {"to": f"Search at most {MOST.days} days at once"})
    return Asked(values, Wanted(since, until, _service(values["service"]), _came_to(values)))


def place(text: str) -> Place | None:
    """The place in the list that ``text``, which :func:`mark` made, tells; None for any other."""
    at, _, call = text.partition("~")
    try:
        heard = datetime.fromisoformat(at)
    except ValueError:
        return None
    sound = heard.tzinfo is not None and heard.year in fields.YEARS and CALL.fullmatch(call)
    return Place(heard, call) if sound else None


def mark(place: Place) -> str:
    """``place`` as text for an address."""
    return f"{place.heard.astimezone(UTC).isoformat()}~{place.call}"


def _wrong(name: str, text: str) -> str:
    """What is wrong with a field, in words; "" if nothing is."""
    if name in ("from", "to"):
        return "" if fields.day(text) else "Enter a day, such as 2027-03-01"
    if name in ("from_time", "to_time"):
        return "" if not text or fields.time_of_day(text) else "Enter a time of day, such as 14:30"
    if name == "service":
        sound = text == NO_SERVICE or _SERVICE.fullmatch(text)
        return "" if sound else "Choose a service from the list"
    return "" if not text or text in set(CameTo) else "Choose an outcome from the list"


def _moment(day: str, at: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), LONDON).astimezone(UTC)


def _until(day: str, at: str) -> datetime:
    """The end of the day, or of the minute, that is named: what is asked for includes it."""
    if at:
        return _moment(day, at) + timedelta(minutes=1)
    return _moment((date.fromisoformat(day) + timedelta(days=1)).isoformat(), "00:00")


def _service(text: str) -> str | None:
    return "" if text == NO_SERVICE else text or None


def _came_to(values: Mapping[str, str]) -> CameTo | None:
    return CameTo(values["came_to"]) if values["came_to"] else None
