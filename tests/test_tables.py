"""What may be done with a version of the table, and by whom; and the same at a terminal."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from ivr import routing, tables
from ivr.cli import main
from ivr.cli.who import terminal
from ivr.directory import Place
from ivr.routing import FILES
from ivr.settings import read
from ivr.snapshot import Published
from ivr.store import Operator, Store, migrate
from ivr.tables import (
    FRESH,
    Approval,
    CheckSummary,
    Publication,
    State,
    TablesError,
    UnsaidError,
    Version,
)
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


def lacking(**districts: int) -> Mapping[str, Mapping[str, int]]:
    return {"adult": districts, "under_18": {}}


@pytest.mark.parametrize(
    ("after", "before", "said"),
    [
        ({}, {}, ""),
        (lacking(N1=929), lacking(N1=929), ""),
        (lacking(N1=928), lacking(N1=929), ""),
        (lacking(N1=930), lacking(N1=929), "1 postcode loses its service"),
        (lacking(CB1=1203, N1=2), {}, "1,205 postcodes lose their service"),
        (lacking(CB1=5), lacking(N1=929), "5 postcodes lose their service"),
        ({"adult": {"CB1": 5}, "under_18": {"CB1": 5}}, {"adult": {"CB1": 5}, "under_18": {}},
         "5 postcodes lose their service"),
        ({"adult": {"CB1": 5}, "under_18": {"CB1": 5}}, {}, "5 postcodes lose their service"),
        (lacking(BT1=0), lacking(BT2=0), "Northern Ireland loses its service"),
        (lacking(BT1=0), lacking(BT1=0), ""),
        (lacking(BT1=0, CB1=2), {}, "2 postcodes and Northern Ireland lose their service"),
    ],
)  # fmt: skip
def test_callers_lose_their_service_only_where_somebody_says_so(
    after: Mapping[str, Mapping[str, int]], before: Mapping[str, Mapping[str, int]], said: str
) -> None:
    new = replace(CANDIDATE, check=replace(GOOD, lacking=after))
    live = replace(CANDIDATE, id="live", check=replace(GOOD, lacking=before))
    if not said:
        assert not tables.must_know(new, live, None)
        return
    with pytest.raises(UnsaidError, match=said) as told:
        tables.must_know(new, live, None)
    number = told.value.loss.postcodes
    assert str(tables.must_know(new, live, number)) == said
    for other in (number - 1, number + 1):
        with pytest.raises(UnsaidError):
            tables.must_know(new, live, other)


def test_of_a_live_table_that_was_never_checked_nothing_is_taken_for_lost_before() -> None:
    new = replace(CANDIDATE, check=replace(GOOD, lacking=lacking(N1=929)))
    for live in (None, replace(CANDIDATE, check=None)):
        with pytest.raises(UnsaidError, match="929 postcodes"):
            tables.must_know(new, live, None)


def test_a_candidate_takes_back_what_others_changed_since_it_was_made() -> None:
    known = {
        "old": replace(CANDIDATE, id="old", publications=(publication("old"),)),
        "live": replace(CANDIDATE, id="live", publications=(publication("live"),)),
        "one": replace(CANDIDATE, id="one", based_on="old"),
        "two": replace(CANDIDATE, id="two", based_on="live"),
        "ring": replace(CANDIDATE, id="ring", based_on="ring"),
    }
    bases = {"old": "old", "live": "", "one": "old", "two": "", "": "", "gone": "", "ring": ""}
    for base, said in bases.items():
        version = replace(CANDIDATE, based_on=base)
        assert tables.superseded(version, "live", known.get) == said


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


def operators(state: Path, **roles: str) -> None:
    """People of these roles, who have come in."""
    with Here(state) as store:
        for login, role in roles.items():
            store.people.add(Operator(login, login, login, role, NOON, password="none"))  # noqa: S106 - nobody signs in


class Here:
    """The store of a line, opened for a moment."""

    def __init__(self, state: Path) -> None:
        self._url = read({"STATE_DIR": str(state)}).store_url

    def __enter__(self) -> Store:
        migrate(self._url)
        self._store = Store(self._url)
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


def ivr(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["table", *arguments])


def audited(state: Path) -> list[tuple[str, str, str]]:
    with Here(state) as store:
        return [(each.who, each.what, each.about) for each in store.audit.newest()][::-1]


def test_a_table_goes_live_by_two_people_and_back_at_a_terminal(state: Path, draft: Path) -> None:
    assert ivr("list").output.startswith("there is no version yet")
    operators(state, ann="publisher", bob="publisher")
    imported = ivr("import", str(draft), "--who", "ann", "--note", "ring less")
    assert imported.exit_code == 0, imported.output
    id_ = routing.read(table(25)).version
    assert id_ in imported.output
    alone = ivr("publish", id_, "--why", "now", "--who", "ann")
    assert alone.exit_code == 1
    assert "somebody other than ann, who imported it, must approve it first" in alone.output
    approved = ivr("approve", id_[:6], "--who", " Bob").output
    assert approved.startswith(f"{id_} approved\n")
    assert f"by bob, as {terminal()} said at a terminal: nothing proved who it was" in approved
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
    with Here(state) as store:
        told = {each.what: each.detail for each in store.audit.newest()}
    assert {each["terminal"] for each in told.values()} == {terminal()}
    assert (told["table: published"]["before"], told["table: rolled back"]["before"]) == (
        FIRST,
        id_,
    )


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("second@example.org", "is no operator of this line"),
        ("editor", "is editor, and may not do this: it takes a publisher"),
        ("gone", "is shut out"),
        ("asked", "has not come in by their one-time link yet"),
    ],
)
def test_nobody_approves_at_a_terminal_in_the_name_of_who_may_not(
    state: Path, draft: Path, who: str, said: str
) -> None:
    operators(state, ann="editor", editor="editor", gone="admin")
    with Here(state) as store:
        store.people.change("gone", disabled=True)
        store.people.add(Operator("asked", "asked", "asked", "admin", NOON))
    assert ivr("import", str(draft), "--who", "ann").exit_code == 0
    id_ = routing.read(table(25)).version
    for arguments in (
        ("approve", id_),
        ("publish", id_, "--why", "so"),
        ("rollback", "--why", "so"),
    ):
        told = ivr(*arguments, "--who", who)
        assert told.exit_code == 1
        assert said in told.output
    assert [what for _, what, _ in audited(state)] == ["table: imported"]


def test_with_two_people_nobody_is_taken_for_an_operator_unasked(state: Path, draft: Path) -> None:
    assert "`ivr operator add` lets them in" in ivr("import", str(draft)).output
    operators(state, ann="publisher")
    assert "say with --who which editor does it" in ivr("import", str(draft)).output


def test_on_a_test_line_a_table_goes_live_by_two_commands(
    state: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWO_PEOPLE", "no")
    id_ = routing.read(table(25)).version
    with Here(state) as store:  # the line has made one operator, who has not come in yet
        store.people.add(Operator("asked", "asked", "asked", "admin", NOON))
    assert ivr("import", str(draft)).exit_code == 0
    assert ivr("publish", id_, "--why", "a try").output == f"{id_} is live\n"
    operators(state, ann="admin", eve="viewer")
    assert ivr("rollback", "--why", "tried").exit_code == 0
    assert [who for who, _, _ in audited(state)] == [getpass.getuser(), getpass.getuser(), "ann"]


def test_whose_shell_it_is_is_not_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = terminal()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert terminal() == before != "somebody-else"


def test_a_table_that_loses_callers_is_published_by_who_says_so(
    state: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWO_PEOPLE", "no")
    hole = files([service("cams", "+441632960001 25 queue")], ["district,CB9,any,cams,,,"])
    (draft / "routes.csv").write_bytes(hole["routes.csv"])
    imported = ivr("import", str(draft))
    assert "4 postcodes without a service" in imported.output
    id_ = routing.read(hole).version
    told = ivr("publish", id_, "--why", "so")
    assert told.exit_code == 1
    assert (
        "4 postcodes lose their service; if that is meant, say that you know it: --although 4"
        in told.output
    )
    assert ivr("publish", id_, "--why", "so", "--although", "3").exit_code == 1
    assert ivr("publish", id_, "--why", "so", "--although", "4").output == f"{id_} is live\n"
    assert "so, although 4 postcodes lose their service" in ivr("show", id_).output
    with Here(state) as store:
        assert store.audit.newest(1)[0].detail["although"] == "4 postcodes lose their service"


def test_a_table_made_from_one_that_is_replaced_says_so(
    state: Path, draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWO_PEOPLE", "no")
    with Here(state) as store:
        store.versions.install(table(20), NOON)
    other = put(tmp_path / "other", table(30))
    for folder in (draft, other):
        assert ivr("import", str(folder)).exit_code == 0
    first, second = (routing.read(table(seconds)).version for seconds in (25, 30))
    assert ivr("publish", first, "--why", "so").output == f"{first} is live\n"
    told = ivr("publish", second, "--why", "so").output
    assert f"made from {FIRST}, which is not live any more" in told


def test_a_table_with_mistakes_is_told_by_row_and_not_imported(state: Path, draft: Path) -> None:
    (draft / "hours.csv").write_bytes(b"service,days,from,to,date,note\nnobody,mon,9:00,17:00,,\n")
    told = ivr("import", str(draft))
    assert told.exit_code == 2
    assert "hours.csv row 2, column service: 'nobody' is not a service" in told.output
    assert ivr("list").output.startswith("there is no version yet")
    assert not (state / "published").exists()


def test_a_version_is_exported_as_it_was_imported(state: Path, tmp_path: Path) -> None:
    with Here(state) as store:
        id_ = store.versions.add(table(25), "ann", "", "", NOON).id
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
