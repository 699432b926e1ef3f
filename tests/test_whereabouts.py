"""Where a caller is, by what they key, say, or ring from: the awkward ones, each by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import postcode
from ivr.whereabouts import MOST, NOWHERE, Found, Whereabouts
from tests import shipped


@pytest.fixture
def where() -> Whereabouts:
    return shipped.whereabouts()


def services(found: Found) -> list[str]:
    return [option.cover.adult for option in found.options]


def words(found: Found) -> str:
    english = shipped.catalogues()["en"]
    return " / ".join(english.text(one) for option in found.options for one in option.says)


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("CB1 2AB", "mh009"),
        ("cb12ab", "mh009"),
        ("BT1 1AA", "ni-lifeline"),
        ("BT93 8ZZ", "ni-lifeline"),
        ("JE2 3AB", "jersey"),
        ("GY1 1AA", "guernsey"),
        ("IM1 1AA", "isle-of-man"),
        ("EH1 1YZ", "scotland-nhs24"),
        ("CF10 1EP", "wales-cardiff-and-vale"),
        ("AB1 0AA", "scotland-nhs24"),  # terminated in 1996
        ("GIR 0AA", "england-fallback"),  # a bank's, and nowhere
    ],
)
def test_a_written_postcode_is_found(where: Whereabouts, text: str, service: str) -> None:
    found = where.written(text)
    assert found.sure
    assert services(found) == [service]


def test_a_postcode_newer_than_the_directory_is_its_sectors_and_is_confirmed(
    where: Whereabouts,
) -> None:
    assert where.directory.find("CB12ZZ") is None
    found = where.written("CB1 2ZZ")
    assert (services(found), found.sure) == (["mh009"], False)
    assert words(found) == "Is that near Cambridge?"


def test_a_postcode_in_a_new_sector_is_its_districts(where: Whereabouts) -> None:
    assert not where.directory.near("ZE1", "7")
    assert services(where.written("ZE1 7AA")) == ["scotland-nhs24"]


@pytest.mark.parametrize("text", ["90210", "1234 AB", "QQ9 9QQ", "", "CB", "K1A 0B1", "75008"])
def test_what_is_overseas_or_nonsense_is_nowhere(where: Whereabouts, text: str) -> None:
    assert where.written(text) == NOWHERE


@pytest.mark.parametrize("keys", ["", "1", "11", "111111", "00000", "9999999", "12345678", "*#"])
def test_keys_that_fit_nothing_are_nowhere(where: Whereabouts, keys: str) -> None:
    assert where.keyed(keys) == NOWHERE


def test_a_nought_pressed_for_the_letter_o_is_put_right(where: Whereabouts) -> None:
    assert services(where.keyed("09" + postcode.keys("OX11AA")[2:])) == services(
        where.keyed(postcode.keys("OX11AA"))
    )


def test_northern_ireland_is_offered_beside_the_places_its_keys_also_fit(
    where: Whereabouts,
) -> None:
    found = where.keyed(postcode.keys("BT11AA"))
    assert "ni-lifeline" in services(found)
    assert "B T 1, Northern Ireland," in words(found)


def test_keys_of_a_postcode_newer_than_the_directory_are_never_sure(where: Whereabouts) -> None:
    found = where.keyed(postcode.keys("ZE17AA"))
    assert "scotland-nhs24" in services(found)
    assert not found.sure


def test_keys_that_fit_only_terminated_postcodes_are_never_sure(where: Whereabouts) -> None:
    keys = postcode.keys("WD17AA")
    assert not any(match.live for match in where.directory.keyed(keys))
    assert "mh026" in services(where.keyed(keys))
    assert not where.keyed(keys).sure


def test_a_first_half_alone_is_enough_where_it_lies_with_one_service(where: Whereabouts) -> None:
    assert services(where.keyed(postcode.keys("LL57"))) == ["wales-betsi-cadwaladr"]
    assert services(where.said("bravo november one")) == services(where.said("B N 1 1 A A"))


@pytest.mark.parametrize(
    ("said", "service", "town"),
    [
        ("charlie bravo one two alpha bravo", "mh009", "Cambridge"),
        ("C B 1 2 A B", "mh009", "Cambridge"),
        ("b n one one a a", "mh066", "Brighton"),
        ("my postcode is m1 1ae", "mh025", "Manchester"),
        ("L E sixteen nine R W", "mh050", "Leicester"),
        ("bravo tango one one alpha alpha", "ni-lifeline", "Northern Ireland"),
    ],
)
def test_a_spoken_postcode_is_confirmed_by_its_post_town(
    where: Whereabouts, said: str, service: str, town: str
) -> None:
    found = where.said(said)
    assert (services(found), found.sure) == ([service], False)
    assert words(found) == f"Is that near {town}?"


def test_what_sounds_alike_in_one_town_is_asked_about(where: Whereabouts) -> None:
    found = where.said("S W one A one A A")
    assert services(found)[0] == "mh011"
    assert "S W 1 8" in words(found), "A and eight sound alike, and lie with two services"


@pytest.mark.parametrize(
    "said", ["", "hello", "nine zero two one zero", "\u0000", "help me please"]
)
def test_speech_that_is_no_postcode_is_nowhere(where: Whereabouts, said: str) -> None:
    assert where.said(said) == NOWHERE


@pytest.mark.parametrize(
    ("said", "town"),
    [
        ("Leeds", "Leeds"),
        ("I'm in Cambridge, I think", "Cambridge"),
        ("middlesborough", "Middlesbrough"),
        ("Stoke on Trent", "Stoke-on-Trent"),
        ("Kingston upon Hull", "Hull"),
        ("Newcastle", "Newcastle upon Tyne"),
        ("it's Richmond", "Richmond"),
    ],
)
def test_a_town_is_known_by_the_name_people_use(where: Whereabouts, said: str, town: str) -> None:
    assert town in words(where.town(said))


@pytest.mark.parametrize("said", ["London", "Paris", "", "qwertyuiop", "the"])
def test_a_town_that_many_services_share_or_nobody_knows_is_nowhere(
    where: Whereabouts, said: str
) -> None:
    assert where.town(said) == NOWHERE


def test_a_landlines_code_points_to_its_town_if_one_service_covers_it(where: Whereabouts) -> None:
    assert "Sheffield" in words(where.landline("+441144960123"))


@pytest.mark.parametrize(
    "number",
    ["", "+447700900123", "+442079460123", "+448081570123", "+14155550100", "+441632960123"],
)
def test_a_number_that_points_to_no_one_place_is_no_hint(where: Whereabouts, number: str) -> None:
    assert where.landline(number) == NOWHERE


@given(st.text(max_size=60), st.text("0123456789*#", max_size=12))
def test_whatever_is_said_or_keyed_at_most_four_services_are_offered(text: str, keys: str) -> None:
    where = shipped.whereabouts()
    for found in (where.said(text), where.town(text), where.keyed(keys), where.written(text)):
        assert len(found.options) <= MOST
        assert len(set(services(found))) == len(found.options) or any(
            option.cover.by_age for option in found.options
        )
        assert not found.sure or len(found.options) == 1
