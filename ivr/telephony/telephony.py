"""The telephone company as the line's workers see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from ivr.telephony.outcomes import (
    BusyError,
    CallState,
    NotDoneError,
    Placed,
    RefusedError,
    Ringing,
    UnclearError,
    UnknownOutcomeError,
)
from ivr.telephony.pace import Pace

TIDINGS = ("initiated", "ringing", "answered", "completed")
"""What we ask to be told of a call's progress."""

LONGEST = 4 * 3600
"""Seconds after which Twilio ends a call that we placed: its own limit for a call put through."""

MACHINES = {
    "machine_detection": "Enable",
    "machine_detection_timeout": 8,
    "machine_detection_speech_threshold": 4000,
    "machine_detection_silence_timeout": 3000,
}
"""How Twilio is to tell a voicemail from a person: somebody who says nothing waits three seconds
for our first word, and who speaks for less than four is no machine. Our judgement; Twilio's own
figures take a long "hello" for a machine, and keep the silent waiting for five."""

SLACK = timedelta(seconds=60)
"""By how much our clock may differ from Twilio's when a call is looked for."""

LATEST = timedelta(minutes=5)
"""How long after it was claimed a call may have been made at most: whoever places one waits ten
seconds for Twilio, and for the pace a few at most."""

PAGE = 1000
"""Calls asked for at once: the most that Twilio gives."""

MOST_LISTED = 20 * PAGE
"""Calls of all kinds, the newest first, in which one is looked for: four hours of a busy line."""

MOST_SEARCHED = 200
"""Calls that could be the one, and are asked about; with more, none is said not to be there."""

API = re.compile(r"/2010-04-01/Accounts/[^/]+/Calls(?P<one>/.*)?(\.json)?")
"""The path of a request that we made of Twilio, and no webhook."""

NOTHING_THERE = 404
NOT_LIVE = (400, NOTHING_THERE)
"""How Twilio answers who would change a call that is over."""
BUSY = 429
TIMED_OUT = 408
SERVER = 500

FAULTS = (TwilioException, RequestException, ValueError, AttributeError, TypeError, LookupError)
"""All that the library raises: ValueError for an answer that is not JSON, and what follows for
JSON that is none of Twilio's."""

Found = TypeVar("Found")


class Telephony:
    """Calls placed through ``client``, no faster than ``pace``. Every method waits for Twilio.

    None tries anything again by itself, but :meth:`calls` page by page.
    """

    def __init__(self, client: Client, pace: Pace) -> None:
        self._client = client
        self._pace = pace

    def place(self, ringing: Ringing) -> Placed:
        """Ring somebody.

        Raises :class:`NotDoneError` where certainly nobody is rung, and
        :class:`UnknownOutcomeError` where somebody may be.
        """
        self._pace.keep()
        try:
            call = self._client.calls.create(
                to=ringing.to,
                from_=ringing.from_,
                url=ringing.url,
                method="POST",
                status_callback=ringing.status_url,
                status_callback_event=list(TIDINGS),
                status_callback_method="POST",
                timeout=ringing.seconds,
                time_limit=LONGEST,
                **(MACHINES if ringing.hears_machines else {}),
            )
        except FAULTS as wrong:
            raise _not_placed(wrong) from None
        if not isinstance(call.sid, str) or not call.sid:
            raise UnknownOutcomeError("Twilio's answer names no call")
        return Placed(call.sid)

    def state(self, sid: str) -> CallState | None:
        """How the call ``sid`` is doing; None if there is no such call. Raises UnclearError."""
        try:
            return _state(self._client.calls(sid).fetch())
        except FAULTS as wrong:
            if _status(wrong) == NOTHING_THERE:
                return None
            raise _unclear(wrong) from None

    def find(self, marker: str, claimed: datetime) -> CallState | None:
        """The call that was ``claimed`` then, whose URLs have ``marker`` in them, to whomever.

        None only if every call that it could be is another. Raises UnclearError otherwise: Twilio
        tells what was asked for on a call some while after the call itself, so one of which nothing
        is told yet may be it.
        """
        unclear = 0
        for call in self._candidates(claimed - SLACK, claimed + LATEST + SLACK):
            is_it = _has(marker, self._requests(call.sid))
            if is_it:
                return _state(call)
            unclear += is_it is None
        if unclear:
            raise UnclearError(f"of {unclear} calls nothing is told yet")
        return None

    def say_instead(self, sid: str, url: str) -> bool:
        """Have the live call ``sid`` go on with what ``url`` says; False if it is over.

        Raises UnclearError.
        """
        return self._changed(sid, url=url, method="POST")

    def was_sent(self, sid: str, marker: str) -> bool:
        """Whether the call ``sid`` was ever sent to, or asked at, a URL with ``marker`` in it.

        Raises UnclearError, also where nothing at all is told of the call. As with :meth:`find`,
        what was asked for just now may not be told yet.
        """
        found = _has(marker, self._requests(sid))
        if found is None:
            raise UnclearError("nothing is told of the call yet")
        return found

    def hang_up(self, sid: str) -> bool:
        """End the call ``sid``, ringing or answered; False if it is over. Raises UnclearError."""
        return self._changed(sid, status="completed")

    def calls(self, since: datetime, until: datetime) -> Iterator[CallState]:
        """Every call begun from ``since`` to before ``until``. Raises UnclearError."""
        listed = _reading(
            lambda: self._client.calls.stream(
                start_time_after=since, start_time_before=until + timedelta(days=1), page_size=PAGE
            )
        )
        for call in listed:
            state = _state(call)
            # Twilio may compare days only, so both ends are looked at again.
            if state.began and since <= state.began < until:
                yield state

    def _candidates(self, since: datetime, until: datetime) -> list[Any]:
        """The calls that we placed and Twilio made from ``since`` to ``until``.

        The list has the newest first, and it is not asked for by when they started: one that is
        queued has not. Nor is it by number, for a table may have changed since. Raises
        UnclearError.
        """
        found: list[Any] = []
        listed = _reading(lambda: self._client.calls.stream(page_size=PAGE))
        for count, call in enumerate(listed):
            if call.start_time and call.start_time < since:
                break
            if count >= MOST_LISTED or len(found) > MOST_SEARCHED:
                raise UnclearError("too many calls to be sure")
            made = call.date_created or since
            if call.direction == "outbound-api" and since <= made <= until:
                found.append(call)
        return found

    def _requests(self, sid: str) -> list[dict[str, Any]]:
        """What was asked on account of the call ``sid``: by us of Twilio, and by Twilio of us."""
        told = _reading(self._client.calls(sid).events.stream)
        requests = (event.request for event in told)
        return [each for each in requests if isinstance(each, dict)]

    def _changed(self, sid: str, **how: str) -> bool:
        try:
            self._client.calls(sid).update(**how)
        except FAULTS as wrong:
            if _status(wrong) in NOT_LIVE:
                return False
            raise _unclear(wrong) from None
        return True


def _reading(listed: Callable[[], Iterator[Found]]) -> Iterator[Found]:
    """What a list holds, page after page. Raises UnclearError."""
    try:
        yield from listed()
    except FAULTS as wrong:
        raise _unclear(wrong) from None


def _has(marker: str, requests: list[dict[str, Any]]) -> bool | None:
    """Whether the call of these ``requests`` is that of ``marker``; None if they cannot tell.

    The first of them is our own, whose parameters have the addresses we gave. Where Twilio does not
    tell those, only what it has asked at one of them can.
    """
    words = [(str(each.get("url", "")), _parameters(each)) for each in requests]
    if any(marker in text for url, given in words for text in (url, *given.values())):
        return True
    return False if any(_tells(url, given) for url, given in words) else None


def _parameters(request: dict[str, Any]) -> dict[str, str]:
    given = request.get("parameters")
    return {str(k).lower(): str(v) for k, v in given.items()} if isinstance(given, dict) else {}


def _tells(url: str, given: dict[str, str]) -> bool:
    """Whether a request would have had the marker, if the call were the one that is looked for."""
    ours = API.fullmatch(urlsplit(url).path)
    return "url" in given and not ours["one"] if ours else bool(url)


def _state(call: Any) -> CallState:  # noqa: ANN401 - the library has no types
    seconds = str(call.duration or "")
    return CallState(
        str(call.sid),
        str(call.status),
        int(seconds) if seconds.isdecimal() else None,
        str(call.direction or ""),
        call.start_time,
        call.end_time,
        str(call.to or ""),
    )


def _status(wrong: Exception) -> int | None:
    """The HTTP status that Twilio answered with, if it was an answer of Twilio's that failed."""
    status = getattr(wrong, "status", None)
    return status if isinstance(status, int) else None


def _not_placed(wrong: Exception) -> NotDoneError | UnknownOutcomeError:
    """What to raise where placing a call failed with ``wrong``; of its message nothing is kept."""
    status = _status(wrong)
    if status == BUSY:
        return BusyError("Twilio has too much to do at once")
    if _not_reached(wrong):
        return BusyError("Twilio was not reached")
    if status is not None and 400 <= status < SERVER and status != TIMED_OUT:  # noqa: PLR2004 - HTTP
        code = getattr(wrong, "code", None)
        return RefusedError(code if isinstance(code, int) else status)
    return UnknownOutcomeError(f"no answer that tells: {type(wrong).__name__}")


def _not_reached(wrong: Exception) -> bool:
    """Whether the request cannot have left this machine."""
    if isinstance(wrong, ConnectTimeout):
        return True
    inner = wrong.args[0] if wrong.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _unclear(wrong: Exception) -> UnclearError:
    status = _status(wrong)
    return UnclearError(f"Twilio answered {status}" if status else type(wrong).__name__)
