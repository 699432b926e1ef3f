"""Writes into line.toml which services may be rung to test them, and changes nothing else there.

An operator's remarks must survive, so the file is not written anew: its one line is replaced, or
put in where there is none. What came of it is read back, and is refused if anything else differs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence

from ivr.routing.line import FILE, TEST_CALLS
from ivr.tables import TablesError

REMARK = (
    "# The services whose own telephones may be rung to test them, once they have agreed to it."
)
"""What stands above the line where it is put in."""

BY_HAND = (
    f"{FILE} has no {TEST_CALLS} in one line of its own, such as {TEST_CALLS} = []: write it there"
    " by hand, above the first heading in brackets, and upload the file"
)

_LINE = re.compile(rf"^([ \t]*{TEST_CALLS}[ \t]*=[ \t]*)\[[^\[\]\r\n]*\]", re.MULTILINE)
_BEFORE = re.compile(r'^(?:adviser|fallback)[ \t]*=[ \t]*"[^"\r\n]*"[^\r\n]*(\r?\n)', re.MULTILINE)
"""A line below which one more may stand."""


def listed(content: bytes, services: Sequence[str]) -> bytes:
    """``content`` of line.toml, naming ``services`` as those that may be rung to test them.

    Raises :class:`ivr.tables.TablesError` where that cannot be written in its one line.
    """
    text = content.decode()
    told = ", ".join(f'"{each}"' for each in services)
    found, before = list(_LINE.finditer(text)), _BEFORE.search(text)
    if len(found) == 1:
        line = found[0]
        after = f"{text[: line.start()]}{line[1]}[{told}]{text[line.end() :]}"
    elif before and not found:
        end, put_in = before[1], ("", REMARK, f"{TEST_CALLS} = [{told}]", "")
        after = text[: before.end()] + end.join(put_in) + text[before.end() :]
    else:
        raise TablesError(BY_HAND)
    if _read(after) != _read(text) | {TEST_CALLS: list(services)}:
        raise TablesError(BY_HAND)
    return after.encode()


def _read(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except ValueError:
        raise TablesError(BY_HAND) from None


def told(before: Collection[str], after: Collection[str]) -> str:
    """What differs between two lists, such as "added mh001, mh003; taken out mh002"."""
    added = ", ".join(each for each in after if each not in before)
    gone = ", ".join(each for each in before if each not in after)
    return "; ".join((f"added {added}",) * bool(added) + (f"taken out {gone}",) * bool(gone))
