"""The audit shows whatever was changed, taken out or cut off, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, text, update

from ivr.audit import NOTHING, ChainError, Entry, Head, entry, verify
from ivr.cli import main
from ivr.store import Store, migrate
from ivr.store.operators import audit
from tests.console import console
from tests.databases import MISSING, fresh_database, has_postgres, postgres
from tests.shipped import NOON


def chain(number: int = 5) -> list[Entry]:
    made: list[Entry] = []
    head = Head()
    for at in range(number):
        done = (f"person{at}@example.org", "looked", f"callback {at}", {"at": at})
        made.append(entry(head, NOON + timedelta(minutes=at), done))
        head = Head(made[-1].position, made[-1].hash)
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    if request.param == "postgres":
        if not has_postgres():
            pytest.skip(MISSING)
        url = fresh_database(request.getfixturevalue("server"))
    migrate(url)
    made = Store(url)
    yield made
    made.close()


def test_a_whole_chain_holds_and_an_empty_one_does() -> None:
    made = chain()
    assert verify(made) == Head(5, made[-1].hash)
    assert verify([]) == Head(0, NOTHING)


@pytest.mark.parametrize(
    "change",
    [
        {"who": "somebody.else@example.org"},
        {"what": "did nothing"},
        {"about": ""},
        {"detail": {"at": 2.5}},
        {"at": NOON},
        {"previous": NOTHING},
        {"hash": "f" * 64},
    ],
)
def test_whatever_is_changed_of_an_entry_is_seen(change: dict[str, object]) -> None:
    made = chain()
    made[2] = replace(made[2], **change)  # type: ignore[arg-type]
    with pytest.raises(ChainError):
        verify(made)


def test_an_entry_that_is_taken_out_moved_or_doubled_is_seen() -> None:
    made = chain()
    for wrong in (
        made[1:],
        [*made[:2], *made[3:]],
        [*made[:2], made[3], made[2]],
        [*made, made[4]],
    ):
        with pytest.raises(ChainError):
            verify(wrong)


def test_an_end_that_is_cut_off_is_seen_by_what_was_known() -> None:
    made = chain()
    known = Head.read(f"{made[-1].position}:{made[-1].hash}")
    assert verify(made, known) == known
    assert verify(made[:3]).position == 3
    with pytest.raises(ChainError, match="cut off"):
        verify(made[:3], known)


def test_a_head_that_is_none_is_refused() -> None:
    for text_ in ("", "3", "x:" + "0" * 64, "3:abc", "-1:" + "0" * 64):
        with pytest.raises(ValueError, match="no place and hash"):
            Head.read(text_)


def test_entries_are_kept_as_they_were_written(store: Store) -> None:
    for at in range(3):
        store.audit.add(f"p{at}", "looked", "x" * 500, {"at": NOON, "n": 1.5, "ü": None}, NOON)
    assert verify(store.audit.every()) == store.audit.head()
    assert [each.who for each in store.audit.newest(2)] == ["p2", "p1"]
    assert [each.who for each in store.audit.newest(9, before=2)] == ["p0"]


def test_a_row_that_was_changed_or_deleted_in_the_database_is_seen(store: Store) -> None:
    for at in range(4):
        store.audit.add(f"p{at}", "looked", "", {}, NOON)
    with store._database.writing() as connection:
        connection.execute(update(audit).where(audit.c.position == 2).values(who="nobody"))
    with pytest.raises(ChainError, match="entry 2 of the audit was changed"):
        verify(store.audit.every())
    with store._database.writing() as connection:
        connection.execute(delete(audit).where(audit.c.position == 2))
    with pytest.raises(ChainError, match="entry 2 of the audit is missing"):
        verify(store.audit.every())


def test_the_terminal_tells_whether_the_chain_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv("DATABASE_URL", url)
    migrate(url)
    store = Store(url)
    store.audit.add("p", "looked", "", {}, NOON)
    told = CliRunner().invoke(main, ["audit", "verify"])
    assert (told.exit_code, told.output.strip()) == (0, str(store.audit.head()))
    known = told.output.strip()
    with store._database.writing() as connection:
        connection.execute(text("DELETE FROM audit"))
    assert CliRunner().invoke(main, ["audit", "verify", "--known", known]).exit_code == 1
    assert CliRunner().invoke(main, ["audit", "verify", "--known", "nonsense"]).exit_code == 2
    store.close()


def test_the_page_shows_what_was_done_and_says_whether_it_holds(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin = here.as_("admin")
    here.means.audit("p@example.org", "saw a number", "callback 12", {"why": "<script>"})
    page = admin.page("/console/audit/")
    assert "saw a number" in page
    assert "&lt;script&gt;" in page
    said = admin.submit("/console/audit/verify").location
    assert "hold together" in admin.page(str(said))
