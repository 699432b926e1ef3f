"""Loads directory and routing table from disk, swaps in newer ones, and keeps the last good.

``files`` watches what may change, ``kept`` holds copies of what was good, ``kinds`` knows what a
table and a directory are made of, and ``snapshots`` puts the two together for a call. ``lists``
reads the names of places beside them.
"""

from ivr.snapshot.files import Outside
from ivr.snapshot.lists import read_geography
from ivr.snapshot.snapshots import NothingToServe, Snapshot, Snapshots

__all__ = ["NothingToServe", "Outside", "Snapshot", "Snapshots", "read_geography"]
