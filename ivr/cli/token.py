"""``ivr token``: what programs show to the API, made and taken back."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from ivr.api import tokens
from ivr.cli.stored import name, opened
from ivr.console.roles import Role
from ivr.settings import read
from ivr.store import PeopleError, Store


@click.group()
def token() -> None:
    """Make the tokens that programs show to the API, and take them back."""


@token.command()
@click.argument("login")
@click.argument("purpose")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.VIEWER.value,
    help="What it may do; never more than LOGIN may.",
)  # fmt: skip
def add(login: str, purpose: str, role: str) -> None:
    """Make a token of the person LOGIN for PURPOSE, and print it: it is kept nowhere."""
    now = datetime.now(UTC)
    with opened(read(os.environ)) as store:
        owner = store.people.by_login(login.strip().lower())
        if owner is None:
            raise click.ClickException(f"nobody has the login {login}: ivr operator list")
        try:
            made, shown = tokens.make(store, owner, purpose, Role(role), now)
        except PeopleError as wrong:
            raise click.ClickException(str(wrong)) from wrong
        _audit(store, "made a token", made.id, name=made.name, of=owner.login, role=role)
        click.echo(shown)


@token.command("list")
def list_() -> None:
    """List every token, newest first, and which may be used no longer."""
    with opened(read(os.environ)) as store:
        people = {each.id: each.login for each in store.people.every()}
        for each in store.tokens.every():
            state = "revoked" if each.revoked else "never used"
            if each.last_used and not each.revoked:
                state = f"used {each.last_used:%Y-%m-%d}"
            whose = people.get(each.person or "", "nobody")
            click.echo(f"{each.id}  {each.role:<10} {whose:<32} {state:<16} {each.name}")


@token.command()
@click.argument("id_", metavar="ID")
def revoke(id_: str) -> None:
    """Let the token with this ID, or the only one that begins so, be used no longer."""
    now = datetime.now(UTC)
    with opened(read(os.environ)) as store:
        found = [each for each in store.tokens.every() if id_ and each.id.startswith(id_)]
        if len(found) != 1:
            raise click.ClickException(f"{len(found)} tokens begin with {id_}: ivr token list")
        store.tokens.revoke(found[0].id, now)
        _audit(store, "revoked a token", found[0].id)


def _audit(store: Store, what: str, about: str, **detail: object) -> None:
    who = f"{name(None)} at the terminal"
    store.audit.add(who, what, about, detail, datetime.now(UTC))
