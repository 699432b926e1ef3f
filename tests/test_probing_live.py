"""A line with real callers is probed as a test line is, and nothing of it counts for anything."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import phonenumbers
import pytest
from click.testing import CliRunner
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from werkzeug.serving import BaseWSGIServer, make_server

from ivr.cli import main
from ivr.events import PROBE
from ivr.outbox import Outbox
from ivr.probing import keep_probing
from ivr.probing.keeping import LOOK, PAUSE, SETTLING
from ivr.settings import Settings
from ivr.snapshot import Snapshots
from ivr.store import Store, migrate
from ivr.web import create_app
from ivr.web.switchboard import utc_now
from tests import shipped
from tests.desk import KEY, LIVE, Desk, settings
from tests.probing import Told
from tests.servers import free_port

URL = "https://line.example/press-two"
ROWS = 6
PROBES = ROWS + 3
"""One for each row, one own number, the adviser and the fallback."""
OWN = next(iter(shipped.table().own_numbers))


def example(kind: int) -> str:
    """A number of ``kind`` that libphonenumber has for an example. Nothing rings it."""
    found = phonenumbers.example_number_for_type("GB", kind)
    assert found
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


NUMBERS: Mapping[str, str] = {
    shipped.table().line.number: example(PhoneNumberType.FIXED_LINE),
    shipped.table().line.caller_id: example(PhoneNumberType.FIXED_LINE),
    shipped.table().fallback_number: example(PhoneNumberType.TOLL_FREE),
    **dict.fromkeys(shipped.table().own_numbers, ""),
    OWN: example(PhoneNumberType.MOBILE),
}
"""What stands on a live line in the place of the numbers that must be telephone numbers there."""


def live_table(folder: Path) -> None:
    """The shipped configuration in ``folder``, with a short table without any drama number."""
    folder.mkdir()
    for each in shipped.CONFIG.iterdir():
        if each.name != "routing":
            (folder / each.name).symlink_to(each)
    routing = shutil.copytree(shipped.CONFIG / "routing", folder / "routing")
    for file in routing.iterdir():
        text = file.read_text("utf-8").replace("test_line = true", "test_line = false")
        if file.name == "routes.csv":
            text = "".join(text.splitlines(keepends=True)[: 1 + ROWS])
        file.write_text(re.sub(r"\+44[ \d]*\d{6}", _live, text), "utf-8")


def _live(found: re.Match[str]) -> str:
    number = found[0].replace(" ", "")
    return NUMBERS.get(number, f"sip:{number.removeprefix('+')}@line.example")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A line with real callers, mounted under a path, that answers over HTTP."""
    folder = tmp_path_factory.mktemp("live")
    live_table(folder / "config")
    own = {
        "CONFIG_DIR": str(folder / "config"),
        "PUBLIC_URL": URL,
        "PORT": str(free_port()),
        "METRICS_TOKEN": "abcdefghijklmnop1234",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "LOG_LEVEL": "error",
    }
    made = settings({**LIVE, **own}, folder / "state")
    migrate(made.store_url)
    with served(made):
        yield made


@contextmanager
def served(made: Settings) -> Iterator[BaseWSGIServer]:
    """The line on its port."""
    server = make_server("127.0.0.1", made.port, create_app(made), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_live_line_is_probed_as_a_test_line_is(live: Settings) -> None:
    assert not live.test_line
    assert not Snapshots(live).current().table.line.test_line
    stopping = Told(last=2 + PROBES)
    keep_probing(live, stopping, utc_now)
    assert stopping.waits == [LOOK, SETTLING, *[PAUSE] * PROBES, LOOK]
    with closing(Store(live.store_url)) as store:
        found = store.probes.newest(utc_now() - timedelta(minutes=5))
    assert len(found) == PROBES
    assert [each for each in found if not each.ok] == []


def test_nothing_of_it_is_kept_counted_or_promised(live: Settings) -> None:
    before = counts(live)
    keep_probing(live, Told(last=2 + PROBES), utc_now)
    outbox = Outbox(live.outbox_file)
    assert outbox.depth()[0] == 0
    assert outbox.waiting() == []
    assert counts(live) == before


def counts(live: Settings) -> list[str]:
    """What has been counted of calls, by the web itself."""
    asking = Request(f"{live.local_url}/metrics")  # noqa: S310 - of this machine
    asking.add_header("Authorization", f"Bearer {live.metrics_token}")
    with urlopen(asking) as page:  # noqa: S310 - as above
        lines = page.read().decode().splitlines()
    return [line for line in lines if re.match(r"ivr_(turn|ring|last|refused|unlogged)", line)]


class Ending(Told):
    """Ends the web at the wait counted ``ends``."""

    def __init__(self, server: BaseWSGIServer, ends: int) -> None:
        super().__init__(last=2 + PROBES)
        self._server, self._ends = server, ends

    def wait(self, timeout: float | None = None) -> bool:
        told = super().wait(timeout)
        if len(self.waits) == self._ends:
            self._server.shutdown()
            self._server.server_close()
        return told


def test_a_web_that_is_ended_meanwhile_is_no_fault_of_a_route(
    live: Settings, tmp_path: Path
) -> None:
    other = replace(live, port=free_port(), state_dir=tmp_path)
    migrate(other.store_url)
    with served(other) as server:
        keep_probing(other, Ending(server, ends=5), utc_now)
    with closing(Store(other.store_url)) as store:
        found = store.probes.newest(utc_now() - timedelta(minutes=5))
    assert [each.ok for each in found] == [True] * 3


def test_it_is_probed_by_hand_and_says_that_no_telephone_rings(live: Settings) -> None:
    environ = {
        **LIVE,
        "SEALING_KEYS": KEY,
        "PUBLIC_URL": URL,
        "PORT": str(live.port),
        "STATE_DIR": str(live.state_dir),
        "CONFIG_DIR": str(live.config_dir),
    }
    told = CliRunner().invoke(main, ["probe"], env={**os.environ, **environ})
    first, *_, last = told.output.splitlines()
    assert first == "no telephone rings: this program plays everybody who is rung"
    assert last == f"{PROBES} probes, 0 failed", told.output
    assert told.exit_code == 0


@pytest.mark.parametrize(("call", "kept"), [(PROBE + "0" * 22, 0), ("CA" + "1" * 32, 1)])
def test_a_probe_that_asks_to_be_rung_back_is_put_through_instead(
    call: str, kept: int, tmp_path: Path
) -> None:
    line = Desk(STATE_DIR=str(tmp_path))
    asked = "/voice/callback?turn=6&service=mh001"
    answer = line.post(asked, {"CallSid": call, "Digits": "1"})
    assert len(Outbox(tmp_path / "outbox.sqlite3").waiting()) == kept
    assert (shipped.table().fallback_number in answer.text) == (not kept)
