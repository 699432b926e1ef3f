"""The housekeeping that comes round by itself. Each chore may run twice, and does no harm."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import structlog

from ivr.outbox import Outbox
from ivr.settings import read

TOO_OLD = timedelta(minutes=15)
"""Age above which a promise that still waits is somebody's concern."""

log = structlog.get_logger("workers.chores")


def look_after_outbox() -> None:
    """Say how many promises wait and for how long: as a warning if too long. Never whose."""
    outbox = Outbox(read(os.environ).outbox_file)
    try:
        count, oldest = outbox.standing()
    finally:
        outbox.close()
    now = datetime.now(UTC)  # noqa: TID251 - a job begins here, as a request does on the web
    waited = now - oldest if oldest else timedelta()
    tell = log.warning if waited > TOO_OLD else log.info
    tell("outbox", waiting=count, oldest_seconds=round(waited.total_seconds()))
