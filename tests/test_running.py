"""The line as a whole is started, ended, killed and refused here, around a web that is a stub."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

import pytest
from honcho.printer import Printer

import ivr
from ivr.running import embedded, preflight
from ivr.running.program import Program, Running
from ivr.running.supervisor import Patience, Supervisor
from ivr.settings import SettingsError, read
from tests.servers import free_port, valkey
from workers.jobs import connect

ROOT = Path(ivr.__file__).parent.parent

WEB = """
import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer
PAGES = {
    "/healthy": {"healthy": True},
    "/ready": {"checks": [{"name": "table", "say": "illustrative"}, {"name": "outbox", "say": ""}]},
}
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(PAGES[self.path]).encode())
    def log_message(self, *words):
        pass
print("web is", os.getpid(), flush=True)
HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Page).serve_forever()
"""
PROCFILE = """
web: GREETING=hello python web.py
other: sleep 600
"""


class Line:
    """``ivr run`` in ``folder``, and what it says."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-c", "from ivr.cli import main; main()", "run"],
            cwd=folder,
            env={**_bare_environ(), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._program.stdout
        self._lines = self._program.stdout
        self.said: list[str] = []

    def until(self, word: str) -> str:
        """The next line with ``word`` in it."""
        for line in self._lines:
            self.said.append(line.rstrip())
            if word in line:
                return line.rstrip()
        raise AssertionError(f"{word!r} was not said, but: {self.said}")

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Signal the line's whole process group, as a terminal would, and wait for its end."""
        os.killpg(self._program.pid, how)
        return self.wait()

    def wait(self) -> int:
        self.said += [line.rstrip() for line in self._lines]
        return self._program.wait()


def _bare_environ() -> dict[str, str]:
    """This environment without anything a line may be told by."""
    ours = (
        "HOST",
        "PORT",
        "CONSOLE_",
        "PUBLIC_URL",
        "TWILIO_",
        "REDIS_URL",
        "DATABASE_URL",
        "STATE_DIR",
        "CONFIG_DIR",
        "LOG_",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    for words in (ROOT / "config").glob("prompts.*.toml"):
        shutil.copy(words, tmp_path / "config")
    (tmp_path / "web.py").write_text(WEB)
    (tmp_path / "Procfile").write_text(PROCFILE)
    return tmp_path


@contextmanager
def line_in(folder: Path, **environ: str) -> Iterator[Line]:
    line = Line(folder, {"PORT": str(free_port()), **environ})
    watchdog = threading.Timer(30, line._program.kill)  # or else a line that hangs hangs the tests
    watchdog.start()
    try:
        yield line
    finally:
        watchdog.cancel()
        line._program.kill()
        line._program.wait()
        line._lines.close()


def started(line: Line) -> int:
    """The process id of the web, once all has been said that is said at the start."""
    line.until("Ctrl-C")
    return int(next(said for said in line.said if "web is" in said).split()[-1])


def wait_until_gone(pid: int) -> None:
    """Return once no such process is left but in name; fail if it is still there in a while."""
    patience = monotonic() + 10
    with suppress(OSError):
        while Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
            assert monotonic() < patience, f"process {pid} is still there"


def test_the_line_says_where_it_is_and_ends_cleanly_on_ctrl_c(folder: Path) -> None:
    port = str(free_port())
    with line_in(folder, PORT=port) as line:
        web = started(line)
        server = connect(f"unix://{folder}/var/valkey/valkey.sock")
        valkey_pid = int(server.info("server")["process_id"])
        server.close()
        said = "\n".join(line.said)
        assert f"http://127.0.0.1:{port}/voice" in said
        assert f"http://127.0.0.1:{port}/ready" in said
        assert f"PORT={port} make call" in said
        assert "illustrative" in said
        assert line.end() == 0
    assert "Traceback" not in "\n".join(line.said)
    wait_until_gone(web)
    wait_until_gone(valkey_pid)


def test_the_line_ends_cleanly_when_it_is_asked_to(folder: Path) -> None:
    with line_in(folder) as line:
        web = started(line)
        assert line.end(signal.SIGTERM) == 0
    wait_until_gone(web)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of the killed")
def test_nothing_outlives_a_line_that_is_killed(folder: Path) -> None:
    with line_in(folder) as line:
        web = started(line)
        assert line.end(signal.SIGKILL) == -9
    wait_until_gone(web)


def test_a_second_line_in_the_same_folder_is_refused(folder: Path) -> None:
    port = str(free_port())
    with line_in(folder, PORT=port) as line:
        started(line)
        with line_in(folder, PORT=port) as second:
            assert second.wait() == 2
        assert len(second.said) == 2
        assert second.said[0].startswith("STATE_DIR='var' is in use by another line")
        assert second.said[1].startswith(f"HOST='127.0.0.1' PORT={port} cannot be listened to")


def test_a_taken_port_is_told_in_one_line_before_anything_starts(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with line_in(folder, PORT=str(port)) as line:
            assert line.wait() == 2
    (said,) = line.said
    assert said.startswith(
        f"HOST='127.0.0.1' PORT={port} cannot be listened to: address already in"
    )
    assert said.endswith(f"; free the port or give another, as in PORT={port + 1}")
    assert not (folder / "var/valkey").exists()


def test_a_bad_setting_is_told_in_one_line_before_anything_starts(folder: Path) -> None:
    with line_in(folder, PORT="eighty") as line:
        assert line.wait() == 2
    assert line.said == ["PORT='eighty' is not allowed: give a whole number from 1 to 65535"]
    assert not (folder / "var").exists()


def test_words_that_cannot_be_spoken_are_told_in_one_line_before_anything_starts(
    folder: Path,
) -> None:
    (folder / "config" / "prompts.en.toml").unlink()
    with line_in(folder) as line:
        assert line.wait() == 2
    assert line.said == ["there is no config/prompts.en.toml, the words of the line"]
    assert not (folder / "var/valkey").exists()


def test_a_web_that_cannot_start_ends_the_line(folder: Path) -> None:
    (folder / "web.py").write_text("raise SystemExit('services.csv row 12: no such service')")
    with line_in(folder) as line:
        assert line.wait() == 1
    said = "\n".join(line.said)
    assert "services.csv row 12: no such service" in said
    assert "web ended with 1; the line cannot start" in said


def test_a_redis_of_the_operators_is_used_and_none_is_brought(folder: Path) -> None:
    (folder / "Procfile").write_text('web: python web.py\nother: sh -c "echo told $REDIS_URL"\n')
    with line_in(folder, REDIS_URL="redis://localhost:1/7") as line:
        started(line)
        assert line.until("told").endswith("redis://localhost:1/7")
        assert line.end() == 0
    assert not (folder / "var/valkey").exists()


def test_the_whole_line_as_it_is_shipped_runs_answers_and_ends(tmp_path: Path) -> None:
    port = free_port()
    own = {"CONSOLE_PORT": str(free_port()), "STATE_DIR": str(tmp_path)}
    with line_in(ROOT, PORT=str(port), **own) as line:
        line.until("illustrative")
        with urlopen(f"http://127.0.0.1:{port}/ready", timeout=10) as ready:
            assert json.load(ready)["ready"]
        line.until('"event": "outbox"')
        assert line.end() == 0
    assert "Traceback" not in "\n".join(line.said)


def test_a_web_process_holds_nothing_that_could_speak_to_redis_or_ring_anyone(
    tmp_path: Path,
) -> None:
    code = """
import sys
from ivr.web import create_app
create_app()
print({"redis", "rq", "twilio.rest", "requests", "valkey", "workers"} & set(sys.modules))
"""
    environ = {**_bare_environ(), "CONFIG_DIR": str(ROOT / "config"), "STATE_DIR": str(tmp_path)}
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_deep_state_folder_still_has_its_server(folder: Path) -> None:
    deep = folder / ("d" * 100)
    with valkey(deep) as connection:
        assert connection.ping()
        socket = Path(connection.connection_pool.connection_kwargs["path"])
        assert not socket.is_relative_to(deep)
        assert socket.parent.stat().st_mode & 0o777 == 0o700
    assert not socket.parent.exists()


def test_the_server_keeps_everything_on_disk_and_throws_nothing_away(tmp_path: Path) -> None:
    wanted = {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "port": "0",
        "maxmemory-policy": "noeviction",
    }
    with valkey(tmp_path) as connection:
        assert {name: connection.config_get(name)[name] for name in wanted} == wanted
        connection.set("kept", "yes")
    with valkey(tmp_path) as connection:
        assert connection.get("kept") == b"yes"
    assert (tmp_path / "valkey").stat().st_mode & 0o777 == 0o700


def test_a_machine_without_a_server_of_its_own_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match="REDIS_URL is unset"), embedded.server(tmp_path):
        pass


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read: No such file"), ("wob: true\n", "names no program called web")],
)
def test_a_procfile_that_cannot_answer_the_line_is_refused(
    tmp_path: Path, content: str | None, said: str
) -> None:
    if content:
        (tmp_path / "Procfile").write_text(content)
    with pytest.raises(SettingsError, match=said):
        preflight.programs(tmp_path / "Procfile")


def test_a_console_whose_port_is_taken_is_told_in_one_line_before_anything_starts(
    folder: Path,
) -> None:
    with (folder / "Procfile").open("a") as procfile:
        procfile.write("console: python web.py\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with line_in(folder, CONSOLE_PORT=str(port)) as line:
            assert line.wait() == 2
    (said,) = line.said
    assert said.startswith(
        f"HOST='127.0.0.1' CONSOLE_PORT={port} cannot be listened to: address already in"
    )
    assert "; free the port or give another, as in CONSOLE_PORT=" in said
    assert not (folder / "var/valkey").exists()


def test_one_port_for_the_line_and_its_console_is_told_in_one_line(tmp_path: Path) -> None:
    port = str(free_port())
    (said,) = refused(tmp_path, PORT=port, CONSOLE_PORT=port)
    assert said.startswith(
        f"PORT={port} and CONSOLE_PORT={port} are the same: give the console another, as in CONSOLE"
    )


@pytest.mark.parametrize(
    ("port", "other"), [("65533", "65534"), ("65534", "65533"), ("65535", "65534")]
)
def test_a_port_that_is_proposed_is_one_that_there_is(
    tmp_path: Path, port: str, other: str
) -> None:
    said = refused(tmp_path, PORT=port, CONSOLE_PORT=port)
    assert said[-1].endswith(f", as in CONSOLE_PORT={other}")


def test_no_port_is_proposed_that_the_line_wants_for_itself(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        beside = port + 1 if port < 65534 else port - 1
        (said,) = refused(tmp_path, PORT=str(port), CONSOLE_PORT=str(beside), console=False)
    assert said.endswith(f", as in PORT={port + 2 * (beside - port)}")


def refused(folder: Path, *, console: bool = True, **environ: str) -> list[str]:
    """What keeps a line so set up from starting, with its console or without."""
    own = {"STATE_DIR": str(folder), "CONFIG_DIR": str(ROOT / "config")}
    programs = [Program("console", "true")] if console else []
    with (
        pytest.raises(SettingsError) as wrong,
        preflight.claim(read({**own, **environ}), programs),
    ):
        pass
    return str(wrong.value).splitlines()


def test_a_folder_of_configuration_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = read(
        {"STATE_DIR": str(tmp_path), "CONFIG_DIR": str(tmp_path / "no"), "PORT": str(free_port())}
    )
    with (
        pytest.raises(SettingsError, match=r"CONFIG_DIR='.*/no' is no folder"),
        preflight.claim(settings),
    ):
        pass


class Paper(io.StringIO):
    """What a supervisor prints, and a way to stop it at a word."""

    def __init__(self, word: str, times: int = 1) -> None:
        super().__init__()
        self._word, self._left = word, times
        self.supervisor: Supervisor | None = None

    def write(self, text: str) -> int:
        self._left -= self._word in text
        if self._left <= 0 and self.supervisor:
            self.supervisor.stop()
        return super().write(text)


def supervise(paper: Paper, *programs: Program, patience: Patience | None = None) -> bool:
    """Run ``programs`` until the paper's word was printed."""
    quick = patience or Patience(first=0.01, longest=0.02)
    paper.supervisor = Supervisor(programs, os.environ, Printer(paper), quick)
    return paper.supervisor.run()


class FullDisk(Paper):
    """Paper that nothing can be written on, and that is stopped at a word like another."""

    def write(self, text: str) -> int:
        super().write(text)
        raise OSError(28, "No space left on device")


def test_a_line_whose_own_words_cannot_be_printed_runs_on() -> None:
    paper = FullDisk("starting it again", times=3)
    assert supervise(paper, Program("other", "sh -c 'echo here; exit 3'"))
    assert paper.getvalue().count("starting it again") == 3


def test_a_program_that_ends_is_started_again_after_longer_and_longer_pauses() -> None:
    paper = Paper("starting it again", times=3)
    assert supervise(paper, Program("other", "sh -c 'echo here; exit 3'"))
    said = paper.getvalue()
    assert said.count("| here") >= 3
    for pause in ("0.01", "0.02", "0.02"):
        assert f"other ended with 3; starting it again in {pause} s" in said


def test_a_web_that_ends_once_the_line_has_answered_is_started_again() -> None:
    paper = Paper("web ended", times=2)
    paper.supervisor = Supervisor(
        [Program("web", "true", vital=True)], os.environ, Printer(paper), Patience(first=0.01)
    )
    paper.supervisor.answered()
    assert paper.supervisor.run()


def test_a_program_that_will_not_end_is_ended() -> None:
    stubborn = Program(
        "other", "sh -c \"trap '' TERM; echo deaf; while true; do sleep 0.05; done\""
    )
    assert supervise(Paper("deaf"), stubborn, patience=Patience(ask_again=0.1, kill=0.2))


def test_programs_end_in_their_order() -> None:
    last_words = (
        "sh -c \"trap 'echo {0} ends; exit' TERM; echo {0} is up; while true; do sleep 0.02; done\""
    )
    programs = [
        Program(name, last_words.format(name), ends=ends)
        for name, ends in [("c", 2), ("a", 0), ("b", 1)]
    ]
    paper = Paper("is up", times=3)
    assert supervise(paper, *programs)
    assert [line.split("| ")[1] for line in paper.getvalue().splitlines() if "ends" in line] == [
        "a ends",
        "b ends",
        "c ends",
    ]


def test_what_a_program_leaves_behind_is_ended_with_it() -> None:
    told: list[bytes] = []
    heard = threading.Event()

    def tell(line: bytes) -> None:
        told.append(line)
        heard.set()

    running = Running(Program("other", 'sh -c "sleep 600 & echo \\$!; wait"'), os.environ, tell)
    assert heard.wait(10)
    running.end()
    wait_until_gone(int(told[0]))
