"""Tells an operator where a postcode, key string, spoken answer or number leads, and why.

It asks the same :class:`~ivr.whereabouts.Whereabouts` that the call asks, so what is told here is
what a caller would get.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import TypedDict

from ivr import numbers, postcode
from ivr.call import ADULT, UNDER_18, Line, Option, line
from ivr.prompts import Catalogue
from ivr.routing.answers import NO_ROUTE
from ivr.whereabouts import Found, Whereabouts

NOT_FOUND = "not found: the caller is asked again, then for a town, then rings the fallback"
SETTLED = "every postcode that fits lies with this service"
ASKED = "several services fit: the caller is asked which"
CONFIRMED = "one service fits: the caller is asked whether the place is right"
BY_AGE = "the service depends on age: the caller is asked"

OWN_NUMBER = "it is the service's own number on the line: no postcode is asked for"
NO_PLACE = "the number points to no one service: the caller is asked for a postcode"


NOT_COVERED = f"{NO_ROUTE}: no row of routes.csv that is valid that day covers this place"
NOT_PLACED = f"{NOT_COVERED}, for the directory does not know its district or board"


class Offer(TypedDict):
    """One option of a question: what a caller hears, the service it leads to, by which row.

    "None of these" leads to no service but to the question of the nearest town.
    """

    says: str
    service: str | None
    numbers: list[str]
    rule: str


class Answer(TypedDict):
    """Where one input leads.

    ``service`` is null while a question is open; ``numbers`` are those that ring, in order, the
    fallback's last; ``areas`` are null unless the input is one known postcode.
    """

    input: str
    service: str | None
    numbers: list[str]
    rule: str
    areas: dict[str, str] | None
    question: list[Offer] | None


class Explainer:
    """Answers for one table, audience and moment; ``audience`` "" leaves the age to be asked."""

    def __init__(
        self, whereabouts: Whereabouts, catalogue: Catalogue, at: datetime, audience: str = ""
    ) -> None:
        self.whereabouts = whereabouts
        self.table = whereabouts.answers.table
        self.catalogue = catalogue
        self.at = at
        self.audience = audience
        self._numbers = lru_cache(maxsize=None)(self._ringing)

    def guess(self, text: str) -> Answer:
        """Where ``text`` leads: digits are keys, a postcode's shape is one, the rest is speech."""
        if text.isascii() and text.isdigit():
            return self.keys(text)
        return self.postcode(text) if postcode.clean(text) else self.speech(text)

    def postcode(self, text: str) -> Answer:
        """Where a written postcode leads."""
        found = self.whereabouts.written(text)
        if not found.sure:
            return self._told(text, found)
        whole = postcode.clean(text)
        entry = self.whereabouts.directory.find(whole)
        assert entry is not None  # noqa: S101 - only a postcode that was found is sure
        areas = asdict(self.whereabouts.directory.place(entry.place))
        rule = self._rule(found.options[0], self.audience or ADULT)
        if rule == NO_ROUTE:
            rule = NOT_COVERED if areas["lad"] else NOT_PLACED
        return self._told(text, found, rule, areas)

    def keys(self, text: str) -> Answer:
        """Where keys pressed for a postcode lead."""
        return self._told(text, self.whereabouts.keyed(text))

    def speech(self, text: str) -> Answer:
        """Where a spoken postcode or town leads."""
        found = self.whereabouts.said(text)
        return self._told(text, found if found.options else self.whereabouts.town(text))

    def telephone(self, text: str) -> Answer:
        """Where a number leads: one of the line's own, or a landline that a caller rings from."""
        number = numbers.from_caller(text)
        service = self.table.own_numbers.get(number)
        if service:
            return self._answer(text, service, OWN_NUMBER, None)
        found = self.whereabouts.landline(number)
        if found.options:
            return self._told(text, found)
        return self._asked(text, NO_PLACE, [], None)

    def _told(
        self, text: str, found: Found, rule: str = SETTLED, areas: dict[str, str] | None = None
    ) -> Answer:
        if not found.options:
            fallback = self.table.line.fallback
            return self._answer(text, fallback, NOT_FOUND, areas)
        offers = [self._offer(option) for option in found.options]
        if len(found.options) > 1:
            none = (
                [Offer(says="none of these", service=None, numbers=[], rule="")]
                if found.more
                else []
            )
            return self._asked(text, ASKED, [*offers, *none], areas)
        only = found.options[0]
        if only.cover.by_age and not self.audience:
            return self._asked(text, BY_AGE, self._ages(only), areas)
        if not found.sure:
            return self._asked(text, CONFIRMED, offers, areas)
        return self._answer(text, only.cover.service(self.audience or ADULT), rule, areas)

    def _answer(self, text: str, service: str, rule: str, areas: dict[str, str] | None) -> Answer:
        return Answer(input=text, service=service, numbers=self._numbers(service), rule=rule,
                      areas=areas, question=None)  # fmt: skip

    def _asked(
        self, text: str, rule: str, offers: list[Offer], areas: dict[str, str] | None
    ) -> Answer:
        return Answer(input=text, service=None, numbers=[], rule=rule, areas=areas, question=offers)

    def _offer(self, option: Option) -> Offer:
        return self._leads(self._speak(option.says), option, self.audience or ADULT)

    def _leads(self, says: str, option: Option, audience: str) -> Offer:
        service = option.cover.service(audience)
        return Offer(
            says=says,
            service=service,
            numbers=self._numbers(service),
            rule=self._rule(option, audience),
        )

    def _rule(self, option: Option, audience: str) -> str:
        """The row that leads most of what ``option`` is told by to its service."""
        outward, inward = option.near
        letters = outward + (inward.ljust(3, "Z") if inward else "")
        directory, answers = self.whereabouts.directory, self.whereabouts.answers
        entry = directory.find(letters)
        near = {entry.place: 1} if entry else directory.near(outward, inward[:1])
        rules: Counter[str] = Counter()
        for place, count in (near or directory.near(outward)).items():
            if answers.cover(place, letters).service(audience) == option.cover.service(audience):
                rules[answers.rule(place, audience, letters)] += count
        return next((rule for rule, _ in rules.most_common(1)), "")

    def _ages(self, option: Option) -> list[Offer]:
        asked = self._speak((line("age"),))
        return [
            self._leads(f"{asked} (1)", option, UNDER_18),
            self._leads(f"{asked} (2)", option, ADULT),
        ]

    def _speak(self, lines: Sequence[Line]) -> str:
        return " ".join(self.catalogue.text(each) for each in lines).rstrip(",")

    def _ringing(self, service: str) -> list[str]:
        """The numbers that ring at the moment, in order, the fallback's behind them."""
        chain = (*self.table.ringing(service), *self.table.ringing(self.table.line.fallback))
        ringing = (number.value for code, number in chain if self.table.is_open(code, self.at))
        return list(dict.fromkeys(ringing))
