"""Every sentence is there in every language, short enough, and understood when it is answered."""

from __future__ import annotations

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import asking, finding, ringing, towns, whereabouts
from ivr.call import line
from ivr.prompts import LONGEST, PromptError, alike, read_catalogue, seconds
from tests import shipped

ENGLISH = (shipped.CONFIG / "prompts.en.toml").read_bytes()


def spoken_names() -> set[str]:
    """The name of every prompt that the call's own code speaks of."""
    names = set()
    for module in (finding, ringing, asking, whereabouts, towns):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in {"line", "Line"} and isinstance(node.args[0], ast.Constant):
                names.add(str(node.args[0].value))
    return names


def test_every_prompt_the_call_speaks_is_in_every_catalogue() -> None:
    assert len(spoken_names()) > 15
    for catalogue in shipped.catalogues().values():
        assert spoken_names() <= set(catalogue.prompts)


@pytest.mark.parametrize("code", ["en", "cy"])
def test_no_prompt_runs_over_twenty_seconds(code: str) -> None:
    lengths = {
        name: seconds(each.text) for name, each in shipped.catalogues()[code].prompts.items()
    }
    longest = max(lengths, key=lengths.__getitem__)
    print(f"{code}: the longest prompt is {longest}, {lengths[longest]:.1f} s")
    assert lengths[longest] <= LONGEST


def test_a_prompt_that_is_too_long_is_refused_by_name() -> None:
    long = ENGLISH.replace(b'ended = "', b'ended = "' + b"very " * 60)
    with pytest.raises(PromptError, match=r"prompts\.en\.toml: ended takes .* shorten it"):
        read_catalogue("en", long)


def test_a_catalogue_that_lacks_a_prompt_is_refused_by_name() -> None:
    lacking = read_catalogue("xx", ENGLISH.replace(b"ended =", b"finished ="))
    with pytest.raises(PromptError, match=r"prompts\.xx\.toml has no ended"):
        alike([read_catalogue("en", ENGLISH), lacking])


def test_a_prompt_whose_gaps_differ_is_refused() -> None:
    other = read_catalogue("xx", ENGLISH.replace(b"near {town}?", b"near you?"))
    with pytest.raises(PromptError, match=r"confirm must have the gaps \['town'\]"):
        alike([read_catalogue("en", ENGLISH), other])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a = ", b"[prompts]\n", b"prompts = 3\n"])
def test_what_is_no_catalogue_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(PromptError) as refused:
        read_catalogue("en", content)
    assert "\n" not in str(refused.value)
    assert "prompts.en.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("yes", "yes"),
        ("Yes, please.", "yes"),
        ("no it isn't", "no"),
        ("that's right", "yes"),
        ("that\u2019s right", "yes"),
        ("no, please don't", "no"),
        ("no it is not", "no"),
        ("I am not sure", "no"),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_an_answer_in_words_is_understood(said: str, means: str) -> None:
    english = shipped.catalogues()["en"]
    assert english.means(said, "no", "unknown", "yes") == means


@given(st.text())
def test_whatever_is_said_it_means_one_thing_or_nothing(said: str) -> None:
    assert shipped.catalogues()["en"].means(said, "yes", "no") in {"yes", "no", ""}


def test_a_gap_is_filled_with_what_it_is_given() -> None:
    assert shipped.catalogues()["en"].text(line("confirm", town="Ely")) == "Is that near Ely?"
