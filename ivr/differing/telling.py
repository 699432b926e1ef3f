"""Tells a difference in lines for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ivr.call import ADULT, UNDER_18
from ivr.differing.difference import Difference, Move
from ivr.routing import Table

DISTRICTS = 8
"""How many districts of a move are told."""

ROWS = 10
"""How many rows of a move are told."""

WHOM = {ADULT: " for adults", UNDER_18: " for under-18s"}


def lines(found: Difference, before: Table, after: Table) -> Iterator[str]:
    """Everything that differs; one line, if no caller would notice anything."""
    names = {
        code: service.name for table in (before, after) for code, service in table.services.items()
    }
    if found.empty:
        yield "No caller would notice anything."
    for move in found.moves:
        yield from _move(move, names, found.today)
    for change in found.services:
        unnoticed = "" if change.noticed else " (no caller would notice)"
        yield f"{change}{unnoticed}"
    if found.turns_left:
        yield f"Not compared: {found.turns_left} later days on which rows begin or end."


def _move(move: Move, names: dict[str, str], today: date) -> Iterator[str]:
    when = "" if move.first == today else f" on {move.first:%-d %B %Y}"
    when += f" until {move.last:%-d %B %Y}" if move.last else ""
    around = f": {', '.join(move.where.towns)}" if move.where.towns else ""
    whom = WHOM.get(move.audience, "")
    yield f"{counted(move)}{whom} from {move.from_service} to {move.to_service}{when}{around}"
    yield f"  services: {names[move.from_service]} -> {names[move.to_service]}"
    told = [f"{district} {count:,}" if count else district for district, count in move.districts.items()]  # fmt: skip  # noqa: E501
    yield f"  districts: {some(told, DISTRICTS)}"
    yield f"  such as: {', '.join(move.examples)}"
    yield f"  rows before: {runs(move.rows_before)}; now: {runs(move.rows)}"


def counted(move: Move) -> str:
    """What moves, in words."""
    if not move.postcodes:
        return f"{move.where.uncounted[0].upper()}{move.where.uncounted[1:]} move"
    return moving(move.postcodes)


def moving(postcodes: int) -> str:
    """How many postcodes move, in words."""
    return "1 postcode moves" if postcodes == 1 else f"{postcodes:,} postcodes move"


def some(told: Sequence[str], most: int) -> str:
    """The first of what there is to tell, and how many more there are."""
    rest = len(told) - most
    return ", ".join(told[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def runs(rows: Sequence[int]) -> str:
    """Row numbers, those that follow one another as "2-9"; "none" for no row at all."""
    joined: list[list[int]] = []
    for row in rows:
        if joined and row == joined[-1][1] + 1:
            joined[-1][1] = row
        else:
            joined.append([row, row])
    told = [f"{first}" if first == last else f"{first}-{last}" for first, last in joined]
    return some(told, ROWS) or "none"
