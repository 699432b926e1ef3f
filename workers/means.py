"""What a job works with: the settings, the store, and the Redis that it was taken from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from redis import Redis
from rq import get_current_job
from rq.timeouts import BaseTimeoutException

from ivr.sealing import Seal
from ivr.settings import Settings, read, sealing_keys

if TYPE_CHECKING:
    from ivr.store import Retention, Store


class NotDoneError(Exception):
    """A job could not be done now; it will be tried again. Tells the kind of fault alone."""


def settings() -> Settings:
    """The settings of this program. Raises SettingsError."""
    return read(os.environ)


def seal() -> Seal:
    """The line's seal. Raises SettingsError or ValueError where its keys cannot be had."""
    return Seal(sealing_keys(settings()))


def redis() -> Redis:
    """The Redis that the job at hand came from. Raises NotDoneError where there is no job."""
    job = get_current_job()
    if job is None:
        raise NotDoneError("this is done by a worker, with its connection to Redis")
    return job.connection


def store() -> Store:
    """The line's store, opened once: a worker does one job after another."""
    return _store(settings().store_url, sealing_keys(settings()))


@cache
def _store(url: str, keys: tuple[str, ...]) -> Store:
    from ivr.store import Store  # noqa: PLC0415 - not every job needs a database

    return Store(url, Seal(keys))


def retention() -> Retention:
    """How long the settings have things kept."""
    from ivr.store import Retention  # noqa: PLC0415 - as below

    kept = settings()
    return Retention(
        call_days=kept.keep_calls,
        event_days=kept.keep_events,
        pseudonym_days=kept.keep_pseudonyms,
        area_days=kept.keep_areas,
        callback_days=kept.keep_callbacks,
    )


def now() -> datetime:
    """When it is: a job begins here, as a request does on the web."""
    return datetime.now(UTC)  # noqa: TID251 - an edge


@contextmanager
def unquoted(what: str) -> Iterator[None]:
    """Let no fault out of here that quotes a row: a job that fails leaves its fault in Redis.

    Raises NotDoneError, saying ``what`` and the kind of fault, in the place of whatever it is.
    """
    try:
        yield
    except (BaseTimeoutException, NotDoneError):  # the job has run for too long, and ends here
        raise
    except Exception as wrong:  # noqa: BLE001 - whatever a database raises
        raise NotDoneError(f"{what}: {type(wrong).__name__}") from None
