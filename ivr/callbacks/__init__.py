"""What becomes of a promise to ring somebody back, decided without ringing anybody.

A callback is a value. :func:`decide` says what is next, :func:`claim` what must be written down
before a telephone is rung, and :func:`told` what it has become after tidings, in whatever order
and however often they come. Only :func:`close`, which a person calls, ends one that nobody
answered.
"""

from ivr.callbacks.callback import (
    ASKED_AFTER_9,
    CALLER,
    ENDS,
    FULL,
    OPTED_OUT,
    RINGING,
    RULES,
    SERVICE,
    SIDES,
    Callback,
    Rules,
    State,
    asked,
    marker,
)
from ivr.callbacks.deciding import Ask, Become, Facts, LetGo, Rest, Ring, Seek, Step, claim, decide
from ivr.callbacks.placing import (
    let_go,
    letting_go,
    not_let_go,
    not_placed,
    placed,
    unclear,
    words_marker,
)
from ivr.callbacks.standing import (
    CallbackError,
    asked_again,
    barred,
    close,
    hand_over,
    retry,
    take_on,
)
from ivr.callbacks.telling import Heard, found, told

__all__ = [
    "ASKED_AFTER_9",
    "CALLER",
    "ENDS",
    "FULL",
    "OPTED_OUT",
    "RINGING",
    "RULES",
    "SERVICE",
    "SIDES",
    "Ask",
    "Become",
    "Callback",
    "CallbackError",
    "Facts",
    "Heard",
    "LetGo",
    "Rest",
    "Ring",
    "Rules",
    "Seek",
    "State",
    "Step",
    "asked",
    "asked_again",
    "barred",
    "claim",
    "close",
    "decide",
    "found",
    "hand_over",
    "let_go",
    "letting_go",
    "marker",
    "not_let_go",
    "not_placed",
    "placed",
    "retry",
    "take_on",
    "told",
    "unclear",
    "words_marker",
]
