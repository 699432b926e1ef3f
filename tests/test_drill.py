"""A small drill: a few dozen calls while Redis is killed once and some of its answers are lost.

The whole of it, with everything killed and stopped at fifty calls a second, is ``make drill``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.drills.calls import Rung, ring
from tests.drills.figures import compare
from tests.drills.journal import Posted
from tests.drills.line import Line, line, wait_until
from tests.drills.proxy import Mode


@pytest.fixture
def whole_line() -> Iterator[Line]:
    with TemporaryDirectory(prefix="drill-") as folder, line(Path(folder)) as running:
        yield running


def test_nothing_is_lost_or_kept_twice_when_redis_is_killed_and_an_answer_is_cut(
    whole_line: Line,
) -> None:
    line = whole_line
    line.proxy.which = lambda _, asked: b"keep_batch" in asked and not line.proxy.cut
    line.proxy.mode = Mode.CUT
    rung = ring(line, 20, rate=100)
    wait_until(lambda: line.outbox.depth()[0] == 0, "the log")
    line.kill_redis()
    also = ring(line, 20, rate=100)
    wait_until(lambda: "redis is away" in line.said, "the relay")
    line.start_redis()
    wait_until(lambda: line.outbox.depth()[0] == 0, "the log")
    assert line.proxy.cut == 1
    for each in (rung, also):
        figures = compare(line, each)
        assert figures.calls == 20
        assert figures.kept == figures.sent
        assert figures.well, figures
    assert "redis is back" in line.said
    notice(line, rung)


def notice(line: Line, rung: Rung) -> None:
    """A drill that compared nothing would always be a success; this one would tell."""
    call = next(iter(rung.journal.calls))
    posted = rung.journal.calls[call]
    posted.append(Posted(f"{call}-t99", "place", answered=True, seconds=0.0))
    figures = compare(line, rung)
    assert (figures.lost, figures.unequal) == ({f"{call}-t99"}, [call])
    del posted[-1], posted[0]
    figures = compare(line, rung)
    assert figures.phantom == {f"{call}-t00"}
    assert not figures.well
