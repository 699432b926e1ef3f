from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ivr.web.health import Check, blueprint

WELL = Check("table", ok=True, say="illustrative: no number in it is anyone's")
ILL = Check("directory", ok=False, say="no file at config/directory.p2d; build one")
ASIDE = Check("outbox", ok=False, say="the disk is full; callbacks are not offered", needed=False)


def line(*checks: Check) -> FlaskClient:
    app = Flask("line")
    app.register_blueprint(blueprint(lambda: list(checks)))
    return app.test_client()


def test_a_line_that_answers_is_healthy_whatever_it_lacks() -> None:
    answer = line(ILL).get("/healthy")
    assert (answer.status_code, answer.json) == (200, {"healthy": True})


def test_a_line_that_has_all_it_needs_is_ready() -> None:
    answer = line(WELL).get("/ready")
    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "checks": [{"name": "table", "ok": True, "say": WELL.say, "needed": True}],
    }


def test_a_line_that_lacks_what_a_call_needs_says_what_and_how_to_mend_it() -> None:
    answer = line(WELL, ILL).get("/ready")
    assert answer.status_code == 503
    told = answer.get_json()
    assert not told["ready"]
    assert told["checks"][1]["say"] == ILL.say


def test_what_calls_can_do_without_does_not_take_the_line_away() -> None:
    answer = line(WELL, ASIDE).get("/ready")
    assert answer.status_code == 200
    assert not answer.get_json()["checks"][1]["ok"]


def test_the_checks_are_run_each_time_and_never_by_the_first_page() -> None:
    asked: list[int] = []

    def checks() -> list[Check]:
        asked.append(1)
        return [WELL]

    app = Flask("line")
    app.register_blueprint(blueprint(checks))
    client = app.test_client()
    client.get("/healthy")
    client.get("/ready")
    client.get("/ready")
    assert len(asked) == 2


@pytest.mark.parametrize("page", ["/healthy", "/ready"])
def test_nothing_on_the_way_may_keep_an_answer(page: str) -> None:
    assert line(WELL).get(page).headers["Cache-Control"] == "no-store"
