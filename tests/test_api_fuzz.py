"""Whatever is asked of the API and sent in the console's forms, it is answered, and never a fault.

What may be asked is read from the API's own description, and from the console's addresses and the
fields in its pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.schemas import OpenApiSchema

import ivr.console
from ivr.api import ROOT
from ivr.console.roles import Role
from ivr.routing import FILES
from tests import shipped
from tests.console import Browser, Console, console
from tests.test_api import Program

TEMPLATES = Path(ivr.console.__file__).parent / "templates"
FIELD = re.compile(r'name:? ?=?"([a-z_]+)"')
KEPT_OUT = {"static", "signing_in.sign_out", "telephone.begin"}
"""What is a file, ends the test's own sign-in, or rings a line that does not run here."""

SOMETHING = {"type": "string", "minLength": 1}

QUICK = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Console:
    made = console(tmp_path_factory.mktemp("fuzz"))
    made.app.testing = False  # a fault is an answer with the status 500, as for people
    return made


def test_whatever_the_api_is_asked_it_answers_as_it_says(here: Console) -> None:
    program = Program(here, Role.ADMIN)
    shown = {"Authorization": f"Bearer {program.shown}"}
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", here.app)
    operations, known = _operations(schema), _known(here)
    assert len(operations) > 25
    for operation in operations:

        @QUICK
        @given(case=operation.as_strategy())
        def asked(case: Any) -> None:  # noqa: ANN401 - as schemathesis has it
            if case.path_parameters and case.method == "GET":
                case.path_parameters = {name: known[name] for name in case.path_parameters}
            answer = case.call(headers=shown)
            assert answer.status_code != 401
            assert answer.status_code < 500, (case.as_curl_command(), answer.text)
            assert answer.headers["content-type"][0].startswith("application/json") or "%2F" in (
                case.formatted_path
            )

        asked()


def test_whatever_is_sent_in_a_form_of_the_console_it_answers(here: Console) -> None:
    browser = here.as_("admin")
    schema = schemathesis.openapi.from_dict(described(here))
    for operation in _operations(schema):

        @QUICK
        @given(case=operation.as_strategy())
        def sent(case: Any) -> None:  # noqa: ANN401 - as schemathesis has it
            status = _send(browser, case)
            assert status < 500, (case.method, case.formatted_path, case.query, case.body)

        sent()


@QUICK
@given(url=st.text(max_size=30), header=st.text(max_size=60).filter(lambda h: h.isprintable()))
def test_no_address_and_no_token_brings_a_fault(here: Console, url: str, header: str) -> None:
    sent = {"Authorization": f"Bearer {header}".encode().decode("latin-1")}
    for root in (ROOT, "/console"):
        answer = here.browser().get(f"{root}/{url}", headers=sent)
        answer.close()
        assert answer.status_code < 500


def _known(here: Console) -> Mapping[str, str]:
    """Of everything that an address may name, one that is there."""
    call, now = "CA" + "1" * 32, here.clock()
    files = {name: (shipped.CONFIG / "routing" / name).read_bytes() for name in FILES}
    version = here.store.versions.install(files, now)
    kept = here.store.callbacks.promise("p1", call, "none", "+447700900123", now)
    assert version
    return {"version": version.id, "id": kept.id, "call": call}


def _operations(schema: OpenApiSchema) -> list[Any]:
    """Every address with its method; what cannot be read of the description is a mistake in it."""
    found = list(schema.get_all_operations())
    sound = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(sound) == len(found)
    return sound


def described(here: Console) -> dict[str, Any]:
    """The console's addresses as an OpenAPI description: any field of any page, in each form."""
    pages = "".join(file.read_text("utf-8") for file in TEMPLATES.rglob("*.html"))
    names = sorted(set(FIELD.findall(pages)))
    fields = {name: {"type": "string", "maxLength": 300} for name in names}
    query = [{"name": n, "in": "query", "schema": each} for n, each in fields.items()]
    form = {"schema": {"type": "object", "properties": fields}}
    body = {"application/x-www-form-urlencoded": form}
    paths: dict[str, dict[str, Any]] = {}
    for path, arguments, methods in _addresses(here):
        inside = [
            {"name": n, "in": "path", "required": True, "schema": SOMETHING} for n in arguments
        ]
        for method in methods:
            said: dict[str, Any] = {"responses": {"200": {"description": "a page"}}}
            if method == "POST":
                said |= {"parameters": inside, "requestBody": {"content": body}}
            else:
                said |= {"parameters": [*inside, *query]}
            paths.setdefault(path, {})[method.lower()] = said
    info = {"title": "The console", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths}


def _addresses(here: Console) -> Iterator[tuple[str, list[str], set[str]]]:
    for rule in here.app.url_map.iter_rules():
        if rule.rule.startswith(ROOT) or str(rule.endpoint) in KEPT_OUT:
            continue
        path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule)
        yield path, sorted(rule.arguments), (rule.methods or set()) & {"GET", "POST"}


def _send(browser: Browser, case: Any) -> int:  # noqa: ANN401 - as schemathesis has it
    sent: Mapping[str, object] = case.body if isinstance(case.body, dict) else {}
    form = {name: value for name, value in sent.items() if isinstance(value, str)}
    token = {"csrf_token": browser.token()} if case.method.upper() == "POST" else {}
    answer = browser.open(
        case.formatted_path,
        method=case.method.upper(),
        query_string=case.query or {},
        data={**form, **token} or None,
    )
    answer.close()
    return answer.status_code
