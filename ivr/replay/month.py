"""Replays a published month: every call is rung, and the report from the log must equal it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from threading import Thread

from ivr.outbox import Outbox
from ivr.replay.differences import Comparison, compare
from ivr.replay.line import Wanted, table_of
from ivr.replay.plan import Figures, Plan, plan
from ivr.replay.ringing import RingingError, Work, hand_over, ring
from ivr.report import Report, by_service, month_report
from ivr.report.published import Published
from ivr.settings import Settings, private_folder, sealing_keys, signing_tokens
from ivr.snapshot import Snapshots
from ivr.store import Store, migrate

PARTS = 2
"""Processes that ring at once."""

LOOK = 0.5
"""Seconds between looks at how far they are."""

MARK = "replay"
"""The file in the state folder that says of which calls it is."""


class ReplayError(Exception):
    """A month cannot be replayed as asked; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A month that has been rung, and what came of it."""

    report: Report
    comparison: Comparison
    calls: int
    """How many calls the month has, of the contracts that were chosen."""
    rung: int
    """How many of them were not known from before."""


def chosen(published: Published, contracts: Collection[str], regions: Collection[str]) -> list[str]:
    """The contracts of ``published`` that are in either; all of them if both are empty.

    A region's letters may be small or large. Raises :class:`ReplayError` for one that is not there.
    """
    told = published.contracts
    areas = {each.region.casefold() for each in told.values()}
    wanted = {region.casefold() for region in regions}
    missing = [code for code in contracts if code not in told]
    missing += [region for region in regions if region.casefold() not in areas]
    if missing:
        raise ReplayError(f"the file has no {missing[0]}: give one of {_those(published)}")
    return [
        code
        for code, each in told.items()
        if code in contracts or each.region.casefold() in wanted or not (contracts or regions)
    ]


def _those(published: Published) -> str:
    regions = sorted({each.region for each in published.contracts.values()})
    codes = sorted(published.contracts)
    return f"{', '.join(regions)}; or a contract from {codes[0]} to {codes[-1]}"


def replay(
    published: Published,
    contracts: Collection[str],
    settings: Settings,
    rang: Callable[[int, int], None],
) -> Replayed:
    """Ring the month of ``contracts`` on a line of its own in the state folder of ``settings``.

    ``rang`` is told how many calls are done, and of how many. What was rung there before is not
    rung again. Raises :class:`ReplayError` if the folder is of other calls.
    """
    every = {code: _figures(published, code) for code in published.contracts}
    plans = _plans(every, settings)
    wanted = {
        code: Wanted(published.contracts[code].contract_name, _longest(planned))
        for code, planned in plans.items()
    }
    figures = {code: every[code] for code in contracts}
    work = Work(settings, published.month, wanted, figures, PARTS)
    calls = sum(plans[code].calls for code in contracts)
    _prepare(work, plans)
    with closing(Store(settings.store_url)) as store:
        known = _known(work, store)
        rung = _ring_all(work, known, lambda done: rang(done, calls))
        report = _report(work, published, store)
    unmet = {code: plans[code].unmet for code in contracts}
    return Replayed(report, compare(report, published, unmet), calls, rung)


def _plans(every: Mapping[str, Figures], settings: Settings) -> Mapping[str, Plan]:
    """The calls of each contract; by the menu only where some postcode leads to its service."""
    served = Snapshots(settings).current().table
    led_to = {served.services[route.service].contract for route in served.routes}
    return {code: plan(figures, by_menu=code in led_to) for code, figures in every.items()}


def _figures(published: Published, contract: str) -> Figures:
    told = published.figures(contract).items()
    return {item: figure for item, figure in told if figure is not None}


def _longest(planned: Plan) -> int:
    return max((*planned.answered, *planned.abandoned), default=0)


def _prepare(work: Work, plans: Mapping[str, Plan]) -> None:
    """Make the folder, its secrets and its store; refuse it if it is of other calls."""
    folder = work.settings.state_dir
    private_folder(folder)
    content = sha256(f"{work.month} {sorted(plans.items())}".encode()).hexdigest()
    mark = folder / MARK
    if mark.exists() and mark.read_text("utf-8") != content:
        raise ReplayError(f"{folder} holds a replay of other calls: delete it, or give another")
    mark.write_text(content, "utf-8")
    signing_tokens(work.settings)
    sealing_keys(work.settings)
    migrate(work.settings.store_url)


def _known(work: Work, store: Store) -> frozenset[str]:
    """The calls that the store has whole, once it has been handed what was left behind.

    They may be of contracts that were chosen before and are not now.
    """
    for file in work.outboxes:
        if file.exists():
            hand_over(Outbox(file), store)
    records = store.calls(work.month.begins, work.month.ends)
    return frozenset(record.call for record in records if record.complete)


def _report(work: Work, published: Published, store: Store) -> Report:
    """The month by the log, of the line that was rung."""
    served = Snapshots(work.settings).current().table
    services = table_of(served, work.contracts).services
    contracts = by_service(published.contracts.values(), services)
    records = store.calls(work.month.begins, work.month.ends)
    return month_report(records, contracts, work.month)


# -- several processes ---------------------------------------------------------------------

_done: Synchronized[int]
"""In a process that rings: how many calls all of them have done."""
_stop: Event
"""Likewise: whether to stop."""


class _StoppedError(Exception):
    """The work was broken off elsewhere."""


def _ring_all(work: Work, known: frozenset[str], rang: Callable[[int], None]) -> int:
    """Ring every part, each in a process of its own; how many calls were rung."""
    spawned = multiprocessing.get_context("spawn")
    done, stop = spawned.Value("q", 0), spawned.Event()
    with ProcessPoolExecutor(work.parts, spawned, _begin, (done, stop)) as pool:
        try:
            parts = {pool.submit(_ring_part, work, part, known) for part in range(work.parts)}
            return _watched(parts, lambda: rang(done.value))
        except RingingError as wrong:
            raise ReplayError(str(wrong)) from wrong
        except BrokenProcessPool as wrong:
            again = "ask again, and it goes on where it was"
            raise ReplayError(f"a process that rang was killed: {again}") from wrong
        finally:
            stop.set()


def _watched(parts: set[Future[int]], look: Callable[[], None]) -> int:
    """How many calls ``parts`` have rung, once all have; raises what one of them raises."""
    left = parts
    while left:
        finished, left = wait(left, timeout=LOOK, return_when=FIRST_COMPLETED)
        look()
        for part in finished:
            part.result()
    return sum(part.result() for part in parts)


def _begin(done: Synchronized[int], stop: Event) -> None:
    global _done, _stop
    _done, _stop = done, stop
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End with whoever began this process, should they be killed: it would wait for ever."""
    began_by = multiprocessing.parent_process()
    if began_by:
        began_by.join()
    os._exit(1)  # wherever it is: what it has not handed over is in its outbox


def _ring_part(work: Work, part: int, known: frozenset[str]) -> int:
    return ring(work, part, known, _tell)


def _tell(calls: int) -> None:
    with _done.get_lock():
        _done.value += calls
    if _stop.is_set():
        raise _StoppedError
