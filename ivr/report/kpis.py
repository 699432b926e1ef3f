"""What a service is judged by beside the published items, and how far the log can be relied on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ivr.callbacks import Callback, State
from ivr.report.items import Calls, count, holds, waits
from ivr.report.waits import centile_95


@dataclass(frozen=True, slots=True)
class Kpis:
    """The measures of some calls, as :data:`ivr.report.measures.MEASURES` explains them.

    None is one that cannot be told. Times are in seconds.
    """

    received: int | None
    answered: int | None
    elsewhere: int | None
    abandoned: int | None
    early: int | None
    abandoned_of_received: Fraction | None
    abandoned_of_settled: Fraction | None
    speed_to_answer: Fraction | None
    centile_95: int | None
    time_abandoned: Fraction | None
    misrouted: int | None
    questions: Fraction | None
    to_first_ring: Fraction | None
    incomplete: int
    unmeasured: int
    recovered: int
    callbacks: int | None
    connected: int | None
    waiting: int | None


def kpis(calls: Calls, promised: Sequence[Callback] | None) -> Kpis:
    """The measures of ``calls``, and of what was ``promised``; None if that is not known."""
    answered = count(each.answered for each in calls)
    abandoned = count(each.abandoned for each in calls)
    settled = None if answered is None or abandoned is None else answered + abandoned
    return Kpis(
        len(calls),
        answered,
        count(each.elsewhere for each in calls),
        abandoned,
        count(each.early for each in calls),
        _share(abandoned, len(calls)),
        _share(abandoned, settled),
        _mean(waits(calls)),
        centile_95(waits(calls)),
        _mean(holds(calls)),
        count(each.misrouted for each in calls),
        _mean(each.questions for each in calls),
        _mean(each.to_ring for each in calls),
        incomplete=sum(not each.complete for each in calls),
        unmeasured=_unmeasured(calls),
        recovered=sum(each.recovered for each in calls),
        callbacks=None if promised is None else len(promised),
        connected=_in(promised, lambda each: each.state is State.CONNECTED),
        waiting=_in(promised, lambda each: each.is_open),
    )


def without_a_log(promised: Sequence[Callback] | None) -> Kpis:
    """The measures of a month of which the log holds no call: none is known, and none is nought."""
    return replace(
        kpis((), promised),
        received=None,
        answered=None,
        elsewhere=None,
        abandoned=None,
        early=None,
        misrouted=None,
    )


def _unmeasured(calls: Calls) -> int:
    """How many calls were answered or abandoned after a wait that is not known."""
    return sum(
        bool((call.answered and call.wait is None) or (call.abandoned and call.held is None))
        for call in calls
    )


def _share(part: int | None, of: int | None) -> Fraction | None:
    return Fraction(part, of) if part is not None and of else None


def _mean(numbers: Iterable[int | None]) -> Fraction | None:
    known = [number for number in numbers if number is not None]
    return Fraction(sum(known), len(known)) if known else None


def _in(promised: Sequence[Callback] | None, fits: Callable[[Callback], bool]) -> int | None:
    """How many callbacks there are that ``fits``."""
    return None if promised is None else sum(map(fits, promised))
