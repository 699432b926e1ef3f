"""Finds out, before anything starts, what would keep the line from starting."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from honcho.environ import parse_procfile

from ivr.running.program import Program
from ivr.settings import HIGHEST_PORT, Settings, SettingsError, private_folder, unusable

CONSOLE = "console"
"""What a Procfile calls the program that listens on a port of its own."""


@contextmanager
def claim(settings: Settings, programs: Iterable[Program] = ()) -> Iterator[None]:
    """Hold the state folder for this one line, which is to run ``programs`` beside the web.

    Raises SettingsError, a line for each thing that is wrong, if the folder cannot be written to
    or another line holds it, if a port is taken, or is to be listened on by two of the programs,
    or if there is no folder of configuration.
    """
    lock = _lock_file(settings.state_dir)
    try:
        ports = _ports(settings, {each.name for each in programs})
        wrong = [_held(lock, settings), *ports, _lacking(settings)]
        if any(wrong):
            raise SettingsError(line for line in wrong if line)
        yield
    finally:
        os.close(lock)


def programs(procfile: Path) -> list[Program]:
    """The programs that ``procfile`` names; web is vital, and is the first to be ended.

    Raises SettingsError if there is no such file, or no web in it.
    """
    try:
        commands: dict[str, str] = parse_procfile(procfile.read_text(encoding="utf-8")).processes
    except OSError as wrong:
        line = (
            f"{procfile} cannot be read: {wrong.strerror}; start the line in the project's folder"
        )
        raise SettingsError([line]) from wrong
    if "web" not in commands:
        raise SettingsError([f"{procfile} names no program called web, which answers the line"])
    return [
        Program(name, command, ends=0 if name == "web" else 1, vital=name == "web")
        for name, command in commands.items()
    ]


def _lock_file(folder: Path) -> int:
    private_folder(folder)
    file = folder / "run.lock"
    try:
        return os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as wrong:
        raise unusable(file, wrong) from wrong


def _held(lock: int, settings: Settings) -> str:
    """What is wrong if another line holds the lock, which the system lets go of when it ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return (
            f"STATE_DIR={str(settings.state_dir)!r} is in use by another line on this machine: "
            "stop that one, or give this one a folder of its own"
        )
    return ""


def _ports(settings: Settings, programs: Iterable[str]) -> Iterator[str]:
    """What is wrong with the ports that are to be listened to."""
    yield _taken(settings, "PORT", settings.port)
    if CONSOLE not in programs:
        return
    port = settings.console_port
    if port == settings.port:
        yield (
            f"PORT={port} and CONSOLE_PORT={port} are the same: "
            f"give the console another, as in CONSOLE_PORT={_another(settings, port)}"
        )
    else:
        yield _taken(settings, "CONSOLE_PORT", port)


def _taken(settings: Settings, name: str, port: int) -> str:
    """What is wrong if ``port``, which the setting ``name`` gives, cannot be listened to."""
    try:
        family = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((settings.host, port), family=family).close()
    except OSError as wrong:
        reason = str(wrong.strerror).partition(" (")[0].lower()
        return (
            f"HOST={settings.host!r} {name}={port} cannot be listened to: "
            f"{reason}; free the port or give another, as in {name}={_another(settings, port)}"
        )
    return ""


def _another(settings: Settings, port: int) -> int:
    """A port beside ``port`` that the line does not want for itself."""
    step = 1 if port + 2 <= HIGHEST_PORT else -1
    beside = (port + step, port + 2 * step)
    return next(each for each in beside if each not in (settings.port, settings.console_port))


def _lacking(settings: Settings) -> str:
    if settings.config_dir.is_dir():
        return ""
    return (
        f"CONFIG_DIR={str(settings.config_dir)!r} is no folder: "
        "give the one that holds the line's configuration"
    )
