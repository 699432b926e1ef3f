"""How a job is queued: once for each id, with a neutral description and nothing but opaque ids.

Whoever hands jobs over and whoever works them read the same rules here.
"""

from __future__ import annotations

from contextlib import suppress

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry as RedisRetry
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

PATIENCE = 0.25
"""Seconds to wait for Redis. Its client's own way is a minute: 5 s, tried eleven times."""

LONGEST = 60
"""Seconds a job may run."""
FORGET_FAILED = 24 * 3600
"""Seconds for which Redis remembers a job that failed; RQ's own default is a year."""
TRIES_AGAIN = 3
"""How often RQ tries a failed job again, at once: a pause between would need RQ's scheduler."""


def connect_impatiently(url: str) -> Redis:
    """The Redis at ``url``, for whoever must not wait; it is not asked anything yet.

    Nothing is tried twice behind our back: after a timeout nobody knows whether it was done.
    """
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=RedisRetry(NoBackoff(), 0),
    )


def queue(name: str, connection: Redis, job_class: type[Job] = Job) -> Queue:
    """The queue called ``name``. Workers bring a ``job_class`` that refuses what is not ours."""
    return Queue(name, connection, serializer=JSONSerializer, job_class=job_class)


def put(  # the keywords say how, the others what
    where: Queue,
    name: str,
    job_id: str,
    *ids: str,
    forget: int = FORGET_FAILED,
    first: bool = False,
) -> None:
    """Queue the job called ``name`` for ``ids``, unless ``job_id`` is there already.

    ``forget`` is for how many seconds Redis remembers it if it fails, ``first`` whether it goes
    before all others. Raises redis.RedisError if Redis does not take it, or its answer is lost on
    the way.
    """
    with suppress(DuplicateJobError):
        where.enqueue(
            name,
            args=ids,
            job_id=job_id,
            unique=True,
            at_front=first,
            description=name,
            job_timeout=LONGEST,
            result_ttl=0,
            failure_ttl=forget,
            retry=Retry(max=TRIES_AGAIN),
        )
