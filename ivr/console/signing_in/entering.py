"""The moment somebody is signed in, however they proved who they are."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, url_for
from werkzeug.wrappers import Response

from ivr.console.means import Means
from ivr.console.signing_in import marks, sessions
from ivr.store import Operator


def enter(means: Means, operator: Operator, then: str = "", *, proved: bool = True) -> Response:
    """Sign this browser in as ``operator``, and go to the page ``then``.

    ``proved`` says whether they proved just now who they are.
    """
    sessions.begin(means, operator, proved=proved)
    means.audit(operator.login, "signed in")
    answer = redirect(safe(then) or url_for("front"))
    marks.put(means, answer, operator.login)
    return answer


def safe(then: str) -> str:
    """``then``, if it is a page of ours; "" for anything that leads elsewhere."""
    try:
        where = urlsplit(then)
    except ValueError:
        return ""
    ours = then.startswith("/") and "/console/" in where.path and not where.netloc
    return then if ours and then.isprintable() and "\\" not in then else ""
