"""What is said when we ring: to a service that is to ring somebody back, then to whoever had asked.

Whoever picks up the caller's telephone hears not a word of health before they have pressed 1, for
it may be anybody, or a machine. A service's queue may hold the line for minutes before a person
hears it, so it is told again and again; a person is told twice. A service may also be rung only to
hear whether it is they who answer (:mod:`ivr.trials`); they are told at once that nobody waits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import urlencode

from ivr.call import Ask, Finish, Join, Reply, line

SERVICE, CALLER, TEST = "service", "caller", "test"
SIDES = (SERVICE, CALLER, TEST)
PRESSED, SORRY, ELSEWHERE, STATUS = "pressed", "sorry", "sorry/pressed", "status"
ACCEPTED, NEVER, MACHINE, DENIED = "accepted", "never", "machine", "denied"
"""What may come of a call: taken with a 1, never to be rung again, picked up by a machine; and of a
test call, somebody who says that they are not the service."""
THROUGH = "elsewhere"
"""And of one who waited for the other in vain: put through to somebody else. That they were told
so, their waiting being over, is kept as :data:`SORRY`."""

SILENT = Finish(())
"""The end of a call without a word."""

AGREE, NEVER_AGAIN, NOT_US = "1", "9", "9"
WAIT = 5
"""Seconds of silence after which it is said again."""
TIMES = MappingProxyType({"queue": 11, "person": 2, CALLER: 2})
"""How often it is said: to a service's queue for three minutes, twice to anybody else."""
LAST = 4
"""How often the caller is asked at most where what they pressed could not be kept."""

_ID = re.compile(r"[0-9a-f]{32}")
_COUNT = re.compile(r"[0-9]{1,2}")
_CODE = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Back:
    """One of the calls that we place, as the addresses of it tell it."""

    callback: str
    """The id of the callback, or of the test call, that it is placed for: 32 hexadecimal digits; ""
    in an address that is none of ours."""
    side: str
    """Whose telephone rings, one of :data:`SIDES`."""
    attempt: int
    ring: int
    """Which number of the service's chain it is, from 1."""
    service: str = ""
    """The code of the service that the callback was asked of, or that is tested."""
    queue: bool = False
    """Whether the service's number is a call centre's queue, and not a person's telephone."""
    language: str = ""
    """What is spoken; "" for the line's first language."""
    tries: int = 0
    """How often it has been said."""

    @property
    def sound(self) -> bool:
        """Whether it is known which call it is; of another, nothing may be joined or kept."""
        return bool(self.callback and self.attempt)

    @property
    def room(self) -> str:
        """Where the two calls of this attempt meet."""
        return f"callback-{self.callback}-{self.attempt}"

    def said(self) -> Back:
        """The same, once it has been said once more."""
        return replace(self, tries=self.tries + 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer comes to: what must be kept of it, and what is said if it was kept or not."""

    reply: Reply
    keep: str = ""
    """:data:`ACCEPTED`, :data:`NEVER` or :data:`MACHINE`; "" where there is nothing to keep."""
    not_kept: Reply = SILENT


def address(root: str, back: Back, place: str = "", mark: str = "") -> str:
    """Where Twilio asks or tells about a call; ``root`` is what stands before "/back".

    ``place`` is "" for the document that whoever answers hears first, or :data:`PRESSED`;
    :data:`SORRY`, where a call is sent that waits for the other in vain, or :data:`ELSEWHERE`,
    where its answer goes; or :data:`STATUS`. ``mark`` is written into the address and not read
    again: by it one may find the call at Twilio.
    """
    own = place in {SORRY, ELSEWHERE, STATUS}
    path = place if own else f"{back.side}/{place}".rstrip("/")
    known = {
        "side": back.side if own else "",
        "callback": back.callback,
        "attempt": back.attempt,
        "ring": back.ring,
        "service": back.service,
        "queue": "1" if back.queue else "",
        "language": back.language,
        "tries": back.tries,
        "marker": mark,
    }
    query = urlencode({name: value for name, value in known.items() if value})
    return f"{root}/back/{path}?{query}"


def read(query: Mapping[str, str], side: str = "") -> Back:
    """The call that an address is about; what is not to be read in it is left out.

    ``side`` is given where the path tells it.
    """
    told = side or query.get("side", "")
    return Back(
        _like(_ID, query.get("callback", "")),
        told if told in SIDES else SERVICE,
        _count(query.get("attempt", "")),
        _count(query.get("ring", "")),
        _like(_CODE, query.get("service", "")),
        query.get("queue") == "1",
        query.get("language", ""),
        _count(query.get("tries", "")),
    )


def _like(form: re.Pattern[str], text: str) -> str:
    return text if form.fullmatch(text) else ""


def _count(text: str) -> int:
    return int(text) if text.isascii() and _COUNT.fullmatch(text) else 0


def picked_up(back: Back, spoken: str, answered_by: str = "") -> Outcome:
    """What whoever picks up hears; nothing is left on a machine.

    ``spoken`` is the service's name, or ""; ``answered_by`` what Twilio says picked up, if it was
    asked to find out.
    """
    if back.side == CALLER and answered_by.startswith(("machine", "fax")):
        return Outcome(SILENT, MACHINE)
    if back.side == TEST and not spoken:  # the table has no such service any longer
        return Outcome(Finish((line("test_call"), line("test_call_thanks"))))
    return Outcome(_asked(back, spoken))


def _asked(back: Back, spoken: str) -> Ask:
    if back.side == CALLER:
        return Ask((line("back_caller"),), wait=WAIT)
    if back.side == TEST:
        return Ask((line("test_call"), line("test_call_press", service=spoken)), wait=WAIT)
    asked = (line("back_service", service=spoken),) if spoken else ()
    return Ask((*asked, line("back_service_press")), wait=WAIT)


def pressed(back: Back, digits: str, spoken: str) -> Outcome:
    """What the ``digits`` that were pressed, or silence, come to."""
    if back.side == TEST and digits in (AGREE, NOT_US):
        return _tested(digits)
    if digits == AGREE:
        return _taken_by_caller(back) if back.side == CALLER else _taken_by_service(back)
    if digits == NEVER_AGAIN and back.side == CALLER:
        return _never(back)
    return Outcome(_again(back, spoken))


def _taken_by_service(back: Back) -> Outcome:
    """Wait for the caller; but nobody will ring them if it could not be kept that they should."""
    joined = Join((line("back_ringing"),), back.room)
    return Outcome(joined, ACCEPTED, Finish((line("back_not_kept"),)))


def _taken_by_caller(back: Back) -> Outcome:
    """Join the service that waits, whether or not it could be kept: a caller is never left."""
    joined = Join((line("back_joined"),), back.room, (line("ended"),))
    return Outcome(joined, ACCEPTED, joined)


def _tested(digits: str) -> Outcome:
    """Thank them; that somebody will look is said only if it was kept that somebody must."""
    thanks = Finish((line("test_call_thanks"),))
    if digits == AGREE:
        return Outcome(thanks, ACCEPTED, thanks)
    return Outcome(Finish((line("test_call_wrong"),)), DENIED, thanks)


def _never(back: Back) -> Outcome:
    """Promise it only if it could be kept; otherwise ask for the key again."""
    sorry = (line("back_not_kept"),)
    again: Reply = Finish(sorry)
    if back.tries < LAST:
        again = Ask((*sorry, line("back_caller")), wait=WAIT)
    return Outcome(Finish((line("back_never"),)), NEVER, again)


def _again(back: Back, spoken: str) -> Reply:
    """Say it again, or let go: of a machine as of a person who does not want to."""
    kind = "queue" if back.queue else "person"
    times = TIMES[CALLER if back.side == CALLER else kind]
    return _asked(back, spoken) if back.tries < times else SILENT


def sorry(back: Back) -> Reply:
    """What whoever waits for the other in vain is told.

    The caller may have pressed 1 just when the service rang off, or not yet: they are asked, still
    without a word of health, whether they want to be put through to somebody else.
    """
    if back.side == CALLER:
        return Ask((line("back_alone"),), wait=WAIT)
    return Finish((line("back_sorry"),))
