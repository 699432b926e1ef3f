"""Callers about whom everything is a canary, and everybody who is rung on their behalf."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random
from string import ascii_uppercase, digits
from urllib.parse import urlsplit

from ivr import postcode
from ivr.phone import (
    Answered,
    Busy,
    Event,
    Failed,
    HangUp,
    Moment,
    NoAnswer,
    Press,
    Silent,
    Speak,
    Voicemail,
)
from ivr.phone.people import Doing, Fate
from tests import shipped
from tests.machine import ROOT
from tests.searching import GRAM, Canary, bare

SEED = 20_261_122
NAMES = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu "
    "zero one two three four five six seven eight nine"
)
SPELT = dict(zip(ascii_uppercase + digits, NAMES.split(), strict=True))
PHRASES = ("tangerine", "windowsill", "grandmother", "painkillers", "quarrelled", "trampoline")
DRAMA = ("7700900", "1134960", "1144960", "1154960", "1164960", "1214960", "1314960", "1414960")
"""How the ranges that are kept for plays begin; none of them has a number of the table's."""


@cache
def towns() -> list[str]:
    """Towns whose names stand in nothing that we wrote: no service's code, no word of a page."""
    ours = [*(ROOT / "ivr").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    known = bare(" ".join([*shipped.table().services, *(path.read_text() for path in ours)]))
    named = (town.name for town in shipped.geography().towns)
    return [name for name in named if len(bare(name)) >= GRAM and bare(name) not in known]


@cache
def persons() -> set[str]:
    """The numbers that a person answers, or else a machine; a call centre has none."""
    services = shipped.table().services.values()
    return {each.value for service in services for each in service.numbers if each.person}


@cache
def postcodes(count: int) -> list[str]:
    """Postcodes that take seven keys, and have a letter that no hexadecimal number has."""
    every = (code for code, _, live in shipped.directory().every() if live and len(code) == 7)
    some = Random(SEED).sample(list(every), 2 * count)  # noqa: S311 - repeatable, not secret
    return [code for code in some if re.search("[G-Z].*[G-Z]", code)][:count]


def _ours() -> set[str]:
    """The numbers of every service, without what stands before them."""
    services = shipped.table().services.values()
    return {own.value.removeprefix("+44") for service in services for own in service.numbers}


@cache
def numbers() -> list[str]:
    """Numbers of nobody, each without what stands before it, in no order."""
    every = [f"{begins}{last:03}" for begins in DRAMA for last in range(1000)]
    assert not any(own.startswith(DRAMA) for own in _ours())
    return Random(SEED).sample(every, len(every))  # noqa: S311 - as above


@dataclass
class Someone:
    """A caller about whom everything is a canary, and who may do anything."""

    chance: Random
    postcode: str
    caller: str = ""
    other: str = ""
    town: str = ""
    phrase: str = ""

    def __post_init__(self) -> None:
        pick = self.chance
        self.caller = self.caller or f"+44{pick.choice(numbers())}"
        self.other = self.other or f"0{pick.choice(numbers())}"
        self.town = pick.choice(towns())
        self.phrase = f"{pick.choice(PHRASES)} number {pick.randint(10_000_000, 99_999_999)}"

    @cached_property
    def keys(self) -> str:
        return postcode.keys(self.postcode)

    @cached_property
    def spelt(self) -> str:
        return " ".join(SPELT[each] for each in self.postcode)

    @cached_property
    def canary(self) -> Canary:
        """What must be found nowhere."""
        outward = postcode.split(self.postcode)[0].lower()
        said = bare(self.phrase), bare(self.phrase.split()[0])
        return Canary(
            self.keys,
            (self.caller.removeprefix("+44"), self.other.removeprefix("0")),
            (*said, bare(self.spelt), bare(self.town), self.postcode.lower()),
            outward,
        )

    def __str__(self) -> str:
        return (
            f"{self.caller} {self.other} {self.keys} {self.postcode} {self.spelt} {self.town} "
            f"{self.phrase}"
        )

    def answer(self, moment: Moment) -> Doing:
        step = urlsplit(moment.gather.action).path.rpartition("/")[2]
        if step == "welcome" and self.chance.random() < 0.8:
            return self.chance.choice((Press("2"), Speak(f"mental health {self.phrase}", 0.9)))
        if step in {"unanswered", "callback", "number"}:
            return self.chance.choice((Press("1"), Press(f"{self.other}#"), Speak("yes please")))
        if self.chance.random() < 0.15:
            return Press(f"{self.keys}#")
        return self.chance.choice(
            (
                Press(f"{self.keys}#"),
                Press(f"{self.other}#"),
                Press(self.chance.choice("1129*")),
                Press("1"),
                Speak(f"{self.postcode[:-3]} {self.postcode[-3:]}"),
                Speak(self.spelt),
                Speak(f"I am in {self.town}"),
                Speak(self.phrase, self.chance.random()),
                Speak("yes"),
                Silent(),
                HangUp() if self.chance.random() < 0.2 else Press(f"{self.keys}#"),
            )
        )

    def leg(self, number: str) -> Fate:
        machine = Voicemail() if number in persons() else Busy()
        fates = (machine, Busy(), NoAnswer(), Failed(), NoAnswer(), Answered(talks=1))
        return self.chance.choice(fates)

    def hears(self, event: Event) -> None:
        """Listen, and say nothing."""


class RungBack:
    """Services and callers as they are when somebody is rung back: most take it, some do not."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def answer(self, _: Moment) -> Doing:
        """Nothing: nobody rings in here."""
        return Silent()

    def leg(self, number: str) -> Fate:
        takes = (Answered("1", talks=9), Answered("- 1", talks=9))
        if shipped.table().is_ours(number):
            return self.chance.choice((*takes, *takes, NoAnswer(), Voicemail(), Answered("off")))
        return self.chance.choice((*takes, *takes, Answered("9"), Voicemail(), NoAnswer()))

    def hears(self, event: Event) -> None:
        """Listen, and say nothing."""


def callers(count: int) -> list[Someone]:
    """So many callers, each with a number and a postcode of their own; the same each time."""
    told = zip(postcodes(count), numbers(), reversed(numbers()), strict=False)
    return [
        Someone(Random(SEED + at), code, f"+44{caller}", f"0{other}")  # noqa: S311 - as above
        for at, (code, caller, other) in enumerate(told)
    ]
