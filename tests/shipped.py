"""The line as it ships: its directory, table, words and places, read once for all the tests."""

from __future__ import annotations

import mmap
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from ivr import routing
from ivr.directory import Directory
from ivr.prompts import Catalogue, alike, read_catalogue
from ivr.routing import Geography, Table
from ivr.routing.geography import FILES as GEOGRAPHY
from ivr.routing.geography import read as read_geography
from ivr.routing.read import FILES
from ivr.whereabouts import Whereabouts
from ivr.world import World

CONFIG = Path(__file__).parent.parent / "config"
NOON = datetime(2026, 12, 9, 12, 0, tzinfo=UTC)
"""An ordinary Wednesday."""
TODAY = NOON.date()


@cache
def directory() -> Directory:
    with (CONFIG / "directory.p2d").open("rb") as file:
        return Directory(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


@cache
def geography() -> Geography:
    return read_geography({name: (CONFIG / "geography" / name).read_bytes() for name in GEOGRAPHY})


@cache
def table() -> Table:
    files = {name: (CONFIG / "routing" / name).read_bytes() for name in FILES}
    return routing.read(files, geography().holidays)


@cache
def catalogues() -> dict[str, Catalogue]:
    codes = ("en", "cy")
    found = (read_catalogue(code, (CONFIG / f"prompts.{code}.toml").read_bytes()) for code in codes)
    return dict(alike(found))


@cache
def whereabouts(day: date = TODAY) -> Whereabouts:
    return Whereabouts(directory(), routing.compile(table(), directory(), day), geography())


def world(caller: str = "", dialled: str = "", *, now: datetime = NOON) -> World:
    return World(table(), whereabouts(now.date()), catalogues(), now, caller, dialled)
