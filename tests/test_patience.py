"""How long a caller may be kept before a telephone rings, on every path the call can take.

Each path is walked with the places replaced by every kind of answer they can give, and every
prompt counted at the slow end of a synthesiser's pace, with the whole of each wait behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from ivr import flow, postcode
from ivr.call import Ask, Call, Cover, Heard, Line, Option, Ring, line
from ivr.prompts import LONGEST, seconds
from ivr.whereabouts import NOWHERE, Found
from ivr.world import World
from tests import shipped

A_KEY = 1.0
"""Seconds that pressing one key takes, on the slow side."""
KEYS = 7
"""Keys of the longest postcode."""

SPLIT = Option(Cover("mh028", "mh027", "HU"), (line("confirm", town="Kingston upon Hull"),))
MANY = Found((SPLIT,) * 4, more=True)
PLACES = (NOWHERE, Found((SPLIT,)), Found((SPLIT,), sure=True), MANY)
"""Every kind of answer that keys, words or a landline may get."""

ANSWERS = (
    Heard(),
    *(Heard(digits=key) for key in ("1", "2", "3", "5", "9", "*", "CB")),
    Heard(speech="mumble"),
)


@dataclass(frozen=True)
class Anywhere:
    """Whereabouts that answer whatever they are told to."""

    found: Found

    def keyed(self, keys: str) -> Found:
        return self.found if len(keys) > 1 else NOWHERE

    def said(self, text: str) -> Found:  # noqa: ARG002 - whatever was said
        return self.found

    town = said
    landline = said


def worlds() -> Iterator[World]:
    for found in PLACES:
        yield replace(shipped.world(), whereabouts=Anywhere(found))


def spoken(lines: tuple[Line, ...], call: Call) -> float:
    """Seconds that ``lines`` take; the question of four options counts as the longest allowed."""
    if call.step == "which":
        return LONGEST
    words = shipped.catalogues()
    texts = (words[one.language or call.language].text(one) for one in lines)
    return sum(seconds(text) for text in texts)


@cache
def longest(call: Call) -> tuple[float, tuple[str, ...]]:
    """The longest a caller can be kept from here to the first ring, and by which steps."""
    here = next(worlds())
    reply = flow.arrive(call, here)
    if isinstance(reply, Ring):
        return spoken(reply.lines, call), (call.step,)
    assert isinstance(reply, Ask), f"{call.step} ends a call before anything rang"
    after = {flow.answer(call, heard, world) for world in worlds() for heard in ANSWERS}
    wait, steps = max(longest(replace(then, turn=0)) for then in after if then != call)
    keys = KEYS * A_KEY if reply.keys != 1 else A_KEY
    return spoken(reply.lines, call) + reply.wait + keys + wait, (call.step, *steps)


def silent(call: Call, world: World) -> float:
    """Seconds to the first ring for somebody who never answers."""
    reply = flow.arrive(call, world)
    if isinstance(reply, Ring):
        return spoken(reply.lines, call)
    assert isinstance(reply, Ask)
    return spoken(reply.lines, call) + reply.wait + silent(flow.answer(call, Heard(), world), world)


def test_nobody_waits_longer_than_150_seconds_for_the_first_ring() -> None:
    wait, steps = longest(replace(flow.pick_up(shipped.world()), turn=0))
    print(f"the longest wait for the first ring is {wait:.0f} s: {' > '.join(steps)}")
    assert wait <= 150


@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_caller_who_is_silent_throughout_hears_it_ring_within_45_seconds(language: str) -> None:
    world = shipped.world()
    wait = silent(replace(flow.pick_up(world), language=language), world)
    print(f"a silent caller hears it ring after {wait:.1f} s")
    assert wait <= 45


def speech_before_the_ring(world: World, *keys: str) -> float:
    """Seconds of speech, waits not counted, that a caller hears who presses ``keys``."""
    call, spent = flow.pick_up(world), 0.0
    for pressed in (*keys, "", ""):
        reply = flow.arrive(call, world)
        spent += spoken(reply.lines, replace(call, step="")) if call.step != "which" else 0.0
        if call.step == "which":
            spent += seconds(" ".join(map(shipped.catalogues()["en"].text, reply.lines)))
        if isinstance(reply, Ring):
            return spent
        call = flow.answer(call, Heard(digits=pressed), world)
    raise AssertionError("nothing rang")


@pytest.mark.parametrize(
    ("keys", "most"),
    [
        (("2", postcode.keys("SW1A1AA")), 30),
        (("2", postcode.keys("PO302DH")), 30),
        (("2", postcode.keys("CB99AA"), "1"), 32),  # with a question of three services
    ],
)
def test_a_caller_who_keys_a_postcode_hears_at_most_half_a_minute_of_speech(
    keys: tuple[str, ...], most: float
) -> None:
    world = shipped.world()
    heard = speech_before_the_ring(world, *keys)
    print(f"{keys}: {heard:.1f} s of speech before the first ring")
    assert heard <= most


def test_every_service_is_announced_within_half_a_minute_of_speech_and_one_question() -> None:
    """The longest announcement of any service, after the menu, the postcode and two options."""
    english = shipped.catalogues()["en"]
    world = shipped.world()
    said = [flow.arrive(Call(step), world).lines for step in ("welcome", "place")]
    before = sum(spoken(lines, Call("place")) for lines in said)
    two = seconds(english.text(line("which"))) + 2 * seconds("C B 1, Cambridge, press 1.")
    services = [line("connect", service=each.spoken) for each in world.table.services.values()]
    longest_name = max(seconds(english.text(each)) for each in services)
    print(
        f"menu and postcode {before:.1f} s, two options {two:.1f} s, service {longest_name:.1f} s"
    )
    assert before + two + longest_name <= 30.001
