"""Compares what the log tells of a replayed month with what was published of it, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.replay.plan import ANY_NUMBER, Unmet
from ivr.report import ITEMS, Report
from ivr.report.published import Published
from ivr.report.row import shown


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that the log does not give as it was published."""

    contract: str
    item: str
    published: int
    logged: int | None
    """None where the log gives none."""
    why: Unmet | None
    """Why it cannot be met; None if it should have been."""

    @property
    def told(self) -> str:
        """It in one line, for a person."""
        figure = f"{self.contract} {self.item} is published as {self.published:,}"
        logged = "-" if self.logged is None else f"{self.logged:,}"
        return f"{figure}; the log has {logged}{self._because()}"

    def _because(self) -> str:
        if self.why is None:
            return ", and nothing published stands against it"
        if self.why.why:
            return f": {self.why.why}"
        beside = ", ".join(self.why.beside)
        allowed = self.why.allowed
        if not allowed:
            return f": there can be none beside the published {beside}"
        span = f"from {allowed[0]:,} to {allowed[-1]:,}" if len(allowed) > 1 else f"{allowed[0]:,}"
        if allowed.stop == ANY_NUMBER:
            span = f"{allowed[0]:,} or more"
        return f": beside the published {beside} it can only be {span}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A whole month's."""

    equal: int
    """Figures that are as published."""
    absent: int
    """Figures published as "-", which anything meets."""
    differences: tuple[Difference, ...]

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Differences that should not be."""
        return tuple(each for each in self.differences if each.why is None)


def compare(
    report: Report, published: Published, unmet: Mapping[str, tuple[Unmet, ...]]
) -> Comparison:
    """``report`` beside what is ``published`` of each contract in ``unmet``.

    ``unmet`` are the figures of a contract that contradict each other. One that is given as
    published all the same is no difference.
    """
    differences: list[Difference] = []
    equal = absent = 0
    for contract, given_up in unmet.items():
        wanted = published.figures(contract)
        absent += sum(figure is None for figure in wanted.values())
        found = tuple(_of_contract(report, published, contract, given_up))
        equal += sum(figure is not None for figure in wanted.values()) - len(found)
        differences += found
    return Comparison(equal, absent, tuple(differences))


def _of_contract(
    report: Report, published: Published, contract: str, unmet: tuple[Unmet, ...]
) -> Iterator[Difference]:
    logged = report.figures(contract)
    nothing = report.began is None
    for item, figure in published.figures(contract).items():
        if figure is None or logged[item] == figure:
            continue
        if nothing and not figure and item != "B07":
            continue  # nobody rang at all, so the log does not even know that nobody did
        why = next((each for each in unmet if each.item == item), None)
        yield Difference(contract, item, figure, logged[item], why)


def table(report: Report, contracts: Mapping[str, object]) -> Iterator[str]:
    """The figures of ``contracts`` by the log, as a table's lines."""
    yield "contract" + "".join(f"{item:>12}" for item in ITEMS)
    for contract in contracts:
        yield f"{contract:8}" + "".join(
            f"{shown(figure):>12}" for figure in report.figures(contract).values()
        )
