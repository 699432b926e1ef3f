"""The directory, as it answers: over small ones made in the test, for whatever postcodes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.directory import Directory, DirectoryError, Entry, Match, Place
from ivr.directory.format import NORTHERN_IRELAND
from ivr.directory.units import KEY_OF, LETTERS, UNITS
from tests.directories import directory_of, file_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Postcodes = Mapping[str, tuple[Place, bool]]

CAMBRIDGE = Place("England", "E07000008", "E01017988", "E38000260", "E54000065", "E54000056")
BRADFORD = Place("England", "E08000032", "", "E38000232", "E54000054", "E54000054")
CARDIFF = Place("Wales", "W06000015", "W01001939")
GLASGOW = Place("Scotland", "S12000049")
DOUGLAS = Place("Isle of Man")
NOWHERE = Place()

PLACES = st.sampled_from([CAMBRIDGE, BRADFORD, CARDIFF, GLASGOW, DOUGLAS, NOWHERE])
POSTCODE = st.builds(
    lambda outward, digit, unit: outward + digit + unit,
    st.sampled_from(["CB1", "BA1", "BD1", "E1", "EC1A", "CV10", "GIR"]),
    st.sampled_from("012"),
    st.sampled_from(UNITS),
)
POSTCODES = st.dictionaries(POSTCODE, st.tuples(PLACES, st.booleans()), max_size=120)


def listed(directory: Directory) -> Postcodes:
    return {postcode: (directory.place(place), live) for postcode, place, live in directory.every()}


@given(POSTCODES)
def test_what_was_built_is_found_and_nothing_else(postcodes: Postcodes) -> None:
    directory = directory_of(postcodes)
    assert listed(directory) == postcodes
    for outward in ("CB1", "EC1A", "ZZ9"):
        for unit in UNITS[::7]:
            entry = directory.find(f"{outward}1{unit}")
            found = (directory.place(entry.place), entry.live) if entry else None
            assert found == postcodes.get(f"{outward}1{unit}")


@given(POSTCODES, st.data())
def test_keys_fit_the_live_postcodes_that_are_spelt_so_and_else_the_terminated(
    postcodes: Postcodes, data: st.DataObject
) -> None:
    directory = directory_of(postcodes)
    keys = data.draw(st.sampled_from(sorted(postcodes) or ["CB12AB"])).translate(KEY_OF)
    fitting = {
        each: live for each, (_, live) in postcodes.items() if each.translate(KEY_OF) == keys
    }
    live = {each for each in fitting if fitting[each]}
    matches = [match for match in directory.keyed(keys) if match.place != 0]
    assert {match.outward + match.inward for match in matches} == (live or set(fitting))
    for match in matches:
        place, in_use = postcodes[match.outward + match.inward]
        assert (directory.place(match.place), match.live) == (place, in_use)


@given(POSTCODES, st.sampled_from(["", "0", "1", "2"]))
def test_near_counts_the_live_postcodes_of_each_place(postcodes: Postcodes, digit: str) -> None:
    directory = directory_of(postcodes)
    around = [what for each, what in postcodes.items() if each[:-2].startswith("CB1" + digit)]
    live = Counter(place for place, in_use in around if in_use)
    expected = live or Counter(place for place, _ in around)
    near = directory.near("CB1", digit)
    assert {directory.place(place): count for place, count in near.items()} == expected


@given(
    POSTCODES,
    st.text("012", max_size=2),
    st.text(LETTERS + "CIK", max_size=4),
    st.text(LETTERS + "CIK", max_size=4),
)
def test_fitting_gives_live_and_terminated_postcodes_of_those_characters(
    postcodes: Postcodes, digits: str, firsts: str, seconds: str
) -> None:
    directory = directory_of(postcodes)
    matches = directory.fitting(["CB1", "EC1A", "ZZ9"], digits, firsts, seconds)
    assert {match.outward + match.inward for match in matches} == {
        each
        for each in postcodes
        if each[:-3] in {"CB1", "EC1A"}
        and each[-3] in digits
        and each[-2] in firsts
        and each[-1] in seconds
    }


@given(POSTCODES)
def test_the_same_postcodes_make_the_same_file_in_any_order(postcodes: Postcodes) -> None:
    assert file_of(postcodes) == file_of(dict(reversed([*postcodes.items()])))


@given(st.text(max_size=9))
def test_nonsense_is_not_found_and_never_raises(text: str) -> None:
    directory = directory_of({"CB12AB": (CAMBRIDGE, True)})
    assert directory.find(text) in (None, Entry(0, live=True))
    assert directory.keyed(text) == []
    assert directory.near(text, "x") in ({}, {0: 1})
    assert not directory.keyed_outwards("" if text in directory.outwards() else text)


def test_a_terminated_postcode_is_still_found() -> None:
    directory = directory_of({"CB12AB": (CAMBRIDGE, False), "CB12AD": (BRADFORD, True)})
    entry = directory.find("CB12AB")
    assert entry is not None
    assert (directory.place(entry.place), entry.live) == (CAMBRIDGE, False)
    assert [match.live for match in directory.keyed("221222")] == [False]
    assert [directory.place(place) for place in directory.near("CB1", "2")] == [BRADFORD]


def test_a_sector_of_terminated_postcodes_only_counts_those() -> None:
    directory = directory_of({"CB12AB": (CAMBRIDGE, False), "CB13AB": (BRADFORD, True)})
    assert list(directory.near("CB1", "2").values()) == [1]
    assert directory.place(next(iter(directory.near("CB1", "2")))) == CAMBRIDGE
    assert directory.place(next(iter(directory.near("CB1")))) == BRADFORD


def test_every_postcode_of_northern_ireland_is_found_by_rule() -> None:
    directory = directory_of({})
    for postcode in ("BT11AA", "BT487NL", "BT929ZZ"):
        entry = directory.find(postcode)
        assert entry == (0, True)
        assert directory.place(0) == NORTHERN_IRELAND
    assert directory.near("BT1", "5") == {0: 1}
    assert {"BT1", "BT94"} <= set(directory.outwards())
    assert "BT50" not in directory.outwards()


@pytest.mark.parametrize("text", ["BT", "BT1", "BT1AA", "BTA1AA", "BT1001AA", "BT11A1", "BT11CA"])
def test_what_cannot_be_a_postcode_of_northern_ireland_is_not_one(text: str) -> None:
    assert directory_of({}).find(text) is None


def test_keys_that_may_be_of_northern_ireland_offer_it_beside_the_rest() -> None:
    directory = directory_of({"CV12AB": (CAMBRIDGE, False), "BU12AB": (BRADFORD, True)})
    belfast = Match("BT1", "2", 0, live=True)
    assert belfast in directory.keyed("281222")
    assert len(directory.keyed("281222")) == 2
    assert directory.keyed("281200") == []  # no letter is on the key 0
    assert directory.fitting(["BT1"], "23", "A", "B") == [belfast, Match("BT1", "3", 0, live=True)]


def test_the_outward_codes_of_a_string_of_keys_are_known() -> None:
    directory = directory_of({"CB12AB": (CAMBRIDGE, True), "BA12AB": (BRADFORD, True)})
    assert set(directory.keyed_outwards("221")) == {"CB1", "BA1"}
    assert set(directory.keyed_outwards("281")) == {"BT1"}
    assert not directory.keyed_outwards("999")


def test_a_place_that_does_not_exist_is_refused() -> None:
    directory = directory_of({"CB12AB": (CAMBRIDGE, True)})
    assert len(directory) == 2
    for number in (-1, 2):
        with pytest.raises(IndexError, match="from 0 to 1"):
            directory.place(number)


def test_more_places_than_two_bytes_number_are_still_told_apart() -> None:
    units = [
        f"CB{outward}{digit}{unit}"
        for outward in range(1, 18)
        for digit in range(10)
        for unit in UNITS
    ]
    postcodes = {
        postcode: (Place("England", "E07000008", f"E01{number:06d}"), True)
        for number, postcode in enumerate(units[: (1 << 16) + 2], 1)
    }
    directory = directory_of(postcodes)
    assert len(directory) == (1 << 16) + 3
    assert listed(directory) == postcodes


@given(st.data())
def test_a_file_that_is_cut_or_altered_anywhere_is_refused_in_one_line(data: st.DataObject) -> None:
    file = file_of({"CB12AB": (CAMBRIDGE, True), "CB12AD": (BRADFORD, False)})
    at = data.draw(st.integers(0, len(file) - 1))
    bit = data.draw(st.integers(0, 7))
    altered = file[:at] + bytes([file[at] ^ 1 << bit]) + file[at + 1 :]
    for bad in (file[:at], altered, file + b"\0"):
        with pytest.raises(DirectoryError) as refusal:
            Directory(bad)
        assert "\n" not in str(refusal.value)
        assert "ivr directory build" in str(refusal.value)


def test_a_file_of_another_format_is_refused_by_its_number() -> None:
    file = bytearray(file_of({}))
    file[8] = 9
    with pytest.raises(DirectoryError, match="format 9"):
        Directory(bytes(file))


def test_the_version_is_of_the_postcodes_and_not_of_the_story() -> None:
    one = file_of({"CB12AB": (CAMBRIDGE, True)})
    other = file_of({"CB12AB": (CAMBRIDGE, False)})
    assert len(Directory(one).version) == 12
    assert Directory(one).version != Directory(other).version
