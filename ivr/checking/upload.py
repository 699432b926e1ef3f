"""Makes a table's files of what an operator's spreadsheet saves, whichever way it saved it.

Semicolons or tabs for commas, UTF-16 for UTF-8, one workbook for three sheets: what is meant is
plain in all of these, so it is taken. What is lost or hidden (digits, a date in the place of a
code, a formula) is refused, by file, row and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ivr.checking import workbook
from ivr.checking.values import as_csv
from ivr.routing import FILES, Mistake, TableError

LARGEST = 10_000_000
"""The most bytes of all the files together."""

SEPARATORS = (",", ";", "\t")

FORMS = f"{', '.join(FILES)}, or one workbook (.xlsx) with a sheet for each of them"

NONE: Mapping[str, bytes] = MappingProxyType({})

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_upload(files: Mapping[str, bytes], base: Mapping[str, bytes] = NONE) -> dict[str, bytes]:
    """The files of a table that were uploaded, as :func:`ivr.routing.read` takes them.

    ``base`` are the files of the version it is based on: what was not uploaded is as it is there.
    Raises :class:`ivr.routing.TableError`; whether they make a table is for ``read`` to say.
    """
    size = sum(map(len, files.values()))
    if size > LARGEST:
        name = max(files, key=lambda name: len(files[name]))
        raise _refused(name, f"there are {size:,} bytes to read", f"at most {LARGEST:,}")
    found: dict[str, bytes] = {}
    for name, content in files.items():
        for file, text in _files(name, content):
            if file in found:
                raise _refused(file, "it is there twice", "each file once")
            found[file] = text
    if not found:
        raise _refused("the upload", "there is nothing in it", FORMS)
    return {**base, **found}


def _refused(file: str, trouble: str, allowed: str) -> TableError:
    return TableError((Mistake(file[:80], trouble, allowed),))


def _files(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a table that one uploaded file is, or holds."""
    file = name.replace("\\", "/").rpartition("/")[2].lower()
    if content.startswith(b"PK") or file.endswith(".xlsx"):
        yield from workbook.read(file, content)
    elif file in FILES:
        yield file, content if file.endswith(".toml") else _commas(content)
    else:
        raise _refused(file, "a table has no such file", FORMS)


def _commas(content: bytes) -> bytes:
    """A sheet as UTF-8 with commas; as it is, where the reader of tables must say what is wrong."""
    text = _text(content)
    if text is None:
        return content
    first, _, rest = text.partition("\n")
    hint = first.strip("\r ").strip('"').lower()
    if hint.startswith("sep=") and hint[4:] in SEPARATORS:
        text, first = rest, rest.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    if separator == ",":
        return text.encode()
    try:
        return as_csv(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return content


def _text(content: bytes) -> str | None:
    encoding = next((form for bom, form in BOMS if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
