"""A line on a machine of its own in this process, and callers of every sort who ring it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO, cast

from ivr import postcode
from ivr.outbox import Outbox
from ivr.phone import Answer, Kind, Number, Phone, Post, Told, in_process
from ivr.phone.acting import Actors
from ivr.phone.people import Busy, Fate
from ivr.phone.script import read_script
from ivr.phone.told import is_last_resort
from ivr.phone.verbs import Dial, Document, Say
from ivr.sealing import Seal
from ivr.settings import sealing_keys
from ivr.snapshot import Outside, Snapshots
from ivr.snapshot.snapshots import EVERY
from ivr.start import read_catalogues
from ivr.web import create_app
from ivr.web.switchboard import Site, Switchboard
from tests import desk, shipped

ROOT = shipped.CONFIG.parent
ROUTING = "routing"
BUILT_IN = "+441134960999"
"""The fallback that is set for when no table was ever to be had; no table holds it."""
PLACE = postcode.keys(postcode.clean("B1 1AA"))
"""The keys of a Birmingham postcode, which one service alone can mean."""

CALLERS: Mapping[str, str] = {
    "keys": f"> 2\n> {PLACE}#\n",
    "keys that fit four": "> 2\n> 221222#\n> 4\n",
    "words": '> "mental health"\n> "sierra whiskey one alpha one alpha alpha"\n> "yes"\n',
    "a town": '> 2\n> *\n> "Leeds"\n> 1\n',
    "silence": "",
    "physical health": "> 1\n",
    "a landline": "from +441144960123\n> 2\n> 1\n> 2\n",
    "a withheld number": 'from "anonymous"\n> 2\n> ' + f"{PLACE}#\n",
    "Welsh": f"> 3\n> 2\n> {PLACE}#\n",
    "nonsense": "> 2\n> 7#\n> 0000#\n> *\n",
}
"""A caller of every sort, as scripts."""

NOBODY = "< busy\n< no answer\n"
"""What becomes of the two numbers of a service that cannot be reached."""
AGREES = f"{CALLERS['keys']}{NOBODY}> 1\n> 1\n"
"""Whoever keys a postcode, is not answered, and agrees to be rung back."""
OTHER = "+441632960777"
"""A number that the shipped table has for nobody."""
OFFERED, BOOKED = (
    shipped.catalogues()["en"].prompts[name].text.partition("{")[0].strip()
    for name in ("unanswered", "booked")
)
"""What a caller hears who may be rung back, and then who will be."""
UNANSWERED = CALLERS["keys"] + NOBODY
"""Whoever keys a postcode, is not answered, and stays on the line."""


def local() -> tuple[str, str]:
    """The two numbers of the service for :data:`PLACE`."""
    service = shipped.whereabouts().keyed(PLACE).options[0].cover.adult
    one, other = shipped.table().services[service].numbers
    return one.value, other.value


def national() -> tuple[str, str]:
    """The two numbers of the table's always-open line."""
    one, other = shipped.table().services[shipped.table().line.fallback].numbers
    return one.value, other.value


def is_the_last_resort(document: Document, number: str) -> bool:
    """Whether a document rings ``number``, needs nothing more of ours, and ends with 999."""
    if len(document.verbs) < 2:
        return False
    *_, dial, last = document.verbs
    return (
        isinstance(dial, Dial)
        and [(leg.number, leg.url, leg.status_callback) for leg in dial.legs] == [(number, "", "")]
        and not dial.action
        and isinstance(last, Say)
        and is_last_resort(last.text)
    )


def config(folder: Path) -> Path:
    """The shipped configuration, copied into ``folder``."""
    copied = folder / "config"
    if not copied.exists():
        skip = shutil.ignore_patterns("*.gz")
        shutil.copytree(shipped.CONFIG, copied, ignore=skip, copy_function=shutil.copyfile)
    return copied


class Unanswered(Actors):
    """A caller by a script, in a country where every number is engaged."""

    def leg(self, number: str) -> Fate:
        self.known_side = number
        return Busy()


def ring(post: Post, script: str, *, fallback: str = "", cast_of: type[Actors] = Actors) -> Told:
    """A call to the shipped number, acted as ``script`` says.

    ``fallback`` is the text of the TwiML Bin that the number falls back to.
    """
    acted = read_script(script)
    line = shipped.table().line
    number = Number(
        f"{desk.URL}/voice",
        acted.number or line.number,
        token=desk.TOKEN,
        fallback_twiml=fallback,
        caller_ids=(line.caller_id,),
    )
    return Phone(post, number).ring(cast_of(acted), acted.caller, acted.began)


def answering(app: Callable[..., Iterable[bytes]]) -> Post:
    """A post to ``app`` as through a server, whose answer to whatever is raised is 500."""
    real = in_process(app, stopwatch=lambda: 0.0)

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        try:
            return real(url, form, headers)
        except Exception as wrong:  # noqa: BLE001 - whatever is raised
            return Answer(500, "text/plain", repr(wrong).encode())

    return post


def alternately(*posts: Post) -> Post:
    """Posts to each of ``posts`` in turn, as a balancer does."""
    turns: list[None] = []

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        turns.append(None)
        return posts[(len(turns) - 1) % len(posts)](url, form, headers)

    return post


def heard(told: Told) -> list[str]:
    """All that happened on a call but which addresses were posted to."""
    events = (event for event in told.events if event.kind is not Kind.POSTS)
    return [f"{event.kind} {event.what} {event.side} {event.second:.1f}" for event in events]


@dataclass
class Machine:
    """A line in this process, in folders below ``folder``, watching its files when told to."""

    folder: Path
    state: str = "state"
    environ: Mapping[str, str] = field(default_factory=dict)
    time: Callable[[], datetime] = lambda: shipped.NOON
    wrap: Callable[[Switchboard], object] = lambda board: board
    """What stands before the switchboard."""

    def __post_init__(self) -> None:
        self.config = config(self.folder)
        self.looked = 0.0
        self.answers: list[tuple[str, Answer]] = []
        self.before: dict[int, Callable[[], None]] = {}
        """What happens just before the question of that number (from 1), tidings not counted."""
        own = {"CONFIG_DIR": str(self.config), "FALLBACK_NUMBER": BUILT_IN, "LOG_LEVEL": "debug"}
        self.settings = desk.settings({**own, **self.environ}, self.folder / self.state)
        self.log: TextIO = StringIO()
        with redirect_stdout(self.log):
            self.board = self._switchboard()
            self.app = create_app(self.settings, cast("Switchboard", self.wrap(self.board)))
        self._post = answering(self.app)

    def _switchboard(self) -> Switchboard:
        """The line's parts, put together with files that are looked at when we say so."""
        geography = shipped.geography()
        outside = Outside(clock=lambda: self.looked, wait=lambda _: None, begin=lambda look: look())
        return Switchboard(
            Snapshots(self.settings, geography.holidays, outside),
            read_catalogues(self.config),
            geography,
            Outbox(self.settings.outbox_file),
            Site(
                "",
                self.settings.fallback_number,
                self._now,
                Seal(sealing_keys(self.settings)).pseudonym,
            ),
        )

    def _now(self) -> datetime:
        """The time, by whatever clock the machine has now."""
        return self.time()

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Post to the line, once what is to happen before has happened."""
        asked = sum("/status" not in address for address, _ in [*self.answers, (url, None)])
        happens = self.before.pop(asked, None) if "/status" not in url else None
        if happens:
            happens()
        with redirect_stdout(self.log):
            answer = self._post(url, form, headers)
        self.answers.append((url, answer))
        return answer

    def ring(
        self,
        script: str,
        before: Mapping[int, Callable[[], None]] | None = None,
        cast_of: type[Actors] = Actors,
    ) -> Told:
        """A call acted as ``script`` says; ``before`` some of its webhooks, things happen."""
        self.answers.clear()
        self.before = dict(before or {})
        return ring(self.post, script, cast_of=cast_of)

    def look(self) -> None:
        """Time passes until the files are looked at again; the next call does so."""
        self.looked += EVERY

    def publish(self, **files: bytes) -> None:
        """Put these in the place of files of the table ("services", "line"), and look at them."""
        (self.config / ROUTING).mkdir(exist_ok=True)
        for name, content in files.items():
            end = "toml" if name == "line" else "csv"
            (self.config / ROUTING / f"{name}.{end}").write_bytes(content)
        self.look()

    def table_file(self, name: str) -> bytes:
        """A file of the table as it lies there now."""
        return (self.config / ROUTING / name).read_bytes()

    def logged(self, event: str = "") -> list[dict[str, Any]]:
        """The lines of the log, or those of one ``event``."""
        text = cast("StringIO", self.log).getvalue()
        lines = [json.loads(line) for line in text.splitlines()]
        return [line for line in lines if event in {"", line["event"]}]

    def failures(self) -> list[str]:
        """Each webhook of the last call that was answered with an error."""
        return [f"{url}: {answer.status}" for url, answer in self.answers if answer.status >= 300]


@cache
def well() -> Mapping[str, list[str]]:
    """What each of :data:`CALLERS` hears when all is well."""
    with TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        return {name: heard(machine.ring(script)) for name, script in CALLERS.items()}
