"""Which numbers may be rung, rung back, and shown: over all of the UK's ranges, and no others."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from ivr import numbers
from ivr.numbers import allowed_to_ring, from_caller, keyed, may_ring_back, valid_uk_caller_id

DRAMA = [
    "+441632960000",
    "+441632960999",
    "+447700900123",
    "+442079460000",
    "+441134960999",
    "+441144960000",
    "+441154960000",
    "+441164960000",
    "+441174960000",
    "+441184960000",
    "+441214960000",
    "+441314960000",
    "+441414960000",
    "+441514960000",
    "+441614960000",
    "+441914980999",
    "+442920180000",
    "+442896496000",
    "+448081570999",
    "+443069990000",
]

LAST = ("+441632960999", "+447700900999", "+442079460999", "+441134960999", "+442896496999")
NEARLY_DRAMA = [*(f"+{int(number) + 1}" for number in LAST), "+44163296000" + "00"]
"""The numbers just behind those kept for drama: somebody may have them, so none is written down."""

NATIONS = {"GB": "England", "JE": "Jersey", "GG": "Guernsey", "IM": "Isle of Man"}
RUNG = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.UAN,
}


def example(region: str, kind: int) -> str:
    """A number that could be real, by libphonenumber's own example: none is written down here."""
    number = phonenumbers.example_number_for_type(region, kind)
    assert number
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


LANDLINE = example("GB", PhoneNumberType.FIXED_LINE)
MOBILE = example("GB", PhoneNumberType.MOBILE)
FREEPHONE = example("GB", PhoneNumberType.TOLL_FREE)
UK_WIDE = "+443069990123"  # drama: libphonenumber's own example is a corporate number, 055
PREMIUM = example("GB", PhoneNumberType.PREMIUM_RATE)
IRISH = example("IE", PhoneNumberType.MOBILE)
JERSEY = example("JE", PhoneNumberType.MOBILE)


@pytest.mark.parametrize("number", DRAMA)
def test_a_drama_number_is_rung_on_a_test_line_and_nowhere_else(number: str) -> None:
    assert numbers.drama(number)
    assert allowed_to_ring(number, test_line=True) is None
    assert "drama" in str(allowed_to_ring(number, test_line=False))


@pytest.mark.parametrize("number", NEARLY_DRAMA)
def test_the_numbers_beside_the_drama_ranges_are_not_drama(number: str) -> None:
    assert not numbers.drama(number)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (PREMIUM, "is a premium-rate number"),
        (example("GB", PhoneNumberType.PERSONAL_NUMBER), "is a personal number"),
        (example("GB", PhoneNumberType.VOIP), "is an internet telephone number"),
        (example("GB", PhoneNumberType.PAGER), "is a pager number"),
        (example("GB", PhoneNumberType.UAN), "is a corporate number"),
        (IRISH, "is not in the United Kingdom"),
        (JERSEY, "is in Jersey"),
        ("+44999", "emergency or short"),
        ("+44111", "emergency or short"),
        ("+44116123", "emergency or short"),
    ],
)
def test_what_may_not_be_rung_is_refused_with_its_reason(number: str, says: str) -> None:
    assert says in str(allowed_to_ring(number, test_line=True))


@pytest.mark.parametrize(
    "number",
    ["999", "112", "+441", "01632 960001", "+447700800", "+44770090012", "+999123456789",
     "sip:nobody", "sip:a b@example.com", "sip:@", "+", ""],
)  # fmt: skip
def test_what_is_no_number_is_never_rung(number: str) -> None:
    reason = allowed_to_ring(number, test_line=True)
    assert reason == f"{number} is not a telephone number that can exist"


@pytest.mark.parametrize("number", [LANDLINE, MOBILE, FREEPHONE, "sip:crisis@example.com"])
def test_real_kinds_of_number_are_rung_on_any_line(number: str) -> None:
    assert allowed_to_ring(number, test_line=True) is None
    assert allowed_to_ring(number, test_line=False) is None


@pytest.mark.parametrize(("region", "nation"), NATIONS.items())
@pytest.mark.parametrize("kind", [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE])
def test_every_nation_is_rung_in_its_own_numbers(region: str, nation: str, kind: int) -> None:
    assert allowed_to_ring(example(region, kind), test_line=False, nation=nation) is None


@pytest.mark.parametrize("region", ["JE", "GG", "IM"])
def test_an_islands_number_is_rung_for_its_own_service_only(region: str) -> None:
    number = example(region, PhoneNumberType.MOBILE)
    assert allowed_to_ring(number, test_line=True, nation="England") is not None
    assert not may_ring_back(number, test_line=True)
    assert may_ring_back(number, test_line=True, nation=NATIONS[region])


@settings(deadline=None)
@given(st.from_regex(r"\+44[1-9][0-9]{6,9}", fullmatch=True))
def test_over_all_uk_ranges_what_is_rung_is_a_kind_that_is_named(number: str) -> None:
    found = phonenumbers.parse(number)
    kind = phonenumbers.number_type(found)
    elsewhere = kind in {PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE} and any(
        phonenumbers.is_valid_number_for_region(found, island) for island in ("JE", "GG", "IM")
    )
    corporate = number.startswith("+4455")
    expected = kind in RUNG and not (elsewhere or corporate or numbers.drama(number))
    assert (allowed_to_ring(number, test_line=False) is None) == expected


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS - NATIONS.keys()))
def test_no_other_country_is_ever_rung(region: str) -> None:
    for kind in RUNG:
        number = phonenumbers.example_number_for_type(region, kind)
        if number:
            foreign = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            assert allowed_to_ring(foreign, test_line=True) is not None
            assert not may_ring_back(foreign, test_line=True)
            assert not valid_uk_caller_id(foreign, test_line=True)


@settings(deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"(\+|00|sip:)?[0-9@a-z]{1,20}", fullmatch=True))
def test_no_text_makes_the_policy_fall_over(text: str) -> None:
    allowed_to_ring(text, test_line=True)
    may_ring_back(text, test_line=False)
    valid_uk_caller_id(text, test_line=True)
    for number in (from_caller(text), keyed(text)):
        assert number == "" or numbers.kind(number) not in {numbers.INVALID, numbers.SIP}


@pytest.mark.parametrize("number", ["+448081570000", UK_WIDE, PREMIUM, ""])
def test_only_a_landline_or_a_mobile_is_rung_back(number: str) -> None:
    assert not may_ring_back(number, test_line=True)
    assert may_ring_back("+447700900123", test_line=True)
    assert may_ring_back("+441632960123", test_line=True)
    assert not may_ring_back("+447700900123", test_line=False)


@pytest.mark.parametrize(
    "text",
    ["", "anonymous", "Anonymous", "+266696687", "266696687", "+7378742833", "client:alice",
     "sip:alice@example.com", "unavailable", "+44", "+4", "0", "+447", "not a number", "7" * 100,
     "+86282452253", "+8656696", "\N{FULLWIDTH DIGIT SEVEN}"],
)  # fmt: skip
def test_a_withheld_or_impossible_caller_has_no_number(text: str) -> None:
    assert from_caller(text) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+447700900123", "+447700900123"),
        (" +447700900123 ", "+447700900123"),
        ("020 7946 0123", "+442079460123"),
        (IRISH, IRISH),
    ],
)
def test_a_caller_with_a_number_has_it_in_full(text: str, number: str) -> None:
    assert from_caller(text) == number


def test_a_service_is_shown_a_uk_number_or_else_not_the_callers() -> None:
    assert valid_uk_caller_id(LANDLINE, test_line=False)
    assert valid_uk_caller_id(MOBILE, test_line=False)
    assert valid_uk_caller_id(JERSEY, test_line=False)
    assert valid_uk_caller_id("+447700900123", test_line=True)
    assert not valid_uk_caller_id("+447700900123", test_line=False)
    assert not valid_uk_caller_id(IRISH, test_line=True)
    assert not valid_uk_caller_id(PREMIUM, test_line=True)
    assert not valid_uk_caller_id("", test_line=True)


@pytest.mark.parametrize(
    "text",
    ["07700900123", "07700900123#", "00447700900123", "447700900123", "7700900123",
     "0044 07700900123".replace(" ", ""), " 07700900123# "],
)  # fmt: skip
def test_a_keyed_number_is_understood_however_it_is_begun(text: str) -> None:
    assert keyed(text) == "+447700900123"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "0",
        "999",
        "116123",
        "0770090012",
        IRISH.replace("+", "00"),
        "*770",
        "one",
        "07" * 20,
    ],
)
def test_a_keyed_number_that_is_none_is_refused(text: str) -> None:
    assert keyed(text) == ""


def test_a_number_is_read_aloud_digit_by_digit() -> None:
    assert numbers.aloud("+442079460123") == "0 2 0, 7 9 4 6, 0 1 2 3"
