"""Keeps the tokens that programs show instead of signing in, by their hashes alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from ivr.store.database import Database
from ivr.store.operators import tokens


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept; what a program shows is kept nowhere."""

    id: str
    hash: str
    name: str
    """What it is for, in words."""
    role: str
    person: str | None
    """Who made it, by id."""
    created: datetime
    last_used: datetime | None = None
    revoked: datetime | None = None


class Tokens:
    """The tokens of a store, reached as ``Store.tokens``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: Token) -> None:
        """Keep a new token."""
        row = {name: getattr(token, name) for name in Token.__slots__}
        with self._database.writing() as connection:
            connection.execute(insert(tokens).values(row))

    def find(self, hash_: str) -> Token | None:
        """The token with this hash, if it may still be used."""
        good = (tokens.c.hash == hash_) & tokens.c.revoked.is_(None)
        with self._database.reading() as connection:
            row = connection.execute(select(tokens).where(good)).mappings().first()
        return Token(**row) if row else None

    def every(self) -> list[Token]:
        """Every token, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.created.desc()))
            return [Token(**row) for row in rows.mappings()]

    def used(self, id_: str, at: datetime) -> None:
        """Write down that it was used ``at``."""
        self._change(id_, last_used=at)

    def revoke(self, id_: str, at: datetime) -> None:
        """Let it be used no longer."""
        self._change(id_, revoked=at)

    def _change(self, id_: str, **to: object) -> None:
        with self._database.writing() as connection:
            connection.execute(update(tokens).where(tokens.c.id == id_).values(**to))
