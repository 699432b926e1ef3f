"""A pretend telephone company: it rings people when it is asked to, and tells us how they fared.

It speaks the part of Twilio's REST API that the line uses, over HTTP on this machine, and does to
our TwiML what Twilio would. Nothing in it waits for real: whoever is rung answers at once, and
what they do takes seconds of the call's own clock only. A test uses it so::

    exchange = Exchange(in_process(app), TOKEN, Fates({SERVICE: NoAnswer()}))
    with serving(exchange) as base:  # for TWILIO_API_BASE; sign in as exchange.account, TOKEN
        ...  # the worker asks for a call: it is queued, and nobody's telephone rings yet
        exchange.play()  # now it rings, and everybody does what they do until nothing moves
    assert exchange.journal.numbers == [SERVICE]  # also .rung, .joined, .heard(number), .calls()

``serving(exchange, plays=True)`` plays by itself, as ``ivr exchange`` does; then ``play()`` only
waits until nothing moves. What goes wrong is ordered beforehand:
``exchange.troubles.order(Trouble.LOSE_REPLY, at=(1,))``, or, for webhooks that are lost or
repeated, by handing over ``Mischief(post, ...)`` as the post.

Where Twilio's behaviour is not written down, the less kind reading is taken: a call not yet
dialled has no start, so a list asked for by start lacks it, and with ``lists_queued`` False any
list does. Among a call's requests the first is ours, with the Url among its parameters; with
``tells_requests`` False none are told yet.

* ``fates`` - who is rung, and what becomes of it
* ``dialled``, ``rooms`` - one call that was asked for, and the conferences they meet in
* ``company``, ``journal`` - all the calls, and what happened on them
* ``asked``, ``rest``, ``listing``, ``resource`` - the REST API, as values
* ``troubles``, ``server`` - what goes wrong on the way, and HTTP
"""

from __future__ import annotations

from ivr.phone.exchange.company import ACCOUNT, Exchange, Seen, Stage
from ivr.phone.exchange.dialled import Status
from ivr.phone.exchange.fates import Fates, FatesError, read_fates
from ivr.phone.exchange.journal import Joined, Journal, Rung
from ivr.phone.exchange.server import serving
from ivr.phone.exchange.troubles import Request, Trouble

__all__ = [
    "ACCOUNT",
    "Exchange",
    "Fates",
    "FatesError",
    "Joined",
    "Journal",
    "Request",
    "Rung",
    "Seen",
    "Stage",
    "Status",
    "Trouble",
    "read_fates",
    "serving",
]
