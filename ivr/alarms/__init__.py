"""What an operator must be told of at once, at which threshold, why, and how to mend it.

:data:`ALARMS` is the one list; :func:`standing` tells which of them stand by some figures. An alarm
stands only by what is known: a figure that nobody could look up raises none but its own.
"""

from ivr.alarms.ages import age, since
from ivr.alarms.alarm import Alarm, Standing, standing
from ivr.alarms.figures import Calls, Check, Figures
from ivr.alarms.found import STALE, Found, look, read, write
from ivr.alarms.jumps import Rate, answer_rates, wrong_areas
from ivr.alarms.listed import ALARMS
from ivr.alarms.silence import LINE, silent

__all__ = [
    "ALARMS",
    "LINE",
    "STALE",
    "Alarm",
    "Calls",
    "Check",
    "Figures",
    "Found",
    "Rate",
    "Standing",
    "age",
    "answer_rates",
    "look",
    "read",
    "silent",
    "since",
    "standing",
    "write",
    "wrong_areas",
]
