"""Rings the line by every way that leads to a service, and sees who would answer.

It goes through the telephone (:mod:`ivr.phone`) to the line that runs on this machine; whoever is
rung is played here, so that no telephone rings anywhere, on a live line either. What it does is
kept out of the call log and out of the counts, and nobody is promised anything.
"""

from ivr.probing.keeping import gently, keep_probing, round_of, telephone
from ivr.probing.planning import Probe, plan
from ivr.probing.ringing import ring, sid

__all__ = ["Probe", "gently", "keep_probing", "plan", "ring", "round_of", "sid", "telephone"]
