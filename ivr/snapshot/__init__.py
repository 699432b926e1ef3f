"""Loads directory and routing table from disk, swaps in newer ones, and keeps the last good.

``files`` watches what may change, ``kept`` holds copies of what was good, ``kinds`` knows what a
table and a directory are made of, ``published`` where operators' own tables lie, and ``snapshots``
puts all of it together for a call. ``lists`` reads the names of places beside them.
"""

from ivr.snapshot.files import Outside, read_file
from ivr.snapshot.lists import read_geography
from ivr.snapshot.published import Published
from ivr.snapshot.snapshots import ROUTING, NothingToServe, Snapshot, Snapshots

__all__ = [
    "ROUTING",
    "NothingToServe",
    "Outside",
    "Published",
    "Snapshot",
    "Snapshots",
    "read_file",
    "read_geography",
]
