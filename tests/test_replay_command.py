"""``ivr replay`` at a terminal: two processes ring, and what came of it is told."""

from pathlib import Path

from click.testing import CliRunner

from ivr.cli.replay import replay_command
from tests.shipped import CONFIG

FILE = CONFIG / "published" / "access-to-crisis-care-december-2025.csv"


def replay(folder: Path, *asked: str, file: Path = FILE) -> tuple[int, str]:
    environ = {"CONFIG_DIR": str(CONFIG), "STATE_DIR": str(folder)}
    result = CliRunner(env=environ).invoke(replay_command, [str(file), *asked])
    return result.exit_code, result.output


def test_a_month_is_rung_once_and_what_it_contradicts_is_told(tmp_path: Path) -> None:
    contracts = ("--contract", "MH075", "--contract", "MH053")
    code, told = replay(tmp_path, *contracts, "--table")
    assert code == 0
    assert "11 calls, 11 rung in" in told
    assert "20 figures are as published, 2 are not, and 0 were published as -" in told
    assert "  MH075 B07 is published as 23; the log has " in told
    assert "MH053 B07 is published as 0; the log has -: there can be none beside" in told
    assert "MH075" in told.partition("\n")[2].partition("\n")[0]
    assert (tmp_path / "replay" / "2025-12" / "store.sqlite3").exists()
    code, told = replay(tmp_path, *contracts)
    assert code == 0
    assert "11 calls, 0 rung in" in told


def test_a_file_that_is_none_and_a_region_that_is_not_there_are_refused(tmp_path: Path) -> None:
    code, told = replay(tmp_path, "--region", "Atlantis")
    assert code == 1
    assert "no Atlantis: give one of East of England" in told
    (tmp_path / "none.csv").write_text("nothing\n")
    code, told = replay(tmp_path, file=tmp_path / "none.csv")
    assert code == 1
    assert told.startswith("Error: ")
