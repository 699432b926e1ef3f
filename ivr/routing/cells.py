"""What one cell of a table means.

Each function takes a cell's text, without the blanks around it, and gives its value, or raises
CellError with what is the matter and what would be right. What a spreadsheet does to numbers and
dates by itself is named as such, for the operator who finds it there did not type it.
"""

from __future__ import annotations

import re
from datetime import date
from types import MappingProxyType

from ivr import numbers
from ivr.call import AUDIENCES
from ivr.hours import DAY
from ivr.routing.table import ANY, AREA_TYPES, NATIONS, Number

BANK_HOLIDAY = "bank-holiday"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SECONDS = range(5, 61)
"""Seconds a number may ring: in fewer nobody can reach it, after more the caller has gone."""

SPOKEN_WORDS = 8
"""The most words in what a caller hears a service called."""

_NUMBERS = "a number, the seconds it rings (5 to 60), then queue or person; the next after ;"
_WORDS = "1 to 120 characters"
_SPOKEN_FORM = f"1 to {SPOKEN_WORDS} words of letters, as they are to be read aloud"
_DATE_FORM = "a date as YYYY-MM-DD, such as 2027-04-01"
_DAYS_FORM = f"{', '.join(WEEKDAYS)}, a run of them such as mon-fri, {BANK_HOLIDAY}; commas between"
_CLOCK_FORM = "a time from 00:00 to 23:59, as HH:MM"

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ORGANISATION = re.compile(r"[A-Z0-9]{1,12}")
_SPOKEN = re.compile(r"[A-Za-z][A-Za-z0-9 ',-]{0,79}")
_MANGLED = re.compile(r"[+']?\d[.,]?\d*[eE]\+?\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_REWRITTEN = re.compile(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}|\d{5}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_OUTWARD = r"[A-Z]{1,2}\d[A-Z\d]?"

_AREAS = MappingProxyType(
    {
        "postcode": (rf"({_OUTWARD}|GIR) ?\d[ABD-HJLNP-UW-Z]{{2}}", "a postcode, such as CB1 2AB"),
        "sector": (rf"{_OUTWARD} \d", "a first half and one digit, such as CB1 2"),
        "district": (_OUTWARD, "the first half of a postcode, such as CB1"),
        "lsoa": (r"[EWS]01\d{6}", "an LSOA's ONS code, such as E01000001"),
        "lad": (
            r"(E0[6-9]|W06|S12|N09)\d{6}",
            "a local authority district's ONS code, such as E07000008",
        ),
        "sub_icb": (r"E38\d{6}", "a sub-ICB location's ONS code, such as E38000260"),
        "icb": (r"E54\d{6}", "an integrated care board's ONS code, such as E54000065"),
        "nation": ("|".join(NATIONS), ", ".join(NATIONS)),
    }
)


class CellError(ValueError):
    """A cell that means nothing: what is the matter, and what is allowed."""

    def __init__(self, trouble: str, allowed: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.allowed = allowed


def _one_of(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise CellError(f"{text!r} is not known", ", ".join(allowed))
    return text


def _like(form: re.Pattern[str], text: str, allowed: str) -> str:
    if not form.fullmatch(text):
        raise CellError(f"{text!r} does not fit", allowed)
    return text


# -- services ------------------------------------------------------------------------------


def code(text: str) -> str:
    """A service's code, which travels in the addresses the line is asked at."""
    return _like(_CODE, text, "1 to 40 small letters, digits and hyphens, such as mh009")


def words(text: str) -> str:
    """Free text for operators' eyes."""
    if not 1 <= len(text) <= 120:  # noqa: PLR2004 - the bounds are in the words for operators
        raise CellError(f"is {len(text)} characters long", _WORDS)
    return text


def spoken(text: str) -> str:
    """A name as callers hear it."""
    if len(text.split()) > SPOKEN_WORDS:
        raise CellError(f"{text!r} is {len(text.split())} words long", _SPOKEN_FORM)
    return _like(_SPOKEN, text, _SPOKEN_FORM)


def nation(text: str) -> str:
    """A nation, by its name."""
    return _one_of(text, NATIONS)


def organisation(text: str) -> str:
    """A contract's or an organisation's code in the NHS's lists."""
    return _like(_ORGANISATION, text, "1 to 12 capital letters and digits, such as RT1")


def rung(text: str) -> tuple[Number, ...]:
    """A service's numbers in the order they ring."""
    return tuple(_rung(part.split()) for part in text.removeprefix("'").split(";"))


def _rung(parts: list[str]) -> Number:
    if len(parts) < 3:  # noqa: PLR2004 - number, seconds, queue or person
        raise CellError(f"{' '.join(parts)!r} is not complete", _NUMBERS)
    *number, seconds, answer = parts
    if answer not in {"queue", "person"}:
        raise CellError(f"{answer!r} is not known", _NUMBERS)
    if not re.fullmatch(r"\d{1,2}", seconds) or int(seconds) not in SECONDS:
        raise CellError(f"{seconds!r} is not a number of seconds to ring", _NUMBERS)
    return Number(telephone(" ".join(number)), int(seconds), answer == "person")


def telephone(text: str) -> str:
    """A telephone number or SIP address; whether it may be rung is for :mod:`ivr.numbers`."""
    number = text.removeprefix("'").replace(" ", "")
    if _MANGLED.fullmatch(number):
        raise CellError(
            f"a spreadsheet has turned the number into {number}, and its last digits are lost",
            "the number typed again as text, with a blank in it: +44 1632 960001",
        )
    if numbers.kind(number) == numbers.INVALID and not number.startswith("+"):
        raise CellError(f"{text!r} is not a number from +44 on", numbers.ALLOWED)
    return number


# -- routes --------------------------------------------------------------------------------


def area_type(text: str) -> str:
    """A kind of area."""
    return _one_of(text, AREA_TYPES)


def area(kind: str, text: str) -> str:
    """An area of that kind; a postcode loses its blank."""
    form, allowed = _AREAS[kind]
    if not re.fullmatch(form, text):
        raise CellError(f"{text!r} is not a {kind}", allowed)
    return text.replace(" ", "") if kind == "postcode" else text


def audience(text: str) -> str:
    """For whom a route is."""
    return _one_of(text, (ANY, *AUDIENCES))


def day(text: str) -> date:
    """A date."""
    if _REWRITTEN.fullmatch(text):
        raise CellError(f"a spreadsheet has rewritten the date as {text}", _DATE_FORM)
    _like(_DATE, text, _DATE_FORM)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellError(f"there is no {text}", _DATE_FORM) from None


# -- hours ---------------------------------------------------------------------------------


def days(text: str) -> tuple[frozenset[int], bool]:
    """Days of the week (0 for Monday), and whether bank holidays are among them."""
    parts = [part.strip() for part in text.lower().split(",")]
    weekdays = (_run(part) for part in parts if part != BANK_HOLIDAY)
    return frozenset(day for run in weekdays for day in run), BANK_HOLIDAY in parts


def _run(text: str) -> list[int]:
    """The days from the first to the last named, going round the week's end if need be."""
    first, _, last = text.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS or text.endswith("-"):
        raise CellError(f"{text!r} is not a day", _DAYS_FORM)
    start = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - start) % len(WEEKDAYS)
    return [(start + step) % len(WEEKDAYS) for step in range(length + 1)]


def opens(text: str) -> int:
    """The minute after midnight at which a service opens."""
    return _minutes(text, _CLOCK_FORM)


def closes(text: str) -> int:
    """The minute after midnight at which a service closes; 24:00 is midnight at the day's end."""
    return DAY if text == "24:00" else _minutes(text, f"{_CLOCK_FORM}, or 24:00")


def _minutes(text: str, allowed: str) -> int:
    found = _CLOCK.fullmatch(text)
    if not found:
        raise CellError(f"{text!r} is not a time of day", allowed)
    return int(found[1]) * 60 + int(found[2])
