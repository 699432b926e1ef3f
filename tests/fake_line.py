"""A line made of a few documents written down in a test, and people made of a few acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ivr.phone import (
    Answer,
    Answered,
    Event,
    Moment,
    Number,
    Phone,
    Silent,
)
from ivr.phone.people import Doing, Fate

HOME = "https://line.example"
SAY = '<Say voice="Polly.Amy" language="en-GB">{}</Say>'

Form = Mapping[str, str]
Page = str | Answer | Callable[[Form], str]


def twiml(body: str) -> Answer:
    return Answer(200, "text/xml; charset=utf-8", f"<Response>{body}</Response>".encode())


def say(words: str) -> str:
    return SAY.format(words)


class FakeLine:
    """Answers each path with its page, and keeps what was posted."""

    def __init__(self, **pages: Page) -> None:
        self.pages = pages
        self.posted: list[tuple[str, Form, Form]] = []

    def __call__(self, url: str, form: Form, headers: Form) -> Answer:
        self.posted.append((url, form, headers))
        page = self.pages.get(urlsplit(url).path.strip("/").replace("/", "_"))
        if page is None:
            return Answer(404, "text/plain", b"no such page")
        if isinstance(page, Answer):
            return page
        return twiml(page if isinstance(page, str) else page(form))

    def forms(self, path: str) -> list[Form]:
        """What was posted to ``path``, in order."""
        return [form for url, form, _ in self.posted if urlsplit(url).path == path]


class Cast:
    """A caller who does these things in turn and then nothing, and fates in turn, then answers."""

    def __init__(self, *doings: Doing, legs: tuple[Fate, ...] = ()) -> None:
        self.doings = list(doings)
        self.legs = list(legs)
        self.heard: list[Event] = []

    def answer(self, moment: Moment) -> Doing:
        del moment
        return self.doings.pop(0) if self.doings else Silent()

    def leg(self, number: str) -> Fate:
        del number
        return self.legs.pop(0) if self.legs else Answered()

    def hears(self, event: Event) -> None:
        self.heard.append(event)


def phone(line: FakeLine, **setup: Any) -> Phone:  # noqa: ANN401 - any of Number's fields
    """A telephone for ``line``, whose number is set up in this way."""
    return Phone(line, Number(f"{HOME}/voice", **setup))
