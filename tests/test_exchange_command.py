"""``ivr exchange``, and the small file that says what becomes of ringing each number."""

from __future__ import annotations

import json
import os
import signal
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE, Popen
from urllib.parse import urlencode, urlsplit

import pytest
from click.testing import CliRunner

from ivr.cli import main
from ivr.phone import Answered, Busy, Failed, NoAnswer, Voicemail
from ivr.phone.exchange import ACCOUNT, FatesError, read_fates
from tests.test_exchange import CALLER, LINE, SERVICE, TOKEN

FATES = f"""
# The service is slow at first.
{SERVICE}   no-answer, busy,  answers 1 for 90 s after 12 s   # and then it is not
{CALLER} voicemail
sip:desk@example.org answers - 1
+441632960003 answers
*  failed
"""


def test_a_file_of_fates_says_what_becomes_of_each_ringing() -> None:
    people = read_fates(FATES)
    slow = [NoAnswer(), Busy(), Answered("1", talks=90, after=12), Answered("1", 90, 12)]
    assert [people.leg(SERVICE) for _ in slow] == slow
    assert people.leg(CALLER) == Voicemail()
    assert people.leg("sip:desk@example.org") == Answered("- 1")
    assert people.leg("+441632960003") == Answered("")
    assert people.leg("+441632960099") == Failed()


def test_with_no_more_said_everybody_answers_and_presses_one() -> None:
    assert read_fates("").leg(SERVICE) == Answered("1")


def test_the_file_that_the_documents_show_is_one() -> None:
    page = (Path(__file__).parent.parent / "docs" / "try-a-callback.md").read_text("utf-8")
    (shown,) = (block for block in page.split("```") if "first time" in block)
    people = read_fates(shown)
    assert [people.leg(CALLER) for _ in range(2)] == [Voicemail(), Answered("- 1", 90, 12)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"{SERVICE} perhaps", "line 1: 'perhaps' is no fate; allowed: no-answer, busy"),
        (f"\n{SERVICE}", "line 2: '' is no fate"),
        (f"{SERVICE} busy,", "line 1: '' is no fate"),
        (f"{SERVICE} answers one", "line 1: 'answers one'"),
        (f"{SERVICE} busy\n{SERVICE} busy", f"line 2: .{SERVICE} stands here a second time"),
    ],
)
def test_a_line_that_is_no_fate_is_refused_by_its_number(text: str, wrong: str) -> None:
    with pytest.raises(FatesError, match=wrong.replace("+", "")):
        read_fates(text)


def environ(folder: Path, **more: str) -> dict[str, str]:
    (folder / "local-token").write_text(TOKEN)
    return {**os.environ, "STATE_DIR": str(folder), "TWILIO_AUTH_TOKEN": "", **more}


@contextmanager
def running(folder: Path, *words: str) -> Iterator[tuple[Popen[str], str]]:
    """The command as it runs, and the address that it prints."""
    command = [sys.executable, "-uc", "from ivr.cli import main; main()"]
    command += ["exchange", "--port", "0", *words]
    there = environ(folder, PORT="9")
    with Popen(command, env=there, stdout=PIPE, text=True) as program:  # noqa: S603 - our own
        assert program.stdout
        try:
            program.stdout.readline()
            yield program, program.stdout.readline().split("=")[1].split()[0]
        finally:
            program.kill()


def test_it_rings_whoever_a_test_line_asks_for_and_shows_what_happens(tmp_path: Path) -> None:
    fates = tmp_path / "fates"
    fates.write_text(f"{SERVICE} busy\n")
    with running(tmp_path, "--fates", str(fates)) as (program, base):
        where = urlsplit(base)
        signed = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        with closing(HTTPConnection(str(where.hostname), where.port, timeout=5)) as connection:
            form = urlencode({"To": SERVICE, "From": LINE, "Url": "https://line.example/a"})
            connection.request(
                "POST",
                f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json",
                form,
                {"Authorization": f"Basic {signed}"},
            )
            assert json.loads(connection.getresponse().read())["status"] == "queued"
        assert program.stdout
        assert program.stdout.readline() == f"[  0 s] rings {SERVICE} for 60 s\n"
        assert program.stdout.readline() == f"[  1 s] {SERVICE}: engaged\n"
        program.send_signal(signal.SIGINT)
        assert program.wait(10) == 0


def test_it_will_not_pretend_for_a_live_line(tmp_path: Path) -> None:
    live = {
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PUBLIC_URL": "https://line.example",
        "SEALING_KEYS": "c2VhbHMtb2YtdGhlc2UtdGVzdHMtYW5kLW5vLW90aGU=",
    }
    told = CliRunner().invoke(main, ["exchange"], env=environ(tmp_path, **live))
    assert told.exit_code == 1
    assert "this is a live line" in told.output


def test_a_bad_file_of_fates_is_told_in_one_line(tmp_path: Path) -> None:
    fates = tmp_path / "fates"
    fates.write_text(f"{SERVICE} perhaps\n")
    told = CliRunner().invoke(main, ["exchange", "--fates", str(fates)], env=environ(tmp_path))
    assert told.exit_code == 1
    assert told.output.startswith("Error: line 1: 'perhaps' is no fate")
