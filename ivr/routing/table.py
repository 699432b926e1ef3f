"""The routing table as a value: the services, which places each covers, and when it answers.

It is read whole from files an operator edits (:mod:`ivr.routing.read`), never changes, and is
known by its version, the hash of what it says. A call keeps the version it began with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from ivr import hours
from ivr.hours import Opening

ANY = "any"
"""The audience of a route or service for all ages."""

AREA_TYPES = ("postcode", "sector", "district", "lsoa", "lad", "sub_icb", "icb", "nation")
"""What a route may be for, from fine to coarse: the finest that is valid on the day wins."""

NATIONS = (
    "England",
    "Wales",
    "Scotland",
    "Northern Ireland",
    "Jersey",
    "Guernsey",
    "Isle of Man",
)

DIVISIONS = MappingProxyType({"Scotland": "Scotland", "Northern Ireland": "Northern Ireland"})
"""Whose bank holidays a nation keeps, where not :data:`ENGLAND`'s. The islands keep England's
here: their own differ by a day or two a year (Liberation Day, Senior Race Day), which a dated
row in hours.csv says."""

ENGLAND = "England and Wales"


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a service."""

    value: str
    """E.164, or ``sip:name@host``."""
    seconds: int
    """How long it may ring."""
    person: bool
    """Whether an answer counts only when a person presses 1; if not, it is a queue's."""


@dataclass(frozen=True, slots=True)
class Service:
    """One crisis service."""

    code: str
    name: str
    """As operators know it."""
    spoken: str
    """What a caller hears after "Connecting you to"."""
    nation: str
    contract: str
    """NHS England's code in its monthly figures ("MH009"); "" where it has none."""
    organisation: str
    """The NHS (ODS) code of who runs it; "" where it has none."""
    numbers: tuple[Number, ...]
    """In the order they ring."""
    take_over: str = ""
    """The code of the service that is rung when this one does not answer; "" for none."""
    own_number: str = ""
    """Its own number on the line, E.164: callers to it skip the menu and the place; "" for none."""


@dataclass(frozen=True, slots=True)
class Route:
    """One area and audience, the service that covers it, and the days it does so."""

    area_type: str
    area: str
    """A postcode without its space, a sector with it ("CB1 2"), a district, ONS code or nation."""
    audience: str
    service: str
    valid_from: date = date.min
    valid_to: date = date.max
    """The last day, itself included."""
    row: int = 0
    """Where it stands in routes.csv, to be told to an operator."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language the line speaks; the first in the table is the one calls begin in."""

    code: str
    """Such as "cy"; its words are in ``prompts.cy.toml``."""
    key: str
    """The key that chooses it in the menu; "" if no key does."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a caller may be kept ringing before being offered something else."""

    numbers: int = 4
    """The most numbers rung for one service, those of whoever takes over included."""
    seconds: int = 90
    """The longest they may ring, all together."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What the line itself is: line.toml."""

    number: str
    """Its own number, E.164."""
    caller_id: str
    """The number shown to a service when the caller's own is not a valid UK number, E.164."""
    test_line: bool
    """Whether drama numbers, which reach nobody, may stand in the table."""
    notice: str
    """What is said to operators when the line starts, such as that the table is illustrative."""
    fallback: str
    """The code of the service that takes whoever no route covers, and never closes."""
    adviser: str
    """The code of the service for physical health."""
    adviser_key: str
    mental_health_key: str
    languages: tuple[Language, ...]
    limits: Limits = Limits()
    test_calls: tuple[str, ...] = ()
    """The codes of the services whose telephones may be rung to test them (:mod:`ivr.trials`)."""


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A whole routing table."""

    services: Mapping[str, Service]
    routes: tuple[Route, ...]
    hours: Mapping[str, tuple[Opening, ...]]
    """Opening hours by service; a service that is not there never closes."""
    line: LineSettings
    version: str
    """The first 12 hex digits of the hash of what the four files say."""
    holidays: Mapping[str, frozenset[date]] = field(default_factory=dict)
    """Bank holidays by division: England and Wales, Scotland, Northern Ireland."""
    own_numbers: Mapping[str, str] = field(default_factory=dict)
    """The service that each own number on the line leads to."""

    def __repr__(self) -> str:
        return f"<Table {self.version}, {len(self.services)} services, {len(self.routes)} routes>"

    def chain(self, service: str) -> tuple[str, ...]:
        """``service``, then who takes over from it, and so on; never the fallback behind them."""
        return taken_over(service, self.services)

    def ringing(self, service: str) -> tuple[tuple[str, Number], ...]:
        """Every number to try for ``service``, in order, each with the service it belongs to.

        The order is the same at any hour, so that a call can carry its place in it; whether the
        service a number belongs to is open is for :meth:`is_open`.
        """
        return tuple(
            (code, number) for code in self.chain(service) for number in self.services[code].numbers
        )

    @property
    def fallback_number(self) -> str:
        """The first number of the line that is always open: what is rung, and read out, at last."""
        return self.services[self.line.fallback].numbers[0].value

    @property
    def reached(self) -> frozenset[str]:
        """The services some caller can reach: by a place, a number, the menu or a take-over."""
        first = {route.service for route in self.routes} | set(self.own_numbers.values())
        first |= {self.line.fallback, self.line.adviser}
        return frozenset(code for service in first for code in self.chain(service))

    def is_ours(self, number: str) -> bool:
        """Whether ``number`` (E.164) is the line's own or one that it rings."""
        rung = {each.value for service in self.services.values() for each in service.numbers}
        return number in {self.line.number, self.line.caller_id, *self.own_numbers, *rung}

    def is_open(self, service: str, at: datetime) -> bool:
        """Whether ``service`` is answering ``at`` an instant that knows its zone."""
        return hours.is_open(self.hours.get(service, ()), at, self._holidays(service))

    def stretches(self, service: str, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of ``service``'s opening that begin on ``day``, in UTC, in no order."""
        return hours.stretches(self.hours.get(service, ()), day, self._holidays(service))

    def _holidays(self, service: str) -> frozenset[date]:
        division = DIVISIONS.get(self.services[service].nation, ENGLAND)
        return self.holidays.get(division, frozenset())


def taken_over(service: str, services: Mapping[str, Service]) -> tuple[str, ...]:
    """``service``, then who takes over from it, and so on; each once, even in a ring."""
    codes: dict[str, None] = {}
    while service in services and service not in codes:
        codes[service] = None
        service = services[service].take_over
    return tuple(codes)
