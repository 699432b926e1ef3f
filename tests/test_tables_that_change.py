"""Whatever becomes of the files under a running line, a call keeps the good table it began with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from pathlib import Path

import pytest

from ivr.phone import Answer, Post, Verdict
from ivr.routing import FILES
from ivr.web import create_app
from tests import shipped
from tests.machine import (
    AGREES,
    BOOKED,
    CALLERS,
    OTHER,
    ROUTING,
    UNANSWERED,
    Machine,
    alternately,
    answering,
    heard,
    local,
    national,
    ring,
    well,
)
from tests.troubles import TABLE_TROUBLES, lose_table, spoil_directory, spoil_table


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def renumbered(machine: Machine) -> dict[str, bytes]:
    """The table with another number in the place of the first for the tests' postcode."""
    services = machine.table_file("services.csv")
    assert OTHER.encode() not in services
    return {"services": services.replace(local()[0].encode(), OTHER.encode())}


def without_the_service(machine: Machine) -> dict[str, bytes]:
    """The table without the service for the tests' postcode, whose neighbours take its place."""
    rows = machine.table_file("services.csv").splitlines(keepends=True)
    services = b"".join(row for row in rows if not row.startswith(b"mh006,"))
    routes = machine.table_file("routes.csv").replace(b",mh006,", b",mh007,")
    return {"services": services, "routes": routes}


def shipped_table() -> dict[str, bytes]:
    return {name.split(".")[0]: (shipped.CONFIG / ROUTING / name).read_bytes() for name in FILES}


def bad_tables() -> Iterable[tuple[str, dict[str, bytes]]]:
    """Tables that a tired person or a broken copy might leave in the folder."""
    good = shipped_table()
    services, routes, line = good["services"], good["routes"], good["line"]
    fallback = shipped.table().line.fallback.encode()
    yield "empty", {"services": b""}
    yield "cut short", {"services": services[: len(services) // 2]}
    yield "cut short as well", {"line": line[: len(line) // 2]}
    yield "doubled", {"services": services + services}
    yield "zeros", {"routes": bytes(len(routes))}
    yield "UTF-16", {"services": services.decode().encode("utf-16")}
    yield "a page of a proxy", {"routes": b"<html>502 Bad Gateway</html>"}
    yield "no fallback", {"services": services.replace(fallback + b",", b"gone,", 1)}
    yield "deep TOML", {"line": line + b"\nx = " + b"[" * 900 + b"]" * 900}
    yield "many brackets", {"line": b"x = [\n" * 20_000}
    yield "a premium number", {"services": services.replace(b"+441632960005", b"+449098790000")}
    yield "999", {"services": services.replace(b"+441632960005", b"+44999")}
    yield "our own number", {"services": services.replace(b"+441632960005", b"+441632960900")}
    yield "a language without words", {"line": line.replace(b"[limits]", POLISH)}


POLISH = b"""[[languages]]
code = "pl"
key = "5"
prompts = "prompts.pl.toml"
[limits]"""


@pytest.mark.parametrize("spoilt", [pytest.param(bad, id=name) for name, bad in bad_tables()])
def test_a_bad_table_put_there_while_calls_run_changes_nothing_for_anyone(
    machine: Machine, spoilt: dict[str, bytes]
) -> None:
    under_way = machine.ring(CALLERS["keys"], {3: lambda: machine.publish(**spoilt)})
    assert heard(under_way) == well()["keys"]
    assert heard(machine.ring(CALLERS["keys"])) == well()["keys"]
    assert machine.failures() == []
    machine.publish(**shipped_table())
    machine.publish(**renumbered(machine))
    assert machine.ring(CALLERS["keys"]).rung == [OTHER]


@pytest.mark.parametrize("trouble", TABLE_TROUBLES)
@pytest.mark.parametrize("webhook", [1, 3, 5])
def test_whatever_becomes_of_the_files_the_last_good_ones_are_served(
    machine: Machine, trouble: Callable[[Machine], None], webhook: int
) -> None:
    told = machine.ring(CALLERS["keys"], {webhook: lambda: trouble(machine)})
    assert heard(told) == well()["keys"]
    assert heard(machine.ring(CALLERS["words"])) == well()["words"]


@pytest.mark.parametrize("trouble", [lose_table, spoil_table, spoil_directory])
def test_a_line_that_starts_anew_on_broken_files_serves_the_last_good_ones(
    machine: Machine, trouble: Callable[[Machine], None]
) -> None:
    trouble(machine)
    again = answering(create_app(machine.settings))
    assert heard(ring(again, CALLERS["keys"])) == well()["keys"]


@pytest.mark.parametrize("change", [renumbered, without_the_service])
@pytest.mark.parametrize("webhook", range(2, 7))
def test_a_call_keeps_the_table_it_began_with_and_the_next_has_the_new_one(
    machine: Machine, change: Callable[[Machine], dict[str, bytes]], webhook: int
) -> None:
    told = machine.ring(UNANSWERED, {webhook: lambda: machine.publish(**change(machine))})
    assert told.rung == [*local(), national()[0]]
    assert machine.ring(UNANSWERED).rung[0] != local()[0]


def test_two_processes_that_take_the_turns_of_one_call_by_turns_make_the_same_call(
    tmp_path: Path,
) -> None:
    one, other = Machine(tmp_path), Machine(tmp_path)
    both = alternately(one.post, other.post)
    assert {name: heard(ring(both, script)) for name, script in CALLERS.items()} == well()


def test_a_process_that_has_yet_to_see_the_new_table_serves_the_calls_that_began_with_it(
    tmp_path: Path,
) -> None:
    behind, ahead = Machine(tmp_path), Machine(tmp_path)
    behind.looked = float("-inf")
    ahead.publish(**renumbered(ahead))
    ring(ahead.post, "> 1\n")
    told = ring(alternately(ahead.post, behind.post), UNANSWERED)
    assert told.rung == [OTHER, local()[1], national()[0]]


def test_a_call_under_way_outlives_the_process_and_the_files_it_began_with(
    machine: Machine,
) -> None:
    posts: list[Post] = [machine.post]

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        return posts[-1](url, form, headers)

    def restart() -> None:
        machine.publish(**without_the_service(machine))
        posts.append(answering(create_app(machine.settings)))

    machine.before = {5: restart}
    assert ring(post, UNANSWERED).rung == [*local(), national()[0]]


def test_a_call_that_hops_between_hosts_with_different_tables_still_reaches_a_person(
    tmp_path: Path,
) -> None:
    one, other = Machine(tmp_path, state="one"), Machine(tmp_path, state="other")
    other.publish(**without_the_service(other))
    one.looked = float("-inf")
    hops = ((one.post, other.post), (other.post, one.post))
    for posts, script in product(hops, [*CALLERS.values(), UNANSWERED, AGREES]):
        told = ring(alternately(*posts), script)
        assert told.verdict in {Verdict.REACHED, Verdict.ENDED}
        assert not told.faults
        assert (told.verdict is Verdict.ENDED) == (BOOKED in told.said())
