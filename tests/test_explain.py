"""What an operator is told of an input is what a caller would get."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from ivr import postcode
from ivr.cli import main
from ivr.explain import ASKED, BY_AGE, CONFIRMED, NOT_FOUND, NOT_PLACED, SETTLED, Explainer, Offer
from tests import shipped


def explainer(audience: str = "", at: datetime = shipped.NOON) -> Explainer:
    return Explainer(shipped.whereabouts(at.date()), shipped.catalogues()["en"], at, audience)


def test_a_postcode_is_told_with_its_service_numbers_rule_and_areas() -> None:
    told = explainer().guess("CB1 2AB")
    assert told == {
        "input": "CB1 2AB",
        "service": "mh009",
        "numbers": ["+441632960008", "+441632960508", "+441632960083", "+441632960583"],
        "rule": told["rule"],
        "areas": {
            "nation": "England",
            "lad": "E07000008",
            "lsoa": "E01017988",
            "sub_icb": "E38000260",
            "icb": "E54000065",
            "icb_2025": "E54000056",
        },
        "question": None,
    }
    assert told["rule"].startswith("lad E07000008 (routes.csv row ")


def test_keys_that_fit_several_services_are_told_with_the_question() -> None:
    told = explainer().guess("221222")
    assert (told["service"], told["rule"]) == (None, ASKED)
    cambridge = explainer().guess("CB1 2AB")
    assert {
        "says": "C B 1, Cambridge",
        "service": "mh009",
        "numbers": cambridge["numbers"],
        "rule": cambridge["rule"],
    } in (told["question"] or [])


def test_keys_that_fit_too_many_services_are_told_with_none_of_these() -> None:
    crowded = explainer().guess("757173")
    none: Offer = {"says": "none of these", "service": None, "numbers": [], "rule": ""}
    assert (crowded["question"] or [])[-1] == none


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (postcode.keys("SW1A1AA"), SETTLED),
        ("charlie bravo one two alpha bravo", CONFIRMED),
        ("CB1 2ZZ", CONFIRMED),
        ("Leeds", CONFIRMED),
        ("HU1 1AA", BY_AGE),
        ("zz", NOT_FOUND),
        ("", NOT_FOUND),
    ],
)
def test_each_kind_of_answer_says_what_decided(text: str, rule: str) -> None:
    assert explainer().guess(text)["rule"] in {rule, BY_AGE}


@pytest.mark.parametrize(
    "text",
    [
        "221222",
        "charlie bravo one two alpha bravo",
        "CB1 2ZZ",
        "Is that near Cambridge?",
        "HU1 1AA",
    ],
)
def test_each_choice_is_told_with_its_numbers_and_the_row_that_decides(text: str) -> None:
    routes = shipped.table().routes
    for offer in explainer().guess(text)["question"] or []:
        assert offer["numbers"] == explainer()._numbers(offer["service"] or "")
        row = int(re.findall(r"routes.csv row (\d+)", offer["rule"])[0])
        deciding = next(each for each in routes if each.row == row)
        assert deciding.service == offer["service"]


def test_the_choice_of_a_landline_is_told_with_the_row_that_decides() -> None:
    (offer,) = explainer().telephone("01223 496000")["question"] or []
    assert offer["rule"].startswith("lad E07000008 (routes.csv row ")


@pytest.mark.parametrize(("postcode", "rule"), [("N1P 3AA", NOT_PLACED)])
def test_a_postcode_without_a_route_is_told_why(postcode: str, rule: str) -> None:
    assert explainer().postcode(postcode)["rule"] == rule


def test_the_audience_settles_what_depends_on_age() -> None:
    assert explainer("under_18").guess("HU1 1AA")["service"] == "mh027"
    assert explainer("adult").guess("HU1 1AA")["service"] == "mh028"
    asked = explainer().guess("HU1 1AA")["question"] or []
    assert [offer["service"] for offer in asked] == ["mh027", "mh028"]


def test_a_closed_service_is_told_without_its_numbers() -> None:
    christmas = datetime(2026, 12, 25, 15, 0, tzinfo=UTC)
    table = shipped.table()
    closed = next(code for code in table.services if not table.is_open(code, christmas))
    told = explainer(at=christmas)._ringing(closed)
    assert not {number.value for number in table.services[closed].numbers} & set(told)
    assert told[-1] == table.services[table.line.fallback].numbers[-1].value


def ask(*words: str, given: str = "") -> list[str]:
    result = CliRunner().invoke(main, ["route", *words], input=given)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_the_command_answers_one_input_in_lines_or_in_json() -> None:
    assert ask("CB1 2AB")[0].startswith("service   mh009: ")
    assert json.loads(ask("--keys", "221222", "--json")[0])["question"]
    assert "Is that near Cambridge?" in ask("--say", "charlie bravo one two alpha bravo")[-1]
    assert ask("HU1 1AA", "--audience", "under_18", "--at", "2026-12-25T03:00")


def test_the_command_answers_a_file_of_inputs_line_for_line() -> None:
    inputs = ["CB1 2AB", "221222", "", "Leeds", "Ynys Môn", "\u0000"]
    told = [json.loads(line) for line in ask("--batch", "-", given="\n".join(inputs) + "\n")]
    assert [each["input"] for each in told] == inputs


def test_the_command_wants_exactly_one_kind_of_input() -> None:
    result = CliRunner().invoke(main, ["route", "CB1 2AB", "--keys", "221222"])
    assert result.exit_code == 2
    assert "give one of" in result.output
