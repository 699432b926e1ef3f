"""What a person sees and does with callbacks at a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.callbacks import Callback, Ring, State, barred, claim
from ivr.cli import main
from ivr.sealing import Seal
from ivr.settings import read, sealing_keys
from ivr.store import Store, migrate

NUMBER = "+447700900123"
CALL = "CA" + "0" * 32


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    settings = read({"STATE_DIR": str(folder)})
    migrate(settings.store_url)
    store = Store(settings.store_url, Seal(sealing_keys(settings)))
    yield store
    store.close()


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the command reads the clock as well


def promised(store: Store, number: str = NUMBER) -> Callback:
    long_ago = now() - timedelta(hours=1)
    return store.callbacks.promise(number, CALL, "cambridge", number, long_ago)


def ivr(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["callbacks", *arguments])


def test_where_nobody_waits_that_is_said() -> None:
    assert ivr("list").output == "no callback is open\n"


def test_the_list_names_nobody_and_says_what_is_overdue(store: Store) -> None:
    waiting = promised(store)
    for form in ("table", "json"):
        told = ivr("list", "--all", "--format", form).output
        assert waiting.id[:8] in told
        assert NUMBER[3:] not in told
    assert "OVERDUE" in ivr("list").output
    assert json.loads(ivr("list", "--format", "json").output)[0]["state"] == "asked"


def test_one_is_shown_by_the_beginning_of_its_id_and_its_number_only_if_asked_for(
    store: Store,
) -> None:
    waiting = promised(store)
    assert NUMBER not in ivr("show", waiting.id[:6]).output
    assert NUMBER in ivr("show", waiting.id, "--number", "--who", "alex").output
    last = store.callbacks.history(waiting.id)[-1]
    assert (last.who, last.what) == ("alex", "number shown")
    assert json.loads(ivr("show", waiting.id, "--format", "json").output)["history"]


def test_it_is_closed_with_a_reason_and_its_number_erased(store: Store) -> None:
    waiting = promised(store)
    assert ivr("close", waiting.id).exit_code == 2
    done = ivr("close", waiting.id, "--reason", "rang them myself", "--who", "alex")
    assert done.output == f"{waiting.id[:8]} closed\n"
    closed = store.callbacks.get(waiting.id)
    assert closed
    assert (closed.state, closed.why) == (State.CLOSED, "rang them myself")
    assert "erased" in ivr("show", waiting.id, "--number").output
    assert "closed" in ivr("list", "--all").output
    assert ivr("list").output == "no callback is open\n"


def test_it_is_tried_again(store: Store) -> None:
    waiting = promised(store)
    needy = barred(waiting, "cap", now())
    assert store.callbacks.change(waiting, needy, "over the cap", "line", needy.changed)
    assert ivr("retry", waiting.id).output == f"{waiting.id[:8]} asked\n"
    assert store.callbacks.due(now()) == [waiting.id]


def test_what_may_not_be_done_is_told_in_a_line(store: Store) -> None:
    waiting = promised(store)
    claimed = claim(waiting, Ring("service", 1), now())
    assert store.callbacks.change(waiting, claimed, "ring service", "line", claimed.changed)
    for arguments in (
        ("close", waiting.id, "--reason", "no"),
        ("retry", waiting.id),
        ("show", "ffffffff"),
        ("show", "%"),
        ("show", ""),
    ):
        refused = ivr(*arguments)
        assert refused.exit_code == 1
        assert refused.output.startswith("Error: ")
        assert refused.output.count("\n") == 1


def test_a_database_that_cannot_be_used_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////proc/nowhere/store.sqlite3")
    refused = ivr("list")
    assert refused.exit_code == 1
    assert refused.output.count("\n") == 1
