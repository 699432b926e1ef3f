"""What is made of a postcode that was spoken and written down by a recogniser."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import groupby
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.postcode import Reading, spoken
from ivr.postcode.phrases import LOOKED_AT, listen
from ivr.postcode.sounds import DIGIT_NAMES, LETTER_NAMES, MAYBE, NATO, NUMBERS, TALK

Style = Callable[[str], str]

SHAPES = ("A9", "A99", "A9A", "AA9", "AA99", "AA9A")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def named(characters: str, names: str) -> dict[str, str]:
    return dict(zip(characters, names.split(), strict=True))


NAMES = named(
    LETTERS + "0123456789",
    "ay bee see dee ee ef gee aitch eye jay kay el em en oh pea queue are ess tea you vee double-u "
    "ex why zed zero one two three four five six seven eight nine",
)
ALPHABET = named(
    LETTERS,
    "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November "
    "Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whisky X-ray Yankee Zulu",
)
EXAMPLES = named(
    LETTERS,
    "apple Bertie cat dog egg Freddie George Harry Isaac Jack king London mother Norman orange "
    "Peter queen Robert sugar Tommy uncle Victor water x-ray yellow zebra",
)


def shape_of(text: str) -> str:
    return "".join("9" if each.isdigit() else "A" for each in text)


def best(reading: Reading) -> str:
    return "".join(next(iter(may_be)) for may_be in reading.characters)


def heard(text: str) -> str:
    """What the best reading spells, if there is one."""
    readings = spoken(text)
    return best(readings[0]) if readings else ""


def exactly(reading: Reading, postcode: str) -> bool:
    """Whether ``reading`` has ``postcode`` as what was heard, at every position."""
    return len(reading.characters) == len(postcode) and all(
        may_be.get(each) == 1.0 for may_be, each in zip(reading.characters, postcode, strict=True)
    )


# No district has a number that begins with 0 and goes on, such as 07; "P07" is PO7.
outwards = st.from_regex(r"[A-Z]{1,2}([0-9][A-Z]?|[1-9][0-9])", fullmatch=True)
postcodes = st.builds(str.__add__, outwards, st.from_regex(r"[0-9][A-Z]{2}", fullmatch=True))


# -- by example ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "CB1 2AB",
        "cb12 ab",
        "c b 1 2 a b",
        "C.B.1. 2, A.B.",
        "CB 12 AB",
        "charlie bravo one two alpha bravo",
        "see bee one two ay bee",
        "sea be won too eh b",
        "C for Charlie B for Bravo one, two A B",
        "C 4 Charlie B 4 Bravo 1 2 A B",
        "C as in cat, B as in Bertie, one two, A like apple, B",
        "C Charlie B Bravo one two A B",
        "C for see, B for bee, one two A B",
        "P for Bertie is wrong, C for Charlie P for Bertie one two AB",
        "um it's capital C capital B one, um, two A B please",
        "my postcode is CB1 2AB, thank you",
        "I live at CB1 2AB",
        "CB1, that's in Cambridge, 2AB",
        "CB1 2AD, no, sorry, CB1 2AB",
        "C B un dau A B",
    ],
)
def test_a_postcode_is_heard_in_all_the_ways_people_say_it(said: str) -> None:
    assert heard(said) == "CB12AB"


@pytest.mark.parametrize(
    ("said", "postcode"),
    [
        ("SW1A 1AA.", "SW1A1AA"),
        ("double u one a one a a", "W1A1AA"),
        ("W for whisky one A one double A", "W1A1AA"),
        ("echo see two ay four jay aitch", "EC2A4JH"),
        ("M one one ay ay", "M11AA"),
        ("it's N W ten 2 A B", "NW102AB"),
        ("LS twenty one three X Y", "LS213XY"),
        ("LS twenty-one 3 x-ray yankee", "LS213XY"),
        ("S E one nine X for x-ray X for xylophone", "SE19XX"),
        ("B fifteen 2TT", "B152TT"),
        ("so one five two A B", "SO152AB"),
        ("SO 15 2 AB", "SO152AB"),
        ("M double one one double A", "M111AA"),
        ("N treble one double A", "N111AA"),
        ("ell ess six three oh are are", "LS630RR"),
        ("O X four double four double you", "OX444UU"),
        ("C F pedwar saith A A", "CF47AA"),
        ("CB1 2nd", "CB12ND"),
        ("P015 2AB", "PO152AB"),
        ("fox trot Y one, two ex ray double-u", "FY12XW"),
        ("fox trot Y one, two ex double you", "FY12XW"),
        ("A B one two double u", "AB12UU"),
        ("double A for apple one two A A", "AA12AA"),
        ("the postcode is BT1 5GS in Belfast", "BT15GS"),
        ("B for four A A", "B44AA"),
        ("A 4 A 4 A A", "A4A4AA"),
        ("ay four are four ay ay", "A4R4AA"),
        ("double u four double u one A A", "W4W1AA"),
    ],
)
def test_what_is_made_of_other_words(said: str, postcode: str) -> None:
    assert heard(said) == postcode


@pytest.mark.parametrize(
    "said",
    [
        "",
        "   ",
        "hello",
        "I don't know",
        "my mum is called Ann",
        "Leeds",
        "2AB",
        "nine nine nine",
        "one two three four five six",
        "07700 900123",
        "BBC 1",
        "\U0001f600",
        "\u0661\u0662",
    ],
)
def test_what_is_no_postcode_is_not_taken_for_one(said: str) -> None:
    assert spoken(said) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # Words that may be one thing or another: both are offered, the longer or likelier first.
        ("B twenty one A A", ["B201AA", "B21AA"]),
        ("B twenty one, one A A", ["B211AA"]),
        ("B thirty 2TT", ["B302TT", "B132TT"]),
        ("en one two ay bee", ["N12AB", "EN12AB"]),
        ("EN 1 2 AB", ["EN12AB", "N12AB"]),
        ("B 15 seven double u", ["B157UU", "B507UU"]),
        ("W18 1AA", ["W181AA", "W801AA", "W1A1AA"]),
        ("W1A 1AA", ["W1A1AA", "W181AA"]),
        ("a B1 2AB", ["AB12AB", "B12AB"]),
        # An outward code alone, or with the rest cut short.
        ("it's N W ten", ["NW10"]),
        ("N W one double u", ["NW1W", "NW1"]),
        ("CB1 2A", ["CB12", "CB1"]),
        ("LS6 near the park", ["LS6"]),
        ("LS6 or maybe CB1", ["CB1", "LS6"]),
        # "For" is a four unless it brings an example.
        ("B for four", ["B44", "B4"]),
        ("B for Leeds", ["B4"]),
        ("P for Bertie one one A A", ["B11AA"]),
        ("N for mother one one A A", ["M11AA"]),
        ("M 4 4 M A", ["M44MA"]),
        # The old and the new, the wrong and the right: the later is the better.
        ("CB1 2AD no CB1 2AB", ["CB12AB", "CB12AD"]),
    ],
)
def test_what_may_be_taken_in_several_ways_gives_several_readings(
    said: str, expected: list[str]
) -> None:
    assert [best(reading) for reading in spoken(said)] == expected


# -- how likely each character is ----------------------------------------------------------


def position(said: str, at: int) -> dict[str, float]:
    return dict(spoken(said)[0].characters[at])


def test_letters_that_sound_alike_are_rivals_and_the_nearest_are_close() -> None:
    rivals = position("B1 2AB", 0)
    assert rivals["B"] == 1.0
    assert rivals["P"] == rivals["D"] == 0.3
    assert rivals["G"] == rivals["C"] == 0.1
    assert set(rivals) == set("BCDEGPTV")
    assert position("M1 2AB", 0) == {"M": 1.0, "N": 0.3}
    assert position("B5 2AB", 1) == {"5": 1.0, "9": 0.3}


def test_zee_is_heard_for_more_than_zed_is() -> None:
    assert set(position("B1 2 zed A", 3)) == {"Z"}
    assert set(position("B1 2 zee A", 3)) == set("ZCVBDEGPT")


@pytest.mark.parametrize("said", ["bravo one two alpha alpha", "B for Bertie, one two A A"])
def test_a_spelling_alphabet_leaves_no_doubt(said: str) -> None:
    assert position(said, 0) == {"B": 1.0}


def test_a_letter_heard_where_only_a_digit_can_be_is_the_digit_that_sounds_like_it() -> None:
    assert position("CB1 oh AB", 3) == {"0": 1.0}
    assert position("S W 1 A H A A", 4) == {"8": 0.3}
    assert position("0X4 4AB", 0) == {"O": 0.5}


def test_the_best_reading_has_the_weight_one_and_rivals_less() -> None:
    weights = [reading.weight for reading in spoken("B thirty 2TT")]
    assert weights == [1.0, 0.3]


# -- what always holds ---------------------------------------------------------------------

VOCABULARY = sorted(
    {*DIGIT_NAMES, *LETTER_NAMES, *NATO, *NUMBERS, *MAYBE, *TALK}
    | {
        "double",
        "treble",
        "for",
        "as",
        "in",
        "like",
        "cb",
        "12",
        "21",
        "2ab",
        "sw1a",
        "hello",
        "um",
    }
)
texts = st.one_of(
    st.text(),
    st.text("aeiobx 0123589", max_size=1200),
    st.lists(st.sampled_from(VOCABULARY), max_size=60).map(" ".join),
)


@settings(deadline=None)  # a thousand characters of nothing but "oh" take a tenth of a second
@given(texts)
def test_any_text_has_at_most_eight_readings_each_in_the_shape_of_a_postcode(text: str) -> None:
    readings = spoken(text)
    assert len(readings) <= 8
    for reading in readings:
        shape = shape_of(best(reading))
        assert shape in SHAPES or (shape[-3:] == "9AA" and shape[:-3] in SHAPES)
        for mark, may_be in zip(shape, reading.characters, strict=True):
            assert all(shape_of(each) == mark for each in may_be)
            assert all(0 < weight <= 1 for weight in may_be.values())
            assert list(may_be.values()) == sorted(may_be.values(), reverse=True)
    weights = [reading.weight for reading in readings]
    assert weights == sorted(weights, reverse=True)
    assert weights[:1] in ([], [1.0])


def singly(postcode: str) -> str:
    return " ".join(postcode)


def by_name(postcode: str) -> str:
    return " ".join(NAMES[each] for each in postcode)


def by_alphabet(postcode: str) -> str:
    return " ".join(ALPHABET.get(each, NAMES[each]) for each in postcode)


def by_example(postcode: str) -> str:
    return ", ".join(
        f"{each} for {EXAMPLES[each]}" if each in EXAMPLES else NAMES[each] for each in postcode
    )


def by_doubles(postcode: str) -> str:
    runs = [(each, len(list(run))) for each, run in groupby(postcode)]
    often = {1: "", 2: "double ", 3: "treble "}
    return " ".join(
        often[count] + each if count in often else " ".join(each * count) for each, count in runs
    )


STYLES = (singly, by_name, by_alphabet, by_example, by_doubles)


@pytest.mark.parametrize("style", STYLES)
@given(postcode=postcodes)
def test_a_spoken_postcode_is_among_the_best_readings(style: Style, postcode: str) -> None:
    best_of = [reading for reading in spoken(style(postcode)) if reading.weight >= 0.5]
    assert any(exactly(reading, postcode) for reading in best_of)


@given(postcode=postcodes, style=st.sampled_from(STYLES))
def test_what_is_said_around_a_postcode_does_not_hide_it(style: Style, postcode: str) -> None:
    said = f"Um, hello, my postcode's {style(postcode)} please, I'm near Birmingham"
    assert any(exactly(reading, postcode) for reading in spoken(said))


@given(outward=outwards, style=st.sampled_from(STYLES))
def test_an_outward_code_alone_is_among_the_readings(style: Style, outward: str) -> None:
    assert any(exactly(reading, outward) for reading in spoken(style(outward)))


# -- the work it takes ---------------------------------------------------------------------


def work(text: str) -> int:
    """The functions called to hear ``text``: the same on any machine, unlike the time."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        spoken(text)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("word", ["oh ", "a ", "to be ", "o0", "double oh ", "b for bravo ", "8"])
def test_twice_the_words_are_at_most_twice_the_work(word: str) -> None:
    half, whole = ((word * LOOKED_AT)[:length] for length in (LOOKED_AT // 2, LOOKED_AT))
    assert work(whole) <= 2.2 * work(half)


@pytest.mark.parametrize("word", ["oh ", "to be ", "\ufdfa"])
def test_what_lies_beyond_a_thousand_characters_costs_nothing(word: str) -> None:
    thousand = (word * LOOKED_AT)[:LOOKED_AT]
    assert work(thousand + word * 10_000) <= 1.01 * work(thousand)


@settings(deadline=None)
@given(texts)
def test_no_word_may_be_taken_in_more_than_a_few_ways(text: str) -> None:
    moments = listen(text)
    assert len(moments) <= LOOKED_AT
    for at, moment in enumerate(moments):
        assert len(moment.ways) <= 8
        assert all(at < way.after <= at + 6 and len(way.sounds) <= 6 for way in moment.ways)
