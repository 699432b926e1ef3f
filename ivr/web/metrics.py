"""The page ``/metrics``, and the counting of what is asked and answered.

The page is open on a test line; on any other it is there only for who brings METRICS_TOKEN. It has
nothing of a caller's, but tells how many there are.
"""

from __future__ import annotations

import hmac
import threading
import time

import structlog
from flask import Blueprint, Flask, Response, abort, g, request

from ivr import metrics
from ivr.events import OVER
from ivr.metrics import Meter
from ivr.records import TurnLine
from ivr.settings import Settings
from ivr.web.form import of_probe
from ivr.web.shown import Shelf
from ivr.web.switchboard import Switchboard

TURNS = frozenset(("voice.pick_up", "voice.turn", "voice.set_to_get"))
"""The pages where a caller's own turn is answered."""
LEG = "status.of_leg"
"""The page where it is told how a telephone is doing that is rung for a caller."""
FORBIDDEN = 403

log = structlog.get_logger("ivr.metrics")


def note(line: TurnLine) -> None:
    """Say which turn is being answered: it is counted once it has been."""
    g.turn_line = line


class Counting:
    """Counts on ``meter`` what the line on ``board`` is asked, and shows it."""

    def __init__(self, settings: Settings, board: Switchboard, meter: Meter) -> None:
        self._token, self._open = settings.metrics_token, settings.test_line
        self._board = board
        self._meter = meter
        self._shelf = Shelf(settings, board)
        self._counted = 0
        self._counting = threading.Lock()

    def join(self, app: Flask) -> None:
        """Count each request to ``app``, and give it the page."""
        app.before_request(_begin)
        app.after_request(self.count)
        pages = Blueprint("metrics", __name__)
        pages.add_url_rule("/metrics", view_func=self.page)
        app.register_blueprint(pages)

    def count(self, answer: Response) -> Response:
        """Count a request that has its ``answer``; whatever goes wrong, the answer goes out."""
        try:
            self._count(request.endpoint or "", answer.status_code)
        except Exception as wrong:  # noqa: BLE001 - a count is worth nobody's call
            log.warning("not counted", fault=type(wrong).__name__)
        return answer

    def page(self) -> Response:
        """Everything that is counted, and what can be looked up: 503 where that goes wrong."""
        if not self._may_read():
            abort(404)
        try:
            content = metrics.page(self._meter, self._shelf.shown())
        except Exception as wrong:  # noqa: BLE001 - files that other programs write may be broken
            log.warning("metrics cannot be read", fault=type(wrong).__name__)
            return Response("The counts cannot be read just now.\n", 503)
        return Response(content, content_type=metrics.TYPE, headers={"Cache-Control": "no-store"})

    def _may_read(self) -> bool:
        if not self._token:
            return self._open
        brought = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(brought, f"Bearer {self._token}".encode())

    def _count(self, endpoint: str, status: int) -> None:
        if status == FORBIDDEN:
            self._meter.refused()
        elif endpoint in (LEG, *TURNS) and not of_probe():
            self._count_leg() if endpoint == LEG else self._count_turn()
        self._count_unlogged()

    def _count_turn(self) -> None:
        line: TurnLine | None = g.get("turn_line")
        if line is None:
            self._meter.last_resort()
        else:
            seconds = time.perf_counter() - g.began
            self._meter.turn(line["step"], line["heard"], line["reached"], seconds)

    def _count_leg(self) -> None:
        ended = request.form.get("CallStatus", "")
        if ended in OVER:
            self._meter.ring(request.args.get("service", ""), ended)

    def _count_unlogged(self) -> None:
        with self._counting:
            more = self._board.outbox.unlogged - self._counted
            self._counted += more
        if more:
            self._meter.unlogged(more)


def _begin() -> None:
    g.began = time.perf_counter()
