"""The steps that ring until somebody answers, offer to ring back, and end a call.

A caller always hears that they are still connected, every number has its seconds and there is
always a next one: the service, whoever takes over from it, and the line that is always open.
"""

from __future__ import annotations

from ivr import numbers
from ivr.call import Ask, Call, Finish, Heard, Reply, Ring, line
from ivr.finding import TOWN, YES_OR_NO
from ivr.postcode import spaced
from ivr.world import World

ANSWERED = ("completed", "answered")
"""How Twilio says that a leg was picked up."""

WRONG_AREA = "9"
AGREE, ANOTHER = "1", "2"


def _ring(call: Call, world: World, first: str = "", *, crisis: bool = True) -> Ring:
    """Ring the number the call has come to, with ``first`` said before the first that rings."""
    number = world.number(call.service, call.ring)
    begins = call.ring <= world.open_number(call.service, after=0)
    said = first if begins else "still_here"
    lines = (line(said, service=world.spoken(call.service)),) if said else ()
    return Ring(lines, number.value, number.seconds, number.person, call.area, crisis)


def _answered(call: Call, heard: Heard, world: World) -> bool:
    """Whether a person took the call: voicemail picks up too, but never presses 1.

    A number that must be accepted counts only if the two sides were joined; a call centre's
    queue counts unless Twilio says they were not.
    """
    if heard.leg not in ANSWERED:
        return False
    if world.number(call.service, call.ring).person:
        return heard.bridged is True
    return heard.bridged is not False


def adviser(call: Call, world: World) -> Reply:
    """Ring the health adviser."""
    return _ring(call, world, "adviser", crisis=False)


def after_adviser(call: Call, heard: Heard, world: World) -> Call:
    """The end, the adviser's next number, or the fallback."""
    if _answered(call, heard, world):
        return call.at("ended")
    ring = world.open_number(call.service, after=call.ring)
    return call.at("adviser", ring=ring) if ring else call.at("fallback", ring=1)


def connect(call: Call, world: World) -> Reply:
    """Say who is being rung, with a moment to say that it is the wrong area; then ring."""
    if call.ring:
        return _ring(call, world)
    said = line("connect", service=world.spoken(world.answering(call.service)))
    own = world.local == call.service and not call.tries
    return Ask((line("safety"), said) if own else (said,), wait=1)


def after_connect(call: Call, heard: Heard, world: World) -> Call:
    """The next number that is open, the end, or the question of ringing back."""
    if not call.ring and heard.digits == WRONG_AREA:
        return call.at("fallback", ring=1) if call.tries else call.at("town", tries=TOWN)
    if call.ring and _answered(call, heard, world):
        return call.at("ended")
    ring = world.open_number(call.service, after=call.ring)
    if ring:
        return call.at("connect", ring=ring)
    if call.ring and world.can_promise():
        return call.at("unanswered")
    return call.at("fallback", ring=1)


def unanswered(call: Call, world: World) -> Reply:
    """Offer to have them ring back, or to stay for the national line."""
    return Ask((line("unanswered", fallback=_fallback_name(world)),), speech=True)


def after_unanswered(call: Call, heard: Heard, world: World) -> Call:
    """The callback if it is wanted; the national line for anything else."""
    if world.chosen(call, heard, YES_OR_NO) != "yes":
        return call.at("fallback", ring=1)
    return call.at("callback" if _may_ring_back(world.caller, call, world) else "number")


def callback(call: Call, world: World) -> Reply:
    """Whether to ring the number the caller rings from, told by its last three digits.

    By keys alone: a word half heard must not have a shared telephone rung.
    """
    ending = _ending(world.caller)
    return Ask((line("callback", ending=ending, fallback=_fallback_name(world)),), wait=6)


def after_callback(call: Call, heard: Heard, world: World) -> Call:
    """The promise of ringing that number, the question of another, or the national line."""
    if heard.digits == AGREE and _may_ring_back(world.caller, call, world):
        return call.at("booked", ring_back=world.caller)
    return call.at("number") if heard.digits == ANOTHER else call.at("fallback", ring=1)


def number(call: Call, world: World) -> Reply:
    """Which number to ring, by keys."""
    return Ask((line("number", fallback=_fallback_name(world)),), keys=0, wait=8)


def after_number(call: Call, heard: Heard, world: World) -> Call:
    """The promise of ringing the number keyed, if it may be rung; otherwise the national line."""
    keyed = numbers.keyed(heard.digits)
    if _may_ring_back(keyed, call, world):
        return call.at("booked", ring_back=keyed)
    return call.at("fallback", ring=1)


def _may_ring_back(number: str, call: Call, world: World) -> bool:
    """Whether ``number`` may be promised a call: a caller's own, never one of the line's."""
    nation = world.table.services[call.service].nation
    allowed = numbers.may_ring_back(number, world.table.line.test_line, nation)
    return allowed and not world.table.is_ours(number)


def booked(call: Call, world: World) -> Reply:
    """Said only once the promise is on disk."""
    return Finish((line("booked", ending=_ending(call.ring_back)),))


def fallback(call: Call, world: World) -> Reply:
    """Ring the line that is always open."""
    return _ring(call.at("fallback", service=world.table.line.fallback), world, "fallback")


def after_fallback(call: Call, heard: Heard, world: World) -> Call:
    """The end, its next number, or the number read out."""
    at_fallback = call.at("fallback", service=world.table.line.fallback)
    if _answered(at_fallback, heard, world):
        return call.at("ended")
    ring = call.ring + 1
    known = len(world.table.ringing(world.table.line.fallback))
    return call.at("fallback", ring=ring) if ring <= known else call.at("last_words")


def last_words(call: Call, world: World) -> Reply:
    """The always-open number read out twice, and 999."""
    number = world.table.fallback_number
    return Finish((line("last_words", number=numbers.aloud(number)),))


def ended(call: Call, world: World) -> Reply:
    """What a caller hears who is still there when the other side has gone."""
    return Finish((line("ended"),))


def _fallback_name(world: World) -> str:
    return world.spoken(world.table.line.fallback)


def _ending(number: str) -> str:
    """The last three digits of a number, as they are read aloud."""
    return spaced(number[-3:])
