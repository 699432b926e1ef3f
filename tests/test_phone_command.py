"""``ivr call`` rings a line that runs, or one made for the call, and tells how it went."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli import main
from tests.fake_line import say
from tests.servers import free_port

ONE = "+441632960001"
MENU = f'<Gather numDigits="1" action="/voice/ring">{say("Press 2.")}</Gather>'
PAGES = {"/voice": MENU, "/voice/ring": f'<Dial timeout="25">{ONE}</Dial>', "/status": ""}
LIVE = {
    "TWILIO_AUTH_TOKEN": "0123456789abcdef0123",
    "PUBLIC_URL": "https://line.example",
    "SEALING_KEYS": "c2VhbHMtb2YtdGhlc2UtdGVzdHMtYW5kLW5vLW90aGU=",
}


class SmallLine(BaseHTTPRequestHandler):
    """A line of two documents that says it is healthy."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("application/json", '{"healthy": true}')

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer("text/xml", f"<Response>{PAGES[self.path]}</Response>")

    def _answer(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), SmallLine) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


class Desk:
    """A terminal at which ``ivr call`` can be typed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"STATE_DIR": str(folder / "var"), "TWILIO_AUTH_TOKEN": ""}

    def call(self, *words: str, typed: str = "", **environ: str) -> Result:
        return CliRunner().invoke(
            main, ["call", *words], input=typed, env=self.environ | environ, catch_exceptions=False
        )

    def script(self, text: str) -> str:
        file = self.folder / "call.txt"
        file.write_text(text, "utf-8")
        return str(file)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_line_that_runs_here_is_found_and_rung(desk: Desk, port: int) -> None:
    done = desk.call(typed="2\nanswer\n", PORT=str(port))
    assert f"ringing the line that runs at http://127.0.0.1:{port}" in done.output
    assert '[  0 s] "Press 2."' in done.output
    assert done.output.endswith(f"= reached {ONE}; first ring at 2 s, 68 s in all\n")
    assert done.exit_code == 0


def test_a_script_is_rung_at_any_address(desk: Desk, port: int) -> None:
    script = desk.script("> 2\n< busy\n")
    done = desk.call("--script", script, "--url", f"http://127.0.0.1:{port}/", PORT="1")
    assert f"[  3 s] {ONE}: engaged\n" in done.output
    assert "= dropped (cut off without a word)" in done.output
    assert done.exit_code == 1


def test_where_no_line_runs_one_is_made_for_the_call(desk: Desk) -> None:
    script = desk.script("> 2\n> 21122#\n")
    done = desk.call("--script", script, PORT=str(free_port()))
    assert "no line runs here" in done.output
    assert "= reached +44" in done.output
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("words", "environ", "refusal"),
    [
        ((), LIVE, "live line"),
        ((), {"PORT": "eighty"}, "PORT='eighty' is not allowed"),
        (("--script", "nowhere.txt"), {}, "nowhere.txt"),
        ((), {"CONFIG_DIR": "nowhere"}, "give --to NUMBER"),
    ],
    ids=["live", "setting", "script", "table"],
)
def test_what_cannot_be_rung_is_said_in_one_line(
    desk: Desk, words: tuple[str, ...], environ: dict[str, str], refusal: str
) -> None:
    done = desk.call(*words, **environ)
    assert refusal in done.output
    assert "Traceback" not in done.output
    assert done.exit_code in (1, 2)


def test_a_script_that_cannot_be_understood_is_said_in_one_line(desk: Desk) -> None:
    done = desk.call("--script", desk.script("> two\n"))
    assert done.output.startswith("Error: line 1, '> two': allowed: keys")
