"""Small routing tables for tests, as the bytes of their four files."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ivr.routing import TableError, read

SERVICES = "service,name,spoken_name,nation,contract,organisation,numbers,take_over,own_number"
ROUTES = "area_type,area,audience,service,valid_from,valid_to,note"
HOURS = "service,days,from,to,date,note"

LINE = """
number = "+44 1632 960900"
caller_id = "+44 1632 960901"
test_line = true
notice = "illustrative"
fallback = "national"
adviser = "advice"

[menu]
adviser = "1"
mental_health = "2"

[[languages]]
code = "en"
key = "4"

[[languages]]
code = "cy"
key = "3"

[limits]
numbers = 4
seconds = 90
"""

_PLACES = iter(range(100, 1000))


def service(  # noqa: PLR0913 - a row has as many cells
    code: str,
    numbers: str = "",
    *,
    take_over: str = "",
    own_number: str = "",
    nation: str = "England",
    spoken: str = "the local crisis line",
) -> str:
    """One row of services.csv, with a number of its own if none is given."""
    numbers = numbers or f"+441632960{next(_PLACES)} 25 queue"
    return f"{code},A service,{spoken},{nation},MH009,RT1,{numbers},{take_over},{own_number}"


NATIONAL = service("national", "+441632960083 60 queue; +441632960583 30 person")
ADVICE = service("advice", "+441632960010 25 queue")


def files(
    services: Iterable[str] = (),
    routes: Iterable[str] = (),
    hours: Iterable[str] = (),
    line: str = LINE,
) -> dict[str, bytes]:
    """The files of a table with these rows, and the fallback and the adviser."""
    return {
        "services.csv": "\n".join([SERVICES, NATIONAL, ADVICE, *services]).encode(),
        "routes.csv": "\n".join([ROUTES, *routes]).encode(),
        "hours.csv": "\n".join([HOURS, *hours]).encode(),
        "line.toml": line.encode(),
    }


def mistakes(folder: dict[str, bytes]) -> list[str]:
    """What is said to be wrong with a table's files, a line each; fails if nothing is."""
    with pytest.raises(TableError) as refused:
        read(folder)
    return str(refused.value).splitlines()
