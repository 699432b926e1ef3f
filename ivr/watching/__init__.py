"""Looks up everything that alarms are judged by, and keeps what was found for whoever asks.

Whatever cannot be looked up is not known, and no more: the watch outlives all that it watches.
"""

from ivr.watching.watch import Watch, kept

__all__ = ["Watch", "kept"]
