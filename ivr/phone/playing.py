"""Plays the line's documents to one side of a call: the caller's, or that of whoever is rung."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import NamedTuple

from ivr.phone.listening import listen
from ivr.phone.people import Doing, HangUp, Moment
from ivr.phone.told import Event, Kind
from ivr.phone.underway import CallerLeftError, Underway
from ivr.phone.verbs import (
    Dial,
    Document,
    Fault,
    FaultError,
    Gather,
    Hangup,
    Pause,
    Play,
    Prompt,
    Redirect,
    Reject,
    Say,
    Verb,
)

MOST_DOCUMENTS = 60
"""A side that is given more documents than this is going round in a circle."""

DIAL_IN_LEG = 13201
"""Twilio's number for it."""


class Ending(Enum):
    """How the playing of documents to one side ends."""

    RAN_OUT = auto()
    """The last verb was done and there was no more; a whisper that ends so has been accepted."""
    RANG_OFF = auto()
    REJECTED = auto()
    LOOPED = auto()
    WAITS = auto()
    """In a conference, until it ends or something else becomes of the call."""


class Waiting(NamedTuple):
    """Where a side waits: in a conference, with ``rest`` left to do when that is over."""

    dial: Dial
    rest: Document


class Turn(NamedTuple):
    """The next document to fetch, and what is posted for it beside the usual."""

    url: str
    form: Mapping[str, str]


class Side:
    """One side of a call, to which documents are played until they end.

    ``name`` is "" for the caller and else the number that was rung; ``answer`` says what whoever
    is there does at a prompt; ``dial`` rings other numbers; ``rescue`` finds a document where
    one has failed, and raises :class:`FaultError` if it cannot.
    """

    def __init__(
        self, going: Underway, form: Mapping[str, str], answer: Callable[[Moment], Doing]
    ) -> None:
        self.going = going
        self.form = dict(form)
        self.answer = answer
        self.name = ""
        self.documents = 0
        self.dial: Callable[[Dial, Document], Turn | None] = self._no_dialling
        self.may_wait = False
        """Whether this side may go into a conference."""
        self.waiting: Waiting | None = None
        """Where it waits, if it does."""
        self.rescue: Callable[[Fault], Document] = _no_rescue

    def play(self, turn: Turn | Document) -> Ending:
        """Play the document that ``turn`` is or asks for, and all that follow from it."""
        self.waiting = None
        while self.documents < MOST_DOCUMENTS:
            self.documents += 1
            document = turn if isinstance(turn, Document) else self._document(turn)
            step = self._through(document)
            if isinstance(step, Ending):
                return step
            turn = step
        return Ending.LOOPED

    def _document(self, turn: Turn) -> Document:
        try:
            return self.going.fetch(turn.url, self.form | dict(turn.form))
        except FaultError as error:
            self.going.fail(error.fault)
            return self.rescue(error.fault)
        finally:
            self.form["CallStatus"] = "in-progress"

    def _through(self, document: Document) -> Turn | Ending:
        """Do the verbs of ``document`` until one leads elsewhere."""
        for count, verb in enumerate(document.verbs, 1):
            if isinstance(verb, Dial) and verb.conference and self.may_wait:
                self.waiting = Waiting(verb, replace(document, verbs=document.verbs[count:]))
                return Ending.WAITS
            step = self._do(verb, document)
            if step is not None:
                return step
        return Ending.RAN_OUT

    def _do(self, verb: Verb, document: Document) -> Turn | Ending | None:
        match verb:
            case Say() | Play() | Pause():
                self._hear(verb)
                return None
            case Gather():
                return self._gather(verb, document)
            case Dial():
                return self.dial(verb, document)
            case Redirect():
                return Turn(document.link(verb.url), {})
            case Hangup():
                return Ending.RANG_OFF
            case Reject():
                return Ending.REJECTED

    def _hear(self, prompt: Prompt) -> None:
        event = self._event(prompt, self.going.now)
        self.going.happens(event)
        self.going.now += event.seconds

    def _gather(self, gather: Gather, document: Document) -> Turn | None:
        """Play the prompts, wait for an answer, and say where it leads; None is straight on."""
        going, begun = self.going, self.going.now
        prompts, end = self._prompts(gather)
        for event in prompts:
            going.people.hears(event)
        doing = self.answer(Moment(begun, " ".join(event.what for event in prompts), gather))
        if isinstance(doing, HangUp):
            self._heard(prompts, end if doing.after is None else begun + doing.after)
            going.tell(Kind.LEAVES, side=self.name)
            raise CallerLeftError
        caught = listen(gather, doing, end - begun, going.pace)
        self._heard(prompts, begun + caught.begins)
        going.tell(caught.kind, caught.what, caught.ends - caught.begins, self.name)
        going.now = begun + caught.ends
        return Turn(document.link(gather.action), caught.form) if caught.form else None

    def _prompts(self, gather: Gather) -> tuple[list[Event], float]:
        """The prompts as they will be heard unless cut off, and the second they will end."""
        events = []
        second = self.going.now
        for prompt in gather.prompts:
            events.append(self._event(prompt, second))
            second += events[-1].seconds
        return events, second

    def _heard(self, prompts: list[Event], until: float) -> None:
        """Write down what was heard of ``prompts`` before they were cut off."""
        self.going.told.events += [
            replace(event, seconds=min(event.seconds, until - event.second))
            for event in prompts
            if event.second < until
        ]
        self.going.now = until

    def _event(self, prompt: Prompt, second: float) -> Event:
        seconds = self.going.pace.of(prompt)
        match prompt:
            case Say():
                said = prompt.text, seconds, self.name, prompt.language
                return Event(second, Kind.SAYS, *said)
            case Play():
                return Event(second, Kind.PLAYS, prompt.url, seconds, self.name)
            case Pause():
                return Event(second, Kind.PAUSES, "", seconds, self.name)

    def _no_dialling(self, _: Dial, document: Document) -> Turn | None:
        """Whoever was rung may not be made to ring others."""
        what = "<Dial> in a document for a number that was dialled"
        error = FaultError(DIAL_IN_LEG, what, document.url)
        self.going.fail(error.fault)
        raise error


def _no_rescue(fault: Fault) -> Document:
    raise FaultError(fault.code, fault.what, fault.url)
