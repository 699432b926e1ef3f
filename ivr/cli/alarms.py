"""``ivr alarms``: look at everything now, and tell which alarms stand."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click

from ivr.alarms import ALARMS, STALE, Alarm, Standing, standing
from ivr.settings import read
from ivr.watching import Watch, kept


@click.command()
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table")
@click.option("--list", "every", is_flag=True, help="Tell every alarm there is, standing or not.")
def alarms(form: str, *, every: bool) -> None:
    """Tell which alarms stand: exit status 1 if any does.

    Everything is looked at anew, except what only the line's own programs count; so it can be
    asked while they, Redis or the database are down. It needs the settings of the line.
    """
    if every:
        _list(form)
        return
    stands = _look()
    _show(stands, form)
    sys.exit(bool(stands))


BY_A_WATCH = ("unlogged", "redis", "workers", "jobs", "failed", "relayed")
"""The figures that only a watch can tell."""


def _look() -> list[Standing]:
    settings = read(os.environ)
    now = datetime.now(UTC)
    last = kept(settings)
    figures = Watch(settings).figures(now)
    if last:
        watched = max(0.0, (now - last.at).total_seconds())
        figures = replace(figures, watched=watched)
        if now - last.at <= STALE:
            only = {name: getattr(last.figures, name) for name in BY_A_WATCH}
            figures = replace(figures, **only)
    return standing(figures, ALARMS)


def _show(stands: Sequence[Standing], form: str) -> None:
    if form == "json":
        rows = [{"name": each.alarm.name, "say": each.say, **_told(each.alarm)} for each in stands]
        click.echo(json.dumps(rows, indent=2))
        return
    for each in stands:
        click.echo(f"{each.alarm.name:<20} {each.say}")
        click.echo(f"{'':<20} {each.alarm.mend}")
    if not stands:
        click.echo("no alarm stands")


def _list(form: str) -> None:
    if form == "json":
        rows = [{"name": each.name, **_told(each)} for each in ALARMS]
        click.echo(json.dumps(rows, indent=2))
        return
    for each in ALARMS:
        click.echo(f"{each.name:<20} {each.threshold}")


def _told(alarm: Alarm) -> dict[str, str]:
    return {name: str(getattr(alarm, name)) for name in ("threshold", "source", "mend")}
