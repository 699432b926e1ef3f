"""What is served when files change, break and go missing under a running line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from ivr import settings
from ivr.routing import read
from ivr.settings import Settings
from ivr.snapshot import NothingToServe, Outside, Snapshots
from ivr.snapshot.files import PATIENCE
from ivr.snapshot.kept import TABLES, Kept
from ivr.snapshot.snapshots import EVERY, REMEMBERED
from tests.routing_files import files, service
from tests.shipped import CONFIG

DIRECTORY = (CONFIG / "directory.p2d").read_bytes()
SOME = files([service("cams", "+441632960001 25 queue")])


def table(seconds: int) -> dict[str, bytes]:
    """A table that differs from others in one number's seconds."""
    return files([service("cams", f"+441632960001 {seconds} queue")])


def version(folder: dict[str, bytes]) -> str:
    return read(folder).version


@dataclass
class World:
    """A clock that stands still until told, and work that is done when told."""

    now: float = 0.0
    alarms: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)
    waits: list[Callable[[], None]] = field(default_factory=list)
    """What happens during each wait for files to settle, first to last."""
    threads: bool = True

    @property
    def outside(self) -> Outside:
        return Outside(self._alarm, lambda: self.now, self._wait, self._begin)

    def later(self) -> None:
        """Time passes until the next look is due, and what was begun before is done."""
        self.now += EVERY

    def work(self) -> None:
        for task in self.waiting:
            task()
        self.waiting.clear()

    def _alarm(self, what: str, lines: Sequence[str]) -> None:
        self.alarms.append((what, lines))

    def _wait(self, _seconds: float) -> None:
        if self.waits:
            self.waits.pop(0)()

    def _begin(self, task: Callable[[], None]) -> None:
        if not self.threads:
            raise RuntimeError("can't start new thread")
        self.waiting.append(task)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def line(tmp_path: Path) -> Settings:
    """The settings of a line with a good table and directory."""
    (tmp_path / "config" / "routing").mkdir(parents=True)
    (tmp_path / "config" / "directory.p2d").write_bytes(DIRECTORY)
    found = settings.read(
        {"CONFIG_DIR": str(tmp_path / "config"), "STATE_DIR": str(tmp_path / "state")}
    )
    publish(found, SOME)
    return found


def publish(line: Settings, folder: dict[str, bytes]) -> None:
    for name, content in folder.items():
        (line.config_dir / "routing" / name).write_bytes(content)


def start(line: Settings, world: World) -> Snapshots:
    return Snapshots(line, outside=world.outside)


def look(snapshots: Snapshots, world: World) -> str:
    """The version that is served once the files have been looked at again."""
    world.later()
    snapshots.current()
    world.work()
    return snapshots.current().table.version


def spoil(line: Settings) -> None:
    (line.config_dir / "routing" / "routes.csv").write_bytes(b"\xff\xfenot a table")


# -- starting ------------------------------------------------------------------------------


def test_a_line_starts_with_the_files_it_finds(line: Settings, world: World) -> None:
    snapshot = start(line, world).current()
    assert snapshot.table.version == version(SOME)
    assert snapshot.directory.find("CB12AB") is not None
    assert world.alarms == []


def test_a_line_with_nothing_good_says_so_and_recovers_when_mended(
    line: Settings, world: World
) -> None:
    good = shutil.move(line.config_dir / "directory.p2d", line.config_dir / "away")
    snapshots = start(line, world)
    with pytest.raises(NothingToServe, match="there is no such file; build one with"):
        snapshots.current()
    with pytest.raises(NothingToServe):
        snapshots.version("0" * 12)
    assert world.alarms[-1] == ("the directory cannot be used; there is no other to use", ())
    shutil.move(good, line.config_dir / "directory.p2d")
    world.later()
    with pytest.raises(NothingToServe):
        snapshots.current()
    world.work()
    assert snapshots.current().table.version == version(SOME)


def test_a_start_with_a_broken_table_serves_the_last_good_one(line: Settings, world: World) -> None:
    start(line, world)
    spoil(line)
    snapshots = start(line, world)
    assert snapshots.current().table.version == version(SOME)
    (refused, lines), (used, _) = world.alarms
    assert refused == "the new routing table is refused"
    assert any("routes.csv: the text is UTF-16" in line for line in lines)
    assert used == "the routing table cannot be used; the last good one is used"


def test_a_start_without_a_folder_serves_the_last_good_table(line: Settings, world: World) -> None:
    start(line, world)
    shutil.rmtree(line.config_dir)
    snapshots = start(line, world)
    assert snapshots.current().table.version == version(SOME)
    assert snapshots.current().directory.find("CB12AB") is not None


@pytest.mark.parametrize("content", [b"", b"junk", DIRECTORY[:-100], b"\0" * 100])
def test_a_start_with_a_broken_directory_serves_the_last_good_one(
    line: Settings, world: World, content: bytes
) -> None:
    good = start(line, world).current().directory.version
    (line.config_dir / "directory.p2d").write_bytes(content)
    assert start(line, world).current().directory.version == good
    assert world.alarms[0][0] == "the new directory is refused"


def test_a_damaged_copy_is_not_served(line: Settings, world: World) -> None:
    start(line, world)
    (line.state_dir / "tables" / version(SOME) / "services.csv").write_bytes(b"")
    for copy in (line.state_dir / "directories").glob("*.p2d"):
        copy.write_bytes(b"junk")
    shutil.rmtree(line.config_dir)
    with pytest.raises(NothingToServe):
        start(line, world).current()


def test_a_damaged_copy_is_made_anew_at_the_next_start(line: Settings, world: World) -> None:
    start(line, world)
    (copy,) = (line.state_dir / "directories").glob("*.p2d")
    copy.write_bytes(b"junk")
    assert start(line, world).current().directory.find("CB12AB") is not None
    assert copy.read_bytes() == DIRECTORY


def test_a_line_that_can_keep_no_copies_serves_all_the_same(line: Settings, world: World) -> None:
    line.state_dir.write_text("a file where the folder should be")
    snapshots = start(line, world)
    assert snapshots.current().table.version == version(SOME)
    assert snapshots.current().directory.find("CB12AB") is not None
    publish(line, table(30))
    assert look(snapshots, world) == version(table(30))


# -- changing ------------------------------------------------------------------------------


def test_a_new_table_is_served_after_it_was_read_by_another_thread(
    line: Settings, world: World
) -> None:
    snapshots = start(line, world)
    publish(line, table(30))
    assert snapshots.current().table.version == version(SOME)
    world.later()
    assert snapshots.current().table.version == version(SOME)
    world.work()
    assert snapshots.current().table.version == version(table(30))


def test_files_are_looked_at_no_more_often_than_every_few_seconds(
    line: Settings, world: World
) -> None:
    snapshots = start(line, world)
    world.now += EVERY / 2
    snapshots.current()
    assert not world.waiting
    world.now += EVERY / 2
    snapshots.current()
    snapshots.current()
    assert len(world.waiting) == 1
    world.later()
    snapshots.current()
    assert len(world.waiting) == 1  # the look before is not over yet


def test_a_look_is_put_off_when_no_thread_is_to_be_had(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    publish(line, table(30))
    world.threads = False
    assert look(snapshots, world) == version(SOME)
    world.threads = True
    assert look(snapshots, world) == version(table(30))


def test_a_table_that_is_the_same_is_the_same_snapshot(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    before = snapshots.current()
    look(snapshots, world)
    assert snapshots.current() is before


def test_a_new_directory_is_served_with_the_same_table(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    before = snapshots.current()
    (line.config_dir / "directory.p2d").write_bytes(DIRECTORY)
    look(snapshots, world)
    after = snapshots.current()
    assert after.directory is not before.directory
    assert after.table is before.table
    assert snapshots.version(after.table.version) is after


def test_a_directory_that_is_cut_short_where_it_lies_does_not_disturb_what_is_served(
    line: Settings, world: World
) -> None:
    snapshots = start(line, world)
    with (line.config_dir / "directory.p2d").open("r+b") as file:
        file.truncate(10)
    assert snapshots.current().directory.find("CB12AB") is not None
    look(snapshots, world)
    assert snapshots.current().directory.find("CB12AB") is not None
    assert len(world.alarms) == 1


def test_a_folder_is_read_only_when_it_has_settled(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    publish(line, {"services.csv": b"half a file"})
    world.waits = [lambda: publish(line, table(30))]
    assert look(snapshots, world) == version(table(30))
    assert world.alarms == []


def test_a_folder_that_never_settles_is_left_for_later(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    changes = iter(range(1000))
    publish(line, table(30))
    world.waits = [
        lambda: publish(line, {"line.toml": SOME["line.toml"] + b"#" * next(changes)})
    ] * PATIENCE
    assert look(snapshots, world) == version(SOME)
    assert look(snapshots, world) == version(table(30))


# -- refusing ------------------------------------------------------------------------------


def test_a_bad_table_never_takes_the_place_of_a_good_one(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    spoil(line)
    assert look(snapshots, world) == version(SOME)
    ((what, lines),) = world.alarms
    assert what == "the new routing table is refused"
    assert lines[0].startswith("routes.csv: the text is UTF-16")


def test_a_bad_table_is_told_once_however_often_it_comes_back(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    for turn in range(20):
        spoil(line)
        look(snapshots, world)
        publish(line, table(20 + turn % 2))
        assert look(snapshots, world) == version(table(20 + turn % 2))
    assert len(world.alarms) == 3  # once beside each of the three tables it was found with


def test_two_hundred_good_and_bad_tables_by_turns_are_each_served_or_never(
    line: Settings, world: World
) -> None:
    snapshots = start(line, world)
    good = [table(seconds) for seconds in (20, 25, 30)]
    begun: list[str] = []
    for turn in range(200):
        publish(line, good[turn % 3])
        if turn % 2:
            spoil(line)
        begun.append(look(snapshots, world))
        assert snapshots.version(begun[0]).table.version == begun[0]
    assert set(begun) == {version(folder) for folder in good}


def test_why_the_newest_files_are_refused_is_told_for_as_long_as_they_are(
    line: Settings, world: World
) -> None:
    snapshots = start(line, world)
    assert snapshots.refused() == {}
    for _ in range(2):  # the second time it is known already
        spoil(line)
        look(snapshots, world)
        assert "UTF-16" in snapshots.refused()["routing table"]
        publish(line, SOME)
        look(snapshots, world)
        assert snapshots.refused() == {}
    (line.config_dir / "directory.p2d").write_bytes(b"junk")
    look(snapshots, world)
    assert set(snapshots.refused()) == {"directory"}


def test_a_good_table_is_known_without_a_directory_to_serve_it_with(
    line: Settings, world: World
) -> None:
    (line.config_dir / "directory.p2d").unlink()
    snapshots = start(line, world)
    assert snapshots.table
    assert snapshots.table.version == version(SOME)
    with pytest.raises(NothingToServe, match=r"directory\.p2d: there is no such file"):
        snapshots.current()


# -- going back ----------------------------------------------------------------------------


def test_a_call_finds_the_table_it_began_with(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    began = snapshots.current()
    publish(line, table(30))
    look(snapshots, world)
    assert snapshots.version(version(SOME)) is began
    assert snapshots.version(version(table(30))) is snapshots.current()


def test_another_process_finds_a_table_it_never_served(line: Settings, world: World) -> None:
    start(line, world)
    publish(line, table(30))
    other = start(line, world)
    recalled = other.version(version(SOME))
    assert recalled.table.version == version(SOME)
    assert other.version(version(SOME)) is recalled
    assert other.current().table.version == version(table(30))


@pytest.mark.parametrize(
    "asked", ["", "0" * 12, "../../../etc", "last", "x" * 1000, "0" * 11 + "\n"]
)
def test_a_table_nobody_knows_is_the_newest(line: Settings, world: World, asked: str) -> None:
    snapshots = start(line, world)
    assert snapshots.version(asked) is snapshots.current()


def test_a_copy_that_says_something_else_is_not_taken_for_the_version_it_is_named(
    line: Settings, world: World
) -> None:
    snapshots = start(line, world)
    shutil.copytree(
        line.state_dir / "tables" / version(SOME), line.state_dir / "tables" / ("0" * 12)
    )
    assert snapshots.version("0" * 12).table.version == version(SOME)
    assert snapshots.version("0" * 12) is snapshots.current()


def test_nobody_else_can_look_into_the_state_folder(line: Settings, world: World) -> None:
    start(line, world)
    assert line.state_dir.stat().st_mode & 0o077 == 0


def test_only_so_many_tables_are_held_in_memory(line: Settings, world: World) -> None:
    snapshots = start(line, world)
    tables = [table(seconds) for seconds in range(5, 5 + 2 * REMEMBERED)]
    for folder in tables:
        publish(line, folder)
        look(snapshots, world)
    assert len(snapshots._known) == REMEMBERED
    assert snapshots.version(version(tables[0])).table.version == version(tables[0])
    assert len(snapshots._known) == REMEMBERED


def test_only_so_many_tables_are_kept_on_disk(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for number in range(TABLES + 5):
        kept.keep_table(f"{number:012x}", SOME)
    folders = [path for path in (tmp_path / "tables").iterdir() if path.is_dir()]
    assert len(folders) == TABLES
    assert kept.table() == SOME
    assert kept.table("0" * 12) == {}


def test_a_real_thread_reads_the_files_by_and_by(line: Settings) -> None:
    ticks = count(step=EVERY)
    snapshots = Snapshots(line, outside=Outside(clock=lambda: next(ticks), wait=lambda _: None))
    publish(line, table(30))
    while snapshots.current().table.version != version(table(30)):
        pass
    assert snapshots.version(version(SOME)).table.version == version(SOME)
