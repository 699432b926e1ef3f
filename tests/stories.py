"""Calls made up for the log's tests: what truly happened, the events it leaves, and its record.

A story is walked by the call's own rules for where a step may lead, with legs that answer, ring
out, are busy or are a machine, and callers who ring off anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ivr.events import STATUS, TURN, Event, Fact
from ivr.flow import ENDINGS, STEPS, TURNS
from ivr.log import CallRecord, Leg, Offer

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SERVICES = ("mh009-adult", "mh031")
RINGS = ("adviser", "fallback")
TABLE = "0123456789ab"
QUESTIONS = {"welcome", "nearby", "place", "which", "confirm", "town", "age", "unanswered"} | {
    "callback",
    "number",
}
TAKEN = "whether the last ring was taken"

DECLINED, TOO_SHORT_TO_TELL = 20, 40
"""Seconds within which one who does not press 1 is let go, and until which a call may be that."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay at one step: how the call stood on coming, and how it was left."""

    turn: int
    step: str
    at: datetime
    service: str = ""
    area: str = ""
    ring: int = 0
    tries: int = 0
    language: str = "en"
    heard: str = ""
    """How it was answered; "" if the caller rang off first, or there is nothing to answer."""
    left: datetime = NOON
    """When it was answered, or the caller rang off."""
    word: str = ""
    """Of a ring: how it ended, in Twilio's words."""
    picked_up: datetime | None = None
    taken: bool = False
    posts: bool = False
    """Whether Twilio asked on, though the caller had gone."""

    @property
    def rings(self) -> bool:
        return self.step in RINGS or bool(self.step == "connect" and self.ring)


@dataclass(frozen=True, slots=True)
class Story:
    """One call, truly told."""

    call: str
    via: str
    caller: str
    visits: tuple[Visit, ...] = field(default=())

    @property
    def ended(self) -> datetime:
        return self.visits[-1].left

    def events(self) -> list[Event]:
        """All the events it leaves, in order."""
        told = list(self._events())
        return sorted(told, key=lambda event: event.at)

    def _events(self) -> Iterator[Event]:
        before = Visit(-1, "ringing", NOON)
        for visit in self.visits:
            yield self._turn(before, visit)
            if visit.rings:
                yield from self._leg(visit)
            before = visit
        if before.posts:
            yield self._turn(
                before,
                replace(before, turn=before.turn + 1, step="unanswered", at=self.ended),
                gone=True,
            )
        seconds = int((self.ended - self.visits[0].at).total_seconds())
        over: dict[str, Fact] = {"status": "completed", "seconds": seconds, "caller": self.caller}
        yield Event(f"{self.call}-s0", self.call, STATUS, self.ended + timedelta(seconds=1), over)

    def _turn(self, before: Visit, after: Visit, *, gone: bool = False) -> Event:
        leg: dict[str, Fact] = {}
        if before.rings:
            leg = {"leg": before.word, "bridged": before.taken}
            if before.picked_up:
                leg["seconds"] = int((before.left - before.picked_up).total_seconds())
        facts: dict[str, Fact] = {
            "step": before.step,
            "heard": before.heard or "leg",
            "reached": after.step,
            "service": after.service,
            "ring": after.ring,
            "area": after.area,
            "language": after.language,
            "table": TABLE,
            "turn": after.turn,
            "tries": after.tries,
            "via": self.via,
            "status": "completed" if gone else "in-progress",
            "caller": self.caller,
            "ms": 3,
        }
        return Event(f"{self.call}-t{after.turn:02}", self.call, TURN, after.at, facts | leg)

    def _leg(self, visit: Visit) -> Iterator[Event]:
        name = f"{self.call}-t{visit.turn:02}"
        known: Mapping[str, Fact] = {
            "service": whose(visit),
            "ring": visit.ring,
            "turn": visit.turn,
        }
        if visit.picked_up:
            yield Event(
                f"{name}-s2", self.call, STATUS, visit.picked_up, {**known, "leg": "in-progress"}
            )
        if visit.word != "failed":
            seconds = int((visit.left - visit.picked_up).total_seconds()) if visit.picked_up else 0
            over: Mapping[str, Fact] = {**known, "leg": visit.word, "seconds": seconds}
            yield Event(f"{name}-s3", self.call, STATUS, visit.left, over)

    def record(self) -> CallRecord:
        """What should be known of it if no event is lost."""
        last = self.visits[-1]
        offers = [
            each
            for before, each in zip((None, *self.visits), self.visits, strict=False)
            if each.step in ("connect", *RINGS) and (before is None or before.step != each.step)
        ]
        unsure = last.rings and last.word == "completed" and not last.posts and not self._long(last)
        abandoned = last.step not in ENDINGS and not last.taken and not unsure
        return CallRecord(
            self.call,
            via=self.via,
            language=last.language,
            table=TABLE,
            caller=self.caller,
            area=last.area,
            began=self.visits[0].at,
            ended=self.ended + timedelta(seconds=1),
            steps=tuple(each.step for each in self.visits),
            questions=sum(each.step in QUESTIONS for each in self.visits),
            wrong_area=sum(each.step == "connect" and each.heard == "keys" for each in self.visits),
            offers=tuple(
                Offer(o.turn, o.step, "" if o.step == "fallback" else o.service, o.at)
                for o in offers
            ),
            legs=tuple(
                self._leg_record(each, unsure=unsure and each is last)
                for each in self.visits
                if each.rings
            ),
            abandoned=self.ended + timedelta(seconds=1) if abandoned else None,
            abandoned_at=last.step if abandoned else "",
            lacks=(TAKEN,) if unsure else (),
        )

    def _long(self, visit: Visit) -> bool:
        return (
            visit.picked_up is not None
            and (visit.left - visit.picked_up).total_seconds() > TOO_SHORT_TO_TELL
        )

    def _leg_record(self, visit: Visit, *, unsure: bool) -> Leg:
        heard = visit is not self.visits[-1] or visit.posts
        return Leg(
            visit.turn,
            visit.step,
            visit.ring,
            whose(visit) if visit.word != "failed" else "",
            began=visit.at,
            over=visit.left if heard else None,
            came_to=visit.word,
            picked_up=visit.picked_up,
            taken=None if unsure else visit.taken,
        )


def whose(visit: Visit) -> str:
    """Whose telephone rings: a service's numbers are followed by those that take over from it."""
    return (
        "national"
        if visit.step == "fallback"
        else f"{visit.service}{'' if visit.ring < 2 else '-2'}"
    )


def tell(chance: random.Random, call: int = 0, began: datetime = NOON) -> Story:
    """A story, as ``chance`` has it."""
    sid = f"CA{call:032x}"
    own = chance.random() < 0.3
    first = Visit(0, "connect" if own else "welcome", began, service=SERVICES[0] if own else "")
    walk = _Walk(chance, [first])
    while walk.goes_on():
        pass
    via = "own_number" if own else "menu"
    return Story(sid, via, "" if chance.random() < 0.1 else f"{call:032x}", tuple(walk.visits))


class _Walk:
    """The caller's way, a visit at a time."""

    def __init__(self, chance: random.Random, visits: list[Visit]) -> None:
        self.chance = chance
        self.visits = visits

    def goes_on(self) -> bool:
        """Leave the step the call is at; whether it came to another."""
        here = self.visits[-1]
        seconds = timedelta(seconds=self.chance.randint(6, 60))
        if here.step in ENDINGS:
            return self._stay(replace(here, left=here.at + timedelta(seconds=5)))
        if here.rings:
            return self._ring(here)
        if self.chance.random() < 0.12:
            return self._stay(replace(here, left=here.at + seconds))
        return self._answer(replace(here, left=here.at + seconds))

    def _stay(self, here: Visit) -> bool:
        self.visits[-1] = here
        return False

    def _go(self, here: Visit, step: str, **changes: object) -> bool:
        self.visits[-1] = here
        new = {
            "turn": here.turn + 1,
            "at": here.left,
            "heard": "",
            "word": "",
            "picked_up": None,
            "taken": False,
        }
        self.visits.append(replace(here, step=step, **(new | changes)))  # type: ignore[arg-type]
        return True

    def _ring(self, here: Visit) -> bool:
        word = self.chance.choice(
            ("completed", "completed", "completed", "busy", "no-answer", "failed", "canceled")
        )
        after = here.at + timedelta(seconds=self.chance.randint(1, 30))
        if word == "canceled":
            return self._stay(
                replace(here, left=after, word=word, posts=self.chance.random() < 0.5)
            )
        if word != "completed":
            return self._next_number(replace(here, heard="leg", left=after, word=word))
        talk = timedelta(seconds=self.chance.choice((5, 30, 41, 600)))
        taken = replace(here, left=after + talk, word=word, picked_up=after, taken=True)
        if self.chance.random() < 0.3:
            return self._stay(taken)
        if self.chance.random() < 0.7:
            return self._go(replace(taken, heard="leg"), "ended")
        let_go = after + timedelta(seconds=self.chance.randint(1, DECLINED))
        return self._next_number(replace(taken, heard="leg", left=let_go, taken=False))

    def _next_number(self, here: Visit) -> bool:
        late = here.turn >= TURNS - 4
        if here.step == "fallback":
            return (
                self._go(here, "last_words")
                if here.ring > 1 or late
                else self._go(here, "fallback", ring=2)
            )
        step = self.chance.choice(
            (here.step, "fallback", "unanswered" if here.step == "connect" else "fallback")
        )
        if late or step == "fallback":
            return self._go(here, "fallback", ring=1)
        return self._go(here, step, ring=here.ring + (step == here.step))

    def _answer(self, here: Visit) -> bool:
        here = replace(here, heard=self.chance.choice(("keys", "words", "silence")))
        if here.turn >= TURNS - 4:
            return self._go(replace(here, heard="silence"), "fallback", ring=1)
        if here.step == "connect":
            return self._after_announcement(here)
        exits = [each for each in STEPS[here.step].exits if each != "ended"]
        step = self.chance.choice(exits)
        if step in RINGS:
            return self._go(
                here, step, ring=1, service="111-adviser" if step == "adviser" else here.service
            )
        if step == "connect":
            return self._go(here, step, ring=0, service=self.chance.choice(SERVICES), area="CB")
        language = (
            self.chance.choice(("en", "cy")) if step == here.step == "welcome" else here.language
        )
        return self._go(here, step, tries=min(here.tries + (step == "town"), 3), language=language)

    def _after_announcement(self, here: Visit) -> bool:
        if here.heard == "keys" and not here.tries:
            return self._go(here, "town", tries=2)
        if here.heard == "keys":
            return self._go(here, "fallback", ring=1)
        return self._go(replace(here, heard="silence"), "connect", ring=1)
