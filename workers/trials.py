"""Has the test calls made that are due, and never while somebody is to be rung back.

They are made by the program that rings people back, since the pace of the calls that are placed is
kept there.
"""

from __future__ import annotations

from ivr.relay.queue import put, queue
from workers import means

TURN = 60
"""Seconds in which they are asked for once."""


def ask_for_test_calls() -> None:
    """Have test calls made by whoever rings people back, if they have nothing else to do.

    Raises redis.RedisError or NotDoneError.
    """
    where = queue("callbacks", means.redis())
    if not len(where):
        put(where, "make_test_calls", f"test-{int(means.now().timestamp()) // TURN}")


def make_test_calls() -> None:
    """Look after the test call that is under way, or make the next. Raises NotDoneError."""
    from workers.ringing import Line, opened  # noqa: PLC0415 - Twilio's library is large
    from workers.trying import Trier  # noqa: PLC0415 - the same

    with means.unquoted("test calls could not be made"):
        settings = means.settings()
        company, table = opened(settings)
        if table is not None:
            Trier(means.store(), Line(company, table, settings.public_url), means.now).look()
