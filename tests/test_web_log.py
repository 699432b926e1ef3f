"""A log that cannot be written costs no caller anything."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
import structlog

from ivr.web.parts import write_log
from tests import desk
from tests.machine import Machine

log = structlog.get_logger()


def test_each_line_is_an_object_with_its_level_and_time() -> None:
    write_log(desk.settings({}))
    with redirect_stdout(StringIO()) as written:
        log.info("turn", step="place")
        log.debug("not told")
    told = json.loads(written.getvalue())
    assert (told["event"], told["level"], told["step"]) == ("turn", "info", "place")
    assert told["timestamp"].endswith("Z")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
def test_a_call_is_answered_when_the_log_is_on_a_full_disk(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closing it fails, as writing to it does
    machine.log = full
    told = machine.ring("> 2\n> 21122#\n")
    with pytest.raises(OSError, match="No space left"):
        full.close()
    assert told.rung
    assert machine.failures() == []


def test_a_line_is_lost_rather_than_waited_for() -> None:
    write_log(desk.settings({}))
    other, end = os.pipe()
    with os.fdopen(other) as reader, os.fdopen(end, "w") as writer:
        with redirect_stdout(writer):
            for _ in range(10_000):  # far more than a pipe holds
                log.info("turn", step="place")
        writer.close()
        lines = reader.read().splitlines()
    assert 10 < len(lines) < 10_000
    assert all(json.loads(line)["step"] == "place" for line in lines)


def test_a_log_that_is_closed_or_has_no_reader_is_nothing_to_fail_for() -> None:
    write_log(desk.settings({}))
    closed = StringIO()
    closed.close()
    with redirect_stdout(closed):
        log.error("alarm")
    other, end = os.pipe()
    os.close(other)
    writer = os.fdopen(end, "w")
    with redirect_stdout(writer):
        log.error("alarm")
    with pytest.raises(BrokenPipeError):
        writer.close()
