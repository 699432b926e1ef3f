"""Checks a whole routing table before callers meet it: every postcode, audience, hour and number.

``read_upload`` makes a table's files of what an operator's spreadsheet saves, ``ivr.routing.read``
refuses what cannot be right, and ``check`` tells where what was read leaves somebody without a
service. Nothing here touches a disk or a clock.
"""

from ivr.checking.check import check
from ivr.checking.finding import ERROR, GAP, WARNING, Check, Finding
from ivr.checking.upload import read_upload

__all__ = ["ERROR", "GAP", "WARNING", "Check", "Finding", "check", "read_upload"]
