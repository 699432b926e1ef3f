"""Which jobs there are, and the refusal of every other.

Whoever can write to Redis can queue anything, and RQ would run whatever function a job names. So a
job's function is looked up in :data:`ALLOWED` and nowhere else, and nothing but JSON is read.
Redis holds no word about a caller: a job has a neutral description and at most an opaque id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job

from ivr import relay
from workers import callbacks, chores, comparing, log, means, reconcile, trials

ALLOWED: Mapping[str, Callable[..., None]] = MappingProxyType(
    {
        "look_after_outbox": chores.look_after_outbox,
        "reconcile": reconcile.reconcile,
        "forget": reconcile.forget,
        "compare": comparing.compare,
        "keep_batch": log.keep_batch,
        "keep_promise": callbacks.keep_promise,
        "look": callbacks.look,
        "ask_for_test_calls": trials.ask_for_test_calls,
        "make_test_calls": trials.make_test_calls,
    }
)
"""Every job by the name it is queued under."""

QUEUES = ("chores", "log", "callbacks")
"""One program each: a worker that listens to several can lose a job if it is killed."""

STARTING = 50
"""Askings, a tenth of a second apart, that a Redis which is only just starting is given."""


class RefusedJobError(Exception):
    """A job that no program of ours can have queued."""


class AllowedJob(Job):
    """A job that can run only what is in :data:`ALLOWED`, and call nothing when it has ended."""

    @property
    def func(self) -> Callable[..., None]:
        """The function this job names. Raises RefusedJobError if it is not one of ours."""
        name = self.func_name
        if self.instance is not None or not isinstance(name, str) or name not in ALLOWED:
            raise RefusedJobError("a job that is not on the list was refused")
        return _unquoted(name)

    @property
    def success_callback(self) -> None:
        """Nothing: no job of ours has one."""

    @property
    def failure_callback(self) -> None:
        """Nothing: no job of ours has one."""

    @property
    def stopped_callback(self) -> None:
        """Nothing: no job of ours has one."""

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        """Read the job from Redis, without the web addresses it may ask to have called."""
        super().restore(raw_data)
        self.webhooks = []


def _unquoted(name: str) -> Callable[..., None]:
    """The job called ``name``, which tells of whatever goes wrong its kind alone."""

    def job(*ids: str) -> None:
        with means.unquoted(f"{name} was not done"):
            ALLOWED[name](*ids)

    return job


def connect(url: str) -> Redis:
    """The Redis at ``url``, once it answers: it may have been started with us and be slower.

    Raises redis.RedisError if it has not answered after :data:`STARTING` askings.
    """
    connection = Redis.from_url(url)
    for _ in range(STARTING - 1):
        with suppress(RedisError):
            connection.ping()
            return connection
        time.sleep(0.1)
    connection.ping()
    return connection


def queue(name: str, connection: Redis) -> Queue:
    """The queue called ``name``, one of :data:`QUEUES`, as a worker of ours reads it."""
    return relay.queue.queue(name, connection, AllowedJob)


def standing(connection: Redis) -> Mapping[str, tuple[int, int]]:
    """How many jobs wait in each queue, and how many of it failed for good. Raises RedisError."""
    found = ((name, queue(name, connection)) for name in QUEUES)
    return {
        name: (len(each), each.failed_job_registry.get_job_count(cleanup=False))
        for name, each in found
    }
