"""Plugs the console's parts together from the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ivr import start
from ivr.console import maps
from ivr.console.means import Means
from ivr.sealing import Seal
from ivr.settings import Settings, sealing_keys
from ivr.snapshot import Snapshots, read_geography
from ivr.store import Store, migrate
from ivr.web.switchboard import utc_now


def means(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Means:
    """The parts of a line set up by ``settings``, with the time by ``clock``.

    The store is brought up to date. Raises :class:`ivr.store.StoreError`,
    :class:`ivr.prompts.PromptError` and :class:`ivr.settings.SettingsError`.
    """
    migrate(settings.store_url)
    seal = Seal(sealing_keys(settings))
    geography = replace(read_geography(settings), areas=maps.names(settings))
    return Means(
        settings,
        Store(settings.store_url, seal),
        clock,
        Snapshots(settings, geography.holidays),
        geography,
        start.read_catalogues(settings.config_dir),
        seal,
    )
