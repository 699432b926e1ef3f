"""The names of places are had as well as they can be, and no call waits on them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from ivr import settings
from ivr.routing.geography import FILES, Geography
from ivr.settings import Settings
from ivr.snapshot import Outside, read_geography
from tests import shipped

Alarms = list[tuple[str, Sequence[str]]]


@pytest.fixture
def line(tmp_path: Path) -> Settings:
    """A line with the lists that ship."""
    (tmp_path / "config" / "geography").mkdir(parents=True)
    for name in FILES:
        shutil.copy(shipped.CONFIG / "geography" / name, tmp_path / "config" / "geography")
    return settings.read(
        {"CONFIG_DIR": str(tmp_path / "config"), "STATE_DIR": str(tmp_path / "state")}
    )


def read(line: Settings) -> tuple[Geography, Alarms]:
    alarms: Alarms = []
    found = read_geography(line, Outside(alarm=lambda what, why: alarms.append((what, why))))
    return found, alarms


def spoil(line: Settings, file: str) -> None:
    path = line.config_dir / "geography" / file
    path.write_bytes(path.read_bytes() + b"\n,,,,,,,,\nnonsense,nonsense,nonsense\n")


def test_the_lists_that_ship_are_read(line: Settings) -> None:
    assert read(line) == (shipped.geography(), [])


@pytest.mark.parametrize("file", FILES)
def test_a_bad_list_is_told_and_the_last_good_one_is_used(line: Settings, file: str) -> None:
    whole, silence = read(line)
    assert silence == []
    spoil(line, file)
    found, ((refused, why), (used, _)) = read(line)
    assert (found.post_towns, found.towns) == (whole.post_towns, whole.towns)
    assert found.holidays == whole.holidays
    assert set(found.refused) == {file}
    assert refused == f"the new list {file} is refused"
    assert why[0].startswith(f"{file} row ")
    assert used == f"the list {file} cannot be used; the last good one is used"


@pytest.mark.parametrize("file", FILES)
def test_a_bad_list_at_the_first_start_is_an_empty_one_and_the_others_are_whole(
    line: Settings, file: str
) -> None:
    spoil(line, file)
    found, alarms = read(line)
    empty = {name for name, each in lists(found).items() if not each}
    assert empty == {file}
    assert alarms[1][0] == f"the list {file} cannot be used; there is no other to use"


def lists(found: Geography) -> dict[str, object]:
    return dict(zip(FILES, (found.post_towns, found.towns, found.holidays), strict=True))


def test_lists_that_are_not_there_are_told(line: Settings) -> None:
    shutil.rmtree(line.config_dir)
    found, alarms = read(line)
    assert not any(lists(found).values())
    assert set(found.refused) == set(FILES)
    assert "there is no such file" in found.refused["towns.csv"]
    assert len(alarms) == 2 * len(FILES)


def test_a_damaged_copy_is_not_used(line: Settings) -> None:
    read(line)
    for name in FILES:
        spoil(line, name)
        (line.state_dir / "geography" / name).write_bytes(b"\xff\xfe")
    assert not any(lists(read(line)[0]).values())


def test_where_no_copy_can_be_kept_the_lists_are_read_all_the_same(line: Settings) -> None:
    line.state_dir.write_text("a file where the folder should be")
    found, alarms = read(line)
    assert all(lists(found).values())
    assert alarms == []
