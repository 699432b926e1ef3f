"""Every sentence we speak, by its name, in each language the line has.

A catalogue is a TOML file an operator can read. Every catalogue has the same names with the
same gaps, and no sentence runs over twenty seconds: a caller who waits is a caller who leaves
(the American 988 line's greeting once ran 45 seconds; a shorter one kept 100,000 callers a year).
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.call import Line

SECONDS_A_WORD = 0.40
"""How long a synthesised word takes, at the slow end of what was measured (0.34 to 0.40 s)."""

LONGEST = 20.0
"""Seconds no prompt may exceed (Plum's IVR guidelines; design.md section 2)."""

_WORD = re.compile(r"\w+")


class PromptError(ValueError):
    """A catalogue cannot be used; the message says which, where and what to do."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One sentence: its words with their ``{gaps}``, and a recording of it if there is one."""

    text: str
    file: str = ""

    @property
    def gaps(self) -> frozenset[str]:
        """The names of the gaps that must be filled before it can be spoken."""
        return frozenset(gap for _, gap, _, _ in string.Formatter().parse(self.text) if gap)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that is said in one language, and the words a caller may answer with."""

    code: str
    name: str
    voice: str
    language: str
    hears: str
    prompts: Mapping[str, Prompt]
    words: Mapping[str, Sequence[str]]
    keys: Mapping[str, Sequence[str]]
    """What may be said for pressing each key, when nothing else is said."""

    def text(self, line: Line) -> str:
        """The words of one line, its gaps filled."""
        return self.prompts[line.prompt].text.format_map(line.words)

    def means(self, speech: str, *meanings: str) -> str:
        """Which of ``meanings`` (names under ``[words]``) was said, or "" for none of them.

        Of several that were said the first of ``meanings`` counts: "no" is asked about before
        "yes", for "no, please don't" must never be taken for a yes.
        """
        said = f" {_plain(speech)} "
        return next((each for each in meanings if _says(said, self.words[each])), "")

    def key(self, speech: str) -> str:
        """The key whose name is all that was said ("two", "number two"), or ""."""
        said = _plain(speech)
        names = ((key, _plain(name)) for key, named in self.keys.items() for name in named)
        return next((key for key, name in names if name == said), "")


def _says(said: str, phrases: Sequence[str]) -> bool:
    return any(f" {_plain(phrase)} " in said for phrase in phrases)


def _plain(text: str) -> str:
    """The bare lower-case words of ``text``, apostrophes dropped ("Don't." -> "dont")."""
    bare = text.lower().replace("'", "").replace("\u2019", "")
    return " ".join(_WORD.findall(bare))


def seconds(text: str) -> float:
    """How long ``text`` takes to say."""
    return len(text.split()) * SECONDS_A_WORD


def read_catalogue(code: str, content: bytes) -> Catalogue:
    """The catalogue of language ``code`` in a TOML file's ``content``.

    Raises :class:`PromptError`, in one line, if it is not one.
    """
    try:
        found = tomllib.loads(content.decode("utf-8"))
        prompts = {name: _prompt(value) for name, value in found["prompts"].items()}
        words = {name: tuple(phrases) for name, phrases in found["words"].items()}
        keys = {key: tuple(names) for key, names in found["keys"].items()}
        voice = (found["name"], found["voice"], found["language"], found["hears"])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise PromptError(f"prompts.{code}.toml cannot be read: {wrong}") from None
    except (KeyError, AttributeError, TypeError) as wrong:
        raise PromptError(f"prompts.{code}.toml lacks {wrong}; see prompts.en.toml") from None
    catalogue = Catalogue(code, *voice, prompts, words, keys)
    _refuse_long(catalogue)
    return catalogue


def _prompt(value: str | Mapping[str, str]) -> Prompt:
    return Prompt(value) if isinstance(value, str) else Prompt(value["text"], value.get("file", ""))


def _refuse_long(catalogue: Catalogue) -> None:
    for name, prompt in catalogue.prompts.items():
        if seconds(prompt.text) > LONGEST:
            raise PromptError(
                f"prompts.{catalogue.code}.toml: {name} takes {seconds(prompt.text):.0f} s to say; "
                f"shorten it to {LONGEST:.0f} s ({LONGEST / SECONDS_A_WORD:.0f} words)"
            )


def alike(catalogues: Iterable[Catalogue]) -> Mapping[str, Catalogue]:
    """The catalogues by language, once every one has the same names and gaps as the first.

    Raises :class:`PromptError` naming what is missing, where, and in which file to mend it.
    """
    first, *others = found = tuple(catalogues)
    for other in others:
        file = f"prompts.{other.code}.toml"
        for name in sorted({*first.prompts, *first.words} ^ {*other.prompts, *other.words}):
            lacks = other if name in {*first.prompts, *first.words} else first
            raise PromptError(f"prompts.{lacks.code}.toml has no {name}; {first.code} and "
                              f"{other.code} must have the same names")  # fmt: skip
        for name, prompt in first.prompts.items():
            if other.prompts[name].gaps != prompt.gaps:
                raise PromptError(f"{file}: {name} must have the gaps {sorted(prompt.gaps)}")
    return {catalogue.code: catalogue for catalogue in found}
