"""The API tells what the map tells: who covers what, where nobody does, and what moves."""

from __future__ import annotations

import pytest

from ivr.console.roles import Role
from tests import shipped
from tests.console import Console
from tests.test_api import Program
from tests.test_console_coverage import HARTLEPOOL, NOWHERE, SCOTLAND, as_shipped, files


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Console:
    return Console(tmp_path_factory.mktemp("coverage"))


@pytest.fixture(scope="module")
def viewer(here: Console) -> Program:
    return Program(here, Role.VIEWER)


@pytest.fixture(scope="module")
def candidate(here: Console) -> str:
    """One in which Hartlepool has no service, and Scotland another."""
    changed = files((HARTLEPOOL, b""), (SCOTLAND, SCOTLAND.replace(b"scotland-nhs24", b"mh026")))
    return here.store.versions.add(changed, "ann", "a gap", "", shipped.NOON).id


def test_the_table_that_is_served_is_told_district_by_district(viewer: Program) -> None:
    told = viewer.ask("/coverage")
    assert told["version"] == shipped.table().version
    assert told["without"] == NOWHERE
    areas = {area["code"]: area for area in told["areas"]}
    assert areas.keys() == as_shipped().keys()
    cambridge = areas["E07000008"]
    assert (cambridge["name"], cambridge["region"]) == ("Cambridge", "East of England")
    (served,) = cambridge["services"]
    postcodes = cambridge["postcodes"]
    assert served == {"adult": "mh009", "under_18": "mh009", "postcodes": postcodes}


def test_a_candidates_gaps_come_first(viewer: Program, candidate: str) -> None:
    told = viewer.ask(f"/coverage?version={candidate}")
    first = next(area for area in told["areas"] if area["code"])
    assert first["name"] == "Hartlepool"
    assert first["without"] == first["postcodes"] == told["without"] - NOWHERE
    assert first["services"][0]["adult"] == ""


def test_it_is_told_by_board_by_day_and_for_one_audience(viewer: Program) -> None:
    told = viewer.ask("/coverage?by=board&day=2026-12-25&audience=under_18")
    assert told["day"] == "2026-12-25"
    named = {area["name"]: area for area in told["areas"]}
    assert all(part["adult"] == part["under_18"] for part in named["NHS Lothian"]["services"])


def test_what_moves_and_what_loses_its_service_is_told(viewer: Program, candidate: str) -> None:
    served = shipped.table().version
    told = viewer.ask(f"/coverage/moves?version={candidate}&before={served}")
    assert (told["before"], told["after"]) == (served, candidate)
    areas = {area["name"]: area for area in told["areas"]}
    assert "Adur" not in areas
    (move,) = areas["Fife"]["moves"]
    assert move["before"]["adult"] == "scotland-nhs24"
    assert move["after"]["adult"] == "mh026"
    assert not move["lost"]
    (gone,) = areas["Hartlepool"]["moves"]
    assert gone["lost"]
    assert told["lost"] == gone["postcodes"] == areas["Hartlepool"]["without"]
    back = viewer.ask(f"/coverage/moves?version={served}&before={candidate}")
    assert (back["postcodes"], back["lost"]) == (told["postcodes"], 0)


def test_what_cannot_be_told_is_refused(viewer: Program) -> None:
    viewer.ask("/coverage?version=" + "0" * 12, 404)
    viewer.ask("/coverage/moves?before=" + "0" * 12, 404)
    wrong = viewer.ask("/coverage?day=9999-01-01&by=x&audience=y", 422)
    assert set(wrong["errors"]["query"]) == {"day", "by", "audience"}
    viewer.ask("/coverage/moves", 422)


def test_somebody_is_signed_out_everywhere(here: Console) -> None:
    browser, other = here.as_("editor"), here.as_("publisher")
    assert browser.get("/console/today/").status_code == 200
    token = Program(here, Role.EDITOR)
    admin = Program(here, Role.ADMIN)
    assert admin.ask("/people/editor/sign-out", method="POST")["login"] == "editor@example.org"
    assert "/sign-in" in browser.get("/console/today/").location
    assert other.get("/console/today/").status_code == 200
    token.ask("/today")
    told = [each for each in here.store.audit.newest(5) if each.about == "editor@example.org"]
    assert [each.what for each in told] == ["signed a person out"]
    admin.ask("/people/nobody/sign-out", 404, method="POST")
