"""``python -m tests.drills.canaries``: a thousand callers, of whom nothing may be left anywhere.

Every one has a number, a postcode, a town and a phrase of their own, and lines of ours fail under
them with all of it in their message, in the web, the relay and the workers. All that the line left
behind is searched for all of it; so is a leak made on purpose, which must be found.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.callers import callers
from tests.chain import chain, ring


def main() -> None:
    """Do the drill; the exit status is 1 if anything of anybody was found."""
    asked = argparse.ArgumentParser(prog="canaries", description=__doc__)
    asked.add_argument("--calls", type=int, default=1000)
    options = asked.parse_args()
    with TemporaryDirectory(prefix="canaries-") as folder, chain(Path(folder)) as line:
        ring(line, callers(options.calls))
        states = line.store.callbacks.counts()
        rows: dict[str, object] = {
            "calls": len(line.calls),
            "left without anybody": sum(not told.safe for told in line.calls),
            "lines that failed": dict(sorted(line.failed.items())),
            "callbacks": {state.value: count for state, count in states.items() if count},
            "keys read in Redis": line.shelves.keys,
        }
        read = {place: look() for place, look in line.evidence().items()}
        found = {place: line.search.found(text) for place, text in read.items()}
        rows |= {f"found in {place}": _told(len(read[place]), found[place]) for place in read}
        leak = line.search.found(f"{read['redis']} {line.callers[-1]}")
    for name, value in rows.items():
        print(f"{name:>26}  {value}")
    sys.exit(any(found.values()) or not leak or bool(rows["left without anybody"]))


def _told(characters: int, found: set[str]) -> str:
    what = ", ".join(sorted(found)) or "nothing"
    return f"{what} (in {characters:,} characters)"


if __name__ == "__main__":
    main()
