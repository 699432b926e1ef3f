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
from ivr.console.pages.callbacks import worklist
from ivr.sealing import Seal
from ivr.settings import read, sealing_keys
from ivr.store import Store, migrate
from tests import shipped

NUMBER = "+447700900123"
CALL = "CA" + "0" * 32
OTHER = sorted(shipped.table().services)[3]


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


def test_it_is_handed_over_to_another_service_as_on_the_page(store: Store) -> None:
    waiting = promised(store)
    needy = barred(waiting, "no_answer", now())
    assert store.callbacks.change(waiting, needy, "nobody answers", "line", needy.changed)
    done = ivr("hand-over", waiting.id[:6], "--to", OTHER, "--who", "alex")
    assert done.output == f"{waiting.id[:8]} asked\n"
    after = store.callbacks.get(waiting.id)
    assert after
    assert (after.service, after.state, after.why) == (OTHER, State.ASKED, "")
    assert store.callbacks.due(now()) == [waiting.id]
    last = store.callbacks.history(waiting.id)[-1]
    assert (last.who, last.what, last.state) == ("alex", f"handed over: to {OTHER}", State.ASKED)


def test_it_is_handed_over_to_no_service_that_the_table_lacks_or_that_has_it(store: Store) -> None:
    waiting = promised(store)
    lacking = ivr("hand-over", waiting.id, "--to", "nobody")
    assert lacking.exit_code == 1
    assert lacking.output == (
        "Error: choose a service of the table: it has no 'nobody'; services.csv tells the codes\n"
    )
    assert ivr("hand-over", waiting.id, "--to", OTHER).exit_code == 0
    again = ivr("hand-over", waiting.id, "--to", OTHER)
    assert again.output == f"Error: {waiting.id[:8]}: that service has it already\n"
    assert ivr("hand-over", waiting.id).exit_code == 2


def test_without_a_table_nothing_is_handed_over(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "none"))
    refused = ivr("hand-over", promised(store).id, "--to", OTHER)
    assert refused.exit_code == 1
    assert refused.output.endswith("Error: there is no table here: see /ready of the line\n")


def test_taken_on_no_machine_rings_and_whoever_has_it_is_told(store: Store) -> None:
    waiting = promised(store)
    taken = f"{waiting.id[:8]} needs_a_person\n"
    assert ivr("take-on", waiting.id, "--who", "alex").output == taken
    assert store.callbacks.due(now()) == []
    left = store.callbacks.get(waiting.id)
    assert left
    assert left.why == "taken_on"
    assert worklist.taken_on_by(store.callbacks.history(waiting.id)) == "alex"
    assert ivr("take-on", waiting.id, "--who", "kim").output == taken
    assert worklist.taken_on_by(store.callbacks.history(waiting.id)) == "kim"
    assert store.callbacks.get(waiting.id) == left


def test_all_that_is_done_stands_in_the_audit_in_the_pages_words_and_no_number(
    store: Store,
) -> None:
    waiting = promised(store)
    said = [
        ivr("take-on", waiting.id, "--who", "alex"),
        ivr("retry", waiting.id, "--who", "alex"),
        ivr("hand-over", waiting.id, "--to", OTHER, "--who", "alex"),
        ivr("show", waiting.id, "--number", "--who", "alex"),
        ivr("close", waiting.id, "--reason", "rang  them", "--who", "alex"),
    ]
    entries = list(store.audit.every())
    assert [each.what.removeprefix("callback: ") for each in entries] == [
        "taken on", "retry", "handed over", "number shown", "closed",
    ]  # fmt: skip
    assert {(each.who, each.about) for each in entries} == {("alex", waiting.id)}
    lines = store.callbacks.history(waiting.id)
    assert lines[-1].what == "closed: rang them"
    assert NUMBER[3:] not in repr(
        (entries, lines, [each.output for each in said if each != said[3]])
    )


def test_what_may_not_be_done_is_told_in_a_line(store: Store) -> None:
    waiting = promised(store)
    claimed = claim(waiting, Ring("service", 1), now())
    assert store.callbacks.change(waiting, claimed, "ring service", "line", claimed.changed)
    for arguments in (
        ("close", waiting.id, "--reason", "no"),
        ("retry", waiting.id),
        ("hand-over", waiting.id, "--to", OTHER),
        ("take-on", waiting.id),
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
