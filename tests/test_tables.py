"""What may be done with a version of the table, and by whom; and the same at a terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from ivr import routing, tables
from ivr.cli import main
from ivr.directory import Place
from ivr.routing import FILES
from ivr.settings import read
from ivr.snapshot import Published
from ivr.store import Store, migrate
from ivr.tables import FRESH, Approval, CheckSummary, Publication, State, TablesError, Version
from tests import directories, shipped
from tests.routing_files import files, service

NOON = datetime(2026, 12, 9, 12, 0, tzinfo=UTC)
GOOD = CheckSummary(NOON, ok=True)
BAD = CheckSummary(NOON, ok=False, errors=1)
CANDIDATE = Version("0123456789ab", NOON, "ann", "", {}, "", GOOD, (), (), State.CANDIDATE)


PLACE = Place("England", "E09000030", "E01004307", "E38000255", "E54000029", "E54000029")


def publication(version: str, *, rolled_back: bool = False) -> Publication:
    return Publication(version, NOON, "bob", "", rolled_back)


@pytest.mark.parametrize(
    ("check", "approved", "published", "live", "expected"),
    [
        (None, False, False, False, State.CANDIDATE),
        (GOOD, False, False, False, State.CANDIDATE),
        (BAD, False, False, False, State.REFUSED),
        (BAD, True, False, False, State.REFUSED),
        (GOOD, True, False, False, State.APPROVED),
        (GOOD, True, True, False, State.REPLACED),
        (BAD, True, True, False, State.REPLACED),
        (None, False, True, True, State.LIVE),
    ],
)
def test_how_far_a_version_has_come(
    check: CheckSummary | None, *, approved: bool, published: bool, live: bool, expected: State
) -> None:
    approvals = [Approval("bob", NOON)] if approved else []
    assert tables.state(check, approvals, published=published, live=live) == expected


def test_what_a_check_found_is_told_and_read_again() -> None:
    finding = {"kind": "gap", "postcodes": 12, "rows": [3, 4]}
    found = CheckSummary(NOON, ok=True, gaps=1, findings=(finding,), directory="0" * 12)
    assert CheckSummary.read(json.loads(json.dumps(found.told()))) == found
    with pytest.raises((KeyError, TypeError, ValueError)):
        CheckSummary.read({"ok": True})


@pytest.mark.parametrize("by", ["ann", "Ann", " ann "])
def test_nobody_approves_what_they_imported(by: str) -> None:
    with pytest.raises(TablesError, match="somebody other than ann"):
        tables.may_approve(CANDIDATE, by)
    own = replace(CANDIDATE, approvals=(Approval(by, NOON),))
    with pytest.raises(TablesError, match="somebody other than ann"):
        tables.may_publish(own, NOON, two_people=True)
    tables.may_publish(own, NOON, two_people=False)
    both = replace(CANDIDATE, approvals=(Approval("bob", NOON),))
    tables.may_publish(both, NOON, two_people=True)


def test_a_check_counts_for_as_long_as_it_looked_ahead() -> None:
    tables.may_publish(CANDIDATE, NOON + FRESH, two_people=False)
    with pytest.raises(TablesError, match="checked 14 days ago"):
        tables.may_publish(CANDIDATE, NOON + FRESH + timedelta(hours=1), two_people=False)


def test_a_roll_back_with_nothing_to_return_to_is_refused() -> None:
    first, second = publication("a"), publication("b")
    back = publication("a", rolled_back=True)
    assert tables.before([first, second]) == "a"
    for told in ([], [first], [first, second, back]):
        with pytest.raises(TablesError, match="no earlier table"):
            tables.before(told)


@given(st.lists(st.sampled_from("abcd*")))
def test_roll_backs_undo_one_publish_after_another(wishes: list[str]) -> None:
    """A plain stack says the same, whatever is published and taken back."""
    told: list[Publication] = []
    stack: list[str] = []
    for wish in wishes:
        if wish != "*":
            told.append(publication(wish))
            stack.append(wish)
        elif len(stack) > 1:
            stack.pop()
            assert tables.before(told) == stack[-1]
            told.append(publication(stack[-1], rolled_back=True))
        else:
            with pytest.raises(TablesError):
                tables.before(told)


# -- at a terminal -------------------------------------------------------------------------


def table(seconds: int) -> dict[str, bytes]:
    """A table for the only place there is."""
    return files(
        [service("cams", f"+441632960001 {seconds} queue")], [f"lad,{PLACE.lad},any,cams,,,"]
    )


FIRST = routing.read(table(20)).version
"""The version that the installation starts with."""


def put(folder: Path, content: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, each in content.items():
        (folder / name).write_bytes(each)
    return folder


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of a line with a small table and a directory of a few postcodes."""
    config = tmp_path / "config"
    put(config / "routing", table(20))
    (config / "geography").symlink_to(shipped.CONFIG / "geography")
    some = {f"E1{digit}AA": (PLACE, True) for digit in "1234"}
    (config / "directory.p2d").write_bytes(directories.file_of(some))
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CONFIG_DIR", str(config))
    monkeypatch.setenv("TWO_PEOPLE", "yes")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "state"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A folder with another table."""
    return put(tmp_path / "draft", table(25))


def ivr(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["table", *arguments])


def audited(state: Path) -> list[tuple[str, str, str]]:
    store = Store(read({"STATE_DIR": str(state)}).store_url)
    told = [(each.who, each.what, each.about) for each in store.audit.newest()]
    store.close()
    return told[::-1]


def test_a_table_goes_live_by_two_people_and_back_at_a_terminal(state: Path, draft: Path) -> None:
    assert ivr("list").output.startswith("there is no version yet")
    imported = ivr("import", str(draft), "--who", "ann", "--note", "ring less")
    assert imported.exit_code == 0, imported.output
    id_ = routing.read(table(25)).version
    assert id_ in imported.output
    alone = ivr("publish", id_, "--why", "now", "--who", "ann")
    assert alone.exit_code == 1
    assert "somebody other than ann, who imported it, must approve it first" in alone.output
    assert ivr("approve", id_[:6], "--who", "bob").output == f"{id_} approved\n"
    done = ivr("publish", id_, "--why", "now", "--who", "ann")
    assert done.output == f"{id_} is live\n"
    assert Published(state).live() == id_
    back = ivr("rollback", "--why", "too short", "--who", "bob")
    assert back.output == f"{FIRST} is live\n"
    assert Published(state).live() == FIRST
    shown = ivr("show", id_).output
    assert "ring less" in shown
    assert "by bob" in shown
    listed = json.loads(ivr("list", "--format", "json").output)
    assert {each["id"]: each["state"] for each in listed} == {
        id_: "replaced",
        FIRST: "live",
    }
    assert audited(state) == [
        ("ann", "table: imported", id_),
        ("bob", "table: approved", id_),
        ("ann", "table: published", id_),
        ("bob", "table: rolled back", FIRST),
    ]


def test_a_table_with_mistakes_is_told_by_row_and_not_imported(state: Path, draft: Path) -> None:
    (draft / "hours.csv").write_bytes(b"service,days,from,to,date,note\nnobody,mon,9:00,17:00,,\n")
    told = ivr("import", str(draft))
    assert told.exit_code == 2
    assert "hours.csv row 2, column service: 'nobody' is not a service" in told.output
    assert ivr("list").output.startswith("there is no version yet")
    assert not (state / "published").exists()


def test_a_version_is_exported_as_it_was_imported(state: Path, tmp_path: Path) -> None:
    url = read({"STATE_DIR": str(state)}).store_url
    migrate(url)
    store = Store(url)
    id_ = store.versions.add(table(25), "ann", "", "", NOON).id
    store.close()
    assert ivr("export", id_, str(tmp_path / "out")).exit_code == 0
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == table(25)[name]
    again = ivr("export", id_, str(tmp_path / "out"))
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_a_version_nobody_knows_is_told(state: Path) -> None:
    del state
    told = ivr("show", "abc")
    assert told.exit_code == 1
    assert "no version begins with 'abc'; `ivr table list` tells them" in told.output
