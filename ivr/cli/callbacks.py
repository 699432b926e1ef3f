"""``ivr callbacks``: who waits to be rung back, what was done for them, and what a person may do.

Nobody's number is shown unless it is asked for, and that is written into the history.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from ivr.callbacks import Callback, CallbackError, State, close, hand_over, retry, take_on
from ivr.cli.stored import name, opened
from ivr.hours import LONDON
from ivr.sealing import SealError
from ivr.settings import Settings, read
from ivr.snapshot import Outside, Snapshots
from ivr.store import Change, Store

RECENT = timedelta(days=7)
"""How far back ``list --all`` goes."""

who = click.option("--who", help="Who does it; as whom you are logged in, if it is not given.")
as_json = click.option("--format", "form", type=click.Choice(("table", "json")), default="table")
which = click.argument("callback")


@click.group()
def callbacks() -> None:
    """Tell who waits to be rung back, and see to what needs a person."""


@callbacks.command("list")
@click.option("--all", "every", is_flag=True, help="Those of a week that have ended, too.")
@as_json
def list_(form: str, *, every: bool) -> None:
    """List every callback that is open, the oldest first."""
    now = datetime.now(UTC)
    with opened(read(os.environ)) as store:
        kept = store.callbacks
        found = kept.among(list(State), now - RECENT) if every else []
        known = {each.id for each in found}
        found = sorted(
            [*found, *(each for each in kept.open() if each.id not in known)],
            key=lambda each: each.asked,
        )
    click.echo(_as_json([_told(each) for each in found]) if form == "json" else _table(found, now))


@callbacks.command()
@which
@click.option("--number", "wanted", is_flag=True, help="Show the number too, and note that down.")
@who
@as_json
def show(callback: str, who: str | None, form: str, *, wanted: bool) -> None:
    """Show one callback and everything that was done for it.

    CALLBACK is its id, or as much of the id's beginning as no other has.
    """
    with opened(read(os.environ)) as store:
        found = _found(store, callback)
        number = _number(store, found, name(who)) if wanted else None
        lines = store.callbacks.history(found.id)
    if form == "json":
        more = {} if number is None else {"number": number}
        click.echo(_as_json(_told(found) | more | {"history": [asdict(each) for each in lines]}))
    else:
        click.echo(_card(found, lines, number))


@callbacks.command("close")
@which
@click.option("--reason", required=True, help="Why; it is kept, so no name and no number.")
@who
def close_(callback: str, reason: str, who: str | None) -> None:
    """Close a callback, as only a person may. The number is erased."""
    said = " ".join(reason.split())
    _change(callback, who, f"closed: {said}", lambda found, now: close(found, said, now))


@callbacks.command("retry")
@which
@who
def retry_(callback: str, who: str | None) -> None:
    """Have a callback tried again: within a minute, and for an hour at least."""
    _change(callback, who, "retry", retry)


@callbacks.command("hand-over")
@which
@click.option("--to", "service", required=True, metavar="SERVICE", help="The service's code.")
@who
def hand_over_(callback: str, service: str, who: str | None) -> None:
    """Hand a callback over to another service, which is rung at once in place of the first."""
    _refuse_unknown(service, read(os.environ))
    what = f"handed over: to {service}"
    _change(callback, who, what, lambda found, now: hand_over(found, service, now))


@callbacks.command("take-on")
@which
@who
def take_on_(callback: str, who: str | None) -> None:
    """Take a callback on: you ring the caller yourself, and no machine does so any more."""
    from ivr.console.pages.callbacks.worklist import (  # noqa: PLC0415 - the others do not wait
        TAKEN_ON,
    )

    _change(callback, who, TAKEN_ON, take_on)


def _change(
    callback: str, who: str | None, what: str, change: Callable[[Callback, datetime], Callback]
) -> None:
    """Make the callback what ``change`` makes of it, and write down ``what``, as the page does."""
    now, by = datetime.now(UTC), name(who)
    with opened(read(os.environ)) as store:
        found = _found(store, callback)
        try:
            after = change(found, now)
        except CallbackError as wrong:
            raise click.ClickException(f"{found.id[:8]}: {wrong}") from None
        if after == found:  # it is left to a person already, and now it is known to whom
            store.callbacks.note(found, what, by, now)
        elif not store.callbacks.change(found, after, what, by, now):
            raise click.ClickException(f"{found.id[:8]}: it changed just now; look at it again")
        store.audit.add(by, f"callback: {what.partition(':')[0]}", found.id, {}, now)
    click.echo(f"{after.id[:8]} {after.state}")


def _refuse_unknown(service: str, settings: Settings) -> None:
    """Raise ClickException unless the table that is served here has that service."""
    told = Outside(alarm=lambda what, lines: click.echo("\n".join((what, *lines)), err=True))
    table = Snapshots(settings, outside=told).table
    if table is None:
        raise click.ClickException("there is no table here: see /ready of the line")
    if service not in table.services:
        raise click.ClickException(
            f"choose a service of the table: it has no {service!r}; services.csv tells the codes"
        )


def _found(store: Store, begins: str) -> Callback:
    exact = store.callbacks.get(begins)
    found = [exact] if exact else store.callbacks.beginning(begins)
    if len(found) != 1:
        many = "several callbacks begin" if found else "no callback begins"
        raise click.ClickException(f"{many} with {begins!r}; `ivr callbacks list --all` tells them")
    return found[0]


def _number(store: Store, callback: Callback, who: str) -> str:
    """The caller's number; that it was shown is written down first."""
    now = datetime.now(UTC)
    store.audit.add(who, "callback: number shown", callback.id, {}, now)
    store.callbacks.note(callback, "number shown", who, now)
    try:
        return store.callbacks.number(callback.id)
    except SealError as wrong:
        raise click.ClickException(str(wrong)) from None


def _told(callback: Callback) -> dict[str, object]:
    return asdict(callback)


def _as_json(told: object) -> str:
    return json.dumps(told, indent=2, default=lambda at: at.isoformat())


def _clock(at: datetime | None) -> str:
    return at.astimezone(LONDON).strftime("%d %b %H:%M:%S") if at else "-"


def _table(found: Sequence[Callback], now: datetime) -> str:
    if not found:
        return "no callback is open"
    rows = [("id", "state", "why", "service", "asked", "next", "attempts", "")]
    rows += [
        (
            each.id[:8],
            each.state,
            each.why[:20] or "-",
            each.service,
            _clock(each.asked),
            _clock(each.due),
            str(each.attempt),
            "OVERDUE" if each.is_open and now >= each.deadline else "",
        )
        for each in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _card(callback: Callback, lines: Sequence[Change], number: str | None) -> str:
    told = {
        "callback": callback.id,
        "state": callback.state + (f" ({callback.why})" if callback.why else ""),
        "service": callback.service,
        "promised on": callback.call,
        "asked": _clock(callback.asked),
        "nobody is rung from": _clock(callback.expires),
        "next": _clock(callback.due),
        "attempts": f"{callback.attempt}, the caller rung {callback.rung} times",
    }
    told |= {} if number is None else {"number": number or "erased"}
    card = [f"{name:<20} {value}" for name, value in told.items()]
    done = [f"  {_clock(each.at)}  {each.who:<12} {each.what} -> {each.state}" for each in lines]
    return "\n".join([*card, "", *done])
