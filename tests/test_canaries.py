"""Where someone is, never who: nothing of a caller's is in anything that the line leaves behind.

More than a hundred callers ring, each with a number, a postcode, a town and a phrase of their own,
and by chance a line of ours fails under them, in the web, the relay or a worker, with all of that
in its message. They are rung back, too. Meanwhile and afterwards all that the line left behind is
searched for every one of those; ``python -m tests.drills.canaries`` does it with a thousand.
"""

from __future__ import annotations

import logging
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from random import Random
from urllib.parse import quote_plus, urlsplit

import pytest
from prometheus_client import Gauge

from ivr import flow
from ivr.callbacks import State
from ivr.metrics import meter
from ivr.outbox import Promise
from ivr.phone import Answer, Number, Phone
from ivr.sealing import Seal
from tests import desk, shipped
from tests.callers import Someone, callers, postcodes
from tests.chain import Chain, chain, ring
from tests.machine import Machine
from tests.searching import Search, unfolded
from tests.troubles import BrokenLog, Tracer, TroubleError

CALLS = 160


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A line that more than a hundred people rang, and that failed now and then."""
    with chain(tmp_path_factory.mktemp("line")) as line:
        ring(line, callers(CALLS))
        yield line


@pytest.fixture(scope="module")
def evidence(left: Chain) -> Mapping[str, str]:
    """All that it left behind, by place."""
    return {place: read() for place, read in left.evidence().items()}


PLACES = (
    "redis", "store, its rows", "store, its file", "outbox", "other files", "log", "printed",
    "addresses", "metrics", "command",
)  # fmt: skip


# -- what happened -------------------------------------------------------------------------------


def test_the_calls_were_of_every_kind(left: Chain) -> None:
    turns = left.machine.logged("turn")
    assert {line["reached"] for line in turns} == set(flow.STEPS)
    assert {line["heard"] for line in turns} == {"keys", "words", "leg", "silence"}
    assert len(left.callers) == CALLS
    assert left.failed["web"] > CALLS / 4
    assert {"relay", "log", "callbacks"} <= left.failed.keys()


def test_no_caller_was_dropped_however_much_failed(left: Chain) -> None:
    assert [told.why for told in left.calls if not told.safe] == []


def test_callers_were_rung_back_and_all_was_handed_on(left: Chain) -> None:
    assert left.store.callbacks.counts()[State.CONNECTED] >= 2
    assert left.exchange.journal.joined
    assert left.outbox.waiting() == []
    assert left.outbox.depth() == (0, None)
    kept = sum(1 for _ in left.store.calls(shipped.NOON, left.now))
    assert kept == CALLS


# -- the search finds --------------------------------------------------------------------------

CHANCE = Random(1)  # noqa: S311 - repeatable, not secret
SOMEONE = Someone(CHANCE, "SW1A1AA", "+447700900123", "01144960456")
SEAL = Seal([desk.KEY])


def find(text: str) -> set[str]:
    return Search([SOMEONE.canary], SEAL).found(text)


@pytest.mark.parametrize(
    "told",
    [
        "+447700900123", "07700900123", "07700 900123", "0044 (0)7700-900-123", "0114 496 0456",
        "%2B447700900123", "%2B44%207700%20900123", "x=447700900123&y", "SW1A1AA", "sw1a 1aa",
        "SW1A+1AA", "S W 1 A 1 A A", "SW1A-1AA", "area=SW1A", "state=3~sw1a~", SOMEONE.keys,
        f'{{"Digits": "{SOMEONE.keys}#"}}', " ".join(SOMEONE.keys), f"Digits={SOMEONE.keys}%23",
        SOMEONE.spelt, SOMEONE.spelt.title(), SOMEONE.town, quote_plus(SOMEONE.phrase),
        SOMEONE.phrase.upper(), f"said {SOMEONE.phrase.split()[0]}", "'number': '7700900123'",
        "deadbeef7700900123deadbeef",
    ],
)  # fmt: skip
def test_each_is_found_however_it_is_written(told: str) -> None:
    assert find(f"so: {told} .")


@pytest.mark.parametrize(
    "told",
    [
        f"CA{SOMEONE.keys}0123456789abcdef012345678", f"0.{SOMEONE.keys}", f"{SOMEONE.keys}123",
        "2026-12-09T12:00:00.123456+00:00", "SW1A", "somewhere in London", "+447700900124",
        SEAL.seal(str(SOMEONE).encode()).decode(),
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_not_found(told: str) -> None:
    assert find(f"so: {told} .") == set()


def test_what_looks_sealed_and_is_not_is_searched() -> None:
    sealed = Seal(["b25lLW90aGVyLWtleS10aGF0LWlzLW5vdC1vdXJzLTE="]).seal(bytes(80)).decode()
    assert find(f"{sealed[:60]}xSW1A1AAx{sealed[60:]}")


def test_what_is_compressed_or_coded_is_found() -> None:
    told = f"Traceback: {SOMEONE}".encode()
    for value in (told, zlib.compress(told), b64encode(zlib.compress(told))):
        assert find("\n".join(unfolded(value)))


# -- nothing is found --------------------------------------------------------------------------


def test_every_place_was_read(left: Chain, evidence: Mapping[str, str]) -> None:
    assert tuple(evidence) == PLACES
    assert min(map(len, evidence.values())) > 400
    assert left.shelves.keys > CALLS / 4
    assert "Traceback" in evidence["printed"], "a job's fault is told, by its kind"
    assert "last_resort" in evidence["log"]
    assert "callback-" in evidence["addresses"]
    assert "ivr_turns_total" in evidence["metrics"]
    assert "-> connected" in evidence["command"]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_of_any_caller_is_left(
    left: Chain, evidence: Mapping[str, str], place: str
) -> None:
    assert left.search.found(evidence[place]) == set()


# -- and would have been -------------------------------------------------------------------------


def leak_to_redis(left: Chain, told: str) -> None:
    left.redis.xadd("rq:results:x", {"exc_string": b64encode(zlib.compress(told.encode()))})


def leak_to_a_name_in_redis(left: Chain, told: str) -> None:
    left.redis.set(f"ivr:call:{told}", 1)


def leak_to_the_store(left: Chain, told: str) -> None:
    callback = left.store.callbacks.among(list(State), shipped.NOON)[0]
    left.store.callbacks.note(callback, told[:60], "worker", left.now)


def leak_to_the_outbox(left: Chain, told: str) -> None:
    number = told.split(maxsplit=1)[0]
    assert left.outbox.accept(Promise("callback-CA1", "callback", "mh001", number, left.now))


def leak_to_a_file(left: Chain, told: str) -> None:
    (left.machine.settings.state_dir / "core.1").write_text(told)


def leak_to_the_log(left: Chain, told: str) -> None:
    left.machine.log.write(told)


def leak_to_what_is_printed(_: Chain, told: str) -> None:
    logging.getLogger("rq.worker").error("job %s failed", told)


def leak_to_an_address(left: Chain, told: str) -> None:
    left.addresses.append(f"{desk.URL}/voice?area={quote_plus(told)}")


PLANTED = Gauge("ivr_leak", "A figure that is shown while it is planted.", registry=None)


def leak_to_the_metrics(_: Chain, told: str) -> None:
    PLANTED._documentation = told
    meter().registry.register(PLANTED)


LEAKS: Mapping[Callable[[Chain, str], None], tuple[str, ...]] = {
    leak_to_redis: ("redis",),
    leak_to_a_name_in_redis: ("redis",),
    leak_to_the_store: ("store, its rows", "store, its file", "command"),
    leak_to_the_outbox: ("outbox",),
    leak_to_a_file: ("other files",),
    leak_to_the_log: ("log",),
    leak_to_what_is_printed: ("printed",),
    leak_to_an_address: ("addresses",),
    leak_to_the_metrics: ("metrics",),
}


def test_what_was_left_in_any_place_would_have_been_found(
    left: Chain, evidence: Mapping[str, str]
) -> None:
    assert evidence  # it has been read
    assert {place for places in LEAKS.values() for place in places} == set(PLACES)
    left.seen.clear()
    for someone, (leak, places) in zip(left.callers, LEAKS.items(), strict=False):
        leak(left, str(someone))
        search = Search([someone.canary], left.seal)
        for place in places:
            found = search.found(left.evidence()[place]())
            assert found & set(someone.canary.numbers), (leak.__name__, place)
    meter().registry.unregister(PLANTED)  # it is every test's registry


# -- the log -------------------------------------------------------------------------------------


def test_every_turn_leaves_one_line_with_these_fields_and_no_others(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    turns = 0
    for count, code in enumerate(postcodes(CALLS)[:40]):
        machine.answers.clear()
        someone = Someone(Random(count), code)  # noqa: S311 - repeatable, not secret
        number = Number(f"{desk.URL}/voice", shipped.table().line.number, token=desk.TOKEN)
        Phone(machine.post, number).ring(someone, someone.caller)
        paths = [urlsplit(url).path for url, _ in machine.answers]
        turns += sum(not path.endswith(("/whisper", "/accepted", "/leg")) for path in paths)
    lines = machine.logged()
    assert len(lines) == turns
    for line in lines:
        assert set(line) == {
            "event", "level", "timestamp", "step", "heard", "reached", "service", "ms",
            "table", "turn",
        }  # fmt: skip
        assert line["event"] == "turn"
        assert line["step"] in {"ringing", *flow.STEPS}
        assert line["heard"] in {"keys", "words", "leg", "silence"}
        assert line["reached"] in flow.STEPS
        assert line["service"] in {"", *shipped.table().services}
        assert line["table"] == shipped.table().version
        assert isinstance(line["turn"], int)
        assert isinstance(line["ms"], float)


@pytest.mark.parametrize("script", ["2", "1"])
def test_a_log_that_cannot_be_written_makes_nothing_be_told_elsewhere(
    tmp_path: Path, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(tmp_path)
    machine.log = BrokenLog(OSError(28, "No space left on device"))
    someone = Someone(Random(int(script)), postcodes(CALLS)[0])  # noqa: S311 - as above
    number = Number(f"{desk.URL}/voice", shipped.table().line.number, token=desk.TOKEN)
    left = [0]

    def fail(_: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise TroubleError(str(someone))

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        left[0] = someone.chance.randint(1, 600)
        with Tracer(fail):
            return machine.post(url, form, headers)

    with redirect_stderr(StringIO()) as errors:
        for _ in range(20):
            Phone(post, number).ring(someone, someone.caller)
    told = errors.getvalue() + caplog.text
    assert Search([someone.canary], SEAL).found(told) == set()
    assert "Traceback" not in told
