"""``python -m workers NAME`` works the queue called NAME, or with ``schedule`` fills them in time.

A program that cannot reach Redis says so in one line and ends; who started it starts it again. Two
do without it: ``watch`` raises alarms, and ``publish`` delivers what operators publish.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from functools import partial
from threading import Event

import click
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker, Worker
from rq.serializers import JSONSerializer

from ivr import relay
from ivr.settings import Settings, SettingsError, read
from workers import beating, jobs, log, schedule, watch

MAINTENANCE = 60
"""Seconds between two looks for jobs whose worker was killed; RQ's own default is ten minutes."""
LONGEST_WAIT = 10
"""Seconds, at most, before a Redis that is gone is tried again; RQ's own default is a minute."""
IDLE = MAINTENANCE + 15
"""Seconds for which RQ counts a silent worker as alive: it wakes it 15 before, to do maintenance.
Ours counts for less (:mod:`workers.beating`)."""


NEED_STORE = ("log", "callbacks")
"""The queues whose jobs are of no use without the store: their workers make its tables ready."""


@click.command()
@click.argument("name", type=click.Choice([*jobs.QUEUES, "schedule", "watch", "publish"]))
def main(name: str) -> None:
    """Take jobs from the queue NAME; "schedule" queues what falls due, "watch" raises alarms.

    "publish" delivers the published table to this machine.
    """
    try:
        settings = read(os.environ) if name == "publish" else _settings()
    except SettingsError as wrong:
        click.echo(wrong, err=True)
        sys.exit(2)
    _write_log(settings.log_level)
    if name in ALONE:
        ALONE[name](settings)
        return
    try:
        connection = jobs.connect(settings.redis_url)
        if name == "schedule":
            _schedule(settings, connection)
        else:
            if name in NEED_STORE:
                _make_ready(settings)
            elif name == "chores":
                with suppress(Exception):  # those that need no store are done without it
                    log.make_ready(settings)
            with _beating(settings, name):
                _work(name, connection)
    except RedisError as wrong:
        click.echo(f"Redis cannot be reached: {type(wrong).__name__}", err=True)
        sys.exit(1)


def _settings() -> Settings:
    settings = read(os.environ)
    if not settings.redis_url:
        raise SettingsError(["REDIS_URL is unset: give it, or start the whole line with `ivr run`"])
    return settings


def _make_ready(settings: Settings) -> None:
    """Make the store ready, or say why it is not and end."""
    try:
        log.make_ready(settings)
    except Exception as wrong:  # noqa: BLE001 - whatever a database raises
        click.echo(f"the store cannot be made ready: {type(wrong).__name__}", err=True)
        sys.exit(1)


def _write_log(level: str) -> None:
    """Write the log as the web does: one JSON object a line, with the level and time of each."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
    )


class Seldom(logging.Filter):
    """Passes on that Redis cannot be reached once a minute: RQ says so every other second."""

    _said = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether ``record`` is something else, or the first of its kind for a minute."""
        if "could not connect" not in str(record.msg):
            return True
        if record.created - self._said < MAINTENANCE:
            return False
        self._said = record.created
        return True


def _work(name: str, connection: Redis) -> None:
    worker = KINDS[name](
        [jobs.queue(name, connection)],
        connection=connection,
        job_class=jobs.AllowedJob,
        serializer=JSONSerializer,
        maintenance_interval=MAINTENANCE,
        worker_ttl=IDLE,
        log_job_description=False,
    )
    worker.max_connection_wait_time = LONGEST_WAIT
    logging.getLogger("rq.worker").addFilter(Seldom())
    worker.work(logging_level="WARNING")


KINDS: Mapping[str, type[Worker | SimpleWorker]] = {
    "chores": Worker,
    "log": SimpleWorker,
    "callbacks": SimpleWorker,
}
"""A chore has a process of its own, so that one that goes wrong takes nothing with it. A batch has
not: the fork, and all that a new process has yet to learn of its database, cost three times what
the batch does, and one that kills the worker is handed over again by the relay. Nor has a look at
a callback, for the pace of the calls that are placed is kept in the process that places them."""


def _schedule(settings: Settings, connection: Redis) -> None:
    with _beating(settings, schedule.NAME):
        where = partial(jobs.queue, connection=connection)
        schedule.keep(where, _until_told(), time.time)  # noqa: TID251 - an edge


def _beating(settings: Settings, name: str) -> AbstractContextManager[None]:
    """Signs of life, over a connection of their own that waits for nothing."""
    connection = relay.connect_impatiently(settings.redis_url)
    return beating.beating(connection, name, time.time)  # noqa: TID251 - an edge


def _watch(settings: Settings) -> None:
    """Watch, whether or not Redis can be reached: it is one of the things that are watched."""
    from ivr.watching import Watch  # noqa: PLC0415 - nothing else here needs a database for it

    connection = relay.connect_impatiently(settings.redis_url)
    names = (*jobs.QUEUES, schedule.NAME)
    looking = Watch(
        settings,
        lambda now: beating.alive(connection, names, now.timestamp()),
        lambda: jobs.standing(connection),
    )
    now = partial(datetime.now, UTC)  # noqa: TID251 - an edge
    watch.keep_watching(looking, _until_told(), now)


def _publish(settings: Settings) -> None:
    """Deliver what is published; where Redis is, it need not know."""
    from workers import publish  # noqa: PLC0415 - nothing else here needs a database for it

    now = partial(datetime.now, UTC)  # noqa: TID251 - an edge
    publish.keep_publishing(settings, _until_told(), now)


ALONE: Mapping[str, Callable[[Settings], None]] = {"watch": _watch, "publish": _publish}
"""The programs that take nothing from Redis."""


def _until_told() -> Event:
    """What is set when this program is told to end."""
    stopping = Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopping.set())
    return stopping


if __name__ == "__main__":
    main()
