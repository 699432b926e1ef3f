"""Rings a published month through the real line, so that the log's report can be held to it.

* ``waits``, ``plan`` - who rings and how long each waits, so that every figure is met
* ``places``, ``visits``, ``callers`` - where callers are, when they ring and what they do
* ``line``, ``ringing`` - the line they ring, and the ringing
* ``month``, ``differences`` - a whole month, and what came of it
"""

from ivr.replay.differences import Comparison, Difference
from ivr.replay.month import Replayed, ReplayError, chosen, replay

__all__ = ["Comparison", "Difference", "ReplayError", "Replayed", "chosen", "replay"]
