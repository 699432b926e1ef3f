"""Tells a service whose calls go otherwise than they went for weeks: a silent wrong route, perhaps.

A share of the last day is held against that of four weeks by the binomial distribution: what
would come by chance less often than once in 100,000 days of one service is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, lgamma, log

FEWEST, KNOWN = 20, 100
"""Calls of the last day, and of the weeks before, without which nothing can be said."""
SELDOM = 1 / 100_000
"""How probable by chance is too improbable to be chance."""
LEAST_MORE, LEAST_FEWER = 0.05, 0.1
"""How much the share must have grown of callers in the wrong area, or sunk of those answered."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The calls of some time that one service was offered first."""

    calls: int
    answered: int
    """It answered them itself."""
    wrong_area: int
    """Whose callers pressed that it is the wrong area."""


Rates = Mapping[str, Rate]


def wrong_areas(last: Rates, before: Rates) -> tuple[str, ...]:
    """The services of which more callers than before say that it is the wrong area."""
    return tuple(
        f"{service} ({was:.0%} to {rate.wrong_area / rate.calls:.0%})"
        for service, rate, was in _known(last, before, lambda rate: rate.wrong_area)
        if rate.wrong_area / rate.calls - was >= LEAST_MORE
        and _chance(rate.wrong_area, rate.calls, was) < SELDOM
    )


def answer_rates(last: Rates, before: Rates) -> tuple[str, ...]:
    """The services that answer a smaller share of their calls than before."""
    return tuple(
        f"{service} ({was:.0%} to {rate.answered / rate.calls:.0%})"
        for service, rate, was in _known(last, before, lambda rate: rate.answered)
        if was - rate.answered / rate.calls >= LEAST_FEWER
        and _chance(rate.calls - rate.answered, rate.calls, 1 - was) < SELDOM
    )


def _known(
    last: Rates, before: Rates, count: Callable[[Rate], int]
) -> Iterator[tuple[str, Rate, float]]:
    """Each service of which enough is known, with its last day and its share before."""
    for service, rate in sorted(last.items()):
        known = before.get(service)
        if known and rate.calls >= FEWEST and known.calls >= KNOWN:
            # Never quite none, nor all: what never happened yet may happen once.
            yield service, rate, (count(known) + 1) / (known.calls + 2)


def _chance(count: int, of: int, share: float) -> float:
    """How probable it is that ``count`` or more of so many do what that ``share`` does."""
    term = lgamma(of + 1)
    return sum(
        exp(
            term - lgamma(each + 1) - lgamma(of - each + 1)
            + each * log(share) + (of - each) * log(1 - share)
        )
        for each in range(count, of + 1)
    )  # fmt: skip
