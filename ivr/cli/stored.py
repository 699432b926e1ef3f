"""Opens the store for a command; what is wrong with it is told in one line."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from ivr.sealing import Seal
from ivr.settings import Settings, SettingsError, sealing_keys
from ivr.store import Store, StoreError, migrate

LONGEST_NAME = 64


@contextmanager
def opened(settings: Settings, *, sealed: bool = True) -> Iterator[Store]:
    """The store that ``settings`` name, brought up to date. Raises ClickException.

    Whoever names no caller's number needs no keys: ``sealed`` is False then.
    """
    try:
        migrate(settings.store_url)
        store = Store(settings.store_url, Seal(sealing_keys(settings)) if sealed else None)
    except (StoreError, SettingsError) as wrong:
        raise click.ClickException(str(wrong)) from None
    except Exception as wrong:  # noqa: BLE001 - whatever a database raises, which may quote it
        raise click.ClickException(f"the store cannot be used: {type(wrong).__name__}") from None
    with closing(store):
        yield store


def name(given: str | None) -> str:
    """Who does something: as they say, or else as whom they are logged in on this machine."""
    return (given or getpass.getuser())[:LONGEST_NAME]
