"""Relays and jobs in which one line of ours fails, and all that Python says of it."""

from __future__ import annotations

import linecache
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import StringIO
from threading import Event
from types import FrameType
from typing import Any

from ivr.relay import Handed, Relay
from tests.machine import ROOT
from tests.troubles import Place, Tracer
from workers import jobs


class Everywhere(Tracer):
    """Traces what the line's programs do, workers and all, but not the telephone company.

    Nor the list of the jobs there are, which RQ looks them up in: nothing comes to it but names.
    """

    WORKERS = str(ROOT / "workers")
    LIST = str(ROOT / "workers" / "jobs.py")

    def _entered(self, frame: FrameType, event: str, told: object) -> Any:  # noqa: ANN401 - a tracer
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(self.WORKERS) and file != self.LIST:
            return self._line
        return super()._entered(frame, event, told)


def is_with(place: Place) -> bool:
    """Whether a line is a ``with``, which Python comes to again before it lets go of a lock.

    Nothing of ours can fail there the second time, and a lock that is never let go of would end
    the drill.
    """
    return linecache.getline(*place).lstrip().startswith("with ")


class FaultyRelay(Relay):
    """A relay, each pass of which may have a fault in it."""

    fault: Callable[[], AbstractContextManager[None]] = nullcontext

    def turn(self) -> Handed:
        """One pass, as ever."""
        with self.fault():
            return super().turn()


class FaultyJob(jobs.AllowedJob):
    """A job of ours that may have a fault in it."""

    fault: Callable[[], AbstractContextManager[None]] = nullcontext

    def perform(self) -> Any:  # noqa: ANN401 - as RQ has it
        """Do the job, as ever."""
        with type(self).fault():
            return super().perform()


class OnePass(Event):
    """Told to end after one pass of a loop."""

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for nothing."""
        self.set()
        return timeout is None


@contextmanager
def everything_logged(to: StringIO) -> Iterator[None]:
    """Python's own log, down to the last word, is written ``to``; RQ's as it always is."""
    recorded = logging.StreamHandler(to)
    loggers = [logging.getLogger(), logging.getLogger("rq.worker")]
    level = loggers[0].level
    for each in loggers:
        each.addHandler(recorded)
    loggers[0].setLevel(logging.DEBUG)
    try:
        yield
    finally:
        loggers[0].setLevel(level)
        for each in loggers:
            each.removeHandler(recorded)
