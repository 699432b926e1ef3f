"""Says whether the line is alive, and whether it is ready to take calls and what to mend if not.

``/healthy`` asks nothing of anything: an answer is the proof. ``/ready`` runs the checks that it
was given. Redis is not among them, since nothing a caller needs waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the line needs: whether it is well, and if there is something to say, what.

    Of a check that is not ok, ``say`` tells what is wrong and how to mend it; it never holds
    anything of a caller's. ``needed`` is False for what calls can be served without.
    """

    name: str
    ok: bool
    say: str = ""
    needed: bool = True


def blueprint(checks: Callable[[], list[Check]]) -> Blueprint:
    """The two pages, ``/ready`` running ``checks`` each time it is asked."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthy")
    def healthy() -> Response:
        return _fresh({"healthy": True})

    @pages.get("/ready")
    def ready() -> Response:
        found = checks()
        well = all(check.ok for check in found if check.needed)
        answer = _fresh({"ready": well, "checks": [asdict(check) for check in found]})
        answer.status_code = 200 if well else 503
        return answer

    return pages


def _fresh(content: dict[str, object]) -> Response:
    """``content`` as JSON that nothing on the way may keep."""
    answer = jsonify(content)
    answer.headers["Cache-Control"] = "no-store"
    return answer
