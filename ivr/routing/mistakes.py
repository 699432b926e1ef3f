"""Collects every mistake in a table, so that an operator mends them all in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST = 50
"""Mistakes after which reading stops: by then one cause lies behind them all."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, where it is, and what would be right."""

    file: str
    trouble: str
    allowed: str
    row: int = 0
    """As a spreadsheet numbers rows: the header is 1. 0 where it is the whole file."""
    column: str = ""

    def __str__(self) -> str:
        """One line: ``services.csv row 12, column seconds: ...; allowed: ...``."""
        row = f" row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: {self.trouble}; allowed: {self.allowed}"


class TableError(ValueError):
    """A table, or a list beside it, that cannot be used; its text has one mistake a line."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class Mistakes:
    """The mistakes found so far; they are told in the order of ``files``, and of their rows."""

    def __init__(self, files: Sequence[str] = ()) -> None:
        self.broken: set[str] = set()
        """The files that could not be read to their end: what is not in them may yet be there."""
        self._found: list[Mistake] = []
        self._places = {file: place for place, file in enumerate(files)}

    def add(self, mistake: Mistake) -> None:
        """Notes one mistake; raises TableError when there are :data:`MOST`."""
        self._found.append(mistake)
        if len(self._found) >= MOST:
            self.settle()

    def unreadable(self, file: str, mistakes: Iterable[Mistake]) -> None:
        """Notes why ``file`` could not be read to its end; raises TableError as ``add`` does."""
        self.broken.add(file)
        for mistake in mistakes:
            self.add(mistake)

    def settle(self) -> None:
        """Raises TableError with all that was found; does nothing if nothing was."""
        if self._found:
            raise TableError(tuple(sorted(self._found, key=self._place)))

    def _place(self, mistake: Mistake) -> tuple[int, int]:
        return self._places.get(mistake.file, len(self._places)), mistake.row
