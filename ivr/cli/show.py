"""Shows what a running line would do: its call as a diagram, and its last resort as TwiML."""

from __future__ import annotations

import os

import click

from ivr import diagram
from ivr.settings import read
from ivr.web.parts import fallback_document


@click.command()
def graph() -> None:
    """Print the call as a Mermaid diagram, drawn from its own table of steps."""
    click.echo(diagram.mermaid(), nl=False)


@click.command()
def fallback() -> None:
    """Print the TwiML that belongs in the number's fallback, for when nothing of ours answers."""
    click.echo(fallback_document(read(os.environ)))
