"""Whole calls, written down so that a clinician can read them, still go as they are written.

``pytest --record tests/test_recordings.py`` writes them anew; the difference in review is what
changes for callers.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ivr.phone import Mischief, Number, Phone, Told, Troubles, in_process
from ivr.phone.acting import Actors
from ivr.phone.script import read_script
from ivr.settings import read, signing_tokens
from ivr.web import create_app
from ivr.web.parts import switchboard
from tests import shipped

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.txt"))


class Line:
    """The line as it ships, in this process, by a clock that each recording sets."""

    def __init__(self, state: Path) -> None:
        environ = {"STATE_DIR": str(state), "CONFIG_DIR": str(shipped.CONFIG), "LOG_LEVEL": "error"}
        settings = read(environ)
        board = switchboard(settings, lambda: self.now)
        self.outbox = board.outbox
        self.now: datetime = shipped.NOON
        self.voice = f"{settings.public_url}/voice"
        self.token = signing_tokens(settings)[0]
        self.post = in_process(create_app(settings, board), stopwatch=lambda: 0.0)

    def ring(self, actors: Actors, troubles: Troubles) -> Told:
        script = actors.script
        self.now = script.began
        number = script.number or shipped.table().line.number
        post = Mischief(self.post, troubles)
        phone = Phone(post, Number(self.voice, number, token=self.token))
        return phone.ring(actors, script.caller, script.began)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    return Line(tmp_path_factory.mktemp("line"))


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_a_recorded_call_goes_as_it_is_written(file: Path, line: Line, *, record: bool) -> None:
    written = file.read_text("utf-8")
    actors = Actors(read_script(written))
    told = line.ring(actors, Troubles())
    if record:
        file.write_text(actors.recording(told), "utf-8")
    else:
        assert actors.recording(told) == written
    assert not told.faults
    assert not actors.acts, "the call ended before all of its script was acted"
    assert told.safe


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_a_call_goes_the_same_when_every_webhook_comes_twice_or_thrice(
    file: Path, line: Line
) -> None:
    written = file.read_text("utf-8")
    actors = Actors(read_script(written))
    before = len(line.outbox.waiting())
    told = line.ring(actors, Troubles(repeats=3))
    assert actors.recording(told) == written
    assert len(line.outbox.waiting()) - before == ("They will ring you on" in written)


def test_there_is_a_recording_of_every_kind_of_call() -> None:
    assert len(RECORDINGS) >= 12
