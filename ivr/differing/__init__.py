"""What callers would notice if one table took another's place, and which rows do it."""

from ivr.differing.difference import Difference, Move, difference
from ivr.differing.services import Change

__all__ = ["Change", "Difference", "Move", "difference"]
