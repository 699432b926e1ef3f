"""Twilio asks here what a caller hears next.

Each turn reads where the call has got to, decides, keeps any promise before it is spoken, writes
TwiML, and keeps what may be kept of the turn before it answers. Whatever goes wrong on the way,
the caller gets a document that rings the fallback and needs nothing more of ours.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from traceback import extract_tb

import structlog
from flask import Blueprint, Response, g, request

from ivr import flow, twiml
from ivr.call import Call, Heard, Reply, Ring, line
from ivr.records import (
    MENU,
    OWN_NUMBER,
    TurnLine,
    Webhook,
    last_resort_event,
    turn_event,
    turn_line,
)
from ivr.web import metrics
from ivr.web.address import AstrayError, address, read
from ivr.web.form import count, form, hear, in_address, of_probe, word
from ivr.web.signature import Signatures
from ivr.web.switchboard import Switchboard
from ivr.world import World

log = structlog.get_logger("ivr.voice")

RINGING = Call("ringing")
"""A call before it is picked up."""


class Voice:
    """The routes that Twilio asks, each refused to whoever is not Twilio."""

    def __init__(self, board: Switchboard, signatures: Signatures) -> None:
        self._board = board
        self._signatures = signatures

    def blueprint(self) -> Blueprint:
        """The routes under ``/voice``."""
        voice = Blueprint("voice", __name__, url_prefix="/voice")
        voice.before_request(self.refuse_strangers)
        voice.register_error_handler(Exception, self.last_resort)
        voice.add_url_rule("", view_func=self.pick_up, methods=["POST"])
        voice.add_url_rule("/whisper", view_func=self.whisper, methods=["POST"])
        voice.add_url_rule("/accepted", view_func=self.accepted, methods=["POST"])
        voice.add_url_rule("/<path:step>", view_func=self.turn, methods=["POST"])
        # A number set to GET by mistake would put what callers key into every log on the way.
        voice.add_url_rule("", view_func=self.set_to_get, methods=["GET"])
        voice.add_url_rule("/<path:step>", view_func=self.set_to_get, methods=["GET"])
        return voice

    def refuse_strangers(self) -> Response | None:
        """403 for what Twilio did not sign."""
        g.signed = self._signatures.signed(request)
        return None if g.signed else Response("Not signed.\n", 403)

    def pick_up(self) -> Response:
        """A new call."""
        began = time.perf_counter()
        world = self._board.world(form("From"), form("To"))
        heard, call = Heard(), flow.pick_up(world)
        answer = self._speak(call, world)
        self._write_down(turn_line(RINGING, heard, call, _since(began)), heard, call, world)
        return answer

    def turn(self, step: str) -> Response:
        """One answer, and what is heard next."""
        began = time.perf_counter()
        world = self._board.world(form("From"), form("To"), request.args.get("table", ""))
        before, heard = _before(step, world), hear()
        after = self._keep_promise(_after(before, heard, world))
        answer = self._speak(after, world)
        self._write_down(turn_line(before, heard, after, _since(began)), heard, after, world)
        return answer

    def whisper(self) -> Response:
        """What whoever answers hears before they are joined to the caller."""
        accept = f"{self._board.root}/voice/accepted" if request.args.get("accept") else ""
        crisis = request.args.get("for") != "adviser"
        area, language = request.args.get("area", ""), request.args.get("language", "")
        told = self._board.whispered(area, language, crisis=crisis)
        lines = (*told, line("accept")) if accept else told
        spoken = self._board.script("")  # staff are told in the line's first language
        return _xml(twiml.whisper(lines, spoken, accept))

    def accepted(self) -> Response:
        """Join whoever pressed 1; let go of voicemail, which never does."""
        return _xml(twiml.EMPTY if form("Digits") == "1" else twiml.decline())

    def set_to_get(self, step: str = "") -> Response:  # noqa: ARG002 - any step alike
        """The last resort, and a line in the log for whoever set the number up."""
        log.error("set_to_get", mend="set the number's voice URL to POST, not GET")
        self._write_down_last_resort()
        return _xml(self._board.last_resort(form("To")))

    def last_resort(self, wrong: Exception) -> Response:
        """Ring the fallback, whatever went wrong: the one place where everything is caught.

        The type and place of the fault are logged, and never its message, which may hold what
        a caller said. On the called side a queue is joined as if nothing had been whispered, and
        whoever should have pressed 1 is let go, for it may be a machine: the next number rings.
        """
        log.error("last_resort", fault=type(wrong).__name__, place=place_of(wrong))
        path = request.path.rstrip("/")
        if path.endswith("/voice/whisper"):
            return _xml(twiml.decline() if request.args.get("accept") else twiml.EMPTY)
        if path.endswith("/voice/accepted"):
            return _xml(twiml.decline())
        with suppress(Exception):  # not even what is written down may cost a caller this
            self._write_down_last_resort()
        return _xml(self._board.last_resort(form("To")))

    def _write_down(self, line: TurnLine, heard: Heard, after: Call, world: World) -> None:
        """Keep what may be kept of a turn, before the caller hears of it; of a probe, nothing."""
        if of_probe():
            return
        log.info("turn", **line)
        webhook = Webhook(
            self._board.call_name(form("CallSid")),
            world.now,
            word("CallStatus"),
            count("DialCallDuration"),
            self._board.caller_name(world.caller),
            OWN_NUMBER if world.local else MENU,
        )
        self._board.outbox.note(turn_event(webhook, line, heard, after))
        metrics.note(line)

    def _write_down_last_resort(self) -> None:
        """Keep that a turn came to the last resort, unless it was a stranger's."""
        if not g.get("signed"):
            return
        name = self._board.call_name(form("CallSid") or request.args.get("CallSid", ""))
        step = (request.view_args or {}).get("step", "")
        turn = in_address("turn") + 1 if step else 0
        webhook = Webhook(name, self._board.now(), word("CallStatus"))
        self._board.outbox.note(last_resort_event(webhook, step or RINGING.step, turn))

    def _keep_promise(self, call: Call) -> Call:
        """The call once what its step must do first is done, or where it goes if that failed.

        A probe is promised nothing, for there is nobody to be rung back.
        """
        if not flow.STEPS[call.step].does:
            return call
        kept = not of_probe() and self._board.keep(form("CallSid"), call)
        return call if kept else flow.refused(call)

    def _speak(self, call: Call, world: World) -> Response:
        reply = flow.arrive(call, world)
        links = self._links(call, reply, world)
        return _xml(twiml.write(reply, self._board.script(call.language), links))

    def _links(self, call: Call, reply: Reply, world: World) -> twiml.Links:
        action = address(call, self._board.root)
        if not isinstance(reply, Ring):
            return twiml.Links(action)
        return twiml.Links(
            action,
            self._board.whisper_address(call, reply),
            self._board.caller_id(world),
            self._board.status_address(call, world),
        )


def _before(step: str, world: World) -> Call:
    """Where the call had got to; at the fallback, if its address leads nowhere."""
    try:
        return read(step, request.args, world.table, world.catalogues)
    except AstrayError:
        log.warning("astray", mend="see whether something rewrites the addresses of this line")
        return Call("astray", turn=in_address("turn"), table=world.table.version)


def _after(before: Call, heard: Heard, world: World) -> Call:
    if before.step not in flow.STEPS:
        return before.at("fallback", ring=1, turn=before.turn + 1)
    return flow.answer(before, heard, world)


def _since(began: float) -> float:
    """Milliseconds since ``began``."""
    return (time.perf_counter() - began) * 1000


def place_of(wrong: Exception) -> str:
    """The file and line where a fault arose."""
    frames = extract_tb(wrong.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _xml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")
