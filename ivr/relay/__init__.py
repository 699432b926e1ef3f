"""Hands what the outbox holds to Redis, and lets the outbox forget it once the store has it.

Until the store has an event the outbox keeps it, so Redis may lose everything at any moment, and
everything may be handed over twice: ids make that harmless. No caller ever waits for this.

* ``handing`` - one pass, ``promising`` - its promises; ``keeping`` - the loop of them
* ``shelf`` - what lies in Redis between the relay and a worker, sealed
* ``queue`` - how a job is queued
* ``aside`` - batches that the store will not have, kept on disk for a person to look at
"""

from ivr.relay.aside import Aside, Days
from ivr.relay.handing import Handed, Relay
from ivr.relay.keeping import keep_handing
from ivr.relay.queue import connect_impatiently
from ivr.relay.shelf import Parcels, Seen, Shelf

__all__ = [
    "Aside",
    "Days",
    "Handed",
    "Parcels",
    "Relay",
    "Seen",
    "Shelf",
    "connect_impatiently",
    "keep_handing",
]
