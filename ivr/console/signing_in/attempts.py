"""One attempt to prove who somebody is: counted and checked alike, for the first time or again."""

from __future__ import annotations

import structlog
from flask import Flask, current_app, request

from ivr.console.means import Means
from ivr.console.signing_in import marks, proofs
from ivr.console.signing_in.throttle import Throttle
from ivr.store import Operator

WAIT = "Too many attempts. Wait a minute, then try again"

_THROTTLE = "signing-in throttle"

log = structlog.get_logger("ivr")


class Refused(Exception):  # noqa: N818 - what the attempt was
    """What was given does not prove who they are."""

    status = 403


class TooMany(Refused):
    """It was not looked at: there were too many attempts."""

    status = 429


def join(app: Flask, means: Means) -> None:
    """Lets ``app`` count the attempts that it sees."""
    app.extensions[_THROTTLE] = Throttle(means.clock)


def attempt(means: Means, given: proofs.Given) -> Operator:
    """Who proves with ``given`` who they are. Raises Refused, or TooMany if they have to wait."""
    throttle: Throttle = current_app.extensions[_THROTTLE]
    asking = (given.login, request.remote_addr or "", marks.of(means, given.login))
    if not throttle.take(*asking):
        log.warning("sign-in throttled", address=asking[1])
        raise TooMany
    both = not means.settings.test_line
    found = proofs.proven(means.store.people, means.seal, given, means.clock(), both=both)
    if found is None:
        log.warning("sign-in refused", address=asking[1])
        raise Refused
    throttle.give_back(*asking)
    return found
