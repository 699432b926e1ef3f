"""``make drill``: 2,000 callers, fifty a second, while everything behind the line is broken.

Every call must reach somebody, no webhook may take over two seconds, and once it is over the log
must be the telephone's own journal: nothing lost, nothing twice, nothing invented. And so many
calls a second must truly have been made, or the drill has shown less than it says.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from tests.drills.calls import Rung, ring
from tests.drills.figures import Figures, compare
from tests.drills.line import Line, line, wait_until
from tests.drills.proxy import Mode

PACE = 50.0
"""Calls a second that must have been made, at least."""
PLANNED = 1.1 * PACE
"""As many are planned, since who rings late while a program is killed makes the pace slower."""
WORST = 2.0
"""Seconds that a webhook may take, at most."""
RECOVERY = 120.0
"""Seconds after the last fault within which the store must have everything."""

chance = Random(999)  # noqa: S311 - the same drill each time


def kill_redis(line: Line) -> None:
    line.kill_redis()
    sleep(0.5)
    line.start_redis()


def stop_redis(line: Line) -> None:
    line.signal_redis(signal.SIGSTOP)
    sleep(20)
    line.signal_redis(signal.SIGCONT)


def fill_redis(line: Line) -> None:
    redis = line.redis()
    redis.config_set("maxmemory", 1)
    sleep(2)
    redis.config_set("maxmemory", 0)


def make_redis_read_only(line: Line) -> None:
    redis = line.redis()
    redis.replicaof("127.0.0.1", 1)
    sleep(2)
    redis.replicaof("NO", "ONE")


def empty_redis(line: Line) -> None:
    line.kill_redis()
    line.empty()
    sleep(0.5)
    line.start_redis()


def carry(mode: Mode, seconds: float) -> Callable[[Line], None]:
    def fault(line: Line) -> None:
        line.proxy.mode = mode
        sleep(seconds)
        line.proxy.mode = Mode.PASS

    return fault


def kill(name: str) -> Callable[[Line], None]:
    return lambda line: line.kill(name)


def kill_a_web_process(line: Line) -> None:
    line.kill_one_of("web")


FAULTS: list[tuple[str, Callable[[Line], None]]] = [
    ("Redis killed", kill_redis),
    ("worker killed", kill("log")),
    ("Redis killed", kill_redis),
    ("relay killed", kill("relay")),
    ("Redis killed", kill_redis),
    ("a web process killed", kill_a_web_process),
    ("Redis killed", kill_redis),
    ("Redis restarted empty", empty_redis),
    ("replies cut", carry(Mode.CUT, 4)),
    ("Redis full", fill_redis),
    ("Redis read-only", make_redis_read_only),
    ("worker killed", kill("log")),
    ("all web killed", kill("web")),
    ("connections reset", carry(Mode.RESET, 0.5)),
    ("Redis stopped for 20 s", stop_redis),
    ("Redis killed", kill_redis),
]


def drill(line: Line, calls: int, rate: float) -> tuple[Rung, float]:
    """Ring while everything is broken in turn; the calls, and the seconds until all was kept."""
    line.proxy.which = lambda *_: chance.random() < 1 / 3
    rung: list[Rung] = []
    callers = threading.Thread(target=lambda: rung.append(ring(line, calls, rate)))
    began = monotonic()
    callers.start()
    for name, fault in FAULTS:
        sleep(0.6)
        print(f"{monotonic() - began:6.1f} s  {name}", flush=True)
        fault(line)
    print(f"{monotonic() - began:6.1f} s  all is mended", flush=True)
    callers.join()
    mended = monotonic()
    print(f"{mended - began:6.1f} s  the last caller has rung off", flush=True)
    wait_until(lambda: line.outbox.depth()[0] == 0, "the log", RECOVERY)
    return rung[0], monotonic() - mended


def stood(figures: Figures, rung: Rung, pace: float = PACE) -> bool:
    """Whether the line stood the drill, and the drill was one."""
    return figures.well and figures.worst <= WORST and rung.pace >= pace


def tell(line: Line, figures: Figures, rung: Rung, recovery: float) -> None:
    """Print what came of it."""
    rows = {
        "calls": figures.calls,
        "left without anybody": dict(figures.left) or 0,
        "webhooks": figures.webhooks,
        "worst webhook": f"{figures.worst:.3f} s",
        "events sent": f"{figures.sent} (and {figures.perhaps} that a killed program may have had)",
        "kept": figures.kept,
        "lost": len(figures.lost),
        "twice": figures.twice,
        "invented": len(figures.phantom),
        "records unequal": len(figures.unequal),
        "set aside": figures.aside,
        "replies cut": line.proxy.cut,
        "seconds to recover": f"{recovery:.1f}",
        "callers late by": f"{rung.late:.2f} s at most",
        "calls a second": f"{rung.pace:.1f}",
    }
    for name, value in rows.items():
        print(f"{name:>22}  {value}")


def main() -> None:
    """Do the drill; the exit status is 1 if the line did not stand it."""
    asked = argparse.ArgumentParser(prog="drill", description=__doc__)
    asked.add_argument("--calls", type=int, default=2000)
    asked.add_argument("--rate", type=float, default=PLANNED, help="calls a second, planned")
    asked.add_argument("--pace", type=float, default=PACE, help="calls a second, at least")
    options = asked.parse_args()
    with TemporaryDirectory(prefix="drill-") as folder, line(Path(folder)) as running:
        try:
            rung, recovery = drill(running, options.calls, options.rate)
            figures = compare(running, rung)
            tell(running, figures, rung, recovery)
        except AssertionError:
            print(running.said)
            raise
    sys.exit(not stood(figures, rung, options.pace))


if __name__ == "__main__":
    main()
