"""``ivr table check`` and ``ivr table diff``: what a table does to callers, before it does it."""

from __future__ import annotations

import json
import mmap
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
from tqdm import tqdm

from ivr import checking, differing
from ivr.checking import read_upload
from ivr.checking.check import DAYS
from ivr.cli.stored import opened
from ivr.console import maps
from ivr.differing.telling import lines
from ivr.directory import Directory
from ivr.hours import LONDON
from ivr.routing import FILES, Geography, Table, TableError, read
from ivr.settings import Settings
from ivr.settings import read as read_settings
from ivr.snapshot import read_geography
from ivr.snapshot.files import read_file
from ivr.snapshot.snapshots import DIRECTORY
from ivr.tables import CheckSummary

ERRORS = 1
"""The exit status of a table with errors."""

from_option = click.option(
    "--from",
    "at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]),
    help="The moment to begin at, by the clock in London; now if it is not given.",
)


@click.command()
@click.argument("table")
@from_option
@click.option("--days", default=DAYS, show_default=True, type=click.IntRange(1, 366))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(table: str, at: datetime | None, days: int, *, as_json: bool) -> None:
    """Check TABLE: a folder of its files, a workbook (.xlsx), or the id of a version.

    Every postcode, for each audience, at every hour of the days to come. Exits with 1 if there
    are errors; gaps and warnings are told, and are no reason to.
    """
    settings = read_settings(os.environ)
    geography = named_geography(settings)
    try:
        found = _table(table, settings, geography)
    except TableError as mistakes:
        click.echo(mistakes)
        sys.exit(ERRORS)
    result = run(settings, found, geography, _moment(at), days)
    click.echo(json.dumps(result.summary(), ensure_ascii=False) if as_json else _told(result))
    sys.exit(0 if result.ok else ERRORS)


def run(
    settings: Settings, table: Table, geography: Geography, at: datetime, days: int = DAYS
) -> checking.Check:
    """Check ``table`` from the moment ``at`` on, with a bar that tells how far it is."""
    with tqdm(total=100, desc="checking", disable=not sys.stderr.isatty(), leave=False) as bar:
        return checking.check(
            table,
            served_directory(settings),
            geography,
            at,
            days,
            progress=lambda done: _shown(bar, done),
        )


def _shown(bar: tqdm[NoReturn], done: float) -> None:
    bar.update(int(done * 100) - bar.n)


def _told(result: checking.Check) -> str:
    found = CheckSummary.read(result.summary())
    whole = (
        f"{result.version}: {_counted(result.postcodes, 'postcode')} at "
        f"{_counted(result.moments, 'moment')} of {_counted(result.days, 'day')}: "
        f"{str(found) or 'nothing found'}"
    )
    return "\n".join([*map(str, result.findings), whole])


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


@click.command()
@click.argument("before")
@click.argument("after")
@from_option
def diff(before: str, after: str, at: datetime | None) -> None:
    """Tell what callers would notice if the table AFTER took the place of BEFORE.

    Each is a folder of a table's files, a workbook (.xlsx), or the id of a version.
    """
    settings = read_settings(os.environ)
    geography = named_geography(settings)
    old, new = (_table(name, settings, geography) for name in (before, after))
    found = differing.difference(old, new, served_directory(settings), geography, _moment(at))
    for line in lines(found, old, new):
        click.echo(line)


def named_geography(settings: Settings) -> Geography:
    """The lists of places, with what districts and boards are called."""
    return replace(read_geography(settings), areas=maps.names(settings))


def _table(name: str, settings: Settings, geography: Geography) -> Table:
    """The table that is called so; raises TableError, or ClickException if there is none."""
    path = Path(name)
    files = uploaded(path) if path.exists() else _stored(name, settings)
    return read(files, geography.holidays)


def uploaded(path: Path) -> Mapping[str, bytes]:
    """The files of the table in the folder or workbook ``path``. Raises TableError."""
    paths = [path / file for file in FILES] if path.is_dir() else [path]
    files = {each.name: content for each in paths if (content := read_file(each)) is not None}
    return read_upload(files)


def _stored(begins: str, settings: Settings) -> Mapping[str, bytes]:
    """The files of the version whose id begins so."""
    with opened(settings, sealed=False) as store:
        found = store.versions.beginning(begins)
    if len(found) != 1:
        many = (
            "several versions begin" if found else "there is no such folder, and no version begins"
        )
        raise click.ClickException(f"{many} with {begins!r}; `ivr table list` tells them")
    return found[0].files


def served_directory(settings: Settings) -> Directory:
    """The directory that callers are led by."""
    with (settings.config_dir / DIRECTORY).open("rb") as file:
        return Directory(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _moment(at: datetime | None) -> datetime:
    return at.replace(tzinfo=LONDON) if at else datetime.now(UTC)
