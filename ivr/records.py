"""What we keep of a turn: where the call was, how it was answered and where it went.

Never what was keyed or said, and never who rang: this is the one place where a turn is put into
words for a log, so what is not here cannot get into one. What would not fit a fact's shape is left
out, and nothing here raises: a record that lacks something is better than a call that ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from ivr.call import Call, Heard
from ivr.events import CALLBACK, STATUS, TURN, Event, Fact, fits

LAST_RESORT = "last_resort"
"""Where a turn goes that went wrong: to the ready-made document that rings the fallback."""
MENU, OWN_NUMBER = "menu", "own_number"
"""Which way a caller came: by the line's number and its menu, or by a service's own number."""


class TurnLine(TypedDict):
    """One turn, as the log tells it."""

    step: str
    heard: str
    reached: str
    service: str
    table: str
    turn: int
    ms: float


@dataclass(frozen=True, slots=True)
class Webhook:
    """What one of Twilio's questions or tidings tells besides the answer, with nobody named."""

    call: str
    """The CallSid, or x and 32 hexadecimal digits; never anything else."""
    at: datetime
    """When it came, with its zone; of tidings, when that happened which they tell."""
    status: str = ""
    """How the call or the leg is doing, in Twilio's words; "" where it says none that is one."""
    seconds: int | None = None
    """How long the call or the leg has lasted; None where Twilio does not say."""
    caller: str = ""
    """The caller's pseudonym; "" if withheld."""
    via: str = ""
    """:data:`MENU` or :data:`OWN_NUMBER`."""
    sequence: int | None = None
    """Twilio's count of the tidings of one call or leg; None where it gives none."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Which of the telephones that a call rings: whose it is, and at which turn it rings."""

    service: str
    ring: int
    turn: int


@dataclass(frozen=True, slots=True)
class Rung:
    """One of the calls that we place: for which callback, at which attempt; or which test call."""

    callback: str
    """The id of the callback, or of the test call: 32 hexadecimal digits."""
    side: str
    """Whose telephone it is: "service" or "caller"; or "test"."""
    attempt: int
    ring: int
    """Which number of the service's chain it is, from 1; 0 where that is not known."""
    service: str


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


def turn_event(webhook: Webhook, line: TurnLine, heard: Heard, after: Call) -> Event:
    """One turn's event; its id is the call's and the turn's, so that asked twice it is one."""
    told: Mapping[str, Fact] = {
        **{name: value for name, value in line.items() if isinstance(value, str | int)},
        "ms": round(line["ms"]),
        "ring": after.ring,
        "area": after.area,
        "language": after.language,
        "tries": after.tries,
        "leg": heard.leg or None,
        "bridged": heard.bridged,
        "seconds": webhook.seconds,
        "status": webhook.status,
        "caller": webhook.caller,
        "via": webhook.via,
    }
    return _event(webhook, TURN, f"t{after.turn:02}", told)


def last_resort_event(webhook: Webhook, step: str, turn: int) -> Event:
    """The event of a turn that went wrong and was answered with the last resort."""
    told: Mapping[str, Fact] = {
        "step": step,
        "reached": LAST_RESORT,
        "turn": turn,
        "status": webhook.status,
        "caller": webhook.caller,
        "via": webhook.via,
    }
    return _event(webhook, TURN, f"t{turn:02}", told)


def status_event(webhook: Webhook, leg: Leg | None = None) -> Event:
    """What Twilio told of how a call is doing, or one ``leg`` of it.

    Its id is the call's (of a leg, and the turn's at which it rings) and Twilio's count of such
    tidings, or what was told where Twilio does not count.
    """
    status = webhook.status if fits("status", webhook.status) else ""
    which = f"s{status if webhook.sequence is None else webhook.sequence}"
    told: dict[str, Fact] = {"seconds": webhook.seconds}
    if leg is None:
        told |= {"status": webhook.status, "caller": webhook.caller}
        return _event(webhook, STATUS, which, told)
    told |= {"leg": webhook.status, "service": leg.service, "ring": leg.ring, "turn": leg.turn}
    return _event(webhook, STATUS, f"t{leg.turn:02}-{which}", told)


def callback_event(webhook: Webhook, rung: Rung, what: str) -> Event:
    """What came of one of the calls that we place.

    ``what`` is "accepted" (they pressed 1), "never" (the caller's 9: never to be rung again),
    "denied" (a tested service's 9: they are another), "machine" (voicemail picked up) or
    :data:`STATUS`, of which ``leg`` then tells how the call is doing, in Twilio's words, and
    ``seconds`` how long it was. The event's call is the one that was placed; told twice it is one
    event.
    """
    status = webhook.status if fits("leg", webhook.status) else ""
    counted = status if webhook.sequence is None else webhook.sequence
    told: dict[str, Fact] = {
        "callback": rung.callback,
        "attempt": rung.attempt,
        "side": rung.side,
        "ring": rung.ring or None,
        "service": rung.service,
        "what": what,
        "seconds": webhook.seconds,
    }
    if what == STATUS:
        told["leg"] = webhook.status
    return _event(webhook, CALLBACK, f"b-{counted if what == STATUS else what}", told)


def _event(webhook: Webhook, kind: str, which: str, told: Mapping[str, Fact]) -> Event:
    """The event, with what of ``told`` is known and fit to be kept."""
    facts = {name: value for name, value in told.items() if value is not None and fits(name, value)}
    return Event(f"{webhook.call}-{which}", webhook.call, kind, webhook.at, facts)
