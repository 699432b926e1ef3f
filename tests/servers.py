"""Real servers for tests: the embedded Valkey, and a port that is nobody's."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from ivr.running import embedded
from ivr.running.program import Running
from workers import jobs


@contextmanager
def valkey(state_dir: Path) -> Iterator[Redis]:
    """The embedded server, answering, with its files under ``state_dir``."""
    with embedded.server(state_dir) as (program, url):
        running = Running(program, os.environ, lambda _line: None)
        connection = jobs.connect(url)
        try:
            yield connection
        finally:
            connection.close()
            running.ask_to_end()
            assert running.how_it_ended == f"valkey ended with 0 (see {program.log})"
            running.end()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port: int = chosen.getsockname()[1]
    return port
