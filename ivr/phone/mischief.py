"""Makes a network that misbehaves: it repeats, delays, loses and reorders what it carries."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from ivr.phone.posting import Answer, Post

NOTHING = Answer(204, "", b"")

Posted = tuple[str, Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Troubles:
    """What goes wrong, and how badly.

    ``repeats`` is the most times that one webhook is delivered, ``delay`` the most seconds that
    are added to an answer, ``loses`` the share of status callbacks that never arrive. With
    ``shuffles``, status callbacks are held back, and arrive in any order when it is over.
    """

    repeats: int = 1
    delay: float = 0.0
    loses: float = 0.0
    shuffles: bool = False


class Mischief:
    """A post that goes wrong on purpose, the same way each time for one seed."""

    def __init__(self, post: Post, troubles: Troubles, seed: int = 0) -> None:
        self.post = post
        self.troubles = troubles
        self.chance = Random(seed)  # noqa: S311 - reproducible mischief, not a secret
        self.held: list[Posted] = []
        self.lost: list[Posted] = []
        self.lock = threading.Lock()

    def __call__(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Deliver one webhook: at once and perhaps repeatedly, later, or never."""
        posted = (url, form, headers)
        with self.lock:
            loses = self.chance.random() < self.troubles.loses
            times = self.chance.randint(1, self.troubles.repeats)
            delay = self.chance.uniform(0, self.troubles.delay)
        is_callback = "CallbackSource" in form
        if is_callback and loses:
            self.lost.append(posted)
            return NOTHING
        if is_callback and self.troubles.shuffles:
            self.held += [posted] * times
            return NOTHING
        answers = [self.post(*posted) for _ in range(times)]
        return replace(answers[-1], seconds=answers[-1].seconds + delay)

    def settle(self) -> list[Answer]:
        """Deliver all that was held back, in any order; what the line answered to each."""
        with self.lock:
            held, self.held = self.held, []
            self.chance.shuffle(held)
        return [self.post(*posted) for posted in held]
