"""Which areas a postcode lies in: one compiled file, how it is read, and how it is built.

``reader`` answers; ``format`` and ``units`` say how the file is laid out. The rest makes the file
and is only imported for that: ``layouts`` knows the columns of published files, ``sources`` opens
them, ``geography`` completes what they say, ``gather`` merges them and ``build`` writes.
"""

from ivr.directory.reader import Directory, DirectoryError, Entry, Match, Place

__all__ = ["Directory", "DirectoryError", "Entry", "Match", "Place"]
