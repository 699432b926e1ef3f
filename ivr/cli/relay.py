"""``ivr relay``: hand what the outbox holds to Redis, until told to end."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import click

from ivr.metrics import meter
from ivr.outbox import Outbox
from ivr.relay import Aside, Days, Relay, connect_impatiently, keep_handing
from ivr.sealing import Seal, SealError
from ivr.settings import Settings, SettingsError, read, sealing_keys
from ivr.web.parts import write_log

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command()
@click.option("--again", is_flag=True, help="Put back what was set aside, and end.")
def relay(*, again: bool) -> None:
    """Hand the call log's events to Redis for the workers, until told to end.

    It needs REDIS_URL and the folder STATE_DIR of the web programs on this machine: one relay
    to a machine. A Redis that is away is waited for.
    """
    try:
        settings = read(os.environ)
        seal = Seal(sealing_keys(settings))
        days = Days(settings.keep_events, settings.keep_pseudonyms, settings.keep_areas)
        aside = Aside(settings.state_dir / "aside", seal, days)
        outbox = Outbox(settings.outbox_file)
        if again:
            click.echo(f"{_put_back(aside, outbox)} events are in the outbox again")
        else:
            _hand_over(settings, outbox, seal, aside)
    except (SettingsError, SealError) as wrong:
        click.echo(wrong, err=True)
        sys.exit(2)


def _hand_over(settings: Settings, outbox: Outbox, seal: Seal, aside: Aside) -> None:
    if not settings.redis_url:
        raise SettingsError(["REDIS_URL is unset: give it, or start the whole line with `ivr run`"])
    write_log(settings)
    stopping = Event()
    for each in SIGNALS:
        signal.signal(each, lambda *_: stopping.set())
    redis = connect_impatiently(settings.redis_url)
    relay = Relay(outbox, redis, seal, lambda: datetime.now(UTC), aside)
    count = lambda done: meter().handed(**asdict(done))  # noqa: E731 - one word for the line below
    keep_handing(relay, stopping, count=count, alive=lambda: _alive(settings.relay_file))


def _alive(file: Path) -> None:
    """Leave the time on ``file``, for the watch; on a disk that takes none, it is not told."""
    with suppress(OSError):
        file.touch()


def _put_back(aside: Aside, outbox: Outbox) -> int:
    """Put every event that was set aside into the outbox again; how many they are."""
    count = 0
    for file, events in aside.read(aside.files()):
        if sum(outbox.note(each) for each in events) < len(events):
            raise SettingsError(
                ["STATE_DIR: the outbox cannot be written; free space, and try again"]
            )
        file.unlink()
        count += len(events)
    return count
