"""Hears a postcode in key presses or in speech, and knows how one is written.

It knows the shape of postcodes and nothing of which exist; that is the directory's to say.
:mod:`.keys` has the written and the keyed postcode, :mod:`.speech` the spoken one.
"""

from ivr.postcode.keys import (
    KEYS,
    area,
    clean,
    keys,
    spaced,
    split,
)
from ivr.postcode.speech import Reading, spoken

__all__ = [
    "KEYS",
    "Reading",
    "area",
    "clean",
    "keys",
    "spaced",
    "split",
    "spoken",
]
