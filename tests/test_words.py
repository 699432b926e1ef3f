"""What the code says and what a catalogue must have are one list."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType

import pytest

from ivr import asking, finding, ringing, ringing_back, towns, whereabouts, words, world
from tests import shipped

WEB = (import_module("ivr.web.switchboard"), import_module("ivr.web.voice"))
SPEAKING = (finding, ringing, ringing_back, asking, whereabouts, towns, *WEB)
MENU = {"adviser", "mental_health"}
"""The gaps that are filled from a mapping: what the keys of the menu mean."""


def calls(module: ModuleType) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a plain function or method in ``module``, by the function's own name."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            yield name, node


def names(node: ast.expr) -> Iterator[str]:
    """The names that an expression may be: one in quotation marks, or one of two."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*names(node.body), *names(node.orelse))


def filled(call: ast.Call) -> set[str]:
    """The gaps that a call of ``line`` or ``Line`` fills."""
    given = {word.arg for word in call.keywords if word.arg}
    for mapping in (part for part in call.args[1:] if isinstance(part, ast.Dict)):
        given |= {str(key.value) for key in mapping.keys if isinstance(key, ast.Constant)}
    return given | (MENU if any(word.arg is None for word in call.keywords) else set())


def spoken() -> Iterator[tuple[str, set[str]]]:
    """Every prompt that the call's own code speaks of, and the gaps it fills."""
    for module in SPEAKING:
        for function, call in calls(module):
            if function in {"line", "Line"}:
                yield from ((name, filled(call)) for name in names(call.args[0]))
            elif function == "_ring":  # what is said first is the third it is given
                yield from ((name, {"service"}) for part in call.args[2:] for name in names(part))
            elif function == "_lying":
                yield from ((name, {"town"}) for part in call.args[2:] for name in names(part))


def test_every_prompt_the_code_speaks_is_needed_and_no_other() -> None:
    said = {name for name, _ in spoken()} | {"still_here"}  # which _ring itself chooses
    assert said == set(words.PROMPTS)


def test_every_gap_that_is_needed_is_filled_wherever_the_prompt_is_spoken() -> None:
    lacking = {name: words.PROMPTS[name] - gaps for name, gaps in spoken()}
    assert {name: gaps for name, gaps in lacking.items() if gaps} == {}


def test_every_meaning_the_code_asks_for_is_needed() -> None:
    asked: set[str] = set()
    for module in (finding, ringing, world):
        tree = ast.walk(ast.parse(inspect.getsource(module)))
        for node in tree:
            if isinstance(node, ast.Dict) and node.values:
                asked |= {part for value in node.values for part in names(value)}
        for function, call in calls(module):
            if function in {"meant", "means"}:
                asked |= {part for value in call.args for part in names(value)}
    assert set(words.MEANINGS) <= asked
    assert asked - set(words.MEANINGS) <= {"1", "2"}


def test_the_catalogues_that_ship_lack_nothing() -> None:
    for catalogue in shipped.catalogues().values():
        texts = {name: prompt.text for name, prompt in catalogue.prompts.items()}
        assert list(words.lacking(texts, catalogue.words, catalogue.keys)) == []


def whole() -> dict[str, dict[str, object]]:
    """What the shipped English has, to be spoilt."""
    english = shipped.catalogues()["en"]
    texts: dict[str, object] = {name: each.text for name, each in english.prompts.items()}
    return {"prompts": texts, "words": dict(english.words), "keys": dict(english.keys)}


@pytest.mark.parametrize(
    ("heading", "name", "value", "says"),
    [
        ("prompts", "ended", None, "there is no ended under [prompts]"),
        ("words", "unknown", None, "there is no unknown under [words]"),
        ("keys", "*", None, "there is no * under [keys]"),
        ("prompts", "confirm", "Near {twon}?", "confirm must have the gaps {town} and no other"),
        ("prompts", "confirm", "Is it near?", "confirm must have the gaps {town} and no other"),
        ("prompts", "ended", "Bye, {town}.", "ended must have the gaps (none) and no other"),
        ("prompts", "confirm", "Near {town", "confirm cannot be said: expected '}'"),
        ("prompts", "confirm", "Near {town}}?", "confirm cannot be said: Single '}'"),
        ("prompts", "confirm", "Near {}?", "it has {}"),
        ("prompts", "confirm", "Near {town!x}?", "it has {town!x}"),
        ("prompts", "confirm", "Near {town:%d}?", "it has {town:%d}"),
        ("prompts", "confirm", "Near {town.name}?", "it has {town.name}"),
        ("prompts", "ended", 5, "ended is not a sentence"),
        ("prompts", "more", "Not {needed", "more cannot be said"),
        ("words", "yes", tuple("yes"), "yes must be a list of phrases"),
        ("words", "yes", (), "yes must be a list of phrases"),
        ("words", "yes", ("yes", " "), "yes must be a list of phrases"),
        ("keys", "1", ("one", 1), "1 must be a list of phrases"),
    ],
)
def test_what_a_catalogue_lacks_is_told(heading: str, name: str, value: object, says: str) -> None:
    found: Mapping[str, dict[str, object]] = whole()
    found[heading][name] = value
    if value is None:
        del found[heading][name]
    (told,) = words.lacking(found["prompts"], found["words"], found["keys"])  # type: ignore[arg-type]
    assert says in told
