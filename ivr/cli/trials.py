"""``ivr test-calls``: which services' telephones were rung to test them, and who answered."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click

from ivr import trials
from ivr.cli.stored import name, opened
from ivr.hours import LONDON
from ivr.routing import Table
from ivr.settings import Settings, read
from ivr.snapshot import Snapshots, read_geography
from ivr.telephony import company
from ivr.trials import Trial


@click.group("test-calls")
def test_calls() -> None:
    """Tell who answered when services' own telephones were rung to test them, or ring one.

    Only services that line.toml names under test_calls are ever rung.
    """


@test_calls.command("list")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table")
def list_(form: str) -> None:
    """List the last hundred, the newest first."""
    with opened(read(os.environ), sealed=False) as store:
        found = store.trials.latest()
    if form == "json":
        click.echo(json.dumps([asdict(each) for each in found], default=str, indent=2))
    else:
        click.echo(_lines(found))


@test_calls.command()
@click.argument("service")
@click.option("--who", help="Who does it; as whom you are logged in, if it is not given.")
def ring(service: str, who: str | None) -> None:
    """Have every number of SERVICE rung, one after another, beginning within a minute or so.

    They are real telephones of people at work: agree it with them first.
    """
    settings = read(os.environ)
    telephones = list(trials.telephones(_table(settings), service))
    if not telephones:
        raise click.ClickException(
            f"{service} may not be rung: name it under test_calls in line.toml, and publish that"
        )
    now = datetime.now(UTC)
    with opened(settings, sealed=False) as store:
        for each in telephones:
            new = store.trials.ask_for(each, name(who), now)
            told = "will be rung" if new else "is being rung already"
            click.echo(f"{service} number {each.place}, {each.number.value}, {told}")
    if company(settings) is None:
        click.echo("nobody will be: there is no TWILIO_ACCOUNT_SID to ring from", err=True)


def _table(settings: Settings) -> Table:
    return Snapshots(settings, read_geography(settings).holidays).current().table


def _lines(found: Sequence[Trial]) -> str:
    if not found:
        return "no test call was ever asked for"
    return "\n".join(
        f"{each.changed.astimezone(LONDON):%Y-%m-%d %H:%M}  {each.service} number {each.place}, "
        f"{each.number}: {each.state} (asked for by {each.who})"
        for each in found
    )
