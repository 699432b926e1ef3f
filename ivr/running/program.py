"""One program of the line, run as honcho runs it: by the shell, its lines passed on as it prints.

Each has a process group of its own, so that Ctrl-C reaches the supervisor alone and it can end the
others in order, and so that nothing a program started outlives it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import IO

import honcho.process

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """One program to keep running: its name, and its command for the shell.

    Those with a lower ``ends`` are ended first. If one that is ``vital`` ends before the line has
    answered, the line cannot start. ``log`` is where its own words are, if it does not print them.
    """

    name: str
    command: str
    ends: int = 1
    vital: bool = False
    log: str = ""


class Running:
    """One running of ``program``, begun at once; ``tell`` is given each line that it prints."""

    def __init__(
        self, program: Program, environ: Mapping[str, str], tell: Callable[[bytes], None]
    ) -> None:
        self.program = program
        self.began = monotonic()
        child = honcho.process.Popen(
            # The shell fills in ${PORT} and gives way to the program, which so gets our signals;
            # env, because a line may begin with NAME=value.
            f"exec env {program.command}",
            env=environ,
            stdin=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,
        )
        self._child: subprocess.Popen[bytes] = child
        threading.Thread(target=_listen, args=(child.stdout, tell), daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._child.poll() is not None

    @property
    def how_it_ended(self) -> str:
        """Its end in words, once it is over."""
        code = self._child.wait()
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with {code}"
        seen = f" (see {self.program.log})" if self.program.log else ""
        return f"{self.program.name} ended {how}{seen}"

    def ask_to_end(self) -> None:
        """Ask it to end, and to end what it started."""
        self._child.terminate()

    def end(self) -> None:
        """End it at once, and whatever it started and left behind."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()


def _listen(printed: IO[bytes], tell: Callable[[bytes], None]) -> None:
    with printed:
        for line in printed:
            tell(line)


def _end_with_parent() -> None:
    """In a child: be ended by Linux if the supervisor is killed and cannot end it."""
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
