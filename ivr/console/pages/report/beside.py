"""What is told of a month beside the figures published for all of England: shares, waits, bars.

A share of several contracts is the sum of the one over the sum of the other, of those of which
both are known. A centile is never averaged: of all England it can only be said where the middle
one of its services lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_high

from ivr.report import Contract
from ivr.report.row import MISSING

Figures = Mapping[str, int | None]
"""The eleven items by their ids."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Something told of one service's or many services' items."""

    title: str
    unit: str
    """``calls``, ``%`` or ``s``."""
    of: Callable[[Sequence[Figures]], Fraction | None]

    def shown(self, figures: Sequence[Figures]) -> str:
        """It, for a person to read."""
        value = self.of(figures)
        if value is None:
            return MISSING
        if self.unit == "calls":
            return f"{int(value):,}"
        return f"{float(value) * 100:.1f}%" if self.unit == "%" else f"{float(value):,.0f} s"


def _sum(item: str) -> Callable[[Sequence[Figures]], Fraction | None]:
    def of(figures: Sequence[Figures]) -> Fraction | None:
        known = [value for each in figures if (value := each[item]) is not None]
        return Fraction(sum(known)) if known else None

    return of


def _share(part: str, whole: str) -> Callable[[Sequence[Figures]], Fraction | None]:
    def of(figures: Sequence[Figures]) -> Fraction | None:
        known = [
            (top, bottom)
            for each in figures
            if (top := each[part]) is not None and (bottom := each[whole]) is not None
        ]
        below = sum(bottom for _, bottom in known)
        return Fraction(sum(top for top, _ in known), below) if below else None

    return of


def _middle(item: str) -> Callable[[Sequence[Figures]], Fraction | None]:
    def of(figures: Sequence[Figures]) -> Fraction | None:
        known = [value for each in figures if (value := each[item]) is not None]
        return Fraction(median_high(known)) if known else None

    return of


ABANDONED = Rate("Abandoned, of calls received", "%", _share("B02", "A01"))
WAIT = Rate("Mean wait until answered", "s", _share("B06", "A03"))

RATES = (
    Rate("Calls received", "calls", _sum("A01")),
    Rate("Calls answered", "calls", _sum("A03")),
    ABANDONED,
    Rate("Answered within 60 seconds, of calls answered", "%", _share("B01", "A03")),
    WAIT,
    Rate("95th centile of the waits (of England: the middle service's)", "s", _middle("B07")),
    Rate("Mean wait until abandoned", "s", _share("B09", "B02")),
)
"""What the page's first table tells, in order."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One group of services, here and as published."""

    label: str
    here: Sequence[Figures]
    published: Sequence[Figures]


def bars(
    contracts: Iterable[Contract], here: Mapping[str, Figures], published: Mapping[str, Figures]
) -> list[Bar]:
    """A bar for each region if there are several, else for each of the ``contracts``.

    Figures are by contract; a contract without any is not told.
    """
    every = list(contracts)
    by_region = len({each.region for each in every}) > 1
    groups: dict[str, list[str]] = {}
    for each in every:
        label = each.region if by_region else f"{each.contract_code} {each.contract_name}"
        groups.setdefault(label, []).append(each.contract_code)
    return [
        Bar(
            label,
            [here[code] for code in codes if code in here],
            [published[code] for code in codes if code in published],
        )
        for label, codes in sorted(groups.items())
    ]


def drawn(value: Fraction | None, unit: str) -> float | None:
    """A figure as a chart draws it: a share in hundredths, a time in seconds; None is a gap."""
    if value is None:
        return None
    return round(float(value) * (100 if unit == "%" else 1), 1)
