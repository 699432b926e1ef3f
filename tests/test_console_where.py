"""Where does it go? What a caller would get, asked in the console."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests import shipped
from tests.console import Browser, Console
from tests.test_console_coverage import HARTLEPOOL, files


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Console:
    return Console(tmp_path_factory.mktemp("console"))


@pytest.fixture(scope="module")
def viewer(here: Console) -> Browser:
    return here.as_("viewer")


def asked(viewer: Browser, text: str, **form: str) -> str:
    answer = viewer.submit("/console/where/", {"text": text, **form})
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def heading(page: str) -> str:
    found = re.search(r'id="answer">(.*?)<', page)
    assert found, page
    return found[1]


def test_a_postcode_gives_the_service_its_numbers_the_rule_and_the_district(
    viewer: Browser,
) -> None:
    page = asked(viewer, "CB1 2AB")
    assert heading(page) == "C&P First Response Service (FRS)"
    assert "lad E07000008 (routes.csv row" in page
    numbers = re.findall(r"\+44\d{10}", page[page.index("What rings") :])
    told = shipped.table().services["mh009"].numbers
    assert numbers[: len(told)] == [number.value for number in told]
    assert "Cambridge, E07000008" in page
    assert re.search(r'map-1 map-area-told"[^>]*><title>Cambridge: C&P First', page)


@pytest.mark.parametrize(
    ("text", "choices"), [("2212222", 4), ("Is that near Cambridge?", 1), ("L1 1AA", 2)]
)
def test_each_choice_tells_its_numbers_in_order_and_the_row(
    here: Console, viewer: Browser, text: str, choices: int
) -> None:
    page = asked(viewer, text)
    question = here.means.explainer(None, here.clock()).guess(text)["question"] or []
    offered = list(dict.fromkeys(each["service"] for each in question if each["service"]))
    rings = page[page.index("What rings") :].split("If it is ")[1:]
    assert len(rings) == len(offered) == choices
    for code, told in zip(offered, rings, strict=True):
        service = shipped.table().services[code]
        assert told.startswith(service.name)
        numbers = re.findall(r"\+44\d{10}", told)
        assert numbers[: len(service.numbers)] == [each.value for each in service.numbers]
    assert all(each["rule"] in page for each in question)


@pytest.mark.parametrize(("text", "how"), [("zzz", "guess"), ("xyzzy", "speech"), ("749", "keys")])
def test_what_is_nowhere_is_headed_so(viewer: Browser, text: str, how: str) -> None:
    page = asked(viewer, text, how=how)
    assert heading(page) == "Not found"


def test_a_place_that_no_row_covers_is_told_so(viewer: Browser) -> None:
    page = asked(viewer, "N1P 3AA")
    assert "the directory does not know its district" in page


def test_what_is_asked_never_stands_in_an_address(viewer: Browser) -> None:
    assert "TS24 7QJ" not in viewer.page("/console/where/?text=TS24+7QJ")
    page = asked(viewer, "TS24 7QJ")
    assert '<form method="post" action="/console/where/"' in page
    assert not re.search(r'(href|src|action)="[^"]*TS24', page)


def test_keys_of_several_services_give_the_question_and_mark_each_on_the_map(
    viewer: Browser,
) -> None:
    page = asked(viewer, "2212222")
    assert heading(page) == "The caller is asked"
    assert "B B 1 2, Blackburn" in page
    assert {"map-1", "map-2"} <= set(re.findall(r"map-\d", page))


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        ("near Brighton", "guess", "Brighton"),
        ("0118 496 0123", "guess", "Reading"),
        ("+44 7700 900123", "guess", "points to no one service"),
        ("+44 7700 900123", "telephone", "points to no one service"),
        ("xyzzy", "speech", "not found"),
        ("749", "keys", "not found"),
        ("BT1 1AA", "postcode", "Lifeline"),
        ("JE2 3AB", "postcode", "Jersey"),
    ],
)
def test_anything_a_caller_may_give_can_be_asked(
    viewer: Browser, text: str, how: str, said: str
) -> None:
    assert said in asked(viewer, text, how=how)


def test_the_age_decides_where_the_area_splits_by_it(viewer: Browser) -> None:
    assert heading(asked(viewer, "L1 1AA")) == "The caller is asked"
    young = heading(asked(viewer, "L1 1AA", audience="under_18"))
    grown = heading(asked(viewer, "L1 1AA", audience="adult"))
    assert young != grown


def test_the_time_decides_which_numbers_ring(viewer: Browser) -> None:
    powys = "LD1 5AA"
    night, noon = (
        asked(viewer, powys, day="2026-12-09", at=at, audience="adult") for at in ("03:00", "12:00")
    )
    assert "9 December 2026 at 03:00" in night
    assert noon.count("Closed then") <= night.count("Closed then")


def test_a_candidate_can_be_asked_before_it_is_live(here: Console, viewer: Browser) -> None:
    changed = files((HARTLEPOOL, HARTLEPOOL.replace(b"mh067", b"mh009")))
    version = here.store.versions.add(changed, "ann", "try", "", shipped.NOON).id
    assert heading(asked(viewer, "TS24 7QJ", version=version)) == "C&P First Response Service (FRS)"
    assert heading(asked(viewer, "TS24 7QJ")) != "C&P First Response Service (FRS)"
    gone = viewer.submit("/console/where/", {"text": "CB1 2AB", "version": "000000000000"})
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"text": ""}, "Enter a postcode"),
        ({"text": "x" * 201}, "Enter a postcode"),
        ({"text": "CB1 2AB", "day": "tomorrow"}, "Enter a day"),
        ({"text": "CB1 2AB", "day": "9999-12-31"}, "Enter a day"),
        ({"text": "CB1 2AB", "at": "25:00"}, "Enter a time"),
        ({"text": "CB1 2AB", "at": "12:00+01:00"}, "Enter a time"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    viewer: Browser, form: dict[str, str], said: str
) -> None:
    answer = viewer.submit("/console/where/", form)
    assert answer.status_code == 422
    assert answer.text.count(said) == 2  # above the form, and at the field


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\0", "٣٤٥", "CB1" * 60, "😀", "0", "+"]
)
@pytest.mark.parametrize("how", ["guess", "postcode", "keys", "speech", "telephone", "nonsense"])
def test_nothing_that_is_typed_is_a_fault_or_mark_up(viewer: Browser, text: str, how: str) -> None:
    answer = viewer.submit("/console/where/", {"text": text, "how": how})
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.text


def test_a_form_without_its_token_is_refused(viewer: Browser) -> None:
    assert viewer.post("/console/where/", data={"text": "CB1 2AB"}).status_code == 403


def test_nobody_asks_who_is_not_signed_in(tmp_path: Path) -> None:
    browser = Console(tmp_path).browser()
    assert browser.get("/console/where/").status_code == 302
    assert browser.get("/console/coverage/").status_code == 302
