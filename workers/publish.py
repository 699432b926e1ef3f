"""Delivers what operators publish: ``python -m workers publish``, one to every machine.

It is a program of its own and no job: a roll back must not wait for Redis or behind other work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

import structlog

from ivr.publishing import Deliverer, differs, install
from ivr.routing import TableError
from ivr.settings import Settings
from ivr.store import Store, migrate

EVERY = 0.25
"""Seconds between two looks at what is live: a roll back is served within one."""

AHEAD = 4
"""How many looks there are to one for versions that may be published next."""

AGAIN = 5
"""Seconds after which a store or a disk that could not be used is tried again."""

log = structlog.get_logger("workers.publish")


def keep_publishing(settings: Settings, stopping: Event, clock: Callable[[], datetime]) -> None:
    """Deliver again and again until ``stopping``, whatever becomes of the store meanwhile."""
    store = None
    while store is None and not stopping.is_set():
        store = _opened(settings, clock())
        if store is None:
            stopping.wait(AGAIN)
    if store:
        _keep_delivering(Deliverer(settings, store), stopping)
        store.close()


def _opened(settings: Settings, now: datetime) -> Store | None:
    """The store, with its tables and this installation's own; None if it cannot be used now."""
    try:
        migrate(settings.store_url)
        store = Store(settings.store_url)
        _install(settings, store, now)
    except Exception as wrong:  # noqa: BLE001 - whatever a database raises
        log.warning("the store cannot be used", fault=type(wrong).__name__)
        return None
    return store


def _install(settings: Settings, store: Store, now: datetime) -> None:
    try:
        install(settings, store, now)
    except TableError:  # the web tells its every mistake
        log.warning("the configured table is not imported: it is refused")
    if differs(settings, store):
        log.warning("the configured folder is not served: a table was published since")


def _keep_delivering(deliverer: Deliverer, stopping: Event) -> None:
    served, looks, reached = "", 0, True
    while not stopping.is_set():
        try:
            live = deliverer.deliver()
            if looks % AHEAD == 0:
                deliverer.lay_ahead()
        except Exception as wrong:  # noqa: BLE001 - whatever a database or a disk raises
            if reached:
                log.warning("not delivered", fault=type(wrong).__name__)
            reached = False
            stopping.wait(AGAIN)
        else:
            if live != served or not reached:
                log.info("delivered", version=live)
            served, looks, reached = live, looks + 1, True
            stopping.wait(EVERY)
