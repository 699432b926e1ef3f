"""Rings the numbers the line asks for, and puts the caller through to whoever takes the call.

An answer is not yet a person: whoever answers may first hear a document of their own (a
"whisper"), and only if that ends without hanging up on them are the two sides joined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.phone.people import (
    Answered,
    Busy,
    CallerLeaves,
    Doing,
    Failed,
    Fate,
    Moment,
    NoAnswer,
    Press,
    Silent,
    Voicemail,
)
from ivr.phone.playing import Ending, Side, Turn
from ivr.phone.told import Kind
from ivr.phone.underway import CallerLeftError, Underway
from ivr.phone.verbs import Dial, Document, Fault, FaultError, Leg

NUMBER = re.compile(r"\+[1-9]\d{6,14}|sips?:[^\s@]+@[^\s@]+")

WITHHELD = {"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"}
"""How Twilio spells ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on a keypad."""

BAD_CALLER_ID, BAD_NUMBER = 13214, 13224

WORST_FIRST = ("failed", "busy", "no-answer", "completed")
"""Of several legs, the outcome told is the one nearest to an answer."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What became of one number that was rung."""

    sid: str
    status: str
    """In Twilio's words: completed, busy, no-answer or failed."""
    seconds: float = 0.0
    bridged: bool = False

    @property
    def form(self) -> dict[str, str]:
        """What is posted of it. Answered but not put through is ``completed`` and not bridged."""
        form = {
            "DialCallSid": self.sid,
            "DialCallStatus": self.status,
            "DialBridged": "true" if self.bridged else "false",
        }
        if self.status == "completed":
            form["DialCallDuration"] = str(round(self.seconds))
        return form


class Dialling:
    """Does one side's ``<Dial>``s."""

    def __init__(self, going: Underway, caller: Side, new_sid: Callable[[], str]) -> None:
        self.going = going
        self.caller = caller
        self.new_sid = new_sid

    def __call__(self, dial: Dial, document: Document) -> Turn | None:
        """Ring, put through, and say where the document's action leads; None is straight on."""
        groups = [(leg,) for leg in dial.legs] if dial.sequential else [dial.legs]
        rung: list[Rung] = []
        for legs in groups:
            rung += self._at_once(legs, dial, document)
            if rung[-1].bridged:
                break
        best = max(rung, key=lambda one: (one.bridged, WORST_FIRST.index(one.status)))
        return Turn(document.link(dial.action), best.form) if dial.action else None

    def _at_once(self, legs: tuple[Leg, ...], dial: Dial, document: Document) -> list[Rung]:
        """Ring ``legs`` together; the first to take the call stops the others."""
        begun = self.going.now
        ringing = [_Ringing(self, leg, dial, document) for leg in legs]
        rung: list[Rung] = []
        ringing.sort(key=lambda one: one.after)
        for count, one in enumerate(ringing, 1):
            self.going.now = max(self.going.now, begun + one.after)
            come_to = one.settle()
            if come_to is None:
                for other in ringing[count:]:
                    other.over("canceled")
                return [*rung, one.put_through()]
            rung.append(come_to)
        return rung


class _Ringing:
    """One number while it rings."""

    def __init__(self, dialling: Dialling, leg: Leg, dial: Dial, document: Document) -> None:
        self.going = dialling.going
        self.leg = leg
        self.dial = dial
        self.document = document
        self.sequence = 0
        self.answered: float | None = None
        """The second of the call at which it was answered."""
        caller = dialling.caller.form
        self.form = dict(caller) | {
            "CallSid": dialling.new_sid(),
            "ParentCallSid": caller["CallSid"],
            "From": dial.caller_id or caller["From"],
            "Caller": dial.caller_id or caller["From"],
            "To": leg.number,
            "Called": leg.number,
            "Direction": "outbound-dial",
        }
        self.fate = self._fate(caller)

    @property
    def after(self) -> float:
        """Seconds of ringing until something becomes of it."""
        return self.dial.timeout if isinstance(self.fate, NoAnswer) else self.fate.after

    def _fate(self, caller: Mapping[str, str]) -> Fate:
        """What becomes of it, unless Twilio refuses to ring it, or gives up before that."""
        fault = self._refused(caller)
        if fault:
            self.going.fail(fault)
            return Failed()
        self.going.tell(Kind.RINGS, "", self.dial.timeout, self.leg.number)
        self._call_back("initiated", "initiated")
        self._call_back("ringing", "ringing")
        fate = self.going.people.leg(self.leg.number)
        if not isinstance(fate, NoAnswer) and fate.after >= self.dial.timeout:
            return NoAnswer()
        return fate

    def _refused(self, caller: Mapping[str, str]) -> Fault | None:
        number, shown, url = self.leg.number, self.form["From"], self.document.url
        if not NUMBER.fullmatch(number):
            return Fault(BAD_NUMBER, f"{number!r} cannot be dialled", url)
        owned = self.going.number.caller_ids
        ours = not owned or shown in {caller["From"], caller["To"], *owned}
        if not NUMBER.fullmatch(shown) or shown in WITHHELD or not ours:
            return Fault(BAD_CALLER_ID, f"{shown!r} may not be shown as the caller ID", url)
        return None

    def settle(self) -> Rung | None:
        """What became of it; None if somebody is there and has taken the call.

        Raises :class:`CallerLeftError` if the caller rings off first.
        """
        match self.fate:
            case Answered() | Voicemail():
                return self._answered(self.fate)
            case Busy():
                return self.over("busy")
            case Failed():
                return self.over("failed")
            case NoAnswer():
                return self.over("no-answer")
            case CallerLeaves():
                self.going.tell(Kind.LEAVES)
                self.over("canceled")
                raise CallerLeftError

    def _answered(self, fate: Answered | Voicemail) -> Rung | None:
        self.answered = self.going.now
        who = "a machine" if isinstance(fate, Voicemail) else "somebody"
        self.going.tell(Kind.ANSWERS, who, side=self.leg.number)
        self.form["CallStatus"] = "in-progress"
        self._call_back("answered", "in-progress")
        return None if self._accepted(fate) else self.over("completed")

    def _accepted(self, fate: Answered | Voicemail) -> bool:
        """Whether the whisper, if there is one, ends without hanging up on them."""
        if not self.leg.url:
            return True
        side = Side(self.going, self.form, _Called(fate).answer)
        side.name = self.leg.number
        try:
            ending = side.play(Turn(self.document.link(self.leg.url), {}))
        except FaultError:
            return False
        return ending is Ending.RAN_OUT

    def put_through(self) -> Rung:
        """Let the two sides talk; raises :class:`CallerLeftError` if the caller ends it."""
        going, fate, who = self.going, self.fate, self.leg.number
        talks = fate.talks if isinstance(fate, Answered | Voicemail) else 0.0
        going.tell(Kind.BRIDGES, "", min(talks, self.dial.time_limit), who)
        going.now += min(talks, self.dial.time_limit)
        if isinstance(fate, Voicemail):
            going.told.machine = who
        else:
            going.told.reached = going.told.reached or who
        rung = self.over("completed", bridged=True)
        if isinstance(fate, Answered) and fate.caller_ends:
            going.tell(Kind.LEAVES)
            raise CallerLeftError
        return rung

    def over(self, status: str, *, bridged: bool = False) -> Rung:
        """Stop ringing, or ring off, and say what it came to in Twilio's words."""
        seconds = 0.0 if self.answered is None else self.going.now - self.answered
        alone = status == "completed" and not bridged
        self.going.tell(Kind.LEG_ENDS, "not put through" if alone else status, 0, self.leg.number)
        self.form["CallDuration"] = str(round(seconds))
        self._call_back("completed", status)
        return Rung(self.form["CallSid"], status, seconds, bridged)

    def _call_back(self, event: str, status: str) -> None:
        if self.leg.status_callback and event in self.leg.events:
            url = self.document.link(self.leg.status_callback)
            self.going.call_back(url, self.form | {"CallStatus": status}, self.sequence)
        self.sequence += 1


class _Called:
    """Whoever answers: presses their keys once, when first asked, and then waits."""

    def __init__(self, fate: Answered | Voicemail) -> None:
        self.keys = fate.presses if isinstance(fate, Answered) else ""

    def answer(self, _: Moment) -> Doing:
        """Press the keys, if there are any left to press."""
        keys, self.keys = self.keys, ""
        return Press(keys) if keys else Silent()
