"""What somebody asks on the page "Where does it go?", read from what they filled in.

It is sent as a form and never stands in an address: a postcode is where somebody is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ivr.call import ADULT, UNDER_18
from ivr.console import fields
from ivr.hours import LONDON

HOW = {
    "guess": "Work it out",
    "postcode": "A postcode, written",
    "keys": "Keys, as pressed",
    "speech": "Words, as spoken",
    "telephone": "A telephone number",
}
"""What may be looked for, and what each is called."""

AUDIENCES = {"": "Not known: the caller may be asked", ADULT: "An adult", UNDER_18: "Under 18"}

LONGEST = 200
"""The most characters that are looked at."""

_NUMBER = re.compile(r"(\+|00|0[1-9])[\d ()-]{8,20}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was filled in, and what it comes to."""

    text: str
    how: str
    audience: str
    day: str
    at: str
    version: str
    """The table's version; "" for the one that is served."""
    moment: datetime
    wrong: Mapping[str, str] = field(default_factory=dict)
    """What is wrong, by field."""

    @property
    def reading(self) -> str:
        """As what the text is to be read."""
        return reading(self.how, self.text)


def reading(how: str, text: str) -> str:
    """As what ``text`` is to be read that somebody says is ``how``: a number is seen to be one."""
    return "telephone" if how == "guess" and _NUMBER.fullmatch(text) else how


def read(given: Mapping[str, str], now: datetime) -> Asked:
    """What ``given`` asks; what it leaves out is taken from ``now``, and wholly guessed."""
    here = now.astimezone(LONDON)
    texts = {name: given.get(name, "").strip() for name in ("text", "day", "at")}
    day = fields.day(texts["day"] or f"{here:%Y-%m-%d}")
    at = fields.time_of_day(texts["at"] or f"{here:%H:%M}")
    wrong = {}
    if given and not 0 < len(texts["text"]) <= LONGEST:
        wrong["text"] = f"Enter a postcode, keys, words or a number, at most {LONGEST} characters"
    if day is None:
        wrong["day"] = "Enter a day, such as 2027-03-01"
    if at is None:
        wrong["at"] = "Enter a time of day, such as 14:30"
    return Asked(
        text=texts["text"][:LONGEST],
        how=fields.one_of(HOW, given.get("how", "guess"), "guess"),
        audience=fields.one_of(AUDIENCES, given.get("audience", ""), ""),
        day=(texts["day"] or f"{here:%Y-%m-%d}")[:40],
        at=(texts["at"] or f"{here:%H:%M}")[:40],
        version=fields.version(given.get("version", "")),
        moment=datetime.combine(day, at, LONDON) if day and at else now,
        wrong=wrong,
    )
