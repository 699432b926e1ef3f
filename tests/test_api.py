"""The API: who may ask what, and that it tells and does what the pages do."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from ivr.api import ROOT, tokens
from ivr.console.roles import Role, said
from ivr.routing import FILES
from ivr.store import PeopleError
from tests import shipped
from tests.console import Console, console

POSTCODE = "CB1 1DB"
OWN = min(shipped.table().own_numbers)


class Program:
    """Asks the API with a token."""

    def __init__(self, here: Console, role: Role, owner: str = "") -> None:
        self.here = here
        here.as_(owner or role)
        person = here.store.people.get(owner or role.value)
        assert person
        self.token, self.shown = tokens.make(here.store, person, "a test", role, here.clock())
        self.client = here.app.test_client()

    def ask(self, url: str, status: int = 200, **how: Any) -> Any:  # noqa: ANN401 - JSON
        """What is answered at ``url``, with the status that is expected."""
        method = how.pop("method", "POST" if {"json", "data"} & set(how) else "GET")
        bearer = {"Authorization": f"Bearer {self.shown}"}
        answer = self.client.open(f"{ROOT}{url}", method=method, headers=bearer, **how)
        assert answer.status_code == status, (url, answer.status, answer.text)
        assert answer.is_json
        return answer.json


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Console:
    return console(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def fronted(here: Console, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Console]:
    """A console at the root of its host, and one behind a front of its address."""
    url = "http://localhost/press-two"
    return {"": here, "/press-two": console(tmp_path_factory.mktemp("front"), CONSOLE_URL=url)}


@pytest.fixture(scope="module")
def programs(here: Console) -> Mapping[Role, Program]:
    return {role: Program(here, role) for role in Role}


def uploaded(note: str = "", **files: bytes) -> dict[str, object]:
    """A table as a program sends it: the shipped one, but for ``files``."""
    shipped_ = {name: (shipped.CONFIG / "routing" / name).read_bytes() for name in FILES}
    named = {name.replace("_", "."): content for name, content in files.items()}
    parts = [FileStorage(io.BytesIO(c), name) for name, c in {**shipped_, **named}.items()]
    return {"files": parts, "note": note}


def test_each_address_takes_a_token_and_the_role_that_it_says(
    here: Console, programs: Mapping[Role, Program]
) -> None:
    adapter = here.app.url_map.bind("localhost")
    browser = here.as_("admin")  # its cookie opens nothing
    for rule in here.app.url_map.iter_rules():
        if not str(rule.endpoint).startswith("api_"):
            continue
        least = said(here.app.view_functions[str(rule.endpoint)])
        assert isinstance(least, Role)
        url = adapter.build(str(rule.endpoint), dict.fromkeys(rule.arguments, "1"))
        for method in (rule.methods or set()) & {"GET", "POST"}:
            assert browser.open(url, method=method).status_code == 401, url
            for role, program in programs.items():
                if not role.may(least):
                    program.ask(url.removeprefix(ROOT), 403, method=method, json={})


def test_the_description_is_open_and_names_every_address(here: Console) -> None:
    answer = here.browser().get(f"{ROOT}/openapi.json")
    described = answer.json
    assert described
    told = set(described["paths"])
    kept = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in here.app.url_map.iter_rules()
        if str(rule.endpoint).startswith("api_")
    }
    assert told == kept
    for each in described["paths"].values():
        assert all(asked.get("summary") for name, asked in each.items() if name != "parameters")


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer p2_" + "A" * 43, "Basic cDI6cDI="])
def test_a_token_that_is_none_opens_nothing(here: Console, shown: str) -> None:
    answer = here.browser().get(f"{ROOT}/today", headers={"Authorization": shown})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.is_json


def test_a_token_is_good_until_it_is_revoked_and_never_beyond_its_maker(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin = Program(here, Role.ADMIN)
    editor = Program(here, Role.EDITOR)
    editor.ask("/tokens", 403)
    here.store.people.change("editor", role="viewer")
    editor.ask("/callbacks/" + "0" * 32 + "/retry", 403, json={"version": 1})
    here.store.people.change("editor", disabled=True)
    editor.ask("/today", 401)
    here.store.people.change("editor", disabled=False)
    editor.ask("/today")
    admin.ask(f"/tokens/{editor.token.id}/revoke", method="POST")
    editor.ask("/today", 401)
    with pytest.raises(PeopleError, match="may not do what a admin may"):
        Program(here, Role.ADMIN, owner="viewer")


def test_a_token_is_told_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    here = console(tmp_path)
    made = Program(here, Role.ADMIN).ask("/tokens", 201, json={"name": "night", "role": "viewer"})
    assert made["shown"].startswith(tokens.BEGINS)
    kept = here.store.tokens.every()
    assert made["shown"] not in repr(kept)
    assert here.store.audit.newest(2)[1].what == "made a token"


def test_it_tells_where_a_postcode_leads_as_the_line_does(
    here: Console, programs: Mapping[Role, Program]
) -> None:
    viewer = programs[Role.VIEWER]
    told = viewer.ask("/where", json={"input": POSTCODE, "audience": "adult"})
    explained = here.means.explainer(None, here.clock(), "adult").guess(POSTCODE)
    assert told == explained
    viewer.ask("/where", 404, json={"input": POSTCODE, "version": "0" * 12})
    wrong = viewer.ask("/where", 422, json={"input": "", "how": "magic", "at": "9999-12-31T23:59"})
    assert set(wrong["errors"]["json"]) == {"input", "how", "at"}


@pytest.mark.parametrize("how", ["guess", "telephone"])
def test_it_tells_where_a_number_leads_as_the_page_does(
    here: Console, programs: Mapping[Role, Program], how: str
) -> None:
    viewer, explainer = programs[Role.VIEWER], here.means.explainer(None, here.clock())
    for number in ("0118 496 0123", "+44 7700 900123", OWN):
        told = viewer.ask("/where", json={"input": number, "how": how})
        assert told == explainer.telephone(number)
    assert told["service"] == shipped.table().own_numbers[OWN]
    assert viewer.ask("/where", json={"input": "2212222"}) == explainer.keys("2212222")


def test_a_number_is_taken_from_no_address_and_kept_nowhere(tmp_path: Path) -> None:
    here = console(tmp_path)
    viewer = Program(here, Role.VIEWER)
    viewer.ask("/where", 405, query_string={"input": "0118 496 0123"})
    viewer.ask("/where", 422, method="POST", query_string={"input": "0118 496 0123"})
    viewer.ask("/where", json={"input": "0118 496 0123"})
    assert "4960123" not in repr(list(here.store.audit.every())).replace(" ", "")


def test_the_description_says_that_a_number_may_be_looked_for(here: Console) -> None:
    described = here.browser().get(f"{ROOT}/openapi.json").json
    assert described
    where = described["components"]["schemas"]["Where"]["properties"]
    assert "telephone" in where["how"]["enum"]
    assert "telephone number" in where["input"]["description"]
    asked = described["paths"][f"{ROOT}/where"]
    assert set(asked) == {"post"}
    assert not asked["post"].get("parameters")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/nowhere", 404),
        ("POST", "/nowhere", 404),
        ("GET", "/tables/1/nothing", 404),
        ("GET", "", 404),
        ("GET", "/", 404),
        ("GET", "/where", 405),
        ("DELETE", "/today", 405),
        ("POST", "/openapi.json", 405),
    ],
)
@pytest.mark.parametrize("front", ["", "/press-two"])
def test_what_is_asked_at_no_address_is_answered_in_the_same_shape(
    fronted: Mapping[str, Console], front: str, method: str, url: str, status: int
) -> None:
    answer = fronted[front].browser().open(f"{ROOT}{url}", method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert answer.json
    assert set(answer.json) == {"code", "message"}
    assert answer.json["code"] == status
    assert ("Allow" in answer.headers) == (status == 405)
    beside = fronted[front].browser().open(f"{front}{ROOT}/nowhere")
    assert beside.json


def test_what_is_beside_the_api_is_a_page_as_before(here: Console) -> None:
    for url in (f"{ROOT}x", "/api", "/api/v2/today", "/console/nowhere", f"/console{ROOT}"):
        answer = here.browser().get(url)
        assert answer.status_code == 404
        assert answer.content_type.startswith("text/html"), url


def test_a_fault_is_told_in_the_same_shape_and_says_nothing_of_itself(tmp_path: Path) -> None:
    here = console(tmp_path)
    here.app.testing = False
    viewer = Program(here, Role.VIEWER)
    here.store.close()
    here.means.store = None  # type: ignore[assignment] # so that whatever needs it fails
    answer = viewer.client.get(f"{ROOT}/today", headers={"Authorization": f"Bearer {viewer.shown}"})
    assert answer.status_code == 500
    assert answer.json
    assert set(answer.json) == {"code", "message"}
    assert "NoneType" not in answer.text


def test_a_table_with_a_mistake_is_refused_by_file_row_and_column(
    programs: Mapping[Role, Program],
) -> None:
    routes = (shipped.CONFIG / "routing" / "routes.csv").read_bytes() + b"lad,E99,any,nobody,,\r\n"
    told = programs[Role.EDITOR].ask("/tables", 422, data=uploaded(routes_csv=routes))
    assert {each["file"] for each in told["errors"]["mistakes"]} == {"routes.csv"}
    assert all(each["row"] and each["column"] for each in told["errors"]["mistakes"])


def test_a_table_goes_from_a_file_to_live_and_back(tmp_path: Path) -> None:
    here = console(tmp_path, TWO_PEOPLE="yes")
    editor, publisher = Program(here, Role.EDITOR), Program(here, Role.PUBLISHER)
    first = here.store.versions.install(_files(), here.clock())
    assert first
    line = _files()["services.csv"]
    changed = line.replace(b"Crisis", b"Help")
    made = editor.ask("/tables", 201, data=uploaded("by a program", services_csv=changed))
    assert made["is_new"]
    id_ = made["id"]
    here.store.versions.checked(id_, {"at": here.clock().isoformat(), "ok": True, "findings": []})
    assert publisher.ask(f"/tables/{id_}")["imported_by"] == "editor@example.org"
    why = {"why": "as asked", "live": first.id}
    refused = publisher.ask(f"/tables/{id_}/publish", 409, json=why)
    assert "must approve it first" in refused["message"]
    publisher.ask(f"/tables/{id_}/approve", method="POST")
    stale = publisher.ask(f"/tables/{id_}/publish", 409, json={"why": "x", "live": ""})
    assert "another table went live" in stale["message"]
    assert publisher.ask(f"/tables/{id_}/publish", json=why)["served"]
    assert publisher.ask("/today")["live"] == id_
    back = publisher.ask("/tables/roll-back", json={"why": "wrong", "live": id_})
    assert back == {"version": first.id, "served": True}
    assert len(publisher.ask("/tables")["publications"]) == 3
    who = {(each.who, each.what) for each in here.store.audit.newest()}
    assert ("publisher@example.org", "table: published") in who


def test_a_program_says_what_callers_lose_by_what_it_publishes(tmp_path: Path) -> None:
    here = console(tmp_path)
    publisher = Program(here, Role.PUBLISHER)
    id_ = publisher.ask("/tables", 201, data=uploaded())["id"]
    found = {"at": here.clock().isoformat(), "ok": True, "findings": [], "without": 7}
    here.store.versions.checked(id_, {**found, "lacking": {"adult": {"CB1": 7}, "under_18": {}}})
    assert publisher.ask(f"/tables/{id_}")["check"]["without"] == 7
    why = {"why": "as asked", "live": ""}
    for more in ({}, {"although": 6}, {"although": None}):
        refused = publisher.ask(f"/tables/{id_}/publish", 409, json={**why, **more})
        assert "7 postcodes lose their service" in refused["message"]
    publisher.ask(f"/tables/{id_}/publish", 422, json={**why, "although": "all"})
    publisher.ask(f"/tables/{id_}/publish", json={**why, "although": 7})
    done = publisher.ask("/tables")["publications"][0]
    assert done["although"] == "7 postcodes lose their service"


def _files() -> dict[str, bytes]:
    return {name: (shipped.CONFIG / "routing" / name).read_bytes() for name in FILES}


def test_a_person_s_own_token_is_no_second_person(tmp_path: Path) -> None:
    here = console(tmp_path, TWO_PEOPLE="yes")
    program = Program(here, Role.PUBLISHER)
    made = program.ask("/tables", 201, data=uploaded())
    found = {"at": here.clock().isoformat(), "ok": True, "findings": []}
    here.store.versions.checked(made["id"], found)
    told = program.ask(f"/tables/{made['id']}/approve", 409, method="POST")
    assert "other than publisher@example.org" in told["message"]


def test_a_callback_is_closed_as_it_was_seen_and_its_number_shown_on_record(tmp_path: Path) -> None:
    here = console(tmp_path)
    editor = Program(here, Role.EDITOR)
    number = "+447700900123"
    kept = here.store.callbacks.promise("p1", "CA" + "1" * 32, "none", number, here.clock())
    assert number not in repr(editor.ask("/callbacks"))
    assert editor.ask(f"/callbacks/{kept.id}/number", method="POST") == {"number": number}
    assert here.store.audit.newest(2)[1].what == "callback: number shown"
    closing = {"reason": "they rang again", "version": kept.version + 1}
    editor.ask(f"/callbacks/{kept.id}/close", 409, json=closing)
    told = editor.ask(f"/callbacks/{kept.id}/close", json={**closing, "version": kept.version})
    assert not told["is_open"]
    assert told["history"][-1]["who"] == "editor@example.org"
    assert editor.ask("/callbacks?which=ended")["callbacks"]


def test_it_lists_calls_people_the_audit_and_the_report(programs: Mapping[Role, Program]) -> None:
    admin = programs[Role.ADMIN]
    assert admin.ask("/calls?from=2026-01-01&to=2026-01-02") == {"after": "", "calls": []}
    assert admin.ask("/calls?from=yesterday", 422)["errors"]["query"]["from"]
    assert [each["role"] for each in admin.ask("/people")["people"]] == sorted(map(str, Role))
    assert admin.ask("/audit/chain")["holds"]
    assert admin.ask("/audit")["entries"]
    assert admin.ask("/alarms")["watched"] is None
    assert admin.ask("/report?month=2026-11&of=England", 404)
    assert "rows" in admin.ask("/report?month=2026-11")["report"]
    assert admin.ask("/report?month=9999-99", 422)


def test_a_person_is_invited_changed_and_shut_out(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin = Program(here, Role.ADMIN)
    form = {"name": "Ada", "login": "Ada@Example.org", "role": "viewer"}
    made = admin.ask("/people", 201, json=form)
    assert "/console/join/" in made["link"]
    assert admin.ask("/people", 409, json=form)
    assert admin.ask(f"/people/{made['id']}/role", json={"role": "editor"})["role"] == "editor"
    assert admin.ask(f"/people/{made['id']}/disable", method="POST")["disabled"]
    assert admin.ask("/people/admin/disable", 409, method="POST")
    admin.ask("/people/nobody/link", 404, method="POST")
