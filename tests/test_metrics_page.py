"""The page /metrics of the shipped line, and what is counted as it is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from ivr.alarms import ALARMS, Calls, Figures, Found, look, write
from ivr.metrics import Meter
from ivr.probing import sid
from ivr.settings import Settings
from ivr.web import create_app
from ivr.web.metrics import Counting
from ivr.web.parts import switchboard
from ivr.web.switchboard import Switchboard
from tests import desk
from tests.desk import Desk

SECRET = "abcdefghijklmnop1234"  # noqa: S105 - made up, for these tests alone
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def figure(app: Flask, which: str, /, **labels: str) -> float | None:
    """What the page says of one figure; None if it is not there."""
    text = app.test_client().get("/metrics").get_data(as_text=True)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == which and sample.labels == labels:
                return float(sample.value)
    return None


def counted(line: Desk, which: str, url: str, form: Mapping[str, str], /, **labels: str) -> float:
    """By how much posting ``form`` to ``url`` raises a count."""
    before = figure(line.app, which, **labels) or 0.0
    line.post(url, form)
    return (figure(line.app, which, **labels) or 0.0) - before


class Line:
    """A line by a clock of our own."""

    def __init__(self, state: Path) -> None:
        self.now = NOW
        self.settings: Settings = desk.settings({}, state)
        self.board: Switchboard = switchboard(self.settings, lambda: self.now)
        self.app = create_app(self.settings, self.board)

    def found(self, figures: Figures, ago: int = 0) -> Found:
        """Have a watch find ``figures`` so many seconds ago."""
        found = look(None, self.now - timedelta(seconds=ago), figures, None)
        self.settings.watch_file.write_text(write(found))
        return found


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def test_a_turn_is_counted_by_where_it_was_and_went() -> None:
    labels = {"step": "welcome", "heard": "keys", "reached": "place"}
    line = Desk()
    url = line.after("/voice", {})
    assert counted(line, "ivr_turns_total", url, {"Digits": "2"}, **labels) == 1


def test_how_long_a_turn_took_is_counted_by_its_step() -> None:
    line = Desk()
    assert counted(line, "ivr_turn_seconds_count", "/voice", {}, step="ringing") == 1


def test_a_turn_that_went_wrong_is_counted_as_a_last_resort_and_no_turn(tmp_path: Path) -> None:
    line = Desk(CONFIG_DIR=str(tmp_path))  # with no table there
    turns = figure(line.app, "ivr_turn_seconds_count", step="ringing")
    assert counted(line, "ivr_last_resorts_total", "/voice", {}) == 1
    assert figure(line.app, "ivr_turn_seconds_count", step="ringing") == turns


def test_a_telephone_that_was_rung_is_counted_once_it_is_over() -> None:
    line = Desk()
    url = "/status/leg?service=mh001&ring=1&turn=3"
    told = {"ParentCallSid": "CA" + "1" * 32, "CallStatus": "ringing"}
    labels = {"service": "mh001", "ended": "no-answer"}
    assert counted(line, "ivr_rings_total", url, told, **labels) == 0
    told["CallStatus"] = "no-answer"
    assert counted(line, "ivr_rings_total", url, told, **labels) == 1


def test_a_request_that_twilio_did_not_sign_is_counted_as_that_alone() -> None:
    line = Desk()
    before = figure(line.app, "ivr_refused_requests_total") or 0.0
    line.client.post("/voice", data={})
    assert figure(line.app, "ivr_refused_requests_total") == before + 1


def test_nothing_of_a_probe_is_counted() -> None:
    line, form = Desk(), {"CallSid": sid()}
    turn = line.after("/voice", {})
    for which in ("ivr_last_resorts_total", "ivr_refused_requests_total"):
        assert counted(line, which, "/voice", form) == 0
    assert counted(line, "ivr_turn_seconds_count", "/voice", form, step="ringing") == 0
    labels = {"step": "welcome", "heard": "keys", "reached": "place"}
    assert counted(line, "ivr_turns_total", turn, {**form, "Digits": "2"}, **labels) == 0
    leg = {"CallSid": sid(), "ParentCallSid": sid(), "CallStatus": "completed"}
    url, labels = "/status/leg?service=mh001&ring=1&turn=3", {"service": "mh001"}
    assert counted(line, "ivr_rings_total", url, leg, **labels, ended="completed") == 0


def test_events_that_cannot_be_kept_are_counted(tmp_path: Path) -> None:
    line = Desk(STATE_DIR=str(tmp_path / "state"))
    for file in (tmp_path / "state").glob("outbox*"):
        file.unlink()
    (tmp_path / "state" / "outbox.sqlite3").mkdir()
    assert counted(line, "ivr_unlogged_turns_total", "/voice", {}) == 1


class Broken(Meter):
    """A meter whose every method raises, as none should."""

    def __init__(self) -> None:
        pass

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(name)


def test_a_turn_is_served_though_all_counting_is_broken(tmp_path: Path) -> None:
    app = Flask(__name__)
    settings = desk.settings({}, tmp_path)
    Counting(settings, switchboard(settings), Broken()).join(app)

    @app.post("/voice", endpoint="voice.turn")
    def turn() -> str:
        return "the number to ring"

    answer = app.test_client().post("/voice")
    assert (answer.status_code, answer.text) == (200, "the number to ring")
    assert app.test_client().get("/metrics").status_code == 503


def test_a_test_line_s_page_is_open(line: Line) -> None:
    answer = line.app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("brought", ["", "Bearer ", "Bearer x", SECRET, f"Bearer {SECRET}x", "é"])
@pytest.mark.parametrize("environ", [{}, desk.LIVE], ids=["test line", "live"])
def test_with_a_token_set_the_page_is_there_for_who_brings_it(
    environ: dict[str, str], brought: str, tmp_path: Path
) -> None:
    app = create_app(desk.settings({**environ, "METRICS_TOKEN": SECRET}, tmp_path))
    client = app.test_client()
    nothing = client.get("/no-such-page")
    refused = client.get("/metrics", headers={"Authorization": brought})
    assert (refused.status_code, refused.data) == (404, nothing.data)
    assert client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"}).status_code == 200


def test_on_a_live_line_without_a_token_there_is_no_page(tmp_path: Path) -> None:
    app = create_app(desk.settings(desk.LIVE, tmp_path))
    assert app.test_client().get("/metrics").status_code == 404


def test_the_page_says_what_is_served_and_what_waits(line: Line) -> None:
    snapshot = line.board.snapshots.current()
    assert figure(line.app, "ivr_table", version=snapshot.table.version) == 1
    assert figure(line.app, "ivr_directory", version=snapshot.directory.version) == 1
    assert figure(line.app, "ivr_outbox_events") == 0
    assert figure(line.app, "ivr_outbox_oldest_event_seconds") == 0
    assert figure(line.app, "ivr_outbox_writable") == 1


def test_the_page_says_what_the_last_watch_found(line: Line) -> None:
    figures = Figures(
        callbacks={"asked": 2}, overdue=1, calls={"mh001": Calls(answered=3)}, store=True
    )
    line.found(figures, ago=20)
    assert figure(line.app, "ivr_callbacks", state="asked") == 2
    assert figure(line.app, "ivr_calls_last_hour", service="mh001", outcome="answered") == 3
    assert figure(line.app, "ivr_alarm", name="overdue") == 1
    assert figure(line.app, "ivr_alarm", name="store_away") == 0
    assert figure(line.app, "ivr_reconciled_seconds") is None  # nobody knows


def test_what_was_found_too_long_ago_is_not_told_as_if_it_were_so(line: Line) -> None:
    line.found(Figures(overdue=1), ago=10)
    line.now += timedelta(seconds=181)
    assert figure(line.app, "ivr_callbacks_overdue") is None
    assert figure(line.app, "ivr_alarm", name="overdue") is None
    assert figure(line.app, "ivr_alarm", name="watch_late") == 1


def test_a_line_that_has_just_begun_has_no_late_watch(line: Line) -> None:
    line.found(Figures(), ago=7 * 24 * 3600)
    assert figure(line.app, "ivr_alarm", name="watch_late") == 0


def test_within_a_minute_of_its_end_it_is_told_that_nobody_watches(line: Line) -> None:
    line.found(Figures(), ago=0)
    line.now += timedelta(seconds=45)
    assert figure(line.app, "ivr_alarm", name="watch_late") == 0
    line.now += timedelta(seconds=1)
    assert figure(line.app, "ivr_alarm", name="watch_late") == 1


def test_where_the_clock_was_set_back_that_nobody_watches_is_told_as_soon(line: Line) -> None:
    line.found(Figures(), ago=10)
    line.now -= timedelta(hours=1)
    assert figure(line.app, "ivr_alarm", name="watch_late") == 0
    line.now += timedelta(seconds=46)
    assert figure(line.app, "ivr_alarm", name="watch_late") == 1


def test_the_page_says_how_many_calls_rest_on_twilio_s_list(line: Line) -> None:
    line.found(Figures(recovered=3, compared=6 * 3600.0))
    assert figure(line.app, "ivr_calls_recovered") == 3
    assert figure(line.app, "ivr_compared_seconds") == 6 * 3600


@pytest.mark.parametrize("content", ["", "{", '{"at": 1}', "\udcff"])
def test_what_no_watch_wrote_is_as_if_there_were_none(line: Line, content: str) -> None:
    line.settings.watch_file.write_bytes(content.encode(errors="surrogateescape"))
    assert figure(line.app, "ivr_alarm", name="watch_late") == 0


def test_every_alarm_is_on_the_page_of_a_line_that_is_watched(line: Line) -> None:
    line.found(Figures())
    text = line.app.test_client().get("/metrics").get_data(as_text=True)
    assert all(f'ivr_alarm{{name="{alarm.name}"}}' in text for alarm in ALARMS)


def test_every_figure_is_in_the_manual_and_no_other(line: Line) -> None:
    figures = Figures(
        calls={"mh001": Calls()}, callbacks={"asked": 0}, overdue=0, reconciled=0.0, compared=0.0,
        recovered=0, store=True, redis=True, workers={"log": 1}, jobs={"log": 0}, failed={"log": 0},
        relayed=0.2, free=1.0,
    )  # fmt: skip
    line.found(figures)
    text = line.app.test_client().get("/metrics").get_data(as_text=True)
    manual = (Path(__file__).parent.parent / "docs" / "metrics.md").read_text("utf-8")
    told = re.findall(r"^\| (`ivr_.*?) \|", manual, re.MULTILINE)
    names = {name for cell in told for name in re.findall(r"ivr_\w+", cell)}
    assert names == set(re.findall(r"^# HELP (ivr_\w+)", text, re.MULTILINE))
