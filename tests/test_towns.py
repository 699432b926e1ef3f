"""The towns callers name: which are meant, and the towns that share a name told apart."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import routing
from ivr.routing import Town
from ivr.towns import ORDINARY, Gazetteer, plain
from tests import shipped


@pytest.fixture(scope="module")
def towns() -> Gazetteer:
    answers = routing.compile(shipped.table(), shipped.directory(), shipped.TODAY)
    return Gazetteer(shipped.directory(), answers, shipped.geography().towns)


def names(found: tuple[Town, ...]) -> list[str]:
    return [town.name for town in found]


def callings(town: Town) -> set[str]:
    """Every way a town is called, as names are compared."""
    return {plain(name) for name in (town.name, *town.also)}


# -- the list ------------------------------------------------------------------------------


def test_no_two_towns_are_told_to_callers_by_the_same_name() -> None:
    told = Counter(plain(town.name) for town in shipped.geography().towns)
    assert [name for name, count in told.items() if count > 1] == []


def test_no_town_is_told_by_a_name_that_another_is_called_by_too() -> None:
    called = Counter(name for town in shipped.geography().towns for name in callings(town))
    assert [town.name for town in shipped.geography().towns if called[plain(town.name)] > 1] == []


def test_a_town_told_with_where_it_is_is_called_by_its_bare_name_too() -> None:
    for town in shipped.geography().towns:
        bare, _, where = town.name.partition(", ")
        assert not where or plain(bare) in callings(town), town.name


def test_no_ordinary_word_is_kept_that_names_no_town() -> None:
    called = {name for town in shipped.geography().towns for name in callings(town)}
    assert called >= ORDINARY


# -- which town ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Newport", ["Newport, South Wales", "Newport, on the Isle of Wight"]),
        ("Bangor", ["Bangor, Northern Ireland", "Bangor, North Wales"]),
        ("Ashford", ["Ashford, Kent", "Ashford, Surrey"]),
        ("Gillingham", ["Gillingham, Kent", "Gillingham, Dorset"]),
        ("St Ives", ["St Ives, Cambridgeshire", "St Ives, Cornwall"]),
        ("Hadleigh", ["Hadleigh, Essex", "Hadleigh, Suffolk"]),
        ("it's Richmond", ["Richmond, London", "Richmond, North Yorkshire"]),
        ("Newcastle", ["Newcastle upon Tyne", "Newcastle-under-Lyme", "Newcastle, County Down"]),
        ("Ely", ["Ely, Cambridgeshire", "Ely, Cardiff"]),
        ("Whitchurch", ["Whitchurch, Shropshire", "Whitchurch, Cardiff"]),
        ("Cheadle", ["Cheadle, Staffordshire", "Cheadle, Stockport"]),
        ("Stratford", ["Stratford, London", "Stratford-upon-Avon"]),
        ("Hayes", ["Hayes, West London", "Hayes, Bromley"]),
        ("Yarmouth", ["Great Yarmouth", "Yarmouth, Isle of Wight"]),
        ("Newport in Wales", ["Newport, South Wales", "Newport, Pembrokeshire"]),
        ("between Leeds and Bradford", ["Leeds", "Bradford"]),
    ],
)
def test_towns_that_share_a_name_are_all_found_likeliest_first(
    towns: Gazetteer, said: str, asked: list[str]
) -> None:
    assert names(towns.named(said))[: len(asked)] == asked


@pytest.mark.parametrize(
    ("said", "town"),
    [
        ("Newport Isle of Wight", "Newport, on the Isle of Wight"),
        ("I'm on the Isle of Wight, in Newport", "Newport, on the Isle of Wight"),
        ("Newport, Gwent", "Newport, South Wales"),
        ("Newport Salop", "Newport, Shropshire"),
        ("Richmond in Yorkshire", "Richmond, North Yorkshire"),
        ("Richmond in North Yorkshire", "Richmond, North Yorkshire"),
        ("Richmond, Surrey", "Richmond, London"),
        ("Ashford Kent", "Ashford, Kent"),
        ("Ashford, Middlesex", "Ashford, Surrey"),
        ("Bangor, Co. Down", "Bangor, Northern Ireland"),
        ("Bangor in Wales", "Bangor, North Wales"),
        ("Saint Ives in Cornwall", "St Ives, Cornwall"),
        ("St Ives, Cambs", "St Ives, Cambridgeshire"),
        ("Ely in Cardiff", "Ely, Cardiff"),
        ("Stratford in east London", "Stratford, London"),
        ("Stratford on Avon", "Stratford-upon-Avon"),
        ("Newcastle on Tyne", "Newcastle upon Tyne"),
        ("Sutton Coldfield", "Sutton Coldfield"),
        ("Gillingham, Dorset", "Gillingham, Dorset"),
        ("Leeds, Beeston", "Beeston, Leeds"),
    ],
)
def test_a_caller_who_says_which_town_is_asked_about_no_other(
    towns: Gazetteer, said: str, town: str
) -> None:
    assert names(towns.named(said)) == [town]


def test_every_town_is_found_by_all_it_is_called(towns: Gazetteer) -> None:
    for town in shipped.geography().towns:
        assert names(towns.named(town.name)) == [town.name]
        for name in town.also:
            assert town in towns.named(name), name


@pytest.mark.parametrize(
    ("said", "town"),
    [
        ("middlesborough", "Middlesbrough"),
        ("I'm in middlesborough", "Middlesbrough"),
        ("basingstoak", "Basingstoke"),
        ("Ynys M\u00f4n", "Anglesey"),
        ("King\u2019s Lynn", "King's Lynn"),
        ("Bath & North East Somerset", "Bath and North East Somerset"),
        ("Whitechurch, Cardiff", "Cardiff"),  # exact beats alike
        ("Newcastle Emlyn", "Newcastle Emlyn"),
        ("Leicester Square", "Leicester Square"),
        ("the Old Kent Road", "Old Kent Road"),
    ],
)
def test_a_misspelt_or_longer_name_is_understood_but_never_before_an_exact_one(
    towns: Gazetteer, said: str, town: str
) -> None:
    assert names(towns.named(said)) == [town]


@pytest.mark.parametrize("said", ["Elie", "Dale", "Burl", "Wyck", "Elyy", "Obans", "Holl"])
def test_a_short_name_is_never_guessed_at(towns: Gazetteer, said: str) -> None:
    assert towns.named(said) == ()


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("I live on a street in Leeds", ["Leeds"]),
        ("I'm reading what it says", []),
        ("I can't deal with it", []),
        ("I'm in Reading", ["Reading"]),
        ("Reading", ["Reading"]),
        ("the nearest town is Deal", ["Deal"]),
        ("London", []),
        ("I'm in London", []),
        ("please help me", []),
        ("", []),
    ],
)
def test_an_ordinary_word_is_a_town_only_where_a_town_would_be_said(
    towns: Gazetteer, said: str, asked: list[str]
) -> None:
    assert names(towns.named(said)) == asked


@given(st.text(max_size=300))
def test_whatever_is_said_no_town_is_found_twice(towns: Gazetteer, said: str) -> None:
    found = towns.named(said)
    assert len(found) == len(set(found))


# -- their services ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "services"),
    [
        ("Newport", ["wales-aneurin-bevan", "mh063", "mh038"]),
        ("Bangor", ["ni-lifeline", "wales-betsi-cadwaladr"]),
        ("Ely", ["mh009", "wales-cardiff-and-vale"]),
        ("Richmond", ["mh062", "mh077"]),
    ],
)
def test_towns_that_share_a_name_lead_to_their_own_services(
    towns: Gazetteer, said: str, services: list[str]
) -> None:
    found = [towns.cover(town)[0].adult for town in towns.named(said)]
    assert found[: len(services)] == services


BOROUGHS = {
    "E09000001": "City of London",
    "E09000002": "Barking and Dagenham",
    "E09000003": "Barnet",
    "E09000004": "Bexley",
    "E09000005": "Brent",
    "E09000006": "Bromley",
    "E09000007": "Camden",
    "E09000008": "Croydon",
    "E09000009": "Ealing",
    "E09000010": "Enfield",
    "E09000011": "Greenwich",
    "E09000012": "Hackney",
    "E09000013": "Hammersmith and Fulham",
    "E09000014": "Haringey",
    "E09000015": "Harrow",
    "E09000016": "Havering",
    "E09000017": "Hillingdon",
    "E09000018": "Hounslow",
    "E09000019": "Islington",
    "E09000020": "Kensington and Chelsea",
    "E09000021": "Kingston upon Thames",
    "E09000022": "Lambeth",
    "E09000023": "Lewisham",
    "E09000024": "Merton",
    "E09000025": "Newham",
    "E09000026": "Redbridge",
    "E09000027": "Richmond upon Thames",
    "E09000028": "Southwark",
    "E09000029": "Sutton, London",
    "E09000030": "Tower Hamlets",
    "E09000031": "Waltham Forest",
    "E09000032": "Wandsworth",
    "E09000033": "Westminster",
}


@pytest.mark.parametrize(("code", "name"), BOROUGHS.items(), ids=BOROUGHS.values())
def test_every_borough_of_london_is_known_and_leads_to_its_service(
    towns: Gazetteer, code: str, name: str
) -> None:
    (borough,) = towns.named(name)
    assert borough.within == code
    cover, share, _ = towns.cover(borough)
    routed = {
        route.service
        for route in shipped.table().routes
        if route.area == code and route.audience == "any"
    }
    assert ({cover.adult}, share) == (routed, 1.0)


@pytest.mark.parametrize(
    ("said", "borough"),
    [
        ("Brixton", "Lambeth"),
        ("Peckham", "Southwark"),
        ("Camden Town", "Camden"),
        ("Wembley", "Brent"),
        ("Stratford, London", "Newham"),
        ("Ealing", "Ealing"),
        ("Tooting", "Wandsworth"),
        ("Walthamstow", "Waltham Forest"),
        ("Kensington", "Kensington and Chelsea"),
        ("Kingston", "Kingston upon Thames"),
        ("Richmond, London", "Richmond upon Thames"),
        ("Clapham Junction", "Wandsworth"),
        ("West Kensington", "Hammersmith and Fulham"),
        ("Stamford Hill", "Hackney"),
        ("Stroud Green", "Haringey"),
        ("Newbury Park", "Redbridge"),
        ("Seven Sisters", "Haringey"),
        ("the Isle of Dogs", "Tower Hamlets"),
        ("Heathrow", "Hillingdon"),
        ("Brixton in London", "Lambeth"),
    ],
)
def test_a_part_of_london_lies_in_its_borough(towns: Gazetteer, said: str, borough: str) -> None:
    assert BOROUGHS[towns.named(said)[0].within].partition(",")[0] == borough
