"""Lays out on this machine's disk what the store says is live, and what may be next.

Nothing is laid out that this machine's own program cannot read to the same version; a version that
is refused is told once, stays refused, and the one before it goes on being served.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from ivr import routing
from ivr.routing import TableError
from ivr.settings import Settings
from ivr.snapshot import Published
from ivr.store import Store
from ivr.tables import Files

log = structlog.get_logger("ivr.publishing")


def _told(what: str, lines: Sequence[str]) -> None:
    log.error("alarm", what=what, lines=list(lines))


class Deliverer:
    """Delivers from ``store`` to the state folder of ``settings``; ``alarm`` tells an operator.

    Every method raises SQLAlchemy's errors for a store, and OSError for a folder, that cannot be
    used; :func:`deliver` does not.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        alarm: Callable[[str, Sequence[str]], None] = _told,
    ) -> None:
        self._versions = store.versions
        self._published = Published(settings.state_dir)
        self._alarm = alarm
        self._laid: set[str] = set()
        """Those that were found whole on disk, or laid there, by this program."""
        self._refused: dict[str, str] = {}
        """Why those were refused that were, by version."""
        self._told: set[str] = set()

    def deliver(self) -> str:
        """Lay out the live version; the one that lies here as live now, "" if none does.

        Until a person has published anything, none does: the configured folder is served.
        """
        newest = self._versions.newest()
        if newest is None or newest.installed or self._done(newest.version):
            return self._published.live()
        with self._published.alone():
            newest = self._versions.newest()  # while another delivered it may have changed
            if newest and not self._done(newest.version):
                self._make_live(newest.version)
        return self._published.live()

    def lay_ahead(self) -> None:
        """Lay out what may be published next, so that a call may hop to a machine behind."""
        ready = self._versions.ready()
        new = [each for each in ready if each not in self._laid and each not in self._refused]
        if new:
            with self._published.alone():
                for each in new:
                    self._lay(each)

    def _done(self, version: str) -> bool:
        """Whether no more can be done for ``version`` here."""
        published = self._published
        return version in self._laid and (
            published.live() == version
            and not published.refusal()
            and published.folder(version).is_dir()
        )

    def _make_live(self, version: str) -> None:
        self._laid.discard(version)  # somebody may have tidied the folder since
        if self._lay(version):
            self._published.point(version)
            return
        why = f"{version}: {self._refused[version]}"
        if self._published.refusal() != why:
            self._published.refuse(why)
        if version not in self._told:
            self._told.add(version)
            lines = self._refused[version].splitlines()
            self._alarm(f"the published table {version} is refused here", lines)

    def _lay(self, version: str) -> bool:
        """Whether ``version`` lies here, whole."""
        if version in self._laid or version in self._refused:
            return version in self._laid
        if _wrong(version, self._published.files(version)):
            kept = self._versions.get(version)
            why = _wrong(version, kept.files) if kept else "the store has no such version"
            if why or kept is None:
                self._refused[version] = why
                return False
            self._published.lay(version, kept.files)
        self._laid.add(version)
        return True


def deliver(settings: Settings, store: Store) -> str | None:
    """Deliver once, as :meth:`Deliverer.deliver` does; None if nothing is, or none could be now.

    It never raises: the program that publishes on every machine tries again at once.
    """
    try:
        return Deliverer(settings, store).deliver() or None
    except Exception as wrong:  # noqa: BLE001 - whatever a database or a disk raises
        log.warning("not delivered", fault=type(wrong).__name__)
        return None


def _wrong(version: str, files: Files) -> str:
    """Why ``files`` are not the table that is known as ``version``; "" if they are."""
    try:
        found = routing.read(files).version
    except TableError as refused:
        return str(refused)
    return "" if found == version else f"its files are read as {found} by this machine's program"
