"""The tables that operators published, as they lie on this machine, and which of them is live.

Each lies in ``published/<version>/`` and is written once, before ``published/live`` names it; so
what is found there is whole, and whoever reads it need not wait for anything to settle. Versions
that may go live next lie there too, for a call that began with one on another machine.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ivr.routing import FILES
from ivr.snapshot.disk import VERSION, all_but, make_private, text, write
from ivr.snapshot.files import read_file

MOST = 64
"""How many are kept: more than are published while the longest call lasts."""

_LIVE = "live"
_REFUSED = "refused"
_LOCK = ".lock"


class Published:
    """What was published, in the state folder ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "published"

    def live(self) -> str:
        """The version that is live here; "" as long as nobody has published any."""
        version = text(self._folder / _LIVE)
        return version if VERSION.fullmatch(version) else ""

    def folder(self, version: str) -> Path:
        """Where the files of ``version`` lie, if they do."""
        return self._folder / version

    def files(self, version: str) -> Mapping[str, bytes]:
        """The files of ``version``; none if they do not lie here."""
        if not VERSION.fullmatch(version):
            return {}
        found = {name: read_file(self.folder(version) / name) for name in FILES}
        return {name: content for name, content in found.items() if content is not None}

    def refusal(self) -> str:
        """Why the version that was published last is not served here; "" if it is."""
        return (read_file(self._folder / _REFUSED) or b"").decode("utf-8", "replace")

    # -- what the program that publishes does ----------------------------------------------

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else delivers on this machine until the block ends. Raises OSError."""
        make_private(self._folder.parent, self._folder)
        lock = os.open(self._folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def lay(self, version: str, files: Mapping[str, bytes]) -> None:
        """Write the files of a good table; nobody is served it yet. Raises OSError."""
        folder = self.folder(version)
        make_private(self._folder.parent, self._folder, folder)
        for name in FILES:
            write(folder / name, files[name])
        live = self.live()
        for old in all_but(MOST, self._folder):
            if old.name not in (version, live):
                shutil.rmtree(old, ignore_errors=True)

    def point(self, version: str) -> None:
        """Make ``version``, which lies here, the live one. Raises OSError."""
        write(self._folder / _LIVE, version.encode())
        self.accept()

    def refuse(self, why: str) -> None:
        """Say why the version that was published last is not served here. Raises OSError."""
        write(self._folder / _REFUSED, why.encode())

    def accept(self) -> None:
        """Take back what was said of a refusal."""
        with suppress(OSError):
            (self._folder / _REFUSED).unlink(missing_ok=True)
