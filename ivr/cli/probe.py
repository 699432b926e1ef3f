"""``ivr probe``: ring the line that runs here by every way that leads to a service."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from datetime import UTC, datetime
from threading import Event

import click

from ivr.phone import over_http
from ivr.probing import gently, keep_probing, round_of, telephone
from ivr.settings import Settings, read
from ivr.snapshot import Snapshots, read_geography
from ivr.store import Probed
from ivr.web.parts import write_log

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command()
@click.option("--keep", is_flag=True, help="Go on, every five minutes and after each publication.")
def probe(*, keep: bool) -> None:
    """Ring the line that runs here once by every way that leads to a service.

    Those are the rows of its table, the services' own numbers, the adviser and the fallback.
    Whoever is rung is played by this program: no telephone rings, on a live line either. The exit
    status is 1 where a way led elsewhere than the table says. With --keep what is found goes to
    the store and raises alarms.
    """
    settings = read(os.environ)
    if keep:
        _keep(settings)
        return
    click.echo("no telephone rings: this program plays everybody who is rung")
    found = _once(settings)
    for each in found:
        if not each.ok:
            click.echo(f"{each.route} to {each.service}: {each.why}")
    wrong = sum(not each.ok for each in found)
    click.echo(f"{len(found)} probes, {wrong} failed")
    sys.exit(bool(wrong))


def _once(settings: Settings) -> list[Probed]:
    geography = read_geography(settings)
    snapshots = Snapshots(settings, geography.holidays)
    number = snapshots.current().table.line.number
    with closing(over_http(settings.local_url)) as post:
        phone = telephone(settings, number, post)
        found = round_of(phone, snapshots.current, geography, lambda: datetime.now(UTC))
        return gently(found, Event())


def _keep(settings: Settings) -> None:
    write_log(settings)
    stopping = Event()
    for each in SIGNALS:
        signal.signal(each, lambda *_: stopping.set())
    keep_probing(settings, stopping, lambda: datetime.now(UTC))
