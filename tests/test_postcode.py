"""How a postcode is written, keyed and read aloud."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.postcode import KEYS, area, clean, keys, spaced, split

OUTWARD = ("M1", "B32", "W1A", "CB1", "CB21", "EC2A")
whole_postcodes = st.from_regex(r"[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}", fullmatch=True)


@pytest.mark.parametrize(
    "written",
    ["CB12AB", "cb1 2ab", " Cb1  2aB ", "CB1\u00a02AB", "CB1\u20132AB", "CB1-2AB.", "c b 1 2 a b"],
)
def test_a_postcode_is_understood_however_it_is_spaced(written: str) -> None:
    assert clean(written) == "CB12AB"


@pytest.mark.parametrize("outward", [*OUTWARD, "GIR", "NPT"])
def test_every_shape_of_postcode_is_one(outward: str) -> None:
    assert clean(f"{outward} 0AA") == f"{outward}0AA"
    assert split(f"{outward}0AA") == (outward, "0AA")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CB1",
        "CB1 2A",
        "CB1 22B",
        "1CB 2AB",
        "ABC1 2AB",
        "CB123 2AB",
        "CB1/2AB",
        "90210",
        "H0H 0H0",
        "BFPO 57",
        "FIQQ 1ZZ",
        "\u00df1 1AA",
        "CB\u0661 2AB",
        "CB1 2AB" + " " * 60,
    ],
)
def test_what_is_no_british_postcode_is_not_taken_for_one(text: str) -> None:
    assert clean(text) == ""


@pytest.mark.parametrize(
    ("postcode", "letters"), [("CB12AB", "CB"), ("M11AA", "M"), ("W1A", "W"), ("", "")]
)
def test_the_area_is_the_letters_a_postcode_begins_with(postcode: str, letters: str) -> None:
    assert area(postcode) == letters


def test_a_postcode_is_keyed_with_one_press_for_each_character() -> None:
    assert keys("CB12AB") == "221222"
    assert keys("SW1A0QZ") == "7912079"


def test_every_letter_and_digit_is_on_one_key() -> None:
    characters = [each for group in KEYS.values() for each in group]
    assert sorted(characters) == sorted("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert all(key in KEYS[key] for key in "0123456789")


@given(whole_postcodes)
def test_each_key_of_a_postcode_stands_for_its_character(postcode: str) -> None:
    pressed = keys(postcode)
    assert len(pressed) == len(postcode)
    assert all(each in KEYS[key] for key, each in zip(pressed, postcode, strict=True))


def test_a_postcode_is_spelt_out_to_be_read_aloud() -> None:
    assert spaced("CB1") == "C B 1"
    assert spaced("b32") == "B 3 2"
    assert spaced("SW1A 1AA") == "S W 1 A, 1 A A"
    assert spaced("") == ""


@given(whole_postcodes, st.sampled_from(["", " ", "\u00a0", " - "]))
def test_a_postcode_in_its_two_halves_is_the_same_postcode(postcode: str, between: str) -> None:
    outward, inward = split(postcode)
    assert clean(outward.lower() + between + inward) == postcode
    assert area(outward) == re.split(r"\d", outward)[0]


@given(st.text())
def test_any_text_is_cleaned_to_a_postcode_or_to_nothing(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == "" or clean(cleaned) == cleaned
