"""What an alarm is, and which of them stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivr.alarms.figures import Figures


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody must be told of."""

    name: str
    threshold: str
    """When it stands, in words."""
    source: str
    """Why at that threshold."""
    mend: str
    """What to do about it."""
    judge: Callable[[Figures], str]
    """What is the matter, by the figures; "" if nothing is, or if it is not known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that stands, and what is the matter."""

    alarm: Alarm
    say: str


def standing(figures: Figures, alarms: Iterable[Alarm]) -> list[Standing]:
    """Those of ``alarms`` that stand by ``figures``, in their order."""
    judged = ((alarm, alarm.judge(figures)) for alarm in alarms)
    return [Standing(alarm, say) for alarm, say in judged if say]
