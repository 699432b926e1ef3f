"""What ``/ready`` tells: what a call needs, whether it is there, and how to mend what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.routing import Table
from ivr.settings import Settings
from ivr.snapshot import NothingToServe
from ivr.web.health import Check
from ivr.web.switchboard import Switchboard


def checks(settings: Settings, board: Switchboard) -> list[Check]:
    """Everything that is checked, each time ``/ready`` is asked."""
    return [
        *_served(settings, board),
        _words(board),
        *_refused(board.snapshots.refused()),
        _places(board.geography.refused),
        _promises(board),
        _signatures(settings),
    ]


def _served(settings: Settings, board: Switchboard) -> Iterator[Check]:
    try:
        snapshot = board.snapshots.current()
    except NothingToServe as wrong:
        yield Check("table", ok=False, say=str(wrong))
        return
    table, directory = snapshot.table, snapshot.directory
    yield Check("directory", ok=True, say=f"version {directory.version}")
    yield Check("table", ok=True, say=f"version {table.version}. {table.line.notice}".strip())
    yield _numbers(settings, table)
    yield _languages(table, board)
    yield _callbacks(table, board)


def _numbers(settings: Settings, table: Table) -> Check:
    """Whether the table's numbers may be given to callers who come from Twilio."""
    if settings.test_line or not table.line.test_line:
        return Check("numbers", ok=True)
    say = (
        "TWILIO_AUTH_TOKEN is set, so real callers come, and line.toml says test_line = true, so "
        "its numbers may reach nobody: put real numbers in the table, and set test_line = false"
    )
    return Check("numbers", ok=False, say=say)


def _words(board: Switchboard) -> Check:
    say = "no caller hears more than the last resort: mend prompts.en.toml and start the line anew"
    return Check("words", ok=bool(board.catalogues), say="" if board.catalogues else say)


def _languages(table: Table, board: Switchboard) -> Check:
    codes = [each.code for each in table.line.languages if each.code not in board.catalogues]
    files = " and ".join(f"prompts.{code}.toml" for code in codes)
    say = f"line.toml lists a language without words: add {files} and start the line anew"
    return Check("languages", ok=not codes, say=say if codes else "", needed=False)


def _callbacks(table: Table, board: Switchboard) -> Check:
    """Whether callers whom nobody could answer are offered to be rung back."""
    offered = board.rings_back(table)
    say = "no callback is offered: set TWILIO_ACCOUNT_SID, from which people are rung back"
    return Check("callbacks", ok=offered, say="" if offered else say, needed=False)


def _refused(refused: Mapping[str, str]) -> Iterator[Check]:
    """Whether the newest files are those that are served."""
    for name in ("routing table", "directory"):
        why = refused.get(name, "")
        say = f"refused, and the last good one kept: {_first(why)}" if why else ""
        yield Check(f"new {name}", ok=not why, say=say, needed=False)


def _places(refused: Mapping[str, str]) -> Check:
    """Whether the lists of places and bank holidays are what their files say."""
    wrong = "; ".join(map(_first, refused.values()))
    say = f"the last good list is used, or none: {wrong}; mend it and start the line anew"
    return Check("places", ok=not wrong, say=say if wrong else "", needed=False)


def _first(why: str) -> str:
    """The first of several reasons, and how many more there are."""
    first, *others = why.splitlines()
    return f"{first} (and {len(others)} more)" if others else first


def _promises(board: Switchboard) -> Check:
    if board.outbox.ready():
        lost = board.outbox.unlogged
        events = f"{lost} event{'s' if lost > 1 else ''} of the call log"
        say = f"{events} could not be kept since this process began" if lost else ""
        return Check("outbox", ok=True, say=say, needed=False)
    say = "no callback can be promised: make STATE_DIR writable, or free space on its disk"
    return Check("outbox", ok=False, say=say, needed=False)


def _signatures(settings: Settings) -> Check:
    if settings.test_line:
        return Check("signatures", ok=True, say="a test line: only its own telephone can ring it")
    return Check("signatures", ok=True)
