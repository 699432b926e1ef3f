"""A bar that something measured must not be above, or below, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure, and what it may be at most, or at least; with neither it is only told."""

    what: str
    found: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the figure is what it may be."""
        below = self.least is not None and self.found < self.least
        above = self.most is not None and self.found > self.most
        return not (below or above)

    @property
    def told(self) -> str:
        """The figure, and the bar where there is one."""
        line = f"{self.what:<42} {self.found:>12,.2f} {self.unit}"
        if self.most is not None:
            line += f", of {self.most:,g} at most"
        if self.least is not None:
            line += f", of {self.least:,g} at least"
        return line if self.met else f"{line}  NOT MET"


def tell(bars: Iterable[Bar]) -> bool:
    """Print each figure once it is measured; whether every bar is met."""
    met = True
    for bar in bars:
        print(bar.told, flush=True)
        met &= bar.met
    return met
