"""Keeps on this machine's disk what must outlive a call: what we promised, and what happened.

:meth:`Outbox.accept` keeps a promise before it is spoken. :meth:`Outbox.note` keeps the events of
the call log until the store has them, and never stands in a caller's way.
"""

from ivr.outbox.box import Outbox
from ivr.outbox.events import Batch, Outstanding
from ivr.outbox.file import PATIENCE
from ivr.outbox.promises import Promise

__all__ = ["PATIENCE", "Batch", "Outbox", "Outstanding", "Promise"]
