"""Plugs the line's parts together from the settings: the only place that knows them all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from ivr import routing
from ivr.explain import Explainer
from ivr.outbox import Outbox
from ivr.prompts import Catalogue, alike, read_catalogue
from ivr.routing import Geography
from ivr.routing import geography as places
from ivr.settings import Settings
from ivr.snapshot import NothingToServe, Snapshots
from ivr.web.health import Check
from ivr.web.switchboard import LONDON, Site, Switchboard, utc_now
from ivr.whereabouts import Whereabouts


def switchboard(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Switchboard:
    """The switchboard of a line set up by ``settings``, by the time that ``clock`` tells.

    Raises :class:`ivr.prompts.PromptError` where the words cannot be used.
    """
    geography = read_geography(settings.config_dir)
    site = Site(urlsplit(settings.public_url).path, settings.fallback_number, clock)
    words = read_catalogues(settings.config_dir)
    outbox = Outbox(settings.outbox_file)
    snapshots = Snapshots(settings, geography.holidays)
    return Switchboard(snapshots, words, geography, outbox, site)


def read_geography(config: Path) -> Geography:
    """The names of places, from their files."""
    return places.read({name: (config / "geography" / name).read_bytes() for name in places.FILES})


def read_catalogues(config: Path) -> Mapping[str, Catalogue]:
    """Every language there is a catalogue for, English first.

    Raises :class:`ivr.prompts.PromptError`.
    """
    files = {file.name.split(".")[1]: file for file in sorted(config.glob("prompts.*.toml"))}
    first = ["en", *(code for code in files if code != "en")]
    return alike(read_catalogue(code, files[code].read_bytes()) for code in first)


def explainer(settings: Settings, at: datetime, audience: str) -> Explainer:
    """What tells where a postcode leads, by the table that ``settings`` point to."""
    geography = read_geography(settings.config_dir)
    snapshot = Snapshots(settings, geography.holidays).current()
    answers = routing.compile(snapshot.table, snapshot.directory, at.astimezone(LONDON).date())
    where = Whereabouts(snapshot.directory, answers, geography)
    return Explainer(where, read_catalogues(settings.config_dir)["en"], at, audience)


def write_log(settings: Settings) -> None:
    """Write the log as one JSON object a line, with the level and time of each."""
    logging.getLogger("twilio").setLevel(logging.WARNING)  # it logs numbers
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=False,
    )


def checks(settings: Settings, board: Switchboard) -> list[Check]:
    """What ``/ready`` tells: what a call needs, and whether it is there."""
    return [*_loaded(board), _promises(board), _signatures(settings)]


def _loaded(board: Switchboard) -> list[Check]:
    try:
        snapshot = board.snapshots.current()
    except NothingToServe as wrong:
        return [Check("table", ok=False, say=str(wrong))]
    table, directory = snapshot.table, snapshot.directory
    return [
        Check("directory", ok=True, say=f"version {directory.version}"),
        Check("table", ok=True, say=f"version {table.version}. {table.line.notice}".strip()),
    ]


def _promises(board: Switchboard) -> Check:
    if board.outbox.ready():
        return Check("outbox", ok=True, needed=False)
    say = "no callback can be promised: make STATE_DIR writable, or free space on its disk"
    return Check("outbox", ok=False, say=say, needed=False)


def _signatures(settings: Settings) -> Check:
    if settings.test_line:
        return Check("signatures", ok=True, say="a test line: only its own telephone can ring it")
    return Check("signatures", ok=True)


def fallback_document(settings: Settings) -> str:
    """The TwiML for the number's fallback at Twilio, by the table that is live."""
    board = switchboard(settings)
    board.world("", "")
    return board.last_resort()
