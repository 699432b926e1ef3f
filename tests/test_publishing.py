"""What is published is served whole or not at all, and each call keeps the table it began with."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from sqlalchemy import update

from ivr import settings
from ivr.publishing import Deliverer, deliver, differs, install
from ivr.routing import TableError, read
from ivr.settings import Settings
from ivr.snapshot import Outside, Published, Snapshots
from ivr.snapshot.snapshots import EVERY
from ivr.store import Store, migrate
from ivr.store.operators import version_files
from ivr.tables import CheckSummary, TablesError
from tests.routing_files import files, service
from tests.shipped import CONFIG
from workers import publish as program

NOON = datetime(2026, 12, 9, 12, 0, tzinfo=UTC)
GOOD = CheckSummary(NOON, ok=True)


def table(seconds: int) -> dict[str, bytes]:
    return files([service("cams", f"+441632960001 {seconds} queue")])


def version(folder: dict[str, bytes]) -> str:
    return read(folder).version


@dataclass
class Host:
    """A machine of the line: its folders, its web's snapshots, and what delivers to it."""

    folder: Path
    store: Store
    now: float = 0.0
    alarms: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    deaf: bool = False
    """Whether work in the background waits for ever."""

    def __post_init__(self) -> None:
        config = self.folder / "config"
        (config / "routing").mkdir(parents=True)
        (config / "directory.p2d").symlink_to(CONFIG / "directory.p2d")
        for name, content in table(5).items():
            (config / "routing" / name).write_bytes(content)
        environ = {"CONFIG_DIR": str(config), "STATE_DIR": str(self.folder / "state")}
        self.settings: Settings = settings.read(environ)
        self.deliverer = Deliverer(self.settings, self.store, self.told)
        self.published = Published(self.settings.state_dir)

    def told(self, what: str, lines: Sequence[str]) -> None:
        self.alarms.append((what, lines))

    def snapshots(self) -> Snapshots:
        """Those of one process of its web."""
        outside = Outside(self.told, lambda: self.now, lambda _: None, self._begin)
        return Snapshots(self.settings, outside=outside)

    def _begin(self, work: Callable[[], None]) -> None:
        if self.deaf:
            raise RuntimeError("can't start new thread")
        work()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    migrate(url)
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def host(tmp_path: Path, store: Store) -> Host:
    return Host(tmp_path / "one", store)


def candidate(store: Store, folder: dict[str, bytes]) -> str:
    """The id of a version that was imported and checked."""
    id_ = store.versions.add(folder, "ann", "", "", NOON).id
    store.versions.checked(id_, GOOD)
    return id_


def spoil(store: Store, id_: str) -> None:
    """Have the store hold another table's row in the place of one of ``id_``."""
    with store._database.writing() as connection:
        content = zlib.compress(table(59)["services.csv"])
        wrong = (version_files.c.version == id_) & (version_files.c.name == "services.csv")
        connection.execute(update(version_files).where(wrong).values(content=content))


def publish(store: Store, folder: dict[str, bytes]) -> str:
    id_ = candidate(store, folder)
    store.versions.publish(id_, "ann", "a test", NOON, two_people=False)
    return id_


def test_until_anything_is_published_the_configured_folder_is_served(
    host: Host, store: Store
) -> None:
    assert host.deliverer.deliver() == ""
    assert install(host.settings, store, NOON)
    assert host.deliverer.deliver() == ""
    web = host.snapshots()
    assert web.current().table.version == version(table(5))
    live = store.versions.live()
    assert live
    assert live.id == web.current().table.version
    for name, content in table(6).items():
        (host.settings.config_dir / "routing" / name).write_bytes(content)
    host.now += EVERY
    web.current()
    assert web.current().table.version == version(table(6))
    edited = install(host.settings, store, NOON)
    assert edited
    assert edited.id == version(table(6))
    assert not differs(host.settings, store)


def test_what_is_published_takes_the_folders_place_and_a_roll_back_returns_to_it(
    host: Host, store: Store
) -> None:
    install(host.settings, store, NOON)
    web = host.snapshots()
    new = publish(store, table(20))
    assert host.deliverer.deliver() == new
    assert web.current().table.version == version(table(5))
    host.now += EVERY
    web.current()
    assert web.current().table.version == new
    for name, content in table(7).items():
        (host.settings.config_dir / "routing" / name).write_bytes(content)
    assert install(host.settings, store, NOON) is None
    assert differs(host.settings, store)
    assert host.snapshots().current().table.version == new
    store.versions.roll_back("ann", "no", NOON)
    assert host.deliverer.deliver() == version(table(5))
    host.now += EVERY
    web.current()
    assert web.current().table.version == version(table(5))
    assert host.alarms == []


def test_a_roll_back_is_served_within_a_second(host: Host, store: Store) -> None:
    """A look at the store, a look at the disk, and the reading of a table between them."""
    assert program.EVERY + EVERY <= 0.75
    first, second = publish(store, table(20)), publish(store, table(21))
    host.deliverer.deliver()
    web = host.snapshots()
    assert web.current().table.version == second
    store.versions.roll_back("ann", "no", NOON)
    host.deliverer.deliver()
    host.now += EVERY
    web.current()
    assert web.current().table.version == first


def test_the_first_caller_after_a_quiet_hour_is_not_served_what_was_replaced(
    host: Host, store: Store
) -> None:
    web = host.snapshots()
    new = publish(store, table(20))
    host.deliverer.deliver()
    host.deaf = True
    host.now += 3600
    assert web.current().table.version == new


def test_files_in_the_folder_are_left_to_settle_even_after_a_quiet_hour(host: Host) -> None:
    web = host.snapshots()
    for name, content in table(20).items():
        (host.settings.config_dir / "routing" / name).write_bytes(content)
    host.deaf = True
    host.now += 3600
    assert web.current().table.version == version(table(5))


def test_a_version_this_machine_cannot_read_is_told_once_and_never_served(
    host: Host, store: Store
) -> None:
    good = publish(store, table(20))
    bad = publish(store, table(21))
    spoil(store, bad)
    assert host.deliverer.deliver() == ""
    store.versions.roll_back("ann", "no", NOON)
    assert host.deliverer.deliver() == good
    web = host.snapshots()
    for _ in range(3):
        store.versions.publish(bad, "ann", "once more", NOON, two_people=False)
        for _ in range(3):
            assert host.deliverer.deliver() == good
            host.now += EVERY
            assert web.current().table.version == good
        assert bad in web.refused()["routing table"]
        assert host.snapshots().current().table.version == good
        store.versions.publish(good, "ann", "back", NOON, two_people=False)
        assert host.deliverer.deliver() == good
        assert web.refused() == {}
    ((what, lines),) = host.alarms
    assert what == f"the published table {bad} is refused here"
    assert lines == ["its files are read as " + version(table(59)) + " by this machine's program"]


def test_what_is_ready_lies_on_every_machine_before_it_is_live(
    host: Host, store: Store, tmp_path: Path
) -> None:
    other = Host(tmp_path / "two", store)
    webs = [host.snapshots(), other.snapshots()]
    new = candidate(store, table(20))
    refused = store.versions.add(table(21), "ann", "", "", NOON).id
    for each in (host, other):
        each.deliverer.lay_ahead()
    store.versions.publish(new, "ann", "now", NOON, two_people=False)
    host.deliverer.deliver()
    host.now += EVERY
    webs[0].current()
    assert webs[0].current().table.version == new
    assert webs[1].current().table.version == version(table(5))
    assert webs[1].version(new).table.version == new  # a call that hops to a machine behind
    assert other.published.files(refused) == {}


def test_a_machine_that_was_tidied_by_hand_gets_its_table_again(host: Host, store: Store) -> None:
    new = publish(store, table(20))
    host.deliverer.deliver()
    for each in host.published.folder(new).iterdir():
        each.unlink()
    host.published.folder(new).rmdir()
    assert host.deliverer.deliver() == new
    assert host.published.files(new) == table(20)
    (host.published.folder(new) / "routes.csv").write_bytes(b"cut sh")
    assert deliver(host.settings, store) == new
    assert host.published.files(new) == table(20)


def test_a_delivery_that_cannot_be_made_raises_nothing(host: Host, store: Store) -> None:
    publish(store, table(20))
    host.settings.state_dir.parent.joinpath("state").write_bytes(b"in the way")
    assert deliver(host.settings, store) is None


def test_a_store_that_was_lost_learns_what_is_served(
    host: Host, store: Store, tmp_path: Path
) -> None:
    new = publish(store, table(20))
    host.deliverer.deliver()
    url = f"sqlite:///{tmp_path}/another.sqlite3"
    migrate(url)
    another = Store(url)
    installed = install(host.settings, another, NOON)
    assert installed
    assert installed.id == new
    assert deliver(host.settings, another) == new
    another.close()


# -- the program that does it ----------------------------------------------------------------


class Watchful(Event):
    """Stops a program once something has come about, or after so many waits."""

    def __init__(self, done: Callable[[], bool], most: int = 40) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._done, self._most = done, most

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        if self._done() or len(self.waits) >= self._most:
            self.set()
        return self.is_set()


def test_the_program_imports_what_came_with_the_line_and_delivers_what_is_published(
    host: Host,
) -> None:
    migrate(host.settings.store_url)
    own = Store(host.settings.store_url)
    ready = candidate(own, table(21))

    def done() -> bool:
        if not told:
            told.append(publish(own, table(20)))
        return host.published.live() == told[-1]

    told: list[str] = []
    stopping = Watchful(done)
    program.keep_publishing(host.settings, stopping, lambda: NOON)
    assert host.published.live() == told[-1]
    assert host.published.files(ready) == table(21)
    assert stopping.waits == [program.EVERY] * 2
    assert own.versions.roll_back("ann", "no", NOON).version == version(table(5))
    own.close()


def test_the_program_outlives_a_store_that_cannot_be_used(host: Host) -> None:
    broken = replace(host.settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    stopping = Watchful(lambda: False, most=2)
    program.keep_publishing(broken, stopping, lambda: NOON)
    assert stopping.waits == [program.AGAIN] * 2


# -- two hundred publishes -----------------------------------------------------------------

PUBLISHES = 200
CALLS = 2_000
TURNS = 4


class Callers:
    """Callers whose turns are taken by one process and then another, as a balancer sends them."""

    def __init__(self, webs: Sequence[Snapshots]) -> None:
        self.webs = webs
        self.began: list[str] = []
        """The version that each call began with."""
        self.changed = 0
        """Turns that were answered by another version than the call's own."""
        self.over = Event()
        self._left = iter(range(CALLS))
        self._threads = [threading.Thread(target=self._ring) for _ in range(4)]

    def start(self) -> None:
        for each in self._threads:
            each.start()

    def wait(self) -> None:
        self.over.set()
        for each in self._threads:
            each.join()

    def _ring(self) -> None:
        """Call upon call: some before the publishes are over, and what is left of them after."""
        for call in self._left:
            own = self.webs[call % len(self.webs)].current().table
            self.began.append(own.version)
            for turn in range(TURNS):
                if not self.over.is_set():
                    self.over.wait(0.001)  # a caller thinks, and tables come and go
                told = self.webs[(call + turn) % len(self.webs)].version(own.version).table
                self.changed += told.version != own.version


class Operator:
    """Publishes good tables and bad ones in turn, and now and then takes one back."""

    def __init__(self, store: Store) -> None:
        self.versions = store.versions
        self.good = [candidate(store, table(seconds)) for seconds in range(10, 20)]
        self.spoilt = [candidate(store, table(seconds)) for seconds in range(20, 25)]
        for each in self.spoilt:
            spoil(store, each)
        self.wrong = [store.versions.add(table(s), "ann", "", "", NOON).id for s in range(30, 33)]
        for each in self.wrong:
            store.versions.checked(each, CheckSummary(NOON, ok=False, errors=1))

    def publish(self, number: int) -> None:
        """The good one of that ``number``, or taken back what was live."""
        if number % 10 == 9:
            self.versions.roll_back("ann", "no", NOON)
        else:
            again = self.good[number % len(self.good)]
            self.versions.publish(again, "ann", "good", NOON, two_people=False)

    def publish_bad(self, number: int) -> None:
        """A file that is cut short, a table whose check found errors, or one spoilt on its way."""
        kind = number % 3
        if kind == 0:
            cut = table(50) | {"routes.csv": b"area_type,ar"}
            with pytest.raises(TableError):
                self.versions.add(cut, "ann", "", "", NOON)
        elif kind == 1:
            wrong = self.wrong[number % len(self.wrong)]
            with pytest.raises(TablesError):
                self.versions.publish(wrong, "ann", "bad", NOON, two_people=False)
        else:
            spoilt = self.spoilt[number % len(self.spoilt)]
            self.versions.publish(spoilt, "ann", "bad", NOON, two_people=False)


def test_two_hundred_publishes_good_and_bad_while_two_thousand_ring(
    host: Host, store: Store
) -> None:
    operator = Operator(store)
    webs = [host.snapshots(), host.snapshots()]
    callers = Callers(webs)
    served = version(table(5))
    callers.start()
    for number in range(PUBLISHES // 2):
        operator.publish_bad(number)
        assert host.deliverer.deliver() in ("", served)
        host.now += EVERY
        assert {web.current().table.version for web in webs} == {served}
        operator.publish(number)
        served = host.deliverer.deliver()
        host.now += EVERY  # with the programs' own quarter of a second: within one
        deadline = monotonic() + 10
        while {web.current().table.version for web in webs} != {served}:
            assert monotonic() < deadline
    callers.wait()
    assert len(callers.began) == CALLS
    assert callers.changed == 0
    assert set(callers.began) <= {version(table(5)), *operator.good}
    assert len(set(callers.began)) > len(operator.good) // 2
