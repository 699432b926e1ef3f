"""``ivr table``: a routing table's way from a folder to live, and back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr import publishing, routing
from ivr.cli.stored import opened
from ivr.cli.table_check import (
    ERRORS,
    check,
    diff,
    named_geography,
    run,
    served_directory,
    uploaded,
)
from ivr.cli.table_told import approved, as_json, card, listed, stale
from ivr.cli.who import terminal, who
from ivr.console.roles import Role
from ivr.routing import FILES, TableError
from ivr.settings import Settings, read
from ivr.store import Store
from ivr.tables import Publication, State, TablesError, UnsaidError, Version, counts, superseded

MOST = 50
"""How many versions ``list`` tells."""

who_option = click.option(
    "--who", "by", metavar="LOGIN", help="The operator who does it; needed where several could."
)
why_option = click.option("--why", required=True, help="Why; it is kept.")
form_option = click.option(
    "--format", "form", type=click.Choice(("table", "json")), default="table"
)
which = click.argument("version")


@click.group()
def table() -> None:
    """Import, check, compare, approve and publish the routing table, and take it back.

    VERSION is a version's id, or as much of its beginning as no other has.
    """


table.add_command(check)
table.add_command(diff)


@table.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--note", default="", help="What it is for.")
@who_option
def import_(source: Path, note: str, by: str | None) -> None:
    """Import a folder of a table's files, or a workbook (.xlsx), and check it.

    Nobody is served it yet. Exits with 1 if the check finds errors.
    """
    settings = read(os.environ)
    files = uploaded(source)
    routing.read(files)  # what is no table is told before anybody is asked who they are
    with _tables(settings) as store:
        by = who(settings, store, by, Role.EDITOR)
        live = store.versions.live()
        based_on = live.id if live else ""
        version = store.versions.add(files, by, note, based_on, _now(), terminal=terminal())
        version = _checked(settings, store, version)
    click.echo(card(version))
    sys.exit(ERRORS if version.check and not version.check.ok else 0)


@table.command("list")
@form_option
def list_(form: str) -> None:
    """List the versions, the newest first."""
    with _tables(read(os.environ)) as store:
        found = store.versions.all(MOST)
    click.echo(as_json(found) if form == "json" else listed(found))


@table.command()
@which
@form_option
def show(version: str, form: str) -> None:
    """Show one version: who imported it and why, its check, its approvals, when it was live."""
    with _tables(read(os.environ)) as store:
        found = _version(store, version)
    click.echo(as_json([found]) if form == "json" else card(found))


@table.command()
@which
@who_option
def approve(version: str, by: str | None) -> None:
    """Approve a version that somebody else imported.

    A terminal does not prove who approves; the console does. It is kept, and told, as such.
    """
    settings = read(os.environ)
    with _tables(settings) as store:
        by = who(settings, store, by, Role.PUBLISHER)
        id_ = _version(store, version).id
        found = store.versions.approve(id_, by, _now(), terminal=terminal())
    click.echo(f"{found.id} {found.state}")
    for each in found.approvals:
        click.echo(approved(each))


@table.command()
@which
@why_option
@who_option
@click.option(
    "--although",
    type=click.IntRange(0),
    metavar="NUMBER",
    help="You know that so many postcodes lose their service by it.",
)
def publish(version: str, why: str, by: str | None, although: int | None) -> None:
    """Make a version live: every call that begins a second later is led by it.

    It is checked first if it was not, or was so long ago.
    """
    settings = read(os.environ)
    with _tables(settings) as store:
        by = who(settings, store, by, Role.PUBLISHER)
        with suppress(TableError):  # what is served until now is what a roll back returns to
            publishing.install(settings, store, _now())
        found = _version(store, version)
        if found.state != State.LIVE:
            found = _checked(settings, store, found)
            _told_stale(store, found)
        done = store.versions.publish(
            found.id,
            by,
            why,
            _now(),
            two_people=settings.two_people,
            although=although,
            terminal=terminal(),
        )
        _deliver(settings, store, done)


@table.command()
@why_option
@who_option
def rollback(why: str, by: str | None) -> None:
    """Make the version live again that was so before; once more goes one further back."""
    settings = read(os.environ)
    with _tables(settings) as store:
        by = who(settings, store, by, Role.PUBLISHER)
        done = store.versions.roll_back(by, why, _now(), terminal=terminal())
        _deliver(settings, store, done)


@table.command()
@which
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(version: str, folder: Path) -> None:
    """Write a version's four files into FOLDER, byte for byte as they were imported."""
    with _tables(read(os.environ)) as store:
        found = _version(store, version)
        files = dict(found.files)
    standing = [each for each in FILES if (folder / each).exists()]
    if standing:
        raise click.ClickException(f"{folder / standing[0]} is there already: give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each, content in files.items():
            (folder / each).write_bytes(content)
    except OSError as wrong:
        raise click.ClickException(f"{folder}: {wrong.strerror}") from None
    click.echo(f"{found.id} is in {folder}")


# -- what the commands share -----------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _tables(settings: Settings) -> Iterator[Store]:
    """The store; what may not be done with a version is told in one line."""
    with opened(settings) as store:
        try:
            yield store
        except UnsaidError as wrong:
            raise click.ClickException(f"{wrong}: --although {wrong.loss.postcodes}") from None
        except TablesError as wrong:
            raise click.ClickException(str(wrong)) from None


def _version(store: Store, begins: str) -> Version:
    found = store.versions.beginning(begins)
    if len(found) != 1:
        many = "several versions begin" if found else "no version begins"
        raise click.ClickException(f"{many} with {begins!r}; `ivr table list` tells them")
    return found[0]


def _checked(settings: Settings, store: Store, version: Version) -> Version:
    """``version`` with the result of a check that still counts, made now if there is none.

    What is live is checked too, where that was not done lately: the one is measured by the other.
    """
    directory, now = served_directory(settings).version, _now()
    live = store.versions.live()
    if live and live.id != version.id and not counts(live.check, now, directory):
        _check(settings, store, live)
    if not (version.check and version.check.ok and counts(version.check, now, directory)):
        version = _check(settings, store, version)
    return version


def _check(settings: Settings, store: Store, version: Version) -> Version:
    geography = named_geography(settings)
    found = routing.read(version.files, geography.holidays)
    result = run(settings, found, geography, _now())
    return store.versions.checked(version.id, result.summary())


def _told_stale(store: Store, version: Version) -> None:
    """Say so where to publish ``version`` takes back what others changed since it was made."""
    live = store.versions.live()
    if live and (made_from := superseded(version, live.id, store.versions.get)):
        click.echo(stale(made_from), err=True)


def _deliver(settings: Settings, store: Store, done: Publication) -> None:
    """Deliver to this machine; the others' own programs do so within half a second."""
    click.echo(f"{done.version} is live")
    if publishing.deliver(settings, store) != done.version:
        click.echo(
            "this machine does not serve it yet: see /ready, and `python -m workers publish`",
            err=True,
        )
