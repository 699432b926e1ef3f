"""Ways in which a line of ours, or the machine it runs on, can be made to fail."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from types import FrameType
from typing import Any

from ivr.phone import Mischief, Troubles
from tests.machine import ROOT, ROUTING, Machine

WHO = "+447700900999 said tangerine at SW1A 1AA"
"""What a fault's message may hold, and nobody may be told."""
GARBAGE = b"not a database, not a table, not a directory\n" * 500

# -- the machine -------------------------------------------------------------------------------


class BrokenLog(StringIO):
    """A log on a disk that is full, or behind a pipe that nobody reads any more."""

    def __init__(self, wrong: Exception) -> None:
        super().__init__()
        self.wrong = wrong

    def write(self, _: str) -> int:
        raise self.wrong


def spoil_outbox(machine: Machine) -> None:
    machine.settings.outbox_file.write_bytes(GARBAGE)


def lose_outbox(machine: Machine) -> None:
    """A folder in the place of the outbox, which not even root can write to."""
    machine.settings.outbox_file.unlink(missing_ok=True)
    machine.settings.outbox_file.mkdir()


def lose_state(machine: Machine) -> None:
    """No state folder, nor any way to make one."""
    shutil.rmtree(machine.settings.state_dir)
    machine.settings.state_dir.touch()


OUTBOX_TROUBLES = (spoil_outbox, lose_outbox, lose_state)


def lose_table(machine: Machine) -> None:
    shutil.rmtree(machine.config / ROUTING)
    machine.look()


def spoil_table(machine: Machine) -> None:
    machine.publish(services=GARBAGE)


def spoil_directory(machine: Machine) -> None:
    (machine.config / "directory.p2d").write_bytes(GARBAGE)
    machine.look()


def lose_everything(machine: Machine) -> None:
    shutil.rmtree(machine.config)
    machine.look()


TABLE_TROUBLES = (lose_table, spoil_table, spoil_directory, lose_everything)


def break_log(machine: Machine) -> None:
    machine.log = BrokenLog(OSError(28, "No space left on device"))


def stop_the_clock(machine: Machine) -> None:
    def stopped() -> object:
        raise TroubleError(WHO)

    machine.time = stopped  # type: ignore[assignment]


def repeat(machine: Machine) -> None:
    machine.post = Mischief(machine.post, Troubles(repeats=3))  # type: ignore[method-assign]


# -- our own code -----------------------------------------------------------------------------


class TroubleError(Exception):
    """Something that nobody foresaw; its message holds what must never be told."""


@dataclass
class Tripwire:
    """Fails at the n-th use of what is watched, and perhaps ever after."""

    nth: int
    message: str
    ever_after: bool = False
    uses: int = 0
    tripped: int = 0

    def use(self) -> None:
        """Count one use; raises TroubleError if this is the one."""
        self.uses += 1
        if self.uses == self.nth or (self.ever_after and self.uses > self.nth):
            self.tripped += 1
            raise TroubleError(self.message)


class Watched:
    """Stands before a switchboard, and the worlds it gives, and trips over each use of them.

    The last resort alone can always be had: it was made ready beforehand.
    """

    def __init__(self, real: object, wire: Tripwire) -> None:
        self._real = real
        self._wire = wire

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the real one has
        found = getattr(self._real, name)
        if name == "last_resort":
            return found
        self._wire.use()
        if name == "world":
            return lambda *asked: Watched(found(*asked), self._wire)
        return Watched(found, self._wire) if name == "whereabouts" else found


Place = tuple[str, int]
"""A line of our code: its file and its number."""


class Tracer:
    """Calls ``each`` with every line of ours that runs while it is in force, the telephone's apart.

    What ``each`` raises is raised by that line.
    """

    def __init__(self, each: Callable[[Place], None]) -> None:
        self.each = each
        self.ours = str(ROOT / "ivr")
        self.telephone = str(ROOT / "ivr" / "phone")

    def __enter__(self) -> None:
        self.outer = sys.gettrace()
        sys.settrace(self._entered)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.outer)

    def _entered(self, frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401 - a tracer
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(self.ours) and not file.startswith(self.telephone):
            return self._line
        return None

    def _line(self, frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401 - a tracer
        if event == "line":
            self.each((frame.f_code.co_filename, frame.f_lineno))
        return self._line
