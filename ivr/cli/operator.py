"""``ivr operator``: let people in to the console, see who may come in, and help who cannot."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from ivr.cli.stored import opened
from ivr.console.roles import Role
from ivr.console.signing_in import inviting
from ivr.settings import Settings, read
from ivr.store import Operator, PeopleError, Store

role_option = click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.VIEWER.value
)


@click.group()
def operator() -> None:
    """Let people in to the console, and help those who cannot come in."""


@operator.command()
@click.argument("name")
@click.argument("login")
@role_option
def add(name: str, login: str, role: str) -> None:
    """Let NAME in, who signs in as LOGIN, and print a one-time link for them."""
    with _store() as (settings, store):
        token = inviting.invite(store, (name, login, Role(role)), datetime.now(UTC))
        _audit(store, "invited a person", login.strip().lower(), role=role)
        _show(settings, token)


@operator.command("list")
def list_() -> None:
    """List everybody who may sign in, and who may no longer."""
    with _store() as (_, store):
        for each in store.people.every():
            click.echo(f"{each.login:<32} {each.role:<10} {_state(each):<12} {each.name}")


@operator.command()
@click.argument("login")
def reset(login: str) -> None:
    """Print a one-time link for LOGIN, who chooses a new password and authenticator with it.

    It lets in somebody who was shut out, and whoever has tried too often to sign in.
    """
    with _store() as (settings, store):
        found = store.people.by_login(login.strip().lower())
        if found is None:
            raise click.ClickException(f"nobody has the login {login}: ivr operator list")
        now = datetime.now(UTC)
        store.people.change(found.id, disabled=False)
        store.sign_ins.revoke_all(found.id, now)
        token = inviting.again(store, found, now)
        _audit(store, "gave a one-time link", found.login)
        _show(settings, token)


@contextmanager
def _store() -> Iterator[tuple[Settings, Store]]:
    settings = read(os.environ)
    with opened(settings, sealed=False) as store:
        try:
            yield settings, store
        except PeopleError as wrong:
            raise click.ClickException(str(wrong)) from wrong


def _audit(store: Store, what: str, login: str, **detail: object) -> None:
    who = f"{getpass.getuser()} at the terminal"
    store.audit.add(who, what, login, detail, datetime.now(UTC))


def _show(settings: Settings, token: str) -> None:
    click.echo(inviting.link(settings.console_url, token))
    click.echo("It works once, within a day. Whoever has it comes in.", err=True)


def _state(each: Operator) -> str:
    if each.disabled:
        return "shut out"
    return "invited" if each.password is None else "can sign in"
