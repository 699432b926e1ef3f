"""Tells one call from the events it left: where it went, whose telephones rang, how it ended.

A record is a fold over a call's events in whatever order and however often they came. What is
lost is missing from the record and named in its ``lacks``; it is never guessed, and never nought.
"""

from ivr.log.folding import fold
from ivr.log.record import CallRecord, Leg, Offer

__all__ = ["CallRecord", "Leg", "Offer", "fold"]
