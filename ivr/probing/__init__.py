"""Rings the line from every place that a row of the table is for, and sees who would answer.

It goes through the telephone (:mod:`ivr.phone`) to the line that runs on this machine, on a test
line alone; whoever is rung is played here, so that no telephone rings anywhere. What it does is
kept out of the call log.
"""

from ivr.probing.keeping import keep_probing, round_of
from ivr.probing.planning import Probe, plan
from ivr.probing.ringing import ring, sid

__all__ = ["Probe", "keep_probing", "plan", "ring", "round_of", "sid"]
