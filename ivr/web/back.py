"""Twilio asks here what they hear who are rung back, and tells here how those calls are doing.

The two calls were placed by somebody else, who learns what came of them from what is noted here.
No answer is ever an error: whatever goes wrong a service is let go, and rung again; but whoever has
pressed 1 to be put through is put through to the line that is always open.
"""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from ivr import ringing_back, twiml
from ivr.call import Reply
from ivr.records import Rung, Webhook, callback_event
from ivr.ringing_back import (
    AGREE,
    CALLER,
    ELSEWHERE,
    PRESSED,
    SIDES,
    SORRY,
    STATUS,
    THROUGH,
    Back,
    Outcome,
    address,
)
from ivr.web.address import AstrayError
from ivr.web.form import count, form, hear, word
from ivr.web.signature import Signatures
from ivr.web.switchboard import Switchboard
from ivr.web.voice import place_of

log = structlog.get_logger("ivr.back")


class RungBack:
    """The routes of the calls by which people are rung back, refused to whoever is not Twilio."""

    def __init__(self, board: Switchboard, signatures: Signatures) -> None:
        self._board = board
        self._signatures = signatures

    def blueprint(self) -> Blueprint:
        """The routes under ``/back``."""
        back = Blueprint("back", __name__, url_prefix="/back")
        back.before_request(self.refuse_strangers)
        back.register_error_handler(Exception, self.let_go)
        which = f"<any({', '.join(SIDES)}):side>"
        back.add_url_rule(f"/{which}", view_func=self.picked_up, methods=["POST"])
        back.add_url_rule(f"/{which}/{PRESSED}", view_func=self.pressed, methods=["POST"])
        back.add_url_rule(f"/{SORRY}", view_func=self.sorry, methods=["POST"])
        back.add_url_rule(f"/{ELSEWHERE}", view_func=self.elsewhere, methods=["POST"])
        back.add_url_rule(f"/{STATUS}", view_func=self.status, methods=["POST"])
        return back

    def refuse_strangers(self) -> Response | None:
        """403 for what Twilio did not sign."""
        return None if self._signatures.signed(request) else Response("Not signed.\n", 403)

    def picked_up(self, side: str) -> Response:
        """Somebody, or something, has answered."""
        back = _about(side)
        spoken = self._board.spoken(back.service)
        return self._answer(back, ringing_back.picked_up(back, spoken, form("AnsweredBy")))

    def pressed(self, side: str) -> Response:
        """They have pressed a key, or been silent."""
        back = _about(side)
        spoken = self._board.spoken(back.service)
        return self._answer(back, ringing_back.pressed(back, hear().digits, spoken))

    def sorry(self) -> Response:
        """A call that waits for the other in vain is sent here; that it came is kept."""
        back = ringing_back.read(request.args)
        self._note(back, SORRY)
        return self._speak(back, ringing_back.sorry(back), ELSEWHERE)

    def elsewhere(self) -> Response:
        """A caller whose service has rung off presses 1 to be put through to somebody else."""
        if form("Digits") != AGREE:
            return _xml(twiml.decline())
        self._note(ringing_back.read(request.args), THROUGH)
        return _xml(self._board.last_resort(form("From")))

    def status(self) -> Response:
        """How one of the calls is doing: written down, and answered with nothing."""
        self._note(ringing_back.read(request.args), STATUS)
        return _nothing()

    def let_go(self, wrong: Exception) -> Response:
        """Hang up, whatever went wrong, save on a caller who is to be put through.

        The type and place of the fault are logged, and never its message.
        """
        log.error("rung back in vain", fault=type(wrong).__name__, place=place_of(wrong))
        path = request.path.rstrip("/")
        if path.endswith(f"/{STATUS}"):
            return _nothing()
        put_through = path.endswith((f"/{CALLER}/{PRESSED}", f"/{ELSEWHERE}"))
        if put_through and form("Digits") == AGREE:
            return _xml(self._board.last_resort(form("From")))
        return _xml(twiml.decline())

    def _answer(self, back: Back, outcome: Outcome) -> Response:
        """Keep what must be kept of an answer, and then say what follows from it."""
        kept = not outcome.keep or self._keep(back, outcome.keep)
        return self._speak(back, outcome.reply if kept else outcome.not_kept, PRESSED)

    def _speak(self, back: Back, reply: Reply, place: str) -> Response:
        """Say it; an answer to it goes to ``place``."""
        script = self._board.script(back.language if back.side == CALLER else "")
        links = twiml.Links(address(self._board.root, back.said(), place))
        return _xml(twiml.write(reply, script, links))

    def _note(self, back: Back, what: str) -> None:
        """Keep what came of a call, if it is known which; what is said does not hang on it."""
        if back.sound:
            self._keep(back, what)

    def _keep(self, back: Back, what: str) -> bool:
        """Whether it is kept what came of a call."""
        webhook = Webhook(
            self._board.call_name(form("CallSid")),
            self._board.now(),
            word("CallStatus"),
            count("CallDuration"),
            sequence=count("SequenceNumber"),
        )
        which = Rung(back.callback, back.side, back.attempt, back.ring, back.service)
        kept = self._board.outbox.note(callback_event(webhook, which, what))
        log.info("rung back", callback=back.callback, side=back.side, what=what, kept=kept)
        return kept


def _about(side: str) -> Back:
    """The call that is asked about. Raises AstrayError if its address does not tell which it is."""
    back = ringing_back.read(request.args, side)
    if not back.sound:
        raise AstrayError("callback")
    return back


def _nothing() -> Response:
    return Response(status=204)


def _xml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")
