"""Whichever step or line of ours raises, the caller is rung through and nothing is told of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType
from urllib.parse import urlsplit

import pytest

from ivr.phone import Answer, Verdict
from ivr.phone.reading import read
from tests.machine import (
    AGREES,
    BOOKED,
    CALLERS,
    ROOT,
    UNANSWERED,
    Machine,
    config,
    is_the_last_resort,
    national,
    ring,
)
from tests.troubles import WHO, Place, Tracer, Tripwire, TroubleError, Watched


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


STEPS_FAIL = {name: CALLERS[name] for name in ("a town",)} | {"agrees": AGREES}


def tells(text: str) -> bool:
    """Whether a text holds anything of a fault's message."""
    return any(word in text for word in WHO.split() if len(word) > 4)


def uses(folder: Path, script: str) -> int:
    """How often a whole call uses the switchboard and the world."""
    wire = Tripwire(0, WHO)
    machine = Machine(folder, wrap=lambda board: Watched(board, wire))
    wire.uses = 0  # what is looked up once, when the line is put together, is no call's
    assert machine.ring(script).safe
    return wire.uses


@pytest.mark.parametrize("ever_after", [False, True])
@pytest.mark.parametrize("script", STEPS_FAIL.values(), ids=STEPS_FAIL)
def test_whichever_use_of_ours_fails_the_caller_is_rung_through_and_nothing_is_told(
    tmp_path: Path, script: str, *, ever_after: bool
) -> None:
    wire = Tripwire(0, WHO)
    machine = Machine(tmp_path, wrap=lambda board: Watched(board, wire))
    for nth in range(1, uses(tmp_path, script) + 1):
        wire.nth, wire.uses, wire.tripped, wire.ever_after = nth, 0, 0, ever_after
        told = machine.ring(script)
        assert wire.tripped
        assert machine.failures() == []
        assert not told.faults
        assert told.rung, f"use {nth}: nobody was rung"
        assert told.safe
        assert (told.verdict is Verdict.ENDED) == (BOOKED in told.said())
    assert machine.logged("last_resort")
    for line in machine.logged("last_resort"):
        assert set(line) == {"event", "level", "timestamp", "fault", "place"}
        assert line["fault"] == TroubleError.__name__
        assert re.fullmatch(r"\w+\.py:\d+", line["place"])
    assert not tells(str(machine.logged()))


def on_the_called_side(url: str) -> bool:
    return "/voice/whisper" in url or "/voice/accepted" in url


def is_tidings(url: str) -> bool:
    return urlsplit(url).path.startswith("/status")


Request = tuple[str, Mapping[str, str], Mapping[str, str]]


def lines_that_run(machine: Machine, scripts: Iterable[str]) -> dict[Place, Request]:
    """Every line of ours that calls run, each with the first request that ran it."""
    found: dict[Place, Request] = {}

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        request = (url, form, headers)

        def keep(place: Place) -> None:
            found.setdefault(place, request)

        with Tracer(keep):
            return machine.post(*request)

    for script in scripts:
        ring(post, script)
    return found


def crashed(machine: Machine, place: Place, request: Request) -> Answer:
    """What is answered to ``request`` when the line at ``place`` raises, the first time it runs."""

    def crash(at: Place) -> None:
        if at == place:
            raise TroubleError(WHO)  # after which Python traces no more

    with Tracer(crash):
        return machine.post(*request)


def test_whichever_line_of_ours_fails_the_answer_is_as_it_was_or_the_last_resort(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    places = lines_that_run(machine, [*CALLERS.values(), AGREES, UNANSWERED])
    assert len(places) > 300
    rescued = 0
    for place, request in places.items():
        if on_the_called_side(request[0]):
            continue
        answer = crashed(machine, place, request)
        if is_tidings(request[0]):
            assert answer.status == 204, place
            continue
        assert answer.status == 200, f"{place}: {answer.body!r}"
        document = read(answer.body, answer.content_type)
        is_rescued = is_the_last_resort(document, national()[0])
        assert is_rescued or answer == machine.post(*request), place
        rescued += is_rescued
    assert rescued > 200
    assert not tells(str(machine.logged()) + "".join(capfd.readouterr()))


OF_THE_WEB = "import sys, ivr.web; print(*sys.modules)"


def functions_of_ours() -> Iterator[FunctionType]:
    """Every function below the web that a web process has in memory."""
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", OF_THE_WEB], cwd=ROOT, capture_output=True, text=True, check=True
    )
    known = set(told.stdout.split())
    for name, module in list(sys.modules.items()):
        if name in known and name.startswith("ivr.") and not name.startswith("ivr.web"):
            things = list(vars(module).values())
            within = [
                each for one in things if isinstance(one, type) for each in vars(one).values()
            ]
            for thing in (*things, *within):
                function = thing.fget if isinstance(thing, property) else thing
                if isinstance(function, FunctionType) and function.__module__ == name:
                    yield function


def broken(*_: object, **__: object) -> None:
    raise ArithmeticError


def functions_run(machine: Machine, request: Request) -> set[CodeType]:
    """The code of every function that is run to answer ``request``."""
    found: set[CodeType] = set()
    outer = sys.getprofile()
    sys.setprofile(lambda frame, *_: found.add(frame.f_code))
    try:
        machine.post(*request)
    finally:
        sys.setprofile(outer)
    return found


@pytest.mark.parametrize("serves", [True, False])
def test_whatever_function_of_ours_is_broken_for_good_the_last_resort_does_not_need_it(
    tmp_path: Path, *, serves: bool
) -> None:
    if not serves:
        shutil.rmtree(config(tmp_path) / "routing")
    machine = Machine(tmp_path)
    requests = [request for _, request in lines_that_run(machine, [CALLERS["keys"]]).items()]
    requests = [one for count, one in enumerate(requests) if one not in requests[:count]]
    runs = [(request, functions_run(machine, request)) for request in requests]
    needed, breaks = set(), 0
    for function in functions_of_ours():
        # Whatever does not run a function is answered as ever, so only what runs it is posted.
        posted = [request for request, run in runs if function.__code__ in run]
        if posted and not function.__code__.co_freevars:
            breaks += 1
            code, function.__code__ = function.__code__, broken.__code__
            try:
                answers = [machine.post(*request) for request in posted]
            finally:
                function.__code__ = code
            if any(answer.status not in {200, 204} for answer in answers):
                needed.add(f"{function.__module__}.{function.__qualname__}")
    assert needed == set()
    assert breaks > (60 if serves else 10), "the functions are no longer found"


def test_a_fault_while_whispering_never_leaves_a_caller_with_a_machine(machine: Machine) -> None:
    script = CALLERS["keys"] + "< busy\n< voicemail\n"
    places = lines_that_run(machine, [script])
    left_with_it = []
    for place, (url, _, _) in places.items():
        if not on_the_called_side(url):
            continue

        def post(
            url: str, form: Mapping[str, str], headers: Mapping[str, str], place: Place = place
        ) -> Answer:
            request = (url, form, headers)
            fails = on_the_called_side(url)
            return crashed(machine, place, request) if fails else machine.post(*request)

        told = ring(post, script)
        if told.machine or not told.safe:
            left_with_it.append(f"{Path(place[0]).name}:{place[1]}")
    assert left_with_it == []
