"""Test calls: rings a service's own telephones now and then, to hear whether it is they who answer.

One wrong digit in the table and everybody of an area is put through to a stranger, however well the
line itself works. Only services that line.toml names under ``test_calls`` are rung, whoever answers
is told at once that nobody is waiting, and a key settles it. In the code a test call is a *trial*,
for pytest takes whatever is named a test for one. Nothing here rings: it decides.
"""

from ivr.trials.deciding import (
    AGAIN,
    GIVEN_UP,
    LATELY,
    MONTH,
    SLOW,
    UNTAKEN,
    Telephone,
    asked,
    claimed,
    due,
    given_up,
    not_taken,
    placed,
    still,
    telephones,
)
from ivr.trials.telling import found, told
from ivr.trials.trial import ENDS, State, Trial, moved

__all__ = [
    "AGAIN",
    "ENDS",
    "GIVEN_UP",
    "LATELY",
    "MONTH",
    "SLOW",
    "UNTAKEN",
    "State",
    "Telephone",
    "Trial",
    "asked",
    "claimed",
    "due",
    "found",
    "given_up",
    "moved",
    "not_taken",
    "placed",
    "still",
    "telephones",
    "told",
]
