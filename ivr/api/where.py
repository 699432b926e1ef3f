"""Where does it go? The service, its numbers, the rule, or what a caller would be asked.

A postcode is where somebody is, and a number is who: neither ever stands in an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from ivr.api.area import Area, found
from ivr.api.words import Anything, Text, Texts, choice, instant, maybe, words
from ivr.call import AUDIENCES
from ivr.console.means import Means
from ivr.console.pages.where.asked import HOW, LONGEST, reading
from ivr.console.roles import Role
from ivr.explain import Answer


class Where(Schema):
    """What is looked for. It is sent in the body, so that no log of addresses has it."""

    input = words(
        LONGEST,
        says="A postcode, keys pressed for one, words, or a telephone number: one of the line's "
        "own, or a landline that a caller rings from.",
    )
    how = choice(
        *HOW, needed=False, load_default="guess",
        metadata={"description": "As what it is read. Digits are guessed to be keys, unless they "
                                 "are written as a whole number is: from +, 00 or 01 on."},
    )  # fmt: skip
    audience = choice("", *AUDIENCES, needed=False, load_default="")
    at = instant("The moment; now if it is not given.")
    version = words(12, needed=False, says="The table's version; the one served if not given.")


class Offer(Schema):
    """One option of a question, with the row of the table that decides."""

    says = Text()
    service = maybe(Text)
    numbers = Texts()
    rule = Text()


class Leads(Schema):
    """Where it leads: ``service`` is null while a question is open."""

    input = Text()
    service = maybe(Text)
    numbers = Texts()
    rule = Text()
    areas = maybe(Anything)
    question = fields.List(fields.Nested(Offer), allow_none=True)


def areas(means: Means) -> Iterator[Area]:
    """Where does it go."""
    area = Area("where", "Where a postcode, keys, words or a number lead, and why.", means)

    @area.post("/where", Role.VIEWER, Leads, Where)
    def where(given: Mapping[str, Any]) -> Answer:
        """Where one input leads."""
        return _answer(means, given)

    yield area


def _answer(means: Means, given: Mapping[str, Any]) -> Answer:
    at: datetime = given.get("at") or means.clock()
    version = given["version"] or None
    if version and version != means.table().version:
        found(means.store.versions.get(version), "version")
    explainer = means.explainer(version, at, given["audience"])
    answer: Answer = getattr(explainer, reading(given["how"], given["input"]))(given["input"])
    return answer
