"""One call that the company was asked to make: it is queued, it rings, and something becomes of it.

Every step is taken only when it is told to, and takes no real time: seconds pass on the call's
own clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.phone.dialling import Dialling
from ivr.phone.exchange.fates import Pressing
from ivr.phone.people import Answered, Busy, CallerLeaves, Failed, Fate, NoAnswer, Voicemail
from ivr.phone.playing import Ending, Side, Turn
from ivr.phone.telephone import new_sid
from ivr.phone.told import Kind
from ivr.phone.underway import CallerLeftError, Underway
from ivr.phone.verbs import Document, FaultError

ANSWERED = {"DialCallStatus": "answered"}
"""What is posted to the action of a conference that is over."""


RINGS, LONGEST = 60, 14_400
"""Seconds for which Twilio lets a call ring, and last, unless told otherwise."""


class Status(StrEnum):
    """How a call is doing, in Twilio's words."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can become of it."""
        return self not in (Status.QUEUED, Status.RINGING, Status.IN_PROGRESS)


ENDS: Mapping[type, Status] = {
    Busy: Status.BUSY,
    Failed: Status.FAILED,
    NoAnswer: Status.NO_ANSWER,
}
"""What a call comes to that nobody answers."""


@dataclass(frozen=True, slots=True)
class Order:
    """A call as it was asked for."""

    to: str
    shown: str
    url: str
    timeout: int = RINGS
    time_limit: int = LONGEST
    status_callback: str = ""
    events: frozenset[str] = frozenset({"completed"})
    machine_detection: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request made of a call or for it, as the company's own list of them has it."""

    at: datetime
    url: str
    form: Mapping[str, str]
    status: int
    kind: str
    body: str


class Dialled:
    """One call; ``going`` is its clock and what has happened on it so far."""

    def __init__(self, sid: str, order: Order, going: Underway) -> None:
        self.sid = sid
        self.order = order
        self.going = going
        self.status = Status.QUEUED
        self.fate: Fate = NoAnswer()
        self.began: datetime | None = None
        """When it was dialled."""
        self.answered: float | None = None
        self.redirect = ""
        """Where it was sent and has not yet gone."""
        self.hung_up = False
        """Whether it was asked to end and has not yet ended."""
        self.sequence = 0
        form = _standard(sid, going.number.account, order)
        self.side = Side(going, form, Pressing(self.fate))
        self.side.name = order.to
        self.side.may_wait = True
        self.side.dial = Dialling(going, self.side, new_sid)

    @property
    def now(self) -> datetime:
        """The moment that the call has come to."""
        return self.going.began + timedelta(seconds=self.going.now)

    @property
    def seconds(self) -> int:
        """Whole seconds since it was answered, as Twilio counts them."""
        return 0 if self.answered is None else round(self.going.now - self.answered)

    @property
    def waits(self) -> bool:
        """Whether it is in a conference."""
        return self.status is Status.IN_PROGRESS and self.side.waiting is not None

    def catch_up(self, now: datetime) -> None:
        """Let it be no earlier than ``now``: whoever waits has waited that long."""
        self.going.now = max(self.going.now, (now - self.going.began).total_seconds())

    def ring(self) -> None:
        """Ring it, and learn what will become of that."""
        self.began = self.now
        self._tell("initiated", "initiated")
        self.status = Status.RINGING
        self._tell("ringing", "ringing")
        self.going.tell(Kind.RINGS, "", self.order.timeout, self.order.to)
        fate = self.going.people.leg(self.order.to)
        if isinstance(fate, NoAnswer | CallerLeaves) or fate.after >= self.order.timeout:
            fate = NoAnswer()
        self.fate = fate
        self.side.answer = Pressing(fate)

    def settle(self) -> None:
        """Let become of the ringing what will."""
        fate = self.fate
        self.going.now += self.order.timeout if isinstance(fate, NoAnswer) else fate.after
        if not isinstance(fate, Answered | Voicemail):
            self.over(ENDS[type(fate)])
            return
        self.answered = self.going.now
        self.status = Status.IN_PROGRESS
        is_machine = isinstance(fate, Voicemail)
        self.going.tell(Kind.ANSWERS, "a machine" if is_machine else "somebody", 0, self.order.to)
        if self.order.machine_detection:
            self.side.form["AnsweredBy"] = "machine_start" if is_machine else "human"
        self._tell("answered", "in-progress")
        self.side.form["CallStatus"] = "in-progress"
        self.play(Turn(self.order.url, {}))

    def play(self, turn: Turn | Document) -> None:
        """Play documents until the call is over, or waits in a conference."""
        try:
            ending = self.side.play(turn)
        except CallerLeftError:
            ending = Ending.RANG_OFF
        except FaultError:
            ending = Ending.RANG_OFF  # after Twilio's own words about an application error
        if ending is not Ending.WAITS:
            self.over(Status.COMPLETED)

    def leave(self) -> None:
        """Be sent out of a conference that is over, to whatever comes next."""
        waiting = self.side.waiting
        if waiting is None:
            return
        action = waiting.dial.action
        self.play(Turn(waiting.rest.link(action), ANSWERED) if action else waiting.rest)

    def ring_off(self) -> None:
        """Let whoever was rung put the telephone down."""
        self.going.tell(Kind.LEAVES, "", 0, self.order.to)
        self.over(Status.COMPLETED)

    def over(self, status: Status) -> None:
        """End the call, and tell whoever wants to know."""
        self.status = status
        self.side.waiting = None
        self.going.told.seconds = self.going.now
        self.going.tell(Kind.LEG_ENDS, status, 0, self.order.to)
        self.side.form["CallDuration"] = self.side.form["Duration"] = str(self.seconds)
        self._tell("completed", status)

    def _tell(self, event: str, status: str) -> None:
        """Post a status callback, if this one was asked for."""
        if self.order.status_callback and event in self.order.events:
            form = self.side.form | {"CallStatus": status}
            self.going.call_back(self.order.status_callback, form, self.sequence)
        self.sequence += 1


def _standard(sid: str, account: str, order: Order) -> Mapping[str, str]:
    """What Twilio posts with every webhook of a call that it was asked to make."""
    ends = {"From": order.shown, "Caller": order.shown, "To": order.to, "Called": order.to}
    about = {f"{who}{what}": "" for who in ends for what in ("City", "State", "Zip")}
    return {
        "CallSid": sid,
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "CallStatus": "queued",
        "Direction": "outbound-api",
        **ends,
        **about,
        **{f"{who}Country": "GB" for who in ends},
    }
