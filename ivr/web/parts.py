"""Plugs the line's parts together from the settings: the only place that knows them all."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from io import UnsupportedOperation
from select import select
from typing import TextIO

import structlog

from ivr import routing, start
from ivr.explain import Explainer
from ivr.hours import LONDON
from ivr.outbox import Outbox
from ivr.prompts import Catalogue, PromptError
from ivr.routing import Table
from ivr.sealing import Seal
from ivr.settings import Settings, sealing_keys
from ivr.snapshot import Outside, Snapshots, read_geography
from ivr.web.mount import mount
from ivr.web.switchboard import Site, Switchboard, utc_now
from ivr.whereabouts import Whereabouts

log = structlog.get_logger("ivr")


def switchboard(
    settings: Settings,
    clock: Callable[[], datetime] = utc_now,
    outside: Outside | None = None,
) -> Switchboard:
    """The switchboard of a line set up by ``settings``, by the time that ``clock`` tells.

    ``outside`` is what its files ask of the world. Raises :class:`ivr.settings.SettingsError` where
    the fallback number may not be rung, or a test line's own key cannot be kept. Without words
    every caller gets the last resort, which has its own; that is an alarm, and no reason to answer
    nobody.
    """
    start.check_fallback(settings)
    words = _words(settings)
    geography = read_geography(settings, outside)
    snapshots = Snapshots(settings, geography.holidays, outside)
    names = Seal(sealing_keys(settings)).pseudonym
    site = Site(
        mount(settings.public_url),
        _fallback(settings, snapshots.table),
        clock,
        names,
        rings_back=bool(settings.account_sid and settings.auth_tokens),
    )
    return Switchboard(snapshots, words, geography, Outbox(settings.outbox_file), site)


def _words(settings: Settings) -> Mapping[str, Catalogue]:
    """The words of every language, or of the first alone if another's are broken, or none."""
    for only in ((), (start.FIRST,)):
        try:
            return start.read_catalogues(settings.config_dir, only)
        except PromptError as wrong:
            log.error("alarm", what="words cannot be used", lines=[str(wrong)])  # noqa: TRY400
    return {}


def _fallback(settings: Settings, table: Table | None) -> str:
    """What is rung until a call can be served: the table's own always-open line, if there is one.

    A table may be there without a directory to serve it with.
    """
    return table.fallback_number if table else settings.fallback_number


def explainer(settings: Settings, at: datetime, audience: str) -> Explainer:
    """What tells where a postcode leads, by the table that ``settings`` point to.

    Raises :class:`ivr.snapshot.NothingToServe` and :class:`ivr.prompts.PromptError`.
    """
    words = start.read_catalogues(settings.config_dir)
    with _alarms_on_terminal() as outside:
        geography = read_geography(settings, outside)
        snapshot = Snapshots(settings, geography.holidays, outside).current()
    answers = routing.compile(snapshot.table, snapshot.directory, at.astimezone(LONDON).date())
    where = Whereabouts(snapshot.directory, answers, geography)
    return Explainer(where, words[start.FIRST], at, audience)


def fallback_document(settings: Settings) -> str:
    """The TwiML for the number's fallback at Twilio, by the table that is live.

    Raises :class:`ivr.snapshot.NothingToServe`, and what :func:`switchboard` raises.
    """
    with _alarms_on_terminal() as outside:
        board = switchboard(settings, outside=outside)
        board.world("", "")
    return board.last_resort()


@contextmanager
def _alarms_on_terminal() -> Iterator[Outside]:
    """A world outside whose alarms are told on a terminal; not where what is raised says it all."""
    told: list[str] = []
    yield Outside(alarm=lambda what, lines: told.extend((what, *lines)))
    sys.stderr.writelines(f"{line}\n" for line in told)


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
        logger_factory=Lines,
        cache_logger_on_first_use=False,
    )


class Lines:
    """Writes each line of the log, or goes on without: one that is lost costs no caller.

    It is lost where the disk is full, where its reader is gone, and where its reader has fallen so
    far behind that a caller would wait for them.
    """

    def __init__(self, *_: object) -> None:
        """One is as good as another."""

    def msg(self, line: str) -> None:
        """Write ``line``, if that can be done at once."""
        with suppress(OSError, ValueError):  # ValueError: it is closed
            if _can_write(sys.stdout):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()

    debug = info = warning = error = critical = msg


def _can_write(file: TextIO) -> bool:
    """Whether a line may be written to ``file`` now without waiting for whoever reads it."""
    try:
        number = file.fileno()
    except UnsupportedOperation:  # it is in memory
        return True
    return bool(select([], [number], [], 0)[1])
