"""Keeps the line's programs running, and shows what they print, until it is told to stop.

Procfile, shell, colours and lines are honcho's. One thing differs from it: a program that ends is
started again after a pause that grows, because a dead worker must not end a telephone line.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from ivr.running.program import Program, Running

WHO = "line"
"""Whose name stands before what the supervisor itself says."""
TICK = 0.05


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: the pauses before a program is started again, and how long an end may take."""

    first: float = 0.5
    longest: float = 30.0
    settled: float = 60.0
    """A program that ran for so long has not failed at starting, and its pauses begin anew."""
    ask_again: float = 4.0
    """An RQ worker that is asked once finishes its job; asked twice, it ends the job too."""
    kill: float = 5.0


class Supervisor:
    """Keeps ``programs`` running in ``environ`` from :meth:`run` until :meth:`stop`.

    Those that are vital are started first, and the others once the line has answered: until then
    no caller can come, and all of the machine is the vital ones'.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        environ: Mapping[str, str],
        printer: Printer | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._environ = environ
        self._printer = printer or Printer(sys.stdout)
        self._printer.width = max(len(name) for name in (WHO, *(each.name for each in programs)))
        self._patience = patience or Patience()
        self._printed: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._answered = threading.Event()
        if not any(program.vital for program in programs):
            self._answered.set()
        self._failed = False
        colours = get_colours()
        self._kept = [
            _Kept(program, self._teller(program.name, next(colours))) for program in programs
        ]

    @property
    def stopping(self) -> bool:
        """Whether the end has been asked for, or has come of itself."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ask for the end; may be called from a signal or another thread."""
        self._stopping.set()

    def answered(self) -> None:
        """Note that the line has answered: from now on nothing but :meth:`stop` ends it."""
        self._answered.set()

    def say(self, line: str) -> None:
        """Print ``line`` among those of the programs; may be called from another thread."""
        self._teller(WHO, None)(line)

    def run(self) -> bool:
        """Start everything, and return once it has all ended; False if the line could not start."""
        while not self.stopping:
            for kept in self._kept:
                self._tend(kept)
            self._show()
        self._end_in_order()
        return not self._failed

    def _tend(self, kept: _Kept) -> None:
        """Start a program if its pause is over, or notice that it has ended."""
        if kept.running is None:
            if monotonic() >= kept.due and (kept.program.vital or self._answered.is_set()):
                kept.running = Running(kept.program, self._environ, kept.tell)
        elif kept.running.over:
            self._mourn(kept, kept.running)

    def _mourn(self, kept: _Kept, gone: Running) -> None:
        gone.end()
        kept.running = None
        if kept.program.vital and not self._answered.is_set():
            self.say(f"{gone.how_it_ended}; the line cannot start")
            self._failed = True
            self.stop()
            return
        settled = monotonic() - gone.began > self._patience.settled
        kept.failures = 1 if settled else kept.failures + 1
        pause = min(self._patience.first * 2 ** (kept.failures - 1), self._patience.longest)
        kept.due = monotonic() + pause
        self.say(f"{gone.how_it_ended}; starting it again in {pause:g} s")

    def _end_in_order(self) -> None:
        for turn in sorted({kept.program.ends for kept in self._kept}):
            leaving = [kept.running for kept in self._kept if kept.program.ends == turn]
            self._end([running for running in leaving if running])
        self._show()

    def _end(self, leaving: Sequence[Running]) -> None:
        """Ask each to end, wait, ask again, and then end those that have not."""
        began = monotonic()
        for until in (self._patience.ask_again, self._patience.kill):
            for running in leaving:
                running.ask_to_end()
            while not all(running.over for running in leaving) and monotonic() - began < until:
                self._show()
        for running in leaving:
            running.end()

    def _teller(self, name: str, colour: str | None) -> Callable[[bytes | str], None]:
        """What passes lines on to be printed under ``name``."""

        def tell(line: bytes | str) -> None:
            now = datetime.now().astimezone()  # noqa: TID251 - the hour on the terminal's wall
            self._printed.put(Message("line", line, now, name, colour))

        return tell

    def _show(self) -> None:
        """Print what has been said, waiting a tick for the first of it."""
        with suppress(queue.Empty):
            self._print(self._printed.get(timeout=TICK))
            while True:
                self._print(self._printed.get_nowait())

    def _print(self, message: Message) -> None:
        with suppress(OSError):  # a full disk, or nobody who reads: no reason to end a line
            self._printer.write(message)


@dataclass(slots=True)
class _Kept:
    """A program, and how it is doing. ``running`` is None until it is (again) to be started."""

    program: Program
    tell: Callable[[bytes | str], None]
    running: Running | None = None
    due: float = 0.0
    failures: int = 0
