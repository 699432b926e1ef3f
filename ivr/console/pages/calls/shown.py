"""What the page Calls shows of a call, as values: never who rang, and never from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.console.telling import lasted, named, times, when
from ivr.log import CallRecord
from ivr.log.folding import TAKEN
from ivr.log.legs import WHISPER
from ivr.report import Clock
from ivr.report.waits import seconds, to_abandonment, to_answer
from ivr.routing import Service
from ivr.store import CameTo, Seen

OUTCOMES: Mapping[CameTo, str] = {
    CameTo.ANSWERED: "Answered",
    CameTo.CALLBACK: "Callback promised",
    CameTo.UNANSWERED: "Nobody answered",
    CameTo.ABANDONED: "Abandoned",
    CameTo.UNDER_WAY: "Under way",
    CameTo.UNKNOWN: "Not known",
}
"""What a call came to, as a page says it."""
PICKED_UP = (
    "Whether the last to pick up was put through to the caller is not known. The caller rang off "
    f"within {WHISPER} s of that, and the telephone company does not tell."
)
LANGUAGES = {"en": "English", "cy": "Welsh"}
WAYS = {"menu": "the menu", "own_number": "the service's own number"}


@dataclass(frozen=True, slots=True)
class Line:
    """A call in the list."""

    call: str
    heard: datetime
    service: str
    """What operators call the service first offered; "" for none by name."""
    code: str
    came_to: CameTo
    waited: str
    """How long until it was answered or abandoned; "" for what was neither."""
    lasted: str
    complete: bool


def line(seen: Seen, services: Mapping[str, Service]) -> Line:
    """``seen`` as a line of the list."""
    record = seen.record
    code = record.offered.service if record.offered else ""
    length = seconds(record.began, record.ended)
    return Line(
        record.call,
        record.began or seen.heard,
        named(code, services),
        code,
        seen.came_to,
        _waited(record, seen.came_to),
        "" if length is None else lasted(length),
        record.complete,
    )


def lost(record: CallRecord) -> str:
    """What is missing from the record of a call that is over, in words; "" if nothing is."""
    if record.lacks == (TAKEN,):
        return PICKED_UP
    told = "; ".join(record.lacks)
    return f"This record is incomplete. What was lost: {told}." if told else ""


def _waited(record: CallRecord, came_to: CameTo) -> str:
    """From the first ring on, as the report counts."""
    if came_to is CameTo.ANSWERED:
        return lasted(to_answer(record, Clock.RINGING))
    if came_to is CameTo.ABANDONED and record.rang:
        return lasted(to_abandonment(record, Clock.RINGING))
    return ""


def summary(seen: Seen, services: Mapping[str, Service]) -> list[tuple[str, str]]:
    """What is known of one call, each thing with its name."""
    record, told = seen.record, line(seen, services)
    answer = record.answer
    rows = [
        ("Came to", OUTCOMES[seen.came_to]),
        ("Began", when(told.heard)),
        ("Lasted", told.lasted or "not known"),
        ("First offered to", told.service or "no service by name"),
        ("Taken by", _taken_by(record, services) if answer else ""),
        ("Waited from the first ring", told.waited),
        ("Came by", WAYS.get(record.via, "not known")),
        ("Language", LANGUAGES.get(record.language, record.language or "not known")),
        ("Questions asked", "not known" if record.questions is None else str(record.questions)),
        ("“Wrong area” pressed", times(record.wrong_area)),
        ("Table", record.table or "not known"),
    ]
    return [(name, said) for name, said in rows if said]


def _taken_by(record: CallRecord, services: Mapping[str, Service]) -> str:
    answer = record.answer
    if answer is None:
        return ""
    role = {"adviser": "the health adviser", "fallback": "the line that is always open"}
    return named(answer.service, services) or role.get(answer.step, "not known")
