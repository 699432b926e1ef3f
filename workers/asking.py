"""Asks for a look at a callback: the one thing that Redis is told of it, by its opaque id."""

from __future__ import annotations

from redis import Redis

from ivr import relay
from ivr.relay.queue import put

FORGET_FAILED = 3600
"""Seconds for which Redis remembers a look that failed: another is asked for within the minute."""


def ask_to_look(redis: Redis, callback: str, mark: str) -> None:
    """Queue a look at ``callback``, unless one with this ``mark`` is there. Raises RedisError."""
    where = relay.queue.queue("callbacks", redis)
    put(where, "look", f"look-{callback}-{mark}", callback, forget=FORGET_FAILED)
