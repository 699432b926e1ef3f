"""Brings a database to the tables that this version of the line needs."""

from __future__ import annotations

from pathlib import Path

from ivr.store.opening import alone, open_engine

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Bring the database at ``url`` up to date; nothing happens if it is.

    It is done in one transaction under a lock: of several programs that start at once, one does
    it and the others find it done. Raises :class:`ivr.store.StoreError` for a URL that cannot be
    used, and SQLAlchemy's errors for a database that cannot.
    """
    from alembic import command  # noqa: PLC0415 - large, and most programs find it all done
    from alembic.config import Config  # noqa: PLC0415 - the same

    engine = open_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            alone(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
