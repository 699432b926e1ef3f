"""``make bench``: measures what has a bar; the exit status is 1 where one is not met.

It is no test: what a machine does in a second depends on what else it does. Run it on a quiet one.
"""

from __future__ import annotations

import sys

from tests.benchmarks import bench_check, bench_directory, bench_store
from tests.benchmarks.bars import tell

BENCHMARKS = {
    "the directory": bench_directory.measure,
    "the check of tables": bench_check.measure,
    "the store": bench_store.measure,
}


def main() -> None:
    """Do all of them, whatever the first came to."""
    met = True
    for name, measure in BENCHMARKS.items():
        print(f"-- {name}", flush=True)
        met &= tell(measure())
    sys.exit(not met)


if __name__ == "__main__":
    main()
