"""``ivr directory``: builds the directory of postcodes, and says what is in one."""

from __future__ import annotations

import json
import mmap
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from tqdm import tqdm

from ivr.directory import Directory, DirectoryError
from ivr.directory.build import Building, Story, put
from ivr.directory.geography import read
from ivr.directory.sources import SourceError, found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

config_option = click.option(
    "--config",
    envvar="CONFIG_DIR",
    default="config",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The folder of the configuration.",
)


@click.group()
def directory() -> None:
    """The directory of postcodes: build it, or see what is in it."""


@directory.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--vintage", default="", help='How old the data is: "November 2025".')
@click.option(
    "--notes",
    type=click.File(encoding="utf-8"),
    help="A text file on where it comes from, a sentence a line; it is kept with it.",
)
@click.option("--built", type=click.DateTime(["%Y-%m-%d"]), help="The day it is built: today.")
@config_option
def build(  # noqa: PLR0913 - one for each option
    *,
    sources: tuple[Path, ...],
    output: Path,
    vintage: str,
    notes: TextIO | None,
    built: datetime | None,
    config: Path,
) -> None:
    """Build a directory from SOURCES: ONSPD, NSPL or Code-Point Open, as CSV, folder or zip.

    Where several tell of one postcode the first is believed, and the others fill its gaps. The
    old file stays in place until the new one is whole.
    """
    day = built or datetime.now(UTC)
    if not output.resolve().parent.is_dir():
        raise click.ClickException(f"{output}: there is no folder {output.resolve().parent}")
    provenance = tuple(notes.read().splitlines()) if notes else ()
    try:
        building = _read(sources, config / "geography")
        file = building.file(Story(day.date(), vintage, provenance))
        put(file, output)
    except SourceError as mistake:
        raise click.ClickException(f"{mistake}. Nothing was written.") from None
    except OSError as mistake:
        raise click.ClickException(f"{output}: {mistake}. Nothing was written.") from None
    click.echo("\n".join(_reported(building)))
    click.echo(f"{output}: {len(file):,} bytes")
    _tell(Directory(file))


def _read(paths: Sequence[Path], geography: Path) -> Building:
    building = Building(read(geography))
    sources = [found(path) for path in paths]
    size = sum(member.size for source in sources for member in source.members)
    bar = tqdm(
        total=size, unit="B", unit_scale=True, desc="reading", disable=not sys.stderr.isatty()
    )
    with bar:
        for source in sources:
            building.add(source, bar.update)
    return building


def _reported(building: Building) -> Iterator[str]:
    """What was read, kept and skipped, and why."""
    for tally in building.tallies:
        yield (
            f"{tally.name}: {tally.read:,} rows read, {tally.kept:,} kept "
            f"({tally.new:,} new, {tally.known:,} of postcodes already known)"
        )
        for why, count in tally.skipped.most_common():
            yield f"  {count:,} skipped: {why} (such as {tally.examples[why]})"
    for name, count in building.passed_over.items():
        if count:
            yield f"{name}: {count:,} files passed over (documents, lists of codes, repeats)"
    for remark in building.remarks:
        yield f"{remark.count:,} {remark.what} (such as {remark.example})"


@directory.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@config_option
def info(file: Path | None, config: Path, *, as_json: bool) -> None:
    """Say what is in FILE (by default the directory in the configuration) and whose data it is."""
    path = file or config / "directory.p2d"
    try:
        with path.open("rb") as stored:
            known = Directory(mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError, DirectoryError) as mistake:
        why = "the file is empty" if isinstance(mistake, ValueError) else mistake
        raise click.ClickException(f"{path}: {why}") from None
    if as_json:
        click.echo(json.dumps({"version": known.version, **known.info}, ensure_ascii=False))
    else:
        click.echo(f"{path}: {path.stat().st_size:,} bytes")
        _tell(known)


def _tell(known: Directory) -> None:
    """Prints all that is known of a directory, one thing a line."""
    click.echo(f"version: {known.version}")
    for name, told in known.info.items():
        parts = list(_parts(told))
        click.echo(f"{name}: {parts[0]}" if isinstance(told, str) else f"{name}:")
        for part in parts if not isinstance(told, str) else ():
            click.echo(f"  {part}")


def _parts(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        yield from (f"{name}: {'; '.join(_parts(each))}" for name, each in told.items())
    elif isinstance(told, list):
        yield from ("; ".join(_parts(each)) for each in told)
    else:
        yield f"{told:,}" if isinstance(told, int) else str(told)
