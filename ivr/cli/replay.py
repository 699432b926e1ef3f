"""``ivr replay``: ring a published month through the line, and hold the log's report to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Never

import click
from tqdm import tqdm

from ivr.replay import Replayed, ReplayError, chosen, replay
from ivr.replay.differences import table
from ivr.replay.waits import LONGEST
from ivr.report.published import PublishedError
from ivr.report.published import read as read_published
from ivr.settings import Settings, SettingsError, read


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--contract", "contracts", multiple=True, help="Only this one, such as MH009.")
@click.option("--region", "regions", multiple=True, help='Only this region, such as "London".')
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder in which the calls are kept.  [default: replay/MONTH in the state folder]",
)
@click.option("--table", "shows", is_flag=True, help="Print every figure that the log gives.")
def replay_command(  # the name of the command is that of the package
    file: Path,
    contracts: tuple[str, ...],
    regions: tuple[str, ...],
    state: Path | None,
    *,
    shows: bool,
) -> None:
    """Ring the month in FILE, as NHS England publishes it, call by call.

    Then the report from the log must equal FILE. What cannot be met, since the published figures
    contradict each other, is listed. The exit status is 1 for any other difference. A replay that
    was broken off goes on where it was.
    """
    try:
        published = read_published(file)
        wanted = chosen(published, contracts, regions)
        settings = _settings(state, str(published.month))
        with _progress() as rang:
            began = perf_counter()
            done = replay(published, wanted, settings, rang)
            seconds = perf_counter() - began
    except (PublishedError, ReplayError, SettingsError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    if shows:
        click.echo("\n".join(table(done.report, dict.fromkeys(wanted))))
    click.echo("\n".join(_told(done, seconds)))
    click.echo(f"kept in {settings.state_dir}")
    sys.exit(bool(done.comparison.unexplained))


def _settings(state: Path | None, month: str) -> Settings:
    """A test line's settings, with a state folder for this month alone; its Twilio is our own."""
    here = read({name: os.environ.get(name, "") for name in ("STATE_DIR", "CONFIG_DIR")})
    folder = state or here.state_dir / "replay" / month
    return read({"STATE_DIR": str(folder), "CONFIG_DIR": str(here.config_dir)})


class _Progress:
    """A bar that shows how many calls have been rung."""

    def __init__(self, bar: tqdm[Never]) -> None:
        self._bar = bar

    def __call__(self, done: int, calls: int) -> None:
        """Show that so many of all ``calls`` are done."""
        self._bar.total = calls
        self._bar.update(done - self._bar.n)


@contextmanager
def _progress() -> Iterator[_Progress]:
    with tqdm(unit=" calls", dynamic_ncols=True, disable=None) as bar:
        yield _Progress(bar)


def _told(done: Replayed, seconds: float) -> Iterator[str]:
    """What came of it."""
    comparison = done.comparison
    rate = done.rung / max(seconds, 0.001)
    yield f"{done.calls:,} calls, {done.rung:,} rung in {seconds:.0f} s: {rate:.0f} a second"
    yield (
        f"{comparison.equal:,} figures are as published, "
        f"{len(comparison.differences)} are not, and {comparison.absent} were published as -"
    )
    explained = [each for each in comparison.differences if each.why]
    if explained:
        yield f"Contradicted by others that were published (no wait here is over {LONGEST:,} s):"
        yield from (f"  {each.told}" for each in explained)
    if comparison.unexplained:
        yield "Not as published, and it should be:"
        yield from (f"  {each.told}" for each in comparison.unexplained)
