"""``ivr call``: ring the line from a terminal, as a caller would, or as a script says."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import click

from ivr.phone import CALLER, Number, Phone, Post, Told, in_process, over_http
from ivr.phone.acting import Actors
from ivr.phone.script import Script, ScriptError, read_script
from ivr.phone.terminal import Terminal
from ivr.phone.transcript import summary, transcript
from ivr.routing import TableError, line
from ivr.routing.mistakes import Mistakes
from ivr.settings import Settings, SettingsError, read, signing_tokens

HOW = (
    "Keys are digits, * and #; other words are spoken; Enter alone is silence; "
    '"hang up" ends the call.'
)

PATIENCE = 1.0
"""Seconds a line on this machine may take to say that it runs."""


@click.command()
@click.option("--from", "caller", help=f'Who rings; "" withholds it.  [default: {CALLER}]')
@click.option("--to", "number", help="The number rung.  [default: the line's own]")
@click.option(
    "--script",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ring as this file says, and print what happened.",
)
@click.option("--url", help="Ring the line that runs here.  [default: this machine's]")
def call(caller: str | None, number: str | None, file: Path | None, url: str | None) -> None:
    """Ring the line from this terminal, and be the caller and whoever is rung.

    Without --url it is the line that runs on this machine, or if none does, one made for this
    call alone. The exit status is 1 where the line left a caller with nothing.
    """
    try:
        settings = read(os.environ)
        script = read_script(file.read_text("utf-8")) if file else None
        called = number or (script and script.number) or _own_number(settings)
        token = _local_token(settings)
        with _line(settings, url) as (post, public_url):
            called_back = f"{public_url}/status"
            ours = Number(f"{public_url}/voice", called, status_callback=called_back, token=token)
            phone = Phone(post, ours)
            told = _act(phone, script, caller) if script else _sit(phone, caller)
    except (SettingsError, ScriptError, TableError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    click.echo(f"= {summary(told)}")
    sys.exit(not told.safe)


def _local_token(settings: Settings) -> str:
    """The token that a test line lets its own telephone sign with."""
    if not settings.test_line:
        raise click.ClickException(
            "TWILIO_AUTH_TOKEN is set, so this is a live line: ring its number from a telephone, "
            "or unset it to ring a test line"
        )
    return signing_tokens(settings)[0]


def _own_number(settings: Settings) -> str:
    """The number of the line, as its routing table says."""
    file = settings.config_dir / "routing" / line.FILE
    mistakes = Mistakes()
    try:
        found = line.read(file.read_bytes(), mistakes)
    except OSError as wrong:
        raise click.ClickException(f"{file}: {wrong.strerror}; give --to NUMBER") from wrong
    mistakes.settle()
    assert found is not None  # noqa: S101 - a mistake would have been raised
    return found[1].number


@contextmanager
def _line(settings: Settings, url: str | None) -> Iterator[tuple[Post, str]]:
    """How the line is reached, and its public address."""
    if url or _runs(settings.local_url):
        click.echo(f"ringing the line that runs at {url or settings.local_url}")
        with closing(over_http(url or settings.local_url)) as post:
            yield post, (url or settings.public_url).rstrip("/")
        return
    click.echo("no line runs here; ringing one made for this call alone")
    from ivr.web import create_app  # noqa: PLC0415 - Flask is needed only here

    yield in_process(create_app(replace(settings, log_level="error"))), settings.public_url


def _runs(url: str) -> bool:
    """Whether a line at ``url`` says that it is healthy."""
    place = urlsplit(url)
    with closing(HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)) as connection:
        try:
            connection.request("GET", "/healthy")
            return bool(json.loads(connection.getresponse().read()) == {"healthy": True})
        except (OSError, HTTPException, ValueError):
            return False


def _sit(phone: Phone, caller: str | None) -> Told:
    """Let the person at the terminal take every part."""
    click.echo(HOW)
    return phone.ring(Terminal(input, click.echo), CALLER if caller is None else caller, _now())


def _act(phone: Phone, script: Script, caller: str | None) -> Told:
    """Let every part be taken as the script says."""
    told = phone.ring(Actors(script), script.caller if caller is None else caller, _now())
    click.echo("\n".join(transcript(told.events)))
    return told


def _now() -> datetime:
    return datetime.now(UTC)
