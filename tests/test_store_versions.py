"""The store keeps every version of the table as it was, and who did what with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from ivr.routing import TableError, read
from ivr.store import Store, migrate
from ivr.store.operators import audit
from ivr.tables import FRESH, CheckSummary, State, TablesError, UnsaidError
from tests.databases import MISSING, fresh_database, has_postgres, postgres
from tests.routing_files import files, service

NOON = datetime(2026, 12, 9, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GOOD = CheckSummary(NOON, ok=True, gaps=2, findings=({"kind": "gap", "rows": [3]},))
BAD = CheckSummary(NOON, ok=False, errors=3)


def table(seconds: int) -> dict[str, bytes]:
    return files([service("cams", f"+441632960001 {seconds} queue")])


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    if not has_postgres():
        pytest.skip(MISSING)
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with its tables."""
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path}/state/store.sqlite3"
    else:
        server: str = request.getfixturevalue("server")
        found = fresh_database(server)
    migrate(found)
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def add(store: Store, seconds: int, by: str = "ann", at: datetime = NOON) -> str:
    return store.versions.add(table(seconds), by, f"{seconds} seconds", "", at).id


def published(store: Store, seconds: int, at: datetime = NOON) -> str:
    """The id of a version that ann imported and bob approved and published."""
    id_ = add(store, seconds, at=at)
    store.versions.checked(id_, GOOD)
    store.versions.approve(id_, "bob", at)
    store.versions.publish(id_, "bob", "a test", at, two_people=True)
    return id_


def test_a_version_is_kept_as_it_was_imported(store: Store) -> None:
    before = add(store, 20)
    version = store.versions.add(table(25), " ann ", "longer", before, NOON)
    assert version == store.versions.get(version.id)
    assert version.id == read(table(25)).version
    assert dict(version.files) == table(25)
    assert (version.imported_by, version.note, version.based_on) == ("ann", "longer", before)
    assert (version.imported_at, version.state) == (NOON, State.CANDIDATE)
    assert (version.check, version.approvals, version.publications) == (None, (), ())


def test_the_same_table_is_one_version_however_often_it_is_imported(store: Store) -> None:
    first = store.versions.add(table(20), "ann", "first", "", NOON)
    again = {name: content + b"\r\n" for name, content in table(20).items()}
    assert store.versions.add(again, "bob", "again", "", NOON + MINUTE) == first
    assert store.versions.all() == [first]


def test_what_is_no_table_is_refused_and_nothing_is_kept(store: Store) -> None:
    with pytest.raises(TableError, match=r"routes\.csv"):
        store.versions.add(table(20) | {"routes.csv": b"\xff\xfe"}, "ann", "", "", NOON)
    assert store.versions.all() == []


def test_versions_are_told_newest_first(store: Store) -> None:
    ids = [add(store, seconds, at=NOON + seconds * MINUTE) for seconds in (20, 21, 22)]
    assert [each.id for each in store.versions.all()] == ids[::-1]
    assert [each.id for each in store.versions.all(2)] == ids[:0:-1]
    assert [each.id for each in store.versions.beginning(ids[1][:8])] == [ids[1]]
    assert store.versions.beginning("%") == []


def test_the_newest_check_is_kept_with_all_it_found(store: Store) -> None:
    id_ = add(store, 20)
    assert store.versions.checked(id_, BAD).state == State.REFUSED
    assert store.versions.ready() == []
    assert store.versions.checked(id_, GOOD).check == GOOD
    assert store.versions.checked(id_, GOOD.told()).check == GOOD
    assert store.versions.ready() == [id_]


def test_a_version_goes_from_import_to_live_by_two_people(store: Store) -> None:
    id_ = add(store, 20)
    store.versions.checked(id_, GOOD)
    assert store.versions.approve(id_, "bob", NOON).state == State.APPROVED
    done = store.versions.publish(id_, "ann", "a new number", NOON, two_people=True)
    live = store.versions.live()
    assert live
    assert (live.id, live.state, live.publications) == (id_, State.LIVE, (done,))
    assert [each.by for each in live.approvals] == ["bob"]
    assert store.versions.publications() == [done]
    assert store.versions.newest() == done


def test_what_may_not_be_done_is_told_in_one_line_and_not_done(store: Store) -> None:
    id_ = add(store, 20)
    versions = store.versions

    def refused(match: str, at: datetime = NOON) -> None:
        with pytest.raises(TablesError, match=match) as told:
            versions.publish(id_, "ann", "now", at, two_people=True)
        assert "\n" not in str(told.value)

    refused("has not been checked")
    versions.checked(id_, BAD)
    refused("has 3 errors")
    with pytest.raises(TablesError, match="has 3 errors"):
        versions.approve(id_, "bob", NOON)
    versions.checked(id_, GOOD)
    refused("somebody other than ann")
    with pytest.raises(TablesError, match="somebody other than ann"):
        versions.approve(id_, "Ann ", NOON)
    versions.approve(id_, "bob", NOON)
    refused("check it again", NOON + FRESH + MINUTE)
    assert versions.live() is None
    versions.publish(id_, "ann", "now", NOON, two_people=True)
    refused("is live already")
    with pytest.raises(TablesError, match="there is no version"):
        versions.approve("0" * 12, "bob", NOON)
    with pytest.raises(TablesError, match="there is no version"):
        versions.checked("x", GOOD)


def test_one_person_is_enough_where_the_setting_says_so(store: Store) -> None:
    id_ = add(store, 20)
    store.versions.checked(id_, GOOD)
    store.versions.publish(id_, "ann", "alone", NOON, two_people=False)
    live = store.versions.live()
    assert live
    assert live.id == id_


def test_a_roll_back_returns_to_the_table_before_and_another_goes_further_back(
    store: Store,
) -> None:
    first, second, third = (published(store, seconds) for seconds in (20, 21, 22))
    assert store.versions.roll_back("bob", "it is wrong", NOON).version == second
    assert store.versions.roll_back("bob", "so is that", NOON + 2 * FRESH).version == first
    with pytest.raises(TablesError, match="no earlier table"):
        store.versions.roll_back("bob", "and that", NOON)
    states = {each.id: each.state for each in store.versions.all()}
    assert states == {first: State.LIVE, second: State.REPLACED, third: State.REPLACED}
    fourth = published(store, 23)
    assert store.versions.roll_back("bob", "again", NOON).version == first
    assert store.versions.publications()[1].version == fourth


def test_a_version_that_was_replaced_may_be_published_anew(store: Store) -> None:
    first, second = published(store, 20), published(store, 21)
    store.versions.publish(first, "ann", "it was right", NOON, two_people=True)
    assert store.versions.roll_back("bob", "no", NOON).version == second


def test_an_installation_starts_with_a_version_that_nobody_published(store: Store) -> None:
    first = store.versions.install(table(20), NOON)
    assert first
    assert first.state == State.LIVE
    assert store.versions.install(table(20), NOON) is None
    edited = store.versions.install(table(21), NOON)
    assert edited
    newest = store.versions.newest()
    assert newest
    assert newest.installed
    published(store, 22)
    assert store.versions.install(table(23), NOON) is None
    assert store.versions.roll_back("bob", "back to the start", NOON).version == edited.id


def test_of_several_who_publish_at_once_each_is_told_in_turn(store: Store, url: str) -> None:
    ids = [add(store, seconds) for seconds in range(10, 16)]
    for id_ in ids:
        store.versions.checked(id_, GOOD)
    others = [Store(url) for _ in ids]

    def publish(store: Store, id_: str) -> None:
        store.versions.publish(id_, "ann", "at once", NOON, two_people=False)
        store.close()

    threads = [
        threading.Thread(target=publish, args=pair) for pair in zip(others, ids, strict=True)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    told = store.versions.publications()
    assert sorted(each.version for each in told) == sorted(ids)
    live = store.versions.live()
    assert live
    assert live.id == told[0].version


def test_what_is_done_is_in_the_audit_with_who_and_in_whose_shell(store: Store) -> None:
    first, second = published(store, 20), published(store, 21)
    store.versions.roll_back("bob", "no", NOON, terminal="root")
    told = [(each.who, each.what, each.about) for each in store.audit.newest()][::-1]
    one = [("ann", "table: imported"), ("bob", "table: approved"), ("bob", "table: published")]
    assert told == [
        *((*each, id_) for id_ in (first, second) for each in one),
        ("bob", "table: rolled back", first),
    ]
    newest = store.audit.newest(2)
    assert newest[0].detail == {"why": "no", "before": second, "terminal": "root"}
    assert newest[1].detail == {"why": "a test", "before": first}


def test_a_table_is_not_live_without_its_entry_in_the_audit(store: Store) -> None:
    first, second = published(store, 20), add(store, 21)
    store.versions.checked(second, GOOD)
    with store._database.writing() as connection:
        audit.drop(connection)
    for change in (
        lambda: store.versions.publish(second, "bob", "now", NOON, two_people=False),
        lambda: store.versions.approve(second, "bob", NOON),
        lambda: store.versions.add(table(22), "ann", "", "", NOON),
    ):
        with pytest.raises(SQLAlchemyError):
            change()
    live = store.versions.live()
    assert live
    assert live.id == first
    assert [each.approvals for each in store.versions.all() if each.id == second] == [()]
    assert len(store.versions.all()) == 2


def test_nothing_takes_the_place_of_what_was_not_seen_to_be_live(store: Store) -> None:
    first, second = published(store, 20), add(store, 21)
    store.versions.checked(second, GOOD)
    for seen in ("", second):
        with pytest.raises(TablesError, match="another table went live"):
            store.versions.publish(second, "bob", "now", NOON, two_people=False, seen=seen)
        with pytest.raises(TablesError, match="another table went live"):
            store.versions.roll_back("bob", "now", NOON, seen=seen)
    store.versions.publish(second, "bob", "now", NOON, two_people=False, seen=first)


def test_what_callers_lose_is_said_and_kept_with_the_publication(store: Store) -> None:
    published(store, 20)
    id_ = add(store, 21)
    found = replace(GOOD, without=3, lacking={"adult": {"CB1": 3}, "under_18": {}})
    store.versions.checked(id_, found)
    with pytest.raises(UnsaidError, match="3 postcodes lose their service"):
        store.versions.publish(id_, "bob", "so", NOON, two_people=False)
    done = store.versions.publish(id_, "bob", "so", NOON, two_people=False, although=3)
    assert store.versions.newest() == done
    assert done.although == "3 postcodes lose their service"
    assert store.audit.newest(1)[0].detail["although"] == done.although


def test_an_approval_at_a_terminal_is_kept_as_such_until_it_is_proved(store: Store) -> None:
    id_ = add(store, 20)
    store.versions.checked(id_, GOOD)
    for terminal, kept in (("root", "root"), ("root", "root"), ("", ""), ("root", "")):
        version = store.versions.approve(id_, "bob", NOON, terminal=terminal)
        assert [each.terminal for each in version.approvals] == [kept]
    entries = [each for each in store.audit.newest() if each.what == "table: approved"]
    assert [each.detail for each in entries] == [{}, {"terminal": "root"}]
