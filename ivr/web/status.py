"""Twilio tells here how a call is doing: the caller's own, and each telephone it rings.

These are tidings and no questions: they are written down and answered with nothing, whatever goes
wrong, for no caller waits for them and Twilio would only log an error.
"""

from __future__ import annotations

from dataclasses import replace

import structlog
from flask import Blueprint, Response, request

from ivr import numbers
from ivr.records import Leg, Webhook, status_event
from ivr.web.form import count, form, happened, in_address, word
from ivr.web.signature import Signatures
from ivr.web.switchboard import Switchboard

log = structlog.get_logger("ivr.status")


class Status:
    """The routes that Twilio tells, each refused to whoever is not Twilio."""

    def __init__(self, board: Switchboard, signatures: Signatures) -> None:
        self._board = board
        self._signatures = signatures

    def blueprint(self) -> Blueprint:
        """The routes under ``/status``."""
        status = Blueprint("status", __name__, url_prefix="/status")
        status.before_request(self.refuse_strangers)
        status.register_error_handler(Exception, self.let_it_be)
        status.add_url_rule("", view_func=self.of_call, methods=["POST"])
        status.add_url_rule("/leg", view_func=self.of_leg, methods=["POST"])
        return status

    def refuse_strangers(self) -> Response | None:
        """403 for what Twilio did not sign."""
        return None if self._signatures.signed(request) else Response("Not signed.\n", 403)

    def of_call(self) -> Response:
        """The caller's own call: that it is over, and how long it was."""
        return self._keep(self._heard(form("CallSid"), form("From")))

    def of_leg(self) -> Response:
        """A telephone that is rung for a caller: that it was answered, that it is over."""
        parent = form("ParentCallSid")
        if not parent:
            log.warning("astray", mend="give a leg's statusCallback to a <Number> inside a <Dial>")
            return _nothing()
        leg = Leg(request.args.get("service", ""), in_address("ring"), in_address("turn"))
        return self._keep(self._heard(parent), leg)

    def let_it_be(self, wrong: Exception) -> Response:
        """Say which kind of fault it was, and leave it at that."""
        log.error("status not kept", fault=type(wrong).__name__)
        return _nothing()

    def _keep(self, heard: Webhook, leg: Leg | None = None) -> Response:
        """Write it down as of when it happened, by a stamp of Twilio's that says so."""
        told = replace(heard, at=happened(form("Timestamp"), heard.at))
        self._board.outbox.note(status_event(told, leg), heard.at)
        return _nothing()

    def _heard(self, call_sid: str, caller: str = "") -> Webhook:
        return Webhook(
            self._board.call_name(call_sid),
            self._board.now(),
            word("CallStatus"),
            count("CallDuration"),
            self._board.caller_name(numbers.from_caller(caller)),
            sequence=count("SequenceNumber"),
        )


def _nothing() -> Response:
    return Response(status=204)
