"""Coverage: which services each district or board has, where there is none, and what moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import Schema, fields

from ivr.api.area import Area, found
from ivr.api.words import Day, Flag, Text, Whole, choice, in_our_time, many, one, words
from ivr.console.means import Means
from ivr.console.pages.coverage import Atlas
from ivr.console.pages.coverage.asked import AUDIENCES, COLOURED, Asked
from ivr.console.pages.coverage.rows import Part, Row, total
from ivr.console.roles import Role
from ivr.hours import LONDON


class Covered(Schema):
    """Which table on which day, whom it is asked for, and what an area is."""

    version = words(12, needed=False, says="The table's version; the one served if not given.")
    day = fields.Date(validate=in_our_time, metadata={"description": "Today if it is not given."})
    audience = choice(*AUDIENCES, needed=False, load_default="")
    by = choice(*COLOURED, needed=False, load_default="service",
                metadata={"description": "Areas are districts (service) or health boards (board)."})  # fmt: skip  # noqa: E501


class Moved(Covered):
    """The same, and the version that the table is compared with."""

    before = words(12)


class Pair(Schema):
    """The services of two audiences, by code; "" where callers ring the fallback for want of one."""  # fmt: skip  # noqa: E501

    adult = Text()
    under_18 = Text()


class Served(Pair):
    """Postcodes of an area that have the same services."""

    postcodes = Whole()


class Change(Schema):
    """Postcodes of an area whose services change alike; ``lost``: somebody has none any more."""

    before = one(Pair)
    after = one(Pair)
    postcodes = Whole()
    lost = Flag()


class Place(Schema):
    """A district or board. Of Northern Ireland no postcodes are known, but sectors."""

    code = Text()
    name = Text()
    region = Text()
    postcodes = Whole()
    without = Whole(metadata={"description": "of these have no service for somebody"})


class PlaceServed(Place):
    """A district or board with its services, the largest part first."""

    services = many(Served)


class PlaceMoved(Place):
    """A district or board with what moves in it, the most first; ``without`` have none any more."""

    moves = many(Change)


class Coverage(Schema):
    """All areas, those with gaps first; Northern Ireland is in none of the sums."""

    version = Text()
    day = Day()
    postcodes = Whole()
    without = Whole()
    areas = many(PlaceServed)


class Moves(Schema):
    """The areas in which postcodes move, those where most do first."""

    before = Text()
    after = Text()
    day = Day()
    postcodes = Whole()
    lost = Whole()
    areas = many(PlaceMoved)


def areas(means: Means) -> Iterator[Area]:
    """Coverage, and what moves."""
    area = Area("coverage", "Which services each district or board has.", means)
    atlas = Atlas(means)

    @area.get("/coverage", Role.VIEWER, Coverage, Covered)
    def coverage(given: Mapping[str, Any]) -> Mapping[str, object]:
        """What a table covers: the one served, or any version."""
        asked = _asked(means, given)
        rows = [row for row in atlas.rows(asked) if row.parts]
        postcodes, without = total(rows)
        return {
            "version": means.table(asked.version or None).version,
            "day": asked.day,
            "postcodes": postcodes,
            "without": without,
            "areas": [{**_place(row), "services": list(map(_served, row.parts))} for row in rows],
        }

    @area.get("/coverage/moves", Role.VIEWER, Moves, Moved)
    def moves(given: Mapping[str, Any]) -> Mapping[str, object]:
        """What moves from one version to another."""
        asked = _asked(means, given)
        rows = [row for row in atlas.rows(asked) if row.parts]
        postcodes, lost = total(rows)
        return {
            "before": asked.before,
            "after": means.table(asked.version or None).version,
            "day": asked.day,
            "postcodes": postcodes,
            "lost": lost,
            "areas": [{**_place(row), "moves": list(map(_move, row.parts))} for row in rows],
        }

    yield area


def _asked(means: Means, given: Mapping[str, Any]) -> Asked:
    """What is asked for; the answer is 404 for a version that is nowhere."""
    versions = given["version"], given.get("before", "")
    served = means.table().version
    for each in filter(None, versions):
        found(each == served or means.store.versions.get(each), "version")
    day: date = given.get("day") or means.clock().astimezone(LONDON).date()
    return Asked(*versions, day, given["audience"], given["by"], part="", area="")


def _place(row: Row) -> dict[str, object]:
    return {
        "code": row.key,
        "name": row.name,
        "region": row.region,
        "postcodes": row.postcodes,
        "without": row.gaps,
    }


def _pair(codes: Sequence[str]) -> dict[str, object]:
    return {"adult": codes[0], "under_18": codes[1]}


def _served(part: Part) -> dict[str, object]:
    return {**_pair(part.label), "postcodes": part.postcodes}


def _move(part: Part) -> dict[str, object]:
    before, after = _pair(part.label[:2]), _pair(part.label[2:])
    return {"before": before, "after": after, "postcodes": part.postcodes, "lost": part.gap}
