"""Waits until the line answers, and then says where it is and what is worth knowing about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from threading import Event
from urllib.parse import urlsplit

from ivr.settings import SETTINGS, Settings

BETWEEN = 0.05
"""Seconds between two askings."""
PATIENCE = 5.0


def wait_for_answer(url: str, over: Callable[[], bool]) -> bool:
    """Whether the line at ``url`` came to say that it is healthy before ``over`` was true."""
    pause = Event()
    while not over():
        if _get(url, "/healthy") is not None:
            return True
        pause.wait(BETWEEN)
    return False


def greeting(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """What to print once the line at ``settings.local_url`` answers."""
    checks = (_get(settings.local_url, "/ready") or {}).get("checks", [])
    return [
        f"the line answers  {settings.public_url}/voice",
        f"is it well?       {settings.local_url}/ready",
        f"ring it           {_call_command(environ)}   (in another terminal)",
        *(f"{check['name']:<17} {check['say']}" for check in checks if check["say"]),
        "Ctrl-C ends it all",
    ]


def _call_command(environ: Mapping[str, str]) -> str:
    """How to ring this very line, wherever it was told to be."""
    differs = [
        f"{setting.variable}={environ[setting.variable]}"
        for name, setting in SETTINGS.items()
        if name in {"host", "port", "state_dir"} and environ.get(setting.variable)
    ]
    return " ".join([*differs, "make call"])


def _get(url: str, page: str) -> dict[str, list[dict[str, str]]] | None:
    """The JSON object at ``page``, whatever its status; None if there is none to be had."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
    try:
        connection.request("GET", page)
        found = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return found if isinstance(found, dict) else None
