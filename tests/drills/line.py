"""A whole line on this machine, from the Procfile, whose every program can be killed and stopped.

Between Redis and those that speak to it stands a proxy that misbehaves when it is told to.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

from honcho.printer import Printer
from redis import Redis

import ivr
from ivr.outbox import Outbox
from ivr.relay import connect_impatiently
from ivr.running import embedded, preflight
from ivr.running.greeting import wait_for_answer
from ivr.running.program import Program, Running
from ivr.running.supervisor import Supervisor
from ivr.settings import Settings, read, signing_tokens
from ivr.store import Store
from tests.drills.proxy import FaultProxy, between
from tests.servers import free_port

ROOT = Path(ivr.__file__).parent.parent
PATIENCE = 60.0
"""Seconds that anything may take to start or to settle before a drill is given up."""


class Line:
    """The programs that run, their folder, and what they have said.

    Redis is started and ended by the drill alone; the others by the line's own supervisor.
    """

    def __init__(self, settings: Settings, valkey: Program, proxy: FaultProxy) -> None:
        self.settings = settings
        self.proxy = proxy
        self.token = signing_tokens(settings)[0]
        self.outbox = Outbox(settings.outbox_file)
        self.store = Store(settings.store_url)
        self._valkey = valkey
        self.start_redis()
        self._said = io.StringIO()
        self._supervisor = Supervisor(_programs(), self._environ(), Printer(self._said))
        self._tending = threading.Thread(target=self._supervisor.run)
        self._tending.start()

    def wait_until_it_answers(self) -> None:
        """Wait for the web, and let the others start."""
        over = monotonic() + PATIENCE
        assert wait_for_answer(self.settings.local_url, lambda: monotonic() > over), self.said
        self._supervisor.answered()

    @property
    def said(self) -> str:
        """All that was printed."""
        return self._said.getvalue()

    def start_redis(self) -> None:
        """Start Redis, with what it has on disk."""
        self._redis = Running(self._valkey, os.environ, lambda _: None)

    def kill_redis(self) -> None:
        """End Redis by SIGKILL."""
        self._redis.end()

    def signal_redis(self, how: signal.Signals) -> None:
        """Let Redis stand still (SIGSTOP), or go on (SIGCONT)."""
        os.kill(self._redis._child.pid, how)

    def kill(self, name: str) -> None:
        """End a program, and all that it started, by SIGKILL; the supervisor starts it again."""
        running = self._running(name)
        if running:
            running.end()

    def kill_one_of(self, name: str) -> None:
        """End one of the processes that a program started, by SIGKILL."""
        running = self._running(name)
        if running:
            parent = running._child.pid
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            os.kill(int(children[0]), signal.SIGKILL)

    def _running(self, name: str) -> Running | None:
        kept = next(each for each in self._supervisor._kept if each.program.name == name)
        return kept.running

    def empty(self) -> None:
        """Throw away all that a Redis which does not run has on disk."""
        shutil.rmtree(self.settings.state_dir / "valkey" / "appendonlydir", ignore_errors=True)

    def redis(self) -> Redis:
        """Redis itself, behind the proxy's back."""
        return connect_impatiently(f"unix://{self.settings.state_dir / 'valkey' / 'valkey.sock'}")

    def end(self) -> None:
        """End everything."""
        self._supervisor.stop()
        self._tending.join()
        self.signal_redis(signal.SIGCONT)
        self.kill_redis()
        self.outbox.close()

    def _environ(self) -> Mapping[str, str]:
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "HOST": self.settings.host,
            "PORT": str(self.settings.port),
            "STATE_DIR": str(self.settings.state_dir),
            "CONFIG_DIR": str(self.settings.config_dir),
            "REDIS_URL": self.proxy.url,
        }


def _programs() -> list[Program]:
    """The Procfile's, with a web that does not print a line for each turn."""
    return [
        replace(each, command=f"LOG_LEVEL=error {each.command}") if each.name == "web" else each
        for each in preflight.programs(ROOT / "Procfile")
    ]


@contextmanager
def line(folder: Path) -> Iterator[Line]:
    """A line below ``folder``, which has a short name, with its web answering."""
    state = folder / "var"
    settings = read(
        {
            "PORT": str(free_port()),
            "STATE_DIR": str(state),
            "CONFIG_DIR": str(ROOT / "config"),
        }
    )
    with (
        embedded.server(state) as (valkey, _),
        between(folder / "redis.sock", state / "valkey" / "valkey.sock") as proxy,
    ):
        made = Line(settings, valkey, proxy)
        try:
            made.wait_until_it_answers()
            yield made
        finally:
            made.end()


def wait_until(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait until something is ``true``."""
    began = monotonic()
    while not true():
        assert monotonic() - began < patience, f"{what} took longer than {patience:g} s"
        sleep(0.05)
