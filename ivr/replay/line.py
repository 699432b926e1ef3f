"""A line to ring a month's calls on: the real one, with a table and a clock of its own.

Everything that answers is what answers callers: the switchboard, the routes that Twilio asks, its
signatures, the words, the directory and the outbox. Two things are brought. The table gives each
service of the published file a number of its own on the line, and one telephone that rings for as
long as anybody waited. And the time is that of the call being rung.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

from ivr import routing, start
from ivr.outbox import Outbox
from ivr.phone import Post, in_process
from ivr.routing import Number, Service, Table
from ivr.sealing import Seal
from ivr.settings import Settings, sealing_keys, signing_tokens
from ivr.snapshot import Snapshot, Snapshots, read_geography
from ivr.web import create_app
from ivr.web.switchboard import Site, Switchboard
from ivr.whereabouts import Whereabouts

RINGS, SECONDS = 10, 600
"""How often a service's telephone may ring for one caller, as the turns of a call leave room for
no more, and for how long each time: the longest that Twilio allows."""

OWN, RUNG = "+441134960{:03}", "+441144960{:03}"
"""The services' own numbers on the line, and those that are rung: numbers kept for drama."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of this process, ready to be rung."""

    post: Post
    token: str
    public_url: str
    table: Table
    whereabouts: Whereabouts
    outbox: Outbox


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a contract needs of the line."""

    name: str
    longest: int
    """The longest that anybody waits there, in seconds."""

    @property
    def rings(self) -> int:
        """How often its telephone must be able to ring for one caller."""
        return min(RINGS, self.longest // SECONDS + 2)


class Fixed:
    """What is served, whatever happens to the files: it stands where Snapshots would."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def current(self) -> Snapshot:
        """The one there is."""
        return self._snapshot

    def version(self, _: str) -> Snapshot:
        """The one there is: no call of a replay begins with another."""
        return self._snapshot


def open_line(
    settings: Settings, contracts: Mapping[str, Wanted], day: datetime, *, part: int = 0
) -> Line:
    """The line, whose services are those of the table and of ``contracts``, by their codes.

    ``day`` is one of the month that is rung. It keeps its events in a file of its own for each
    ``part`` of the work; :func:`clock` tells it the time.
    """
    geography = read_geography(settings)
    served = Snapshots(settings, geography.holidays).current()
    snapshot = replace(served, table=table_of(served.table, contracts))
    outbox = Outbox(outbox_file(settings, part))
    names = Seal(sealing_keys(settings)).pseudonym
    site = Site("", snapshot.table.fallback_number, TIME, names)
    snapshots = cast("Snapshots", Fixed(snapshot))  # all that the switchboard asks of them
    words = start.read_catalogues(settings.config_dir)
    board = Switchboard(snapshots, words, geography, outbox, site)
    TIME.tells = lambda: day
    app = create_app(replace(settings, log_level="error"), board)
    answers = routing.compile(snapshot.table, snapshot.directory, day.date())
    return Line(
        in_process(app.wsgi_app, stopwatch=lambda: 0.0),  # no time passes but the call's own
        signing_tokens(settings)[0],
        settings.public_url,
        snapshot.table,
        Whereabouts(snapshot.directory, answers, geography),
        outbox,
    )


def outbox_file(settings: Settings, part: int) -> Path:
    """Where one part of the work keeps its events until the store has them."""
    return settings.state_dir / f"outbox-{part}.sqlite3"


class Time:
    """The time by the clock of the call that is being rung."""

    def __init__(self) -> None:
        self.tells: Callable[[], datetime] = lambda: datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now."""
        return self.tells()


TIME = Time()
"""The time on every line of this process: calls are rung one after another."""


# -- the table -----------------------------------------------------------------------------


def table_of(table: Table, contracts: Mapping[str, Wanted]) -> Table:
    """``table`` with a service for each of ``contracts``, all open at all hours, none taking over.

    Those of a contract are given one telephone, which a person must accept by pressing 1, and a
    number of their own on the line; a contract without a service gets one that no postcode leads
    to. Raises ValueError for more of them than there are numbers kept for drama.
    """
    services = {code: _alone(each, contracts) for code, each in table.services.items()}
    with_contract = {each.contract for each in services.values()}
    for contract, wanted in contracts.items():
        if contract not in with_contract:
            services[contract.lower()] = _service(contract, wanted.name)
    codes = sorted(code for code, each in services.items() if each.contract)
    if len(codes) > 1000:  # noqa: PLR2004 - three digits
        raise ValueError(f"{len(codes)} services are more than there are numbers to give them")
    for place, code in enumerate(codes):
        rung = Number(RUNG.format(place), SECONDS, person=True)
        numbers = (rung,) * contracts[services[code].contract].rings
        services[code] = replace(services[code], numbers=numbers, own_number=OWN.format(place))
    version = sha256(f"{table.version} {sorted(contracts.items())}".encode()).hexdigest()[:12]
    own_numbers = {services[code].own_number: code for code in codes}
    return replace(table, services=services, hours={}, version=version, own_numbers=own_numbers)


def _alone(service: Service, contracts: Collection[str]) -> Service:
    contract = service.contract if service.contract in contracts else ""
    return replace(service, contract=contract, take_over="", own_number="")


def _service(contract: str, name: str) -> Service:
    return Service(contract.lower(), name, name, "England", contract, "", numbers=())
