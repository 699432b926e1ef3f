"""What programs count together, across their deaths and on a full disk, at no caller's cost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

import ivr
from ivr.metrics import FOLDER, Meter, Shown, page
from ivr.metrics.labels import OTHER, Known
from ivr.metrics.slot import SIZES, NoSlotError, Slot
from ivr.running import counting

ROOT = Path(ivr.__file__).parent.parent

PREAMBLE = """
import os, resource, signal, sys
from ivr import metrics
from ivr.metrics import meter as made
meter = made()
def turn(times=1):
    for _ in range(times):
        meter.turn("place", "keys", "connect", 0.003)
def shown(name):
    return [line for line in metrics.page(meter).decode().splitlines() if line.startswith(name)]
"""


def program(code: str, folder: Path | None) -> str:
    """What a program of ours prints that counts in ``folder`` and does ``code``."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", PREAMBLE + code],
        env={**os.environ, "PYTHONPATH": str(ROOT), FOLDER: str(folder or "")},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Path]:
    """A folder to count in, in memory where there is such a place, as the line has it."""
    with counting.folder(tmp_path) as folder:
        assert folder
        yield folder


def turns(meter: Meter) -> float:
    labels = {"step": "place", "heard": "keys", "reached": "connect"}
    return meter.registry.get_sample_value("ivr_turns_total", labels) or 0.0


def test_a_turn_is_counted_with_how_long_it_took() -> None:
    meter = Meter()
    meter.turn("place", "keys", "connect", 0.003)
    told = page(meter).decode()
    assert 'ivr_turns_total{heard="keys",reached="connect",step="place"} 1.0' in told
    assert 'ivr_turn_seconds_bucket{le="0.0025",step="place"} 0.0' in told
    assert 'ivr_turn_seconds_bucket{le="0.005",step="place"} 1.0' in told


def test_what_a_program_counted_outlives_it_and_the_next_counts_on(shared: Path) -> None:
    for _ in range(2):
        program("turn(2); os.kill(os.getpid(), signal.SIGKILL)", shared)
    assert "} 5.0" in program("turn(); print(shown('ivr_turns_total'))", shared)
    assert sorted(each.name for each in shared.iterdir()) == [
        "0.lock",
        "counter_0.db",
        "histogram_0.db",
        counting.LOCK,
    ]


def test_programs_at_once_are_added_up(shared: Path) -> None:
    code = (
        "import subprocess; turn()\n"
        'more = \'from ivr.metrics import meter; meter().turn("place", "keys", "connect", 1)\'\n'
        "subprocess.run([sys.executable, '-c', more], check=True)\n"
        "print(shown('ivr_turns_total'))"
    )
    assert "} 2.0" in program(code, shared)
    assert (shared / "counter_1.db").exists()


def test_a_child_does_not_spoil_what_its_parent_counts(shared: Path) -> None:
    code = (
        "turn()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    turn(5)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "turn()\n"
        "print(shown('ivr_turns_total'))"
    )
    assert "} 2.0" in program(code, shared)


def test_the_files_are_there_to_the_last_byte_before_anything_is_counted(shared: Path) -> None:
    """A hole in one would end the program that writes there while the disk is full."""
    Slot(shared).let_go()
    for kind, size in SIZES.items():
        found = (shared / f"{kind}_0.db").stat()
        assert found.st_size == size
        assert found.st_blocks * 512 >= size


def test_the_files_never_grow_however_much_is_counted(shared: Path) -> None:
    """They hold the most labels that there may be, and the longest."""
    code = (
        "words = [('a' * 35) + f'{n:05}' for n in range(3000)]\n"
        "for word in words:\n"
        "    meter.turn(word, word, word, 1.0)\n"
        "    meter.ring(word, word)\n"
        "    meter.handed(**{word: 1})\n"
        "assert not meter._broken\n"
        "print(len(shown('ivr_turns_total')), len(shown('ivr_rings_total')))"
    )
    assert program(code, shared) == "601 2001\n"
    for kind, size in SIZES.items():
        assert (shared / f"{kind}_0.db").stat().st_size == size


def test_a_program_with_no_room_to_count_in_counts_for_itself(shared: Path) -> None:
    """As on a full disk: no file may be longer than a thousand bytes."""
    code = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "made.cache_clear(); meter = made()\n"
        "turn(); print(shown('ivr_turns_total'))"
    )
    (shared / "counter_0.db").mkdir()  # the first may not be had either
    assert program(code, shared).endswith('"place"} 1.0\']\n')
    assert [each.name for each in shared.iterdir() if each.name.startswith(".fresh")] == []


def test_a_broken_file_is_made_anew(shared: Path) -> None:
    program("turn()", shared)
    (shared / "counter_0.db").write_bytes(b"\xff" * SIZES["counter"])
    assert "} 1.0" in program("turn(); print(shown('ivr_turns_total'))", shared)


def test_a_folder_that_cannot_be_made_is_told_and_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = program("turn(); print(shown('ivr_turns_total'))", tmp_path / "file")
    assert "metrics are not shared" in told
    assert "} 1.0" in told


def test_there_is_an_end_to_slots(shared: Path) -> None:
    held = [Slot(shared) for _ in range(64)]
    with pytest.raises(NoSlotError):
        Slot(shared)
    held[0].let_go()
    assert Slot(shared).name() == "0"


@pytest.mark.usefixtures("hears_everything")
def test_a_meter_that_is_broken_raises_nothing_and_says_so_once() -> None:
    meter = Meter()
    del meter._turns, meter._rings, meter._refused, meter._last_resorts, meter._unlogged
    with capture_logs() as said:
        meter.turn("place", "keys", "connect", 1.0)
        meter.ring("mh001", "completed")
        meter.refused()
        meter.last_resort()
        meter.unlogged(1)
    assert [line["event"] for line in said] == ["metrics are broken"]


@given(st.text())
def test_no_label_has_room_for_a_number_or_words(word: str) -> None:
    (label,) = Known(9)(word)
    assert label == OTHER or (len(label) <= 40 and label == word)


@pytest.mark.parametrize(
    "word", ["+447700900123", "07700900123", "CB1 2AB", "I am afraid", "a" * 41]
)
def test_what_is_a_caller_s_is_no_label(word: str) -> None:
    assert Known(9)(word) == (OTHER,)


def test_sets_of_labels_beyond_the_most_are_counted_as_one() -> None:
    known = Known(2)
    assert [known(word) for word in "abcab"] == [("a",), ("b",), (OTHER,), ("a",), ("b",)]


def test_what_is_not_known_is_not_shown() -> None:
    told = page(Meter(), [Shown.of("ivr_a", "A.", None), Shown.of("ivr_b", "B.", 0)]).decode()
    assert "ivr_a" not in told
    assert "ivr_b 0.0" in told


def test_the_folder_to_count_in_is_empty_when_a_line_starts_and_gone_when_it_ends(
    tmp_path: Path,
) -> None:
    with counting.folder(tmp_path, tmp_path) as folder:
        assert folder
        assert [each.name for each in folder.iterdir()] == [counting.LOCK]
        (folder / "counter_0.db").touch()
    assert not folder.exists()


def test_what_a_killed_line_left_in_memory_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    first, second, memory = (tmp_path / name for name in ("first", "second", "memory"))
    for each in (first, second, memory):
        each.mkdir()
    with counting.folder(first, memory) as runs:
        assert runs
        left = memory / f"press-two-{os.getuid()}-left"
        shutil.copytree(runs, left)
        with counting.folder(second, memory) as folder:
            assert not left.exists()
            assert sorted(memory.iterdir()) == sorted(filter(None, (runs, folder)))


def test_without_memory_to_count_in_it_is_in_the_state_folder(tmp_path: Path) -> None:
    with counting.folder(tmp_path, tmp_path / "none") as folder:
        assert folder == tmp_path / "metrics"


def test_a_folder_that_another_user_might_have_laid_there_is_not_used(tmp_path: Path) -> None:
    memory, elsewhere = tmp_path / "memory", tmp_path / "elsewhere"
    memory.mkdir()
    elsewhere.mkdir()
    (elsewhere / "theirs").touch()
    with counting.folder(tmp_path, memory) as folder:
        assert folder
    folder.symlink_to(elsewhere)
    with counting.folder(tmp_path, memory) as other:
        assert other == tmp_path / "metrics"
    assert (elsewhere / "theirs").exists()
