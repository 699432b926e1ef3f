"""Probes the whole table after each publication and every five minutes, and keeps the findings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
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

log = structlog.get_logger("ivr.probing")


def round_of(
    phone: Phone,
    serving: Callable[[], Snapshot],
    geography: Geography,
    clock: Callable[[], datetime],
) -> list[Probed]:
    """One probe of every row of the table that is served, unless another is served meanwhile."""
    snapshot = serving()
    table = snapshot.table
    today = clock().astimezone(LONDON).date()
    probes, _ = plan(table, snapshot.directory, geography, today)
    found: list[Probed] = []
    for probe in probes:
        told = ring(phone, table, probe, clock)
        if serving().table.version != table.version:
            break  # what was found last may be of either table
        found.append(told)
    return found


def telephone(settings: Settings, number: str, post: Post) -> Phone:
    """A telephone that rings the line's ``number`` on this machine. Of no use on a live line."""
    public, token = settings.public_url, signing_tokens(settings)[0]
    ours = Number(f"{public}/voice", number, status_callback=f"{public}/status", token=token)
    return Phone(post, ours, sid)


def keep_probing(settings: Settings, stopping: Event, clock: Callable[[], datetime]) -> None:
    """Probe until ``stopping``. On a line with real callers nothing is rung, ever."""
    if not settings.test_line:
        log.info("not probing", why="this line takes real callers")
        stopping.wait()
        return
    geography = read_geography(settings)
    snapshots = Snapshots(settings, geography.holidays)
    probed, last = "", datetime.min.replace(tzinfo=clock().tzinfo)
    while not stopping.wait(LOOK):
        try:
            served = snapshots.current().table.version
            if served == probed and clock() - last < EVERY:
                continue
            stopping.wait(SETTLING)
            if not checks(settings):  # it does not run, or not yet: that is another alarm's
                continue
            number = snapshots.current().table.line.number
            with closing(over_http(settings.local_url)) as post:
                phone = telephone(settings, number, post)
                found = round_of(phone, snapshots.current, geography, clock)
            _keep(settings, found)
            probed, last = served, clock()
        except Exception as wrong:  # noqa: BLE001 - the next round may well succeed
            log.warning("not probed", fault=type(wrong).__name__)
            last = clock()


def _keep(settings: Settings, found: list[Probed]) -> None:
    failed = [each for each in found if not each.ok]
    log.info("probed", probes=len(found), failed=len(failed))
    with closing(Store(settings.store_url)) as store:
        store.probes.keep(found)
