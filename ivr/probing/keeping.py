"""Probes the whole table after each publication and every five minutes, and keeps the findings.

On a live line as on a test line, for nobody is rung. Callers go before: there is one probe at a
time, and a pause after each.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

import structlog

from ivr.hours import LONDON
from ivr.phone import Number, Phone, Post, over_http
from ivr.probing.planning import plan
from ivr.probing.ringing import ring, sid
from ivr.routing import Geography
from ivr.settings import Settings, signing_tokens
from ivr.snapshot import Snapshot, Snapshots, read_geography
from ivr.store import Probed, Store
from ivr.watching.here import checks

EVERY = timedelta(minutes=5)
LOOK = 1.0
"""Seconds between two looks at which table is served."""
SETTLING = 5.0
"""Seconds for which a table must have been served before it is probed: the web looks as often."""
PAUSE = 0.05
"""Seconds between one probe and the next, in which the web has nobody but callers to answer."""
AGAIN = 60.0
"""Seconds until it is tried again where something went wrong."""
HOST = 120
"""Characters kept of the name of this machine."""

log = structlog.get_logger("ivr.probing")


def round_of(
    phone: Phone,
    serving: Callable[[], Snapshot],
    geography: Geography,
    clock: Callable[[], datetime],
) -> Iterator[Probed]:
    """One probe of every way in the table that is served, until another is served."""
    snapshot = serving()
    table = snapshot.table
    today = clock().astimezone(LONDON).date()
    probes, _ = plan(table, snapshot.directory, geography, today)
    for probe in probes:
        told = ring(phone, table, probe, clock)
        if serving().table.version != table.version:
            return  # what was found last may be of either table
        yield told


def while_up(found: Iterable[Probed], up: Callable[[], bool]) -> Iterator[Probed]:
    """What is ``found`` until the web is gone, which is another alarm's and no row's fault."""
    for each in found:
        if not each.ok and not up():
            return
        yield each


def gently(found: Iterable[Probed], stopping: Event) -> list[Probed]:
    """What is ``found`` until ``stopping``, with a pause after each probe."""
    kept: list[Probed] = []
    for each in found:
        kept.append(each)
        if stopping.wait(PAUSE):
            break
    return kept


def telephone(settings: Settings, number: str, post: Post) -> Phone:
    """A telephone that rings the line's ``number`` on this machine, and none beyond it."""
    public, token = settings.public_url, signing_tokens(settings)[0]
    ours = Number(f"{public}/voice", number, status_callback=f"{public}/status", token=token)
    return Phone(post, ours, sid)


def keep_probing(settings: Settings, stopping: Event, clock: Callable[[], datetime]) -> None:
    """Probe until ``stopping``, whatever goes wrong."""
    geography = read_geography(settings)
    snapshots = Snapshots(settings, geography.holidays)
    probed, last = "", datetime.min.replace(tzinfo=clock().tzinfo)
    while not stopping.wait(LOOK):
        try:
            served = snapshots.current().table.version
            if served == probed and clock() - last < EVERY:
                continue
            if stopping.wait(SETTLING) or not _answers(settings):
                continue  # it is not up, or not yet
            number = snapshots.current().table.line.number
            with closing(over_http(settings.local_url)) as post:
                phone = telephone(settings, number, post)
                found = round_of(phone, snapshots.current, geography, clock)
                sound = while_up(found, lambda: _answers(settings))
                _keep(settings, gently(sound, stopping))
            probed, last = served, clock()
        except Exception as wrong:  # noqa: BLE001 - the next round may well succeed
            log.warning("not probed", fault=type(wrong).__name__)
            stopping.wait(AGAIN)


def _answers(settings: Settings) -> bool:
    """Whether the web answers on this machine."""
    return bool(checks(replace(settings, public_url=settings.local_url)))


def _keep(settings: Settings, found: list[Probed]) -> None:
    failed = [each for each in found if not each.ok]
    log.info("probed", probes=len(found), failed=len(failed))
    with closing(Store(settings.store_url)) as store:
        store.probes.keep([replace(each, host=platform.node()[:HOST]) for each in found])
