"""Measures the shipped directory: ``python -m tests.benchmarks.bench_directory``.

The aims: at most 12 MB of file, 50 ms from opening to the first answer, 3 microseconds for a
postcode, 50 for a string of keys on average, 5 MB of memory that is not shared.
"""

from __future__ import annotations

import gc
import mmap
import random
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from ivr.directory import Directory
from ivr.directory.units import KEY_OF
from tests.benchmarks.bars import Bar, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SHIPPED = Path(__file__).parents[2] / "config" / "directory.p2d"
ROLLUP = Path("/proc/self/smaps_rollup")
SAMPLE = 20_000
ROUNDS = 15


def measure(path: Path = SHIPPED) -> Iterator[Bar]:
    """The figures of the directory at ``path``."""
    before = private()
    started = perf_counter()
    with path.open("rb") as file:
        directory = Directory(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    directory.find("CB12AB")
    opened = perf_counter() - started
    held = private() - before
    postcodes = drawn(directory)
    keys = [postcode.translate(KEY_OF) for postcode in postcodes]
    yield Bar("file", path.stat().st_size / 1e6, "MB", most=12)
    yield Bar("opening to first answer", opened * 1e3, "ms", most=50)
    yield Bar("private memory", held / 1e6, "MB", most=5)
    yield Bar("find", each(directory.find, postcodes), "microseconds", most=3)
    yield Bar("keyed, on average", each(directory.keyed, keys), "microseconds", most=50)
    print(f"  {worst(directory, keys)}")
    started = perf_counter()
    count = sum(1 for _ in directory.every())
    yield Bar(f"every one of {count:,} postcodes", perf_counter() - started, "s")


def private() -> int:
    """Bytes of this process's memory that it shares with none, and would keep if none did."""
    gc.collect()
    if not ROLLUP.exists():
        return 0
    lines = ROLLUP.read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_Dirty"))


def drawn(directory: Directory) -> list[str]:
    """Live postcodes, drawn evenly and the same each time."""
    live = [postcode for postcode, _, in_use in directory.every() if in_use]
    return random.Random(1).sample(live, SAMPLE)  # noqa: S311 - a sample, not a secret


def each(function: Callable[[str], object], texts: Sequence[str]) -> float:
    """Microseconds for one, in the best of several rounds."""

    def once() -> float:
        started = perf_counter()
        for text in texts:
            function(text)
        return (perf_counter() - started) / len(texts) * 1e6

    return min(once() for _ in range(ROUNDS))


def worst(directory: Directory, keys: Sequence[str]) -> str:
    """The slowest of the strings of keys."""
    slowest = max(sorted(set(keys)), key=lambda text: len(directory.keyed(text)))
    return (
        f"{each(directory.keyed, [slowest]):.0f} for the {len(directory.keyed(slowest))} "
        f"postcodes of {slowest}"
    )


if __name__ == "__main__":
    sys.exit(not tell(measure(*map(Path, sys.argv[1:2]))))
