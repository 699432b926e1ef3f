"""``ivr audit``: whether what was written down of who did what is still what was written."""

from __future__ import annotations

import os
import sys
from contextlib import closing

import click

from ivr.audit import ChainError, Head
from ivr.audit import verify as verify_chain
from ivr.settings import read
from ivr.store import Store, StoreError, migrate


@click.group()
def audit() -> None:
    """Check the audit: who did or saw what in the console and at the terminal."""


@audit.command()
@click.option("--known", metavar="POSITION:HASH", help="What this printed before.")
def verify(known: str | None) -> None:
    """Verify every entry of the audit, and print the newest one's place and hash.

    Keep what it prints somewhere else: given as --known next time, it shows whether anything was
    cut off the end as well. The exit status is 1 if the chain does not hold.
    """
    try:
        before = Head.read(known) if known else None
        settings = read(os.environ)
        migrate(settings.store_url)
        with closing(Store(settings.store_url)) as store:
            click.echo(verify_chain(store.audit.every(), before))
    except ChainError as wrong:
        click.echo(wrong, err=True)
        sys.exit(1)
    except (StoreError, ValueError) as wrong:
        raise click.UsageError(str(wrong)) from wrong
