"""A whole line that runs on this machine, and people at browsers who look after it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

import ivr
from tests.servers import free_port

ROOT = Path(ivr.__file__).parent.parent
AXE = ROOT / "tests" / "data" / "axe" / "axe.min.js"
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "a few words that belong to nothing"  # noqa: S105 - of a line that ends with its test

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
MISSING = "there is no chromium on this machine: `apt-get install chromium` brings it"

AT_A_DESK: ViewportSize = {"width": 1200, "height": 900}
A_TELEPHONES: ViewportSize = {"width": 375, "height": 750}
"""Pixels of a screen."""
PATIENCE = 60_000
"""Milliseconds that a page, or the check of a table, may take on a machine that does much else."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SEEN = """async rules => (await axe.run(document, {runOnly: rules})).violations
    .map(each => each.id + ': ' + each.nodes.map(node => node.html.slice(0, 120)).join(' | '))"""


@dataclass(frozen=True)
class Line:
    """A line that runs: where its console is, and the link by which its first operator comes in."""

    console: str
    link: str


@contextmanager
def line(folder: Path) -> Iterator[Line]:
    """``ivr run`` on ports of its own, where two people publish a table.

    All its programs are there but the probes, which would ring hundreds of times meanwhile.
    """
    programs = (ROOT / "Procfile").read_text("utf-8").splitlines(keepends=True)
    probed = [each for each in programs if not each.startswith("probe:")]
    (folder / "Procfile").write_text("".join(probed), "utf-8")
    console = f"http://127.0.0.1:{(port := free_port())}/console"
    own = {
        "PORT": str(free_port()),
        "CONSOLE_PORT": str(port),
        "STATE_DIR": str(folder / "var"),
        "CONFIG_DIR": str(ROOT / "config"),
        "TWO_PEOPLE": "yes",
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    program = subprocess.Popen(
        [sys.executable, "-c", "from ivr.cli import main; main()", "run"],
        cwd=folder,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert program.stdout
    said: list[str] = []
    try:
        for told in program.stdout:
            said.append(told)
            if f"{console}/join/" in told:
                break
        assert said, "it ended at once"
        assert "/join/" in said[-1], "".join(said)
        threading.Thread(target=program.stdout.read, daemon=True).start()
        _wait_for(port)
        yield Line(console, said[-1].split()[-1])
    finally:
        program.send_signal(signal.SIGINT)
        program.wait()
        program.stdout.close()


def _wait_for(port: int) -> None:
    """Wait until the console listens: it starts beside the line, which does not wait for it."""
    over = monotonic() + PATIENCE / 1000
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert monotonic() < over, "the console does not listen"
            sleep(0.1)
        else:
            return


@contextmanager
def browsers() -> Iterator[Browser]:
    """Debian's Chromium, without a window; with ``chromium-l10n`` its days are British."""
    with sync_playwright() as playwright:
        british: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "en_GB"}
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], env=british
        )
        yield browser
        browser.close()


def desk(browser: Browser) -> Page:
    """A page of a browser of its own, as large as a desk's screen."""
    page = browser.new_context(viewport=AT_A_DESK, bypass_csp=True, locale="en-GB").new_page()
    page.set_default_timeout(PATIENCE)
    return page


def barriers(page: Page) -> list[str]:
    """What keeps anybody from using ``page``, as axe sees it; none if all is well."""
    if page.evaluate("typeof axe") == "undefined":
        page.add_script_tag(path=AXE)
    found: list[str] = page.evaluate(SEEN, RULES)
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, *(["it scrolls sideways"] if wide else [])]
