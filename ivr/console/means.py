"""What every page of the console is handed: the parts of the line that it may look at or change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from ivr import routing, start
from ivr.explain import Explainer
from ivr.hours import LONDON
from ivr.prompts import Catalogue
from ivr.routing import Geography, Table
from ivr.sealing import Seal
from ivr.settings import Settings
from ivr.snapshot import Snapshots
from ivr.store import Store
from ivr.whereabouts import Whereabouts


@dataclass(eq=False)
class Means:
    """The parts of one line, as :func:`ivr.console.parts.means` plugs them together."""

    settings: Settings
    store: Store
    clock: Callable[[], datetime]
    """The time now, with its zone."""
    snapshots: Snapshots
    """The directory and the table that this machine serves."""
    geography: Geography
    catalogues: Mapping[str, Catalogue]
    seal: Seal
    _tables: Callable[[str], Table] = field(init=False, repr=False)
    _wheres: Callable[[str, date], Whereabouts] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._tables = lru_cache(maxsize=8)(self._read)
        self._wheres = lru_cache(maxsize=8)(self._compile)

    def table(self, version: str | None = None) -> Table:
        """The table of that ``version`` as the store has it; None is the one served here.

        Raises KeyError for a version that is nowhere, and :class:`ivr.snapshot.NothingToServe`.
        """
        served = self.snapshots.current().table
        return served if version in (None, served.version) else self._tables(str(version))

    def whereabouts(self, version: str | None, day: date) -> Whereabouts:
        """The directory with the table of that ``version``, compiled for a ``day``; kept a while.

        Raises what :meth:`table` raises.
        """
        return self._wheres(self.table(version).version, day)

    def explainer(self, version: str | None, at: datetime, audience: str = "") -> Explainer:
        """What tells where a caller is led at that moment; ``audience`` "" leaves age to be asked.

        Raises what :meth:`table` raises.
        """
        where = self.whereabouts(version, at.astimezone(LONDON).date())
        return Explainer(where, self.catalogues[start.FIRST], at, audience)

    def audit(
        self, who: str, what: str, about: str = "", detail: Mapping[str, object] | None = None
    ) -> None:
        """Write down for good that ``who`` (a login) did ``what`` ``about`` something.

        Never a caller's number, postcode or words: only what names a row, such as a callback's id.
        """
        self.store.audit.add(who, what, about, detail or {}, self.clock())

    def _read(self, version: str) -> Table:
        found = self.store.versions.get(version)
        if found is None:
            raise KeyError(version)
        return routing.read(found.files, self.geography.holidays)

    def _compile(self, version: str, day: date) -> Whereabouts:
        directory = self.snapshots.current().directory
        answers = routing.compile(self.table(version), directory, day)
        return Whereabouts(directory, answers, self.geography)
