"""``ivr run``: the whole line on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr import start
from ivr.running import counting, embedded, preflight
from ivr.running.greeting import greeting, wait_for_answer
from ivr.running.program import Program
from ivr.running.supervisor import Supervisor
from ivr.settings import Settings, read, sealing_keys, signing_tokens
from ivr.store import Store, migrate

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option(
    "--procfile",
    type=click.Path(path_type=Path),
    default="Procfile",
    show_default=True,
    help="The file that names the programs to start.",
)
def run(procfile: Path) -> None:
    """Start the whole line on this machine, until Ctrl-C.

    That is every program of the Procfile, and an embedded Redis if REDIS_URL is unset. A bad
    setting, words that cannot be spoken or a taken port are told in one line before anything
    starts.
    """
    settings = read(os.environ)
    with _made_ready(settings, procfile) as (programs, environ):
        started = _keep_running(Supervisor(programs, environ), settings)
    sys.exit(not started)


@contextmanager
def _made_ready(
    settings: Settings, procfile: Path
) -> Iterator[tuple[list[Program], Mapping[str, str]]]:
    """All that is to run, and the environment for it, while the state folder is ours."""
    with ExitStack() as held:
        programs = preflight.programs(procfile)
        held.enter_context(preflight.claim(settings, programs))
        start.check(settings)
        signing_tokens(settings)  # a test line's is made before two web workers both want one
        sealing_keys(settings)  # and so is its key
        redis_url = settings.redis_url
        if not redis_url:
            program, redis_url = held.enter_context(embedded.server(settings.state_dir))
            programs = [program, *programs]
        counts = held.enter_context(counting.folder(settings.state_dir))
        yield programs, _environ(settings, redis_url, counts)


def _environ(settings: Settings, redis_url: str, counts: Path | None) -> dict[str, str]:
    """What the Procfile's lines find: our own programs first, and what they are to be told."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "HOST": settings.host,
        "PORT": str(settings.port),
        "CONSOLE_PORT": str(settings.console_port),
        "REDIS_URL": redis_url,
        "PROMETHEUS_MULTIPROC_DIR": str(counts or ""),
    }


def _keep_running(supervisor: Supervisor, settings: Settings) -> bool:
    for each in SIGNALS:
        signal.signal(each, lambda *_: supervisor.stop())
    threading.Thread(target=_greet, args=(supervisor, settings), daemon=True).start()
    return supervisor.run()


def _greet(supervisor: Supervisor, settings: Settings) -> None:
    if wait_for_answer(settings.local_url, lambda: supervisor.stopping):
        supervisor.answered()
        *where, how_to_end = greeting(settings, os.environ)
        for line in (*where, *_way_in(settings), how_to_end):
            supervisor.say(line)


def _way_in(settings: Settings) -> list[str]:
    """Where the console is; on a test line with a link for the first to come, who is its admin."""
    from ivr.console.signing_in import inviting  # noqa: PLC0415 - callers do not wait for it

    where = [f"the console       {settings.console_url}/console"]
    if not settings.test_line:
        return where
    try:
        migrate(settings.store_url)
        with closing(Store(settings.store_url)) as store:
            token = inviting.first(store, datetime.now(UTC))
    except Exception as wrong:  # noqa: BLE001 - whatever it is, the line goes on without a link
        return [*where, f"no way in         the store cannot be used: {type(wrong).__name__}"]
    link = inviting.link(settings.console_url, token) if token else ""
    return [*where, *([f"come in once by   {link}"] if link else [])]
