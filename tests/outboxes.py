"""Outboxes for tests, and other programs that use them and are killed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import ivr
from ivr.events import Event
from ivr.outbox import Promise

NUMBER = "+447700900123"
ASKED = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ROOT = Path(ivr.__file__).parent.parent

PREAMBLE = """
import os, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from ivr.events import Event
from ivr.outbox import Outbox, Promise
outbox = Outbox(Path(sys.argv[1]))
def promise(id):
    return Promise(id, "callback", "london", "+447700900123", datetime(2026, 11, 22, 3, tzinfo=UTC))
def event(turn, call=0):
    call, facts = f"CA{call:032x}", {"step": "place", "turn": turn}
    return Event(f"{call}-t{turn:02}", call, "turn", datetime(2026, 11, 22, 3, tzinfo=UTC), facts)
"""


def promise(name: str = "CA1", asked: datetime = ASKED) -> Promise:
    return Promise(name, "callback", "london", NUMBER, asked)


def event(turn: int, call: int = 0, at: datetime = ASKED) -> Event:
    name = f"CA{call:032x}"
    return Event(f"{name}-t{turn:02}", name, "turn", at, {"step": "place", "turn": turn})


def elsewhere(code: str, file: Path) -> subprocess.Popen[str]:
    """Another program, doing ``code`` to the outbox at ``file``."""
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", PREAMBLE + code, str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
