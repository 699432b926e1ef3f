"""Counts what the line does, for whoever watches it, in the form that Prometheus reads.

Nothing here ever raises into a call: a line whose metrics are broken answers as before, and counts
nothing. No metric and no label has room for anything of a caller's.
"""

from ivr.metrics.meter import Meter, meter
from ivr.metrics.page import TYPE, page, total
from ivr.metrics.shown import Shown
from ivr.metrics.slot import FOLDER

__all__ = ["FOLDER", "TYPE", "Meter", "Shown", "meter", "page", "total"]
