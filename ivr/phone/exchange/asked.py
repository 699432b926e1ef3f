"""What the line asks of the REST API, held to what Twilio allows before anything is done.

Narrower than Twilio where Twilio would only ignore: a parameter it does not know is refused
here, since whoever misspelt one meant something by it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from ivr.phone.dialling import NUMBER
from ivr.phone.exchange.dialled import LONGEST, RINGS, Asked, Order

Form = Mapping[str, Sequence[str]]
"""Parameters by name, each as often as it was sent."""

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})

WHOLE: Mapping[str, tuple[int, int]] = {
    "Timeout": (1, 600),
    "TimeLimit": (1, 86_400),
    "MachineDetectionTimeout": (3, 59),
    "MachineDetectionSpeechThreshold": (1000, 6000),
    "MachineDetectionSpeechEndThreshold": (500, 5000),
    "MachineDetectionSilenceTimeout": (2000, 10_000),
}
"""The parameters that are whole numbers, and from where to where they go."""

PLACE = {
    "To", "From", "Url", "Method", "MachineDetection", *WHOLE,
    "StatusCallback", "StatusCallbackEvent", "StatusCallbackMethod",
}  # fmt: skip
CHANGE = {"Url", "Method", "Status"}
ENDINGS = ("completed", "canceled")
DETECTIONS = ("", "Enable", "DetectMessageEnd")

NO_TO, NO_FROM, NO_URL = 21201, 21213, 21205
BAD_TO, BAD_FROM = 21211, 21210
BAD_EVENTS, BAD_PARAMETER = 21626, 20001


class RefusedError(Exception):
    """A request is refused: with this HTTP status and Twilio's own number for the reason."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request that has come in."""

    method: str
    path: str
    query: Form
    form: Form
    user: str
    password: str

    def as_asked(self, at: datetime, status: int, body: str) -> Asked:
        """The request as a call's own list of requests has it, names as Twilio spells them."""
        form = {_snake(name): " ".join(values) for name, values in self.form.items()}
        url = f"https://api.twilio.com{self.path}"
        return Asked(at, url, form, status, "application/json", body)


def order(form: Form, owned: Collection[str]) -> Order:
    """The call that ``form`` asks for. Raises :class:`RefusedError`."""
    _known(form, PLACE)
    to, shown = _one(form, "To"), _one(form, "From")
    for value, code, name in ((to, NO_TO, "To"), (shown, NO_FROM, "From")):
        _allow(value, code, f"No '{name}' number is specified")
    _allow(NUMBER.fullmatch(to), BAD_TO, f"Invalid 'To' Phone Number: {to}")
    may_show = NUMBER.fullmatch(shown) and (not owned or shown in owned)
    _allow(may_show, BAD_FROM, f"'From' phone number not verified: {shown}")
    status_callback, detection = _one(form, "StatusCallback"), _one(form, "MachineDetection")
    _allow(not status_callback or _is_url(status_callback), NO_URL, "Invalid StatusCallback")
    _allow(detection in DETECTIONS, BAD_PARAMETER, f"MachineDetection {detection!r} is not valid")
    whole = {name: _whole(form, name) for name in WHOLE if name in form}
    return Order(
        to=to,
        shown=shown,
        url=_url(form),
        timeout=whole.get("Timeout", RINGS),
        time_limit=whole.get("TimeLimit", LONGEST),
        status_callback=status_callback,
        events=_events(form),
        machine_detection=bool(detection),
    )


def change(form: Form) -> str:
    """The URL at which a call is to go on; "" if it is to end. Raises :class:`RefusedError`."""
    _known(form, CHANGE)
    ending = _one(form, "Status")
    _allow(not ending or ending in ENDINGS, BAD_PARAMETER, f"Status {ending!r} is not valid")
    _allow(bool(ending) != ("Url" in form), BAD_PARAMETER, "Give either a Status or a Url")
    return "" if ending else _url(form)


def _url(form: Form) -> str:
    url = _one(form, "Url")
    _allow(_is_url(url), NO_URL, f"Url is not a valid URL: {url!r}")
    return url


def _is_url(text: str) -> bool:
    url = urlsplit(text)
    return url.scheme in ("http", "https") and bool(url.hostname)


def _events(form: Form) -> frozenset[str]:
    """The events to be told of; each is a parameter of its own, unlike in TwiML."""
    events = frozenset(form.get("StatusCallbackEvent", ["completed"]))
    _allow(events <= EVENTS, BAD_EVENTS, f"Invalid statusCallbackEvents: {sorted(events)}")
    return events


def _whole(form: Form, name: str) -> int:
    text, (least, most) = _one(form, name), WHOLE[name]
    fits = text.isascii() and text.isdigit() and least <= int(text) <= most
    _allow(fits, BAD_PARAMETER, f"{name} {text!r}; allowed: {least} to {most}")
    return int(text)


def _known(form: Form, names: Collection[str]) -> None:
    unknown = sorted(set(form) - set(names))
    _allow(not unknown, BAD_PARAMETER, f"Unknown parameters: {', '.join(unknown)}")
    for name in form:
        if name.endswith("Method"):
            _allow(_one(form, name) == "POST", BAD_PARAMETER, f"{name} must be POST")


def _one(form: Form, name: str) -> str:
    """The value of a parameter that is sent at most once."""
    values = form.get(name, [])
    _allow(len(values) <= 1, BAD_PARAMETER, f"{name} is given {len(values)} times")
    return values[0] if values else ""


def _allow(allowed: object, code: int, message: str) -> None:
    if not allowed:
        raise RefusedError(400, code, message)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
