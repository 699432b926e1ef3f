"""What a watch looks up, on a line that is well and on one that is not, and what it tells."""

from __future__ import annotations

import json
import os
import random
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event as Signal

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from ivr.alarms import ALARMS, Calls, Check, Figures, standing
from ivr.callbacks import State
from ivr.cli import main
from ivr.events import Event, Fact
from ivr.log import CallRecord, Leg, Offer
from ivr.outbox import Outbox
from ivr.settings import Settings
from ivr.store import Store, migrate
from ivr.watching import Watch, here, kept, stored
from tests import desk, outboxes
from tests.servers import free_port
from workers import watch

pytestmark = pytest.mark.usefixtures("hears_everything")

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a line that nobody has started."""
    own = f"http://127.0.0.1:{free_port()}"
    return desk.settings({"PUBLIC_URL": own, "PORT": own.rsplit(":", 1)[1]}, tmp_path / "state")


# -- the store ---------------------------------------------------------------------------------


def record(minutes: float, service: str = "mh001", **told: object) -> CallRecord:
    """A call that ended so many minutes ago, having begun one before."""
    over = NOW - timedelta(minutes=minutes)
    offer = Offer(1, "connect", service, over)
    known = {"began": over - timedelta(minutes=1), "ended": over, "offers": (offer,)}
    return CallRecord("CA" + "0" * 32, **(known | told))  # type: ignore[arg-type]


def leg(*, taken: bool | None) -> Leg:
    return Leg(1, "connect", 1, "mh001", NOW, NOW, "completed", NOW, taken)


class Told:
    """A log of these calls."""

    def __init__(self, *records: CallRecord) -> None:
        self.records = records

    def calls(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        return (each for each in self.records if each.began and since <= each.began < until)


OUTCOMES = {
    "answered": record(1, legs=(leg(taken=False), leg(taken=True))),
    "callback": record(1, steps=("welcome", "callback", "booked"), questions=2),
    "unanswered": record(1, steps=("welcome", "fallback", "last_words"), questions=1),
    "abandoned": record(1, steps=("welcome", "place"), questions=2, abandoned=NOW),
    "unknown": record(1, steps=("welcome", ""), lacks=("turn 1",)),
}


@pytest.mark.parametrize("word", OUTCOMES)
def test_what_came_of_a_call_is_told_by_its_record(word: str) -> None:
    calls, _ = stored.outcomes(Told(OUTCOMES[word]), NOW)
    assert calls == {"mh001": Calls(**{word: 1})}


def test_a_call_that_goes_on_or_was_over_an_hour_ago_is_no_news() -> None:
    calls, _ = stored.outcomes(Told(record(1, ended=None), record(61)), NOW)
    assert calls == {}


def test_a_call_whose_end_nobody_told_is_over_when_the_line_has_done_with_it() -> None:
    calls, _ = stored.outcomes(Told(record(1, ended=None, steps=("welcome", "last_words"))), NOW)
    assert calls["mh001"].unanswered == 1


def test_the_calls_that_had_the_last_resort_are_counted() -> None:
    steps = ("welcome", "last_resort")
    assert stored.outcomes(Told(record(1, steps=steps), record(2)), NOW)[1] == 1


def _poisson(chance: random.Random, mean: float) -> int:
    at, count = chance.expovariate(mean), 0
    while at < 1:
        at, count = at + chance.expovariate(mean), count + 1
    return count


@pytest.mark.parametrize("rung", [3, 8, 30, 300])
def test_in_ten_weeks_of_callers_who_ring_off_at_chance_at_most_one_a_week_is_false(
    rung: int,
) -> None:
    chance = random.Random(rung)  # noqa: S311 - no secret
    false = 0
    for _ in range(10 * 7 * 24):
        calls = _poisson(chance, rung)
        abandoned = sum(chance.random() < 0.4 for _ in range(calls))
        told = {"mh001": Calls(answered=calls - abandoned, abandoned=abandoned)}
        false += bool(standing(Figures(calls=told), ALARMS))
    assert false <= 10


class Waiting:
    def counts(self) -> Mapping[State, int]:
        return Counter({State.ASKED: 2, State.CLOSED: 5})

    def overdue(self, now: datetime) -> int:  # noqa: ARG002
        return 1


def test_callbacks_that_are_ended_are_not_counted_and_no_state_is_left_out() -> None:
    told = stored.waiting(Waiting())
    assert told["asked"] == 2
    assert told["needs_a_person"] == 0
    assert not {"connected", "closed"} & set(told)


# -- the web and its certificate -----------------------------------------------------------------


@contextmanager
def web(answer: bytes, port: int, status: int = 200, secure: Path | None = None) -> Iterator[int]:
    """A web that gives this ``answer`` to whatever it is asked."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Answering)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # the asker hangs up at will
    if secure:
        shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown.load_cert_chain(secure)
        server.socket = shown.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


READY = {"ready": False, "checks": [{"name": "table", "ok": False, "say": "none", "needed": True}]}


def test_only_what_was_set_aside_whole_is_counted(settings: Settings) -> None:
    folder = settings.state_dir / "aside"
    assert here.aside(settings) == 0
    folder.mkdir()
    (folder / ".aside-abc").touch()  # a relay was killed as it wrote this
    assert here.aside(settings) == 0
    (folder / "abc.sealed").touch()
    assert here.aside(settings) == 1


@pytest.mark.parametrize("status", [200, 503])
def test_what_the_web_says_of_itself_is_looked_up(settings: Settings, status: int) -> None:
    with web(json.dumps(READY).encode(), settings.port, status):
        assert here.checks(settings) == (Check("table", ok=False, say="none"),)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"checks": [1]}', b'{"checks": {}}'])
def test_a_web_that_says_nothing_sound_is_away(settings: Settings, answer: bytes) -> None:
    with web(answer, settings.port):
        assert here.checks(settings) == ()


def test_a_web_that_is_not_there_is_away(settings: Settings) -> None:
    assert here.checks(settings) == ()


def certificate(folder: Path, days: int) -> Path:
    """A certificate for localhost that is its own authority, and so many days from its end."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)  # noqa: TID251 - OpenSSL goes by the true time
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    form = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, plain))
    return file


@pytest.mark.parametrize(("days", "least", "most"), [(30, 29, 30), (-3, 0, 0)])
def test_the_days_until_a_certificate_expires_are_looked_up(
    days: int, least: float, most: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with web(b"", 0, secure=file) as port:
        url = f"https://localhost:{port}"
        live = desk.settings({**desk.LIVE, "PUBLIC_URL": url}, tmp_path / "state")
        found = here.certificate_days(live, datetime.now(UTC))  # noqa: TID251 - as above
    assert found is not None
    assert least <= found <= most


def test_a_test_line_has_no_certificate(settings: Settings) -> None:
    assert here.certificate_days(settings, NOW) is None


# -- a whole watch -------------------------------------------------------------------------------


def test_a_watch_on_a_line_that_was_never_started_makes_nothing_there(settings: Settings) -> None:
    figures = Watch(settings).figures(NOW)
    assert [each.name for each in settings.state_dir.iterdir()] == ["local-token"]
    assert (figures.events, figures.store, figures.redis) == (None, None, None)
    assert figures.checks == ()


def test_a_watch_finds_what_waits_and_since_when(settings: Settings) -> None:
    with closing(Outbox(settings.outbox_file)) as outbox:
        outbox.note(outboxes.event(1, at=NOW - timedelta(seconds=130)))
        outbox.accept(outboxes.promise(asked=NOW - timedelta(seconds=7)))
    figures = Watch(settings).figures(NOW)
    assert (figures.events, figures.oldest_event) == (1, 130)
    assert (figures.promises, figures.oldest_promise) == (1, 7)


def test_a_watch_asks_a_real_store(settings: Settings) -> None:
    migrate(settings.store_url)
    call = "CA" + "0" * 32
    facts: dict[str, Fact] = {"step": "ringing", "reached": "last_resort", "turn": 0}
    with closing(Store(settings.store_url)) as store:
        store.keep([Event(f"{call}-t00", call, "turn", NOW - timedelta(minutes=1), facts)])
        store.ran("reconcile", NOW - timedelta(seconds=40))
    figures = Watch(settings).figures(NOW)
    assert (figures.store, figures.last_resorts, figures.overdue) == (True, 1, 0)
    assert figures.reconciled == 40


def test_what_has_never_been_compared_is_late_by_how_long_we_have_watched(
    settings: Settings,
) -> None:
    migrate(settings.store_url)
    watching = Watch(settings)
    assert watching.look(NOW).figures.reconciled == 0
    later = watching.look(NOW + timedelta(minutes=4))
    assert "reconcile_late" in later.since


def test_a_watch_outlives_all_that_it_watches(settings: Settings) -> None:
    settings.outbox_file.mkdir()
    settings.store_file.write_bytes(b"not a database" * 500)

    def redis(_: datetime) -> Mapping[str, int]:
        raise ConnectionError

    found = Watch(settings, redis).look(NOW)
    assert {"web_away", "store_away", "redis_away"} <= set(found.since)


def test_each_alarm_is_told_once_when_it_begins_and_once_when_it_ends(settings: Settings) -> None:
    workers = {"log": 0}
    watching = Watch(settings, lambda _: workers)
    with capture_logs() as said:
        watching.look(NOW)
        watching.look(NOW + timedelta(seconds=30))
        workers["log"] = 1
        Watch(settings, lambda _: workers).look(NOW + timedelta(seconds=60))  # even started anew
        watching.look(NOW + timedelta(seconds=90))
    told = [line for line in said if line.get("name") == "worker_gone"]
    assert [line["event"] for line in told] == ["alarm", "alarm ended"]
    assert told[0]["say"] == "log"
    assert told[1]["stood_seconds"] == 60


def test_what_was_found_is_kept_for_this_user_alone(settings: Settings) -> None:
    found = Watch(settings).look(NOW)
    assert kept(settings) == found
    assert settings.watch_file.stat().st_mode & 0o777 == 0o600


def test_where_it_cannot_be_kept_the_watch_goes_on(settings: Settings) -> None:
    settings.watch_file.mkdir()
    with capture_logs() as said:
        Watch(settings).look(NOW)
    assert "what was found cannot be kept" in [line["event"] for line in said]
    assert [each for each in settings.state_dir.iterdir() if each.name.startswith(".")] == []


# -- the programs that ask -----------------------------------------------------------------------


def test_one_look_that_fails_does_not_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SETTLING", 0)
    monkeypatch.setattr(watch, "EVERY", 0)
    stopping, looks = Signal(), list[datetime]()

    class Failing:
        def look(self, now: datetime) -> object:
            looks.append(now)
            if len(looks) == 3:
                stopping.set()
            raise RuntimeError("+447700900123")

    with capture_logs() as said:
        watch.keep_watching(Failing(), stopping, lambda: NOW)
    assert len(looks) == 3
    assert [line["fault"] for line in said] == ["RuntimeError"] * 3


class Pauses(Signal):
    """A clock that stands still but while a look takes its time, and who waits says how long."""

    def __init__(self, *looks: float) -> None:
        super().__init__()
        self.now = NOW
        self.waited: list[float] = []
        self._looks = list(looks)

    def look(self, _: datetime) -> object:
        self.now += timedelta(seconds=self._looks.pop(0))
        if not self._looks:
            self.set()
        return None

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return self.is_set()


def test_the_looks_are_no_further_apart_for_what_they_wait_for() -> None:
    pauses = Pauses(0, 5, 60, -3600)
    watch.keep_watching(pauses, pauses, lambda: pauses.now)
    assert pauses.waited == [watch.SETTLING, 15, 10, 0, 15]


def alarms(settings: Settings, *words: str) -> tuple[int, str]:
    environ = {"STATE_DIR": str(settings.state_dir), "PORT": str(settings.port)}
    done = CliRunner().invoke(main, ["alarms", *words], env=environ)
    return done.exit_code, done.output


def test_the_command_tells_what_stands_and_its_status_says_so(settings: Settings) -> None:
    status, told = alarms(settings)
    assert status == 1
    assert "web_away             it does not say how it is" in told


def test_the_command_tells_it_as_json(settings: Settings) -> None:
    status, told = alarms(settings, "--format", "json")
    assert status == 1
    assert {"name", "say", "threshold", "source", "mend"} == set(json.loads(told)[0])


def test_the_command_lists_every_alarm(settings: Settings) -> None:
    status, told = alarms(settings, "--list")
    assert status == 0
    assert "an event has waited in the outbox for over 30 s" in told


def test_a_relay_that_makes_no_pass_is_told_and_what_waits_in_each_queue(
    settings: Settings,
) -> None:
    watching = Watch(settings, lambda _: {"log": 1}, lambda: {"log": (3, 1)})
    first = watching.look(NOW)
    assert (first.figures.relayed, first.figures.jobs, first.figures.failed) == (
        0.0, {"log": 3}, {"log": 1},
    )  # fmt: skip
    assert "relay_gone" in watching.look(NOW + timedelta(seconds=31)).since, "it never was there"
    settings.relay_file.touch()
    os.utime(settings.relay_file, (NOW.timestamp() + 50, NOW.timestamp() + 50))
    assert "relay_gone" not in watching.look(NOW + timedelta(seconds=60)).since
    assert "relay_gone" in watching.look(NOW + timedelta(seconds=81)).since
