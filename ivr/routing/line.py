"""Reads line.toml: what the line itself is, as an operator may set it.

Its settings are read as the cells of a sheet are, so that a mistake in either is told alike:
``adviser = 1`` under ``[menu]`` is a cell "1" in a column ``menu.adviser``.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from ivr.routing import cells
from ivr.routing.cells import CellError
from ivr.routing.mistakes import Mistake, Mistakes
from ivr.routing.sheet import Row
from ivr.routing.table import Language, Limits, LineSettings

FILE = "line.toml"

LARGEST = 100_000
"""The most bytes in it."""

LONGEST_LINE = 1_000
"""The most bytes in a line: the time TOML takes grows with the square of some long ones."""

NUMBERS = range(1, 5)
"""How many numbers may be rung before a caller is offered something else."""

SECONDS = range(10, 91)
"""How long they may ring, all together: no caller waits over 90 s for a way to a person."""

_SETTINGS = (
    "number",
    "caller_id",
    "test_line",
    "notice",
    "fallback",
    "adviser",
    "menu.adviser",
    "menu.mental_health",
    "limits.numbers",
    "limits.seconds",
)
_LANGUAGE = tuple(
    f"languages.{place}.{setting}" for place in range(1, 9) for setting in ("code", "key")
)
"""At most eight languages: a menu has ten keys, and two are taken."""

TEST_CALLS = "test_calls"
"""The list of the services that may be rung to test their telephones."""
_TEST_CALL = re.compile(rf"{TEST_CALLS}\.\d{{1,4}}")

_CODE = re.compile(r"[a-z]{2,3}")


def read(content: bytes, mistakes: Mistakes) -> tuple[Row, LineSettings] | None:
    """The settings, and the row that tells whether they are sound; None if this is not TOML."""
    try:
        found = dict(_flat("", _toml(content)))
    except CellError as refused:
        mistakes.unreadable(FILE, [Mistake(FILE, refused.trouble, refused.allowed)])
        return None
    row = Row(FILE, 0, defaultdict(str, found), mistakes)
    for setting in sorted(found.keys() - {*_SETTINGS, *_LANGUAGE, TEST_CALLS, *_test_calls(found)}):
        row.wrong(setting[:80], "is unknown", ", ".join((*_SETTINGS, TEST_CALLS, "languages")))
    return row, _settings(row)


def _toml(content: bytes) -> dict[str, object]:
    if len(content) > LARGEST:
        raise CellError(f"the file is {len(content):,} bytes long", f"at most {LARGEST:,}")
    if max(map(len, content.splitlines()), default=0) > LONGEST_LINE:
        raise CellError("a line in it is too long", f"at most {LONGEST_LINE:,} bytes")
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise CellError("the text is not UTF-8", "a file saved as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise CellError(f"this is not TOML ({error})", 'settings such as number = "+44"') from None


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Each setting's full name and its text; members of a list are counted from 1."""
    if isinstance(value, dict) and name.count(".") < 2:  # noqa: PLR2004 - languages.1.code, and no deeper
        members = [(str(key), member) for key, member in value.items()]
    elif isinstance(value, list) and not name.count("."):
        members = [(str(place), member) for place, member in enumerate(value, 1)]
    else:
        yield name, _text(value)
        return
    for key, member in members:
        yield from _flat(f"{name}.{key}".removeprefix("."), member)


def _text(value: object) -> str:
    if isinstance(value, (dict, list)):
        return "a table"
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _settings(row: Row) -> LineSettings:
    settings = LineSettings(
        number=row.need("number", cells.telephone, ""),
        caller_id=row.need("caller_id", cells.telephone, ""),
        test_line=row.need("test_line", _yes_or_no, True),  # noqa: FBT003 - if it cannot be read, no number is blamed
        notice=row.may("notice", cells.words, ""),
        fallback=row.need("fallback", cells.code, ""),
        adviser=row.need("adviser", cells.code, ""),
        adviser_key=row.need("menu.adviser", _key, ""),
        mental_health_key=row.need("menu.mental_health", _key, ""),
        languages=tuple(_languages(row)),
        test_calls=tuple(dict.fromkeys(_tested(row))),
        limits=Limits(
            row.need("limits.numbers", lambda text: _within(NUMBERS, text), NUMBERS[-1]),
            row.need("limits.seconds", lambda text: _within(SECONDS, text), SECONDS[-1]),
        ),
    )
    _check_keys(row, settings)
    return settings


def _languages(row: Row) -> Iterator[Language]:
    if "languages.1.code" not in row.cells:
        row.wrong("languages", "there is none", "at least one [[languages]]")
    for place in range(1, 9):
        name = f"languages.{place}."
        if any(setting.startswith(name) for setting in row.cells):
            yield Language(
                code=row.need(name + "code", _language_code, ""),
                key=row.may(name + "key", _key, ""),
            )


def _tested(row: Row) -> Iterator[str]:
    """The services of the list; a single one that stands in no list is not understood."""
    if TEST_CALLS in row.cells:
        row.wrong(TEST_CALLS, "is no list", 'the codes of services in brackets: ["mh001", "mh004"]')
    for setting in _test_calls(row.cells):
        yield row.need(setting, cells.code, "")


def _test_calls(found: Iterable[str]) -> list[str]:
    """The settings that name services to test, in their order."""
    named = filter(_TEST_CALL.fullmatch, found)
    return sorted(named, key=lambda setting: int(setting.rpartition(".")[2]))


def _check_keys(row: Row, settings: LineSettings) -> None:
    keys = [settings.adviser_key, settings.mental_health_key]
    keys += [language.key for language in settings.languages]
    for key in sorted({key for key in keys if key and keys.count(key) > 1}):
        row.wrong("menu", f"key {key} means two things", "a key of its own for each choice")


# -- one setting ---------------------------------------------------------------------------


def _yes_or_no(text: str) -> bool:
    if text not in {"true", "false"}:
        raise CellError(f"{text!r} is neither", "true or false")
    return text == "true"


def _key(text: str) -> str:
    if text not in set("0123456789"):
        raise CellError(f"{text!r} is not a key", "one digit; * and # have meanings of their own")
    return text


def _language_code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise CellError(
            f"{text!r} is not a language", "its code of two or three letters, such as cy"
        )
    return text


def _within(allowed: range, text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text) or int(text) not in allowed:
        raise CellError(f"{text!r} does not fit", f"{allowed[0]} to {allowed[-1]}")
    return int(text)
