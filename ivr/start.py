"""Reads what must be right before the line takes a call: its words, and the number behind all else.

Either is told in one line, to whoever starts the line and can mend it. What may be broken and
still serve callers (the table, the directory, the names of places) is :mod:`ivr.snapshot`'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ivr import numbers, words
from ivr.prompts import Catalogue, PromptError, alike, read_catalogue
from ivr.settings import SETTINGS, Settings, SettingsError

FIRST = "en"
"""The language without which no line starts."""

_FILE = re.compile(r"prompts\.([a-z]{2,3})\.toml")


def check(settings: Settings) -> None:
    """Raises :class:`PromptError` or :class:`SettingsError` if the line cannot start as it is."""
    check_fallback(settings)
    read_catalogues(settings.config_dir)


def check_fallback(settings: Settings) -> None:
    """Raises :class:`SettingsError` if the number behind all else is one that may not be rung.

    On a line that Twilio knows that is also a drama number, such as the default.
    """
    number = settings.fallback_number
    why = numbers.allowed_to_ring(number, settings.test_line)
    if why:
        unset = number == SETTINGS["fallback_number"].default
        found = "is not set" if unset else f"={number!r} is not allowed"
        line = f"FALLBACK_NUMBER{' ' * unset}{found}: {why}; "
        raise SettingsError([line + "give the number of a line that is always open, as +44..."])


def read_catalogues(config: Path, only: Collection[str] = ()) -> Mapping[str, Catalogue]:
    """Every language there is a catalogue for, English first; or ``only`` those named.

    Raises :class:`PromptError`, in one line, for the first thing that is wrong with any of them.
    """
    named = {_FILE.fullmatch(file.name): file for file in sorted(config.glob("prompts.*.toml"))}
    found = {match[1]: file for match, file in named.items() if match}
    files = {code: file for code, file in found.items() if not only or code in only}
    if FIRST not in files:
        raise PromptError(f"there is no {config / f'prompts.{FIRST}.toml'}, the words of the line")
    others = (code for code in files if code != FIRST)
    return alike([_read(code, files[code]) for code in (FIRST, *others)])


def _read(code: str, file: Path) -> Catalogue:
    try:
        catalogue = read_catalogue(code, file.read_bytes())
    except OSError as refused:
        raise PromptError(f"{file} cannot be read: {refused.strerror}") from None
    except AttributeError:  # a number, say, where words should stand
        raise PromptError(f"{file.name}: every prompt must be in quotation marks") from None
    wrong = next(_wrong(catalogue), "")
    if wrong:
        raise PromptError(f"{file.name}: {wrong}")
    return catalogue


def _wrong(catalogue: Catalogue) -> Iterator[str]:
    texts = {name: prompt.text for name, prompt in catalogue.prompts.items()}
    yield from words.lacking(texts, catalogue.words, catalogue.keys)
    for name in ("name", "voice", "language", "hears"):
        if not isinstance(getattr(catalogue, name), str):
            yield f"{name} must be in quotation marks"
    for name, prompt in catalogue.prompts.items():
        if not isinstance(prompt.file, str):
            yield f"the file of {name} must be in quotation marks"
