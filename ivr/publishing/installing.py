"""Imports the table that a new installation starts with, so that it can be rolled back to."""

from __future__ import annotations

from datetime import datetime

from ivr import routing
from ivr.routing import FILES, TableError
from ivr.settings import Settings
from ivr.snapshot import ROUTING, Published, read_file
from ivr.store import Store
from ivr.tables import Files, Version


def install(settings: Settings, store: Store, at: datetime) -> Version | None:
    """Import what callers are served here as the version that is live; None where none need be.

    As long as nobody has published anything that is the configured folder, and a change of it is
    imported likewise. Where the store was lost, it is what was published before. Raises TableError
    for a folder that cannot be read, and SQLAlchemy's errors for a store that cannot be used.
    """
    published = Published(settings.state_dir)
    return store.versions.install(published.files(published.live()) or _folder(settings), at)


def differs(settings: Settings, store: Store) -> bool:
    """Whether the configured folder says something else than what was published, and is served.

    Somebody may be editing it in vain.
    """
    newest = store.versions.newest()
    if newest is None or newest.installed:
        return False
    try:
        return routing.read(_folder(settings)).version != _installed(store)
    except TableError:
        return True


def _installed(store: Store) -> str:
    """The version that the installation started with; "" if it is not known."""
    told = (each.version for each in store.versions.publications() if each.installed)
    return next(told, "")


def _folder(settings: Settings) -> Files:
    paths = [settings.config_dir / ROUTING / name for name in FILES]
    found = {path.name: read_file(path) for path in paths}
    return {name: content for name, content in found.items() if content is not None}
