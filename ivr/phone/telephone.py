"""A telephone that rings the line and does what it is told, as a caller's telephone would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex

from ivr.phone.dialling import WITHHELD, Dialling
from ivr.phone.people import People
from ivr.phone.playing import Ending, Side, Turn
from ivr.phone.posting import Post
from ivr.phone.reading import read
from ivr.phone.told import Told, Verdict, is_last_resort
from ivr.phone.underway import CallerLeftError, Number, Underway
from ivr.phone.verbs import Document, Fault, FaultError

CALLER = "+447700900461"
"""Who rings unless told otherwise: a mobile number that Ofcom keeps for drama."""

A_TUESDAY = datetime(2026, 11, 24, 15, tzinfo=UTC)
"""When a call begins unless told otherwise."""

WHY_DROPPED = {
    Ending.REJECTED: "rejected",
    Ending.WAITS: "left alone in a conference",
}


def new_sid() -> str:
    """A call's name at Twilio: ``CA`` and 32 hexadecimal digits."""
    return "CA" + token_hex(16)


@dataclass(frozen=True, slots=True)
class Phone:
    """Rings one number, any number of times, and from several threads at once if need be."""

    post: Post
    number: Number
    new_sid: Callable[[], str] = field(default=new_sid)

    def ring(self, people: People, caller: str = CALLER, began: datetime = A_TUESDAY) -> Told:
        """Ring from ``caller`` and follow the call to its end.

        ``caller`` is "" or "anonymous" or one of Twilio's spelt words for a withheld number.
        """
        going = Underway(self.number, self.post, people, began)
        form = _standard(self.new_sid(), self.number, caller)
        side = Side(going, form, people.answer)
        side.dial = Dialling(going, side, self.new_sid)
        side.may_wait = True
        side.rescue = lambda fault: self._rescue(going, side, fault)
        ending = _play(side, self.number.voice_url)
        going.told.seconds = going.now
        going.told.documents = side.documents
        going.told.verdict, going.told.why = _verdict(going.told, ending)
        if self.number.status_callback:
            over = {"CallStatus": "completed", "CallDuration": str(round(going.now))}
            going.call_back(self.number.status_callback, side.form | over, 0)
        return going.told

    def _rescue(self, going: Underway, side: Side, fault: Fault) -> Document:
        """The number's fallback, which Twilio turns to when a document fails."""
        try:
            if self.number.fallback_twiml:
                return read(self.number.fallback_twiml.encode(), "text/xml")
            if self.number.fallback_url:
                trouble = {"ErrorCode": str(fault.code), "ErrorUrl": fault.url}
                return going.fetch(self.number.fallback_url, side.form | trouble)
        except FaultError as error:
            going.fail(error.fault)
            raise
        raise FaultError(fault.code, fault.what, fault.url)


def _standard(sid: str, number: Number, caller: str) -> Mapping[str, str]:
    """What Twilio posts with every webhook of a call that came in."""
    known = caller.startswith("+44") and caller not in WITHHELD
    form = {
        "CallSid": sid,
        "AccountSid": number.account,
        "ApiVersion": "2010-04-01",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": caller,
        "Caller": caller,
        "To": number.number,
        "Called": number.number,
    }
    for who in ("From", "Caller", "To", "Called"):
        form[f"{who}Country"] = "GB" if known or who.startswith(("To", "Called")) else ""
        form |= {f"{who}{where}": "" for where in ("City", "State", "Zip")}
    return form


def _play(side: Side, url: str) -> Ending | Fault | None:
    """How the call ends: an ending, the fault that broke it off, or None if the caller left."""
    try:
        return side.play(Turn(url, {}))
    except CallerLeftError:
        return None
    except FaultError as error:
        return error.fault


def _verdict(told: Told, ending: Ending | Fault | None) -> tuple[Verdict, str]:
    """How the call ended for the caller, and why if that is not plain."""
    words = told.last_words()
    if told.reached:
        return Verdict.REACHED, told.reached
    if ending is None:
        return Verdict.HUNG_UP, ""
    if ending is Ending.LOOPED:
        return Verdict.LOOPED, f"more than {told.documents} documents"
    is_over = isinstance(ending, Ending) and ending is not Ending.WAITS
    if is_over and words and not told.machine:
        return (Verdict.LAST_RESORT if is_last_resort(words) else Verdict.ENDED), ""
    return Verdict.DROPPED, _why_dropped(told, ending)


def _why_dropped(told: Told, ending: Ending | Fault) -> str:
    if isinstance(ending, Fault):
        return f"{ending.code}: {ending.what}"
    if told.machine:
        return f"left with a machine at {told.machine}"
    return WHY_DROPPED.get(ending, "cut off without a word")
