"""A question about postcodes: everyone it is put to finds their own option, and only one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr import postcode
from ivr.asking import Fit, Question, joined, offered
from ivr.call import Cover, Option
from tests import shipped

MOST = 4
OUTWARDS = ("CB1", "BA1", "LE16", "SW1A")
LETTERS = "ABDE"

fits = st.lists(
    st.builds(
        Fit,
        cover=st.sampled_from([Cover(code, code) for code in "vwxyz"]),
        outward=st.sampled_from(OUTWARDS),
        inward=st.builds(
            lambda a, b: f"2{a}{b}", st.sampled_from(LETTERS), st.sampled_from(LETTERS)
        ),
        weight=st.just(1.0),
    ),
    min_size=2,
    max_size=12,
    unique_by=lambda fit: (fit.outward, fit.inward),
)


def chosen(options: tuple[Option, ...], fit: Fit) -> list[str]:
    """The services of the options that somebody would take for theirs who lives at ``fit``."""
    return [option.cover.adult for option in options if takes(option, options, fit)]


def takes(option: Option, options: tuple[Option, ...], fit: Fit) -> bool:
    return any(
        line.prompt == "spot"
        or (line.prompt == "spot_ending" and ends(line.words["endings"], fit))
        or (line.prompt == "spot_otherwise" and not named(options, fit))
        for line in option.says
        if line.prompt != "or" and line.words["letters"] == postcode.spaced(fit.outward)
    )


def named(options: tuple[Option, ...], fit: Fit) -> bool:
    """Whether some option names the very ending of ``fit``."""
    return any(
        line.prompt == "spot_ending"
        and line.words["letters"] == postcode.spaced(fit.outward)
        and ends(line.words["endings"], fit)
        for option in options
        for line in option.says
    )


def ends(endings: str, fit: Fit) -> bool:
    return postcode.spaced(fit.inward[1:]) in endings.split(", ")


@given(fits)
def test_whoever_is_asked_finds_exactly_their_own_service_or_none(found: list[Fit]) -> None:
    groups = joined(found)
    options = Question(offered(groups, MOST), lambda _: "Town").options()
    assert len(options) <= MOST
    for fit in found:
        mine = chosen(options, fit)
        assert mine == [fit.cover.adult] or (not mine and len(groups) > MOST)


@given(fits)
def test_fits_of_one_service_are_one_option(found: list[Fit]) -> None:
    services = [group[0].service for group in joined(found)]
    assert len(set(services)) == len(services)
    assert sum(len(group) for group in joined(found)) == len(found)


def test_the_likeliest_is_read_first_and_any_other_ending_after_its_rivals() -> None:
    def fit(code: str, outward: str, inward: str) -> Fit:
        return Fit(Cover(code, code), outward, inward, 1.0)

    found = [fit("a", "LE16", "9AA"), fit("a", "LE16", "9AB"), fit("b", "LE16", "9BA"),
             fit("c", "CB1", "9AA")]  # fmt: skip
    options = Question(joined(found), lambda _: "Town").options()
    assert [option.cover.adult for option in options] == ["b", "a", "c"]
    english = shipped.catalogues()["en"]
    assert [english.text(option.says[0]) for option in options] == [
        "L E 1 6, Town, ending B A,",
        "L E 1 6, any other ending,",
        "C B 1, Town,",
    ]
