"""The things the line can tell a telephone to do: say, play, wait, ask, ring, go on, hang up.

Values only, as :mod:`ivr.phone.reading` makes them of TwiML. URLs are as they were written,
perhaps relative to the document's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin


@dataclass(frozen=True, slots=True)
class Say:
    """Words to be spoken ``loop`` times, with ``breaks`` seconds of silence among them."""

    text: str
    breaks: float = 0.0
    loop: int = 1
    language: str = ""
    """The language they are in, such as cy-GB; "" where the document does not say."""


@dataclass(frozen=True, slots=True)
class Play:
    """A recording, or keys' tones, to be played ``loop`` times."""

    url: str
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, in seconds."""

    length: int = 1


Prompt = Say | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """Wait for keys or words while the prompts are spoken, and for ``timeout`` seconds after."""

    prompts: tuple[Prompt, ...] = ()
    keys: bool = True
    speech: bool = False
    action: str = ""
    timeout: float = 5.0
    quiet: float | None = None
    """Seconds of quiet that end speech; None leaves it to Twilio (``auto``)."""
    finish_on: str = "#"
    most: int = 0
    """The number of keys that is enough; 0 takes any number."""
    barge_in: bool = True
    on_empty: bool = False
    """Whether silence is posted to the action too."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One number or SIP address to ring, and the document that whoever answers hears first."""

    number: str
    url: str = ""
    status_callback: str = ""
    events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Conference:
    """A room of this name, in which all who come in hear each other."""

    name: str
    begins: bool = True
    """Whether it may begin with this one; until it does, whoever is inside waits."""
    ends: bool = False
    """Whether it ends for everybody when this one leaves."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Ring the legs, at once or one after another, and put the caller through to one.

    With a ``conference`` there are no legs: whoever hears this goes into it and waits there.
    """

    legs: tuple[Leg, ...] = ()
    conference: Conference | None = None
    action: str = ""
    timeout: int = 30
    time_limit: int = 14_400
    caller_id: str = ""
    answer_on_bridge: bool = False
    sequential: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with the document at ``url``."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call before answering it."""

    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Dial | Redirect | Hangup | Reject


@dataclass(frozen=True, slots=True)
class Document:
    """The verbs of one answer, and the URL it came from."""

    verbs: tuple[Verb, ...]
    url: str

    def link(self, url: str) -> str:
        """``url`` made whole; an empty one is the document's own, as at Twilio."""
        return urljoin(self.url, url) if url else self.url


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that Twilio's debugger would show: its error number, what is wrong, and where."""

    code: int
    what: str
    url: str = ""


class FaultError(Exception):
    """A document cannot be had or cannot be played; ``fault`` says why."""

    def __init__(self, code: int, what: str, url: str = "") -> None:
        super().__init__(f"{code}: {what}")
        self.fault = Fault(code, what, url)
