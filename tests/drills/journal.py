"""The telephone's own journal: which webhooks were posted, which were answered, and how soon."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import SplitResult, parse_qs, urlsplit

from ivr.phone import Answer, Post

OF_THE_CALLED = ("/voice/whisper", "/voice/accepted")
"""Webhooks that leave no event: the caller's own next turn tells what came of them."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One webhook of a call."""

    event: str
    """The id of the event that it must leave; "" if it leaves none."""
    step: str
    """The step that it answers; "" if it answers none."""
    answered: bool
    seconds: float


class Journal:
    """Posts by ``post``, and writes down what was posted, call by call."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._lock = threading.Lock()
        self.calls: dict[str, list[Posted]] = defaultdict(list)

    def __call__(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Post, and write down what came of it. Raises OSError if nobody answers."""
        began = perf_counter()
        answered = False
        try:
            answer = self._post(url, form, headers)
            answered = answer.status < 300
        finally:
            seconds = perf_counter() - began
            call = form.get("ParentCallSid") or form["CallSid"]
            event, step = _leaves(call, urlsplit(url), form)
            with self._lock:
                self.calls[call].append(Posted(event, step, answered, seconds))
        return answer

    @property
    def posted(self) -> list[Posted]:
        """Every webhook of every call."""
        return [each for call in self.calls.values() for each in call]

    @property
    def worst(self) -> float:
        """Seconds that the slowest took to be answered, or to be found unanswered."""
        return max((each.seconds for each in self.posted), default=0.0)

    def sent(self) -> set[str]:
        """The ids of the events whose webhooks were answered: the log must have every one."""
        return {each.event for each in self.posted if each.event and each.answered}

    def perhaps(self) -> set[str]:
        """The ids of the events whose webhooks were not: the log may have them."""
        return {each.event for each in self.posted if each.event} - self.sent()


def _leaves(call: str, url: SplitResult, form: Mapping[str, str]) -> tuple[str, str]:
    """The id of the event that a webhook leaves, and the step that it answers."""
    turn = int(parse_qs(url.query).get("turn", ["0"])[0])
    if url.path == "/status":
        return f"{call}-s{form['SequenceNumber']}", ""
    if url.path == "/status/leg":
        return f"{call}-t{turn:02}-s{form['SequenceNumber']}", ""
    if url.path in OF_THE_CALLED:
        return "", ""
    if url.path == "/voice":
        return f"{call}-t00", ""
    return f"{call}-t{turn + 1:02}", url.path.removeprefix("/voice/")
