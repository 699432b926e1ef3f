"""``ivr exchange``: a pretend telephone company, so that a test line can ring back."""

from __future__ import annotations

import os
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.phone import Event, over_http
from ivr.phone.exchange import Exchange, Fates, FatesError, read_fates, serving
from ivr.phone.transcript import timed
from ivr.settings import Settings, SettingsError, read, signing_tokens

PORT = 8082
"""Where it is reached unless told otherwise."""


@click.command()
@click.option("--port", default=PORT, show_default=True, help="Where it is reached; 0 is any.")
@click.option(
    "--fates",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What becomes of ringing each number.  [default: everybody answers and presses 1]",
)
def exchange(port: int, file: Path | None) -> None:
    """Pretend to be the telephone company of a test line, until Ctrl-C.

    Start it, and then the line with TWILIO_API_BASE set to what it prints: whoever asks to be rung
    back is, and what they and the service hear is shown here. Nothing takes real time.

    A file of fates has a line for each number, such as "+441632960001  no-answer, answers 1".
    """
    try:
        settings = read(os.environ)
        if not settings.test_line:
            raise click.ClickException(
                "TWILIO_AUTH_TOKEN is set, so this is a live line: leave TWILIO_API_BASE unset "
                "and Twilio rings back, or unset it to pretend"
            )
        people = read_fates(file.read_text("utf-8"), _show) if file else Fates(hears=_show)
        _run(settings, people, port)
    except (SettingsError, FatesError, OSError, UnicodeDecodeError) as wrong:
        raise click.ClickException(str(wrong)) from wrong


def _run(settings: Settings, people: Fates, port: int) -> None:
    """Take requests until somebody presses Ctrl-C."""
    with closing(over_http(settings.local_url)) as post:
        company = Exchange(post, signing_tokens(settings)[0], people, _now)
        company.account = settings.account_sid
        with serving(company, port, plays=True) as base, suppress(KeyboardInterrupt):
            click.echo(f"The pretend telephone company listens. Start the line with:\n{_how(base)}")
            threading.Event().wait()


def _how(base: str) -> str:
    return f"  TWILIO_API_BASE={base} make run"


def _show(event: Event) -> None:
    """Show what happens, with the second of its call."""
    words = timed(event)
    if words:
        click.echo(words)


def _now() -> datetime:
    return datetime.now(UTC)
