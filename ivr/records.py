"""What we keep of a turn: where the call was, how it was answered and where it went.

Never what was keyed or said, and never who rang: this is the one place where a turn is put into
words for a log, so what is not here cannot get into one.
"""

from __future__ import annotations

from typing import TypedDict

from ivr.call import Call, Heard


class TurnLine(TypedDict):
    """One turn, as the log tells it."""

    step: str
    heard: str
    reached: str
    service: str
    table: str
    turn: int
    ms: float


def turn_line(before: Call, heard: Heard, after: Call, ms: float) -> TurnLine:
    """One turn's line: ``heard`` by its kind alone (keys, words, leg or silence)."""
    return TurnLine(
        step=before.step,
        heard=heard.kind,
        reached=after.step,
        service=after.service,
        table=after.table,
        turn=after.turn,
        ms=round(ms, 1),
    )
