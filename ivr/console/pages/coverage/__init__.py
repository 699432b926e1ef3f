"""The page Coverage: the United Kingdom by service or health board, its gaps, and what moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from flask import Blueprint, abort, render_template, request

from ivr.console import maps
from ivr.console.means import Means
from ivr.console.pages.coverage import asked as asking
from ivr.console.pages.coverage import rows, shown
from ivr.console.pages.coverage.asked import Asked
from ivr.console.pages.coverage.rows import Row
from ivr.console.pages.coverage.shown import Ground
from ivr.console.roles import Role, allowed
from ivr.console.telling import when
from ivr.hours import LONDON
from ivr.routing import Table
from ivr.snapshot import NothingToServe
from ivr.tables import Version

LONGEST = 60
"""Characters of what a version is for, where it is chosen."""
KEPT = 6
"""How many maps are kept, worked out; each takes half a second to work out anew."""


def page(means: Means) -> Blueprint:
    """The map and the list."""
    pages = Blueprint("coverage", __name__)
    atlas = Atlas(means)

    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        today = means.clock().astimezone(LONDON).date()
        asked = asking.read(request.args, today, atlas.boundaries)
        try:
            return render_template("coverage/index.html", **_told(means, atlas, asked))
        except KeyError:
            abort(404)
        except NothingToServe as nothing:
            return render_template("coverage/nothing.html", why=str(nothing))

    return pages


class Atlas:
    """What one console knows of the map, and what it has worked out lately."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self.boundaries = maps.found(means.settings)
        empty = maps.Boundaries(0, 0, maps.Outlines({}, {}), maps.Outlines({}, {}), {})
        self.grounds = {by: Ground(self.boundaries or empty, by) for by in asking.COLOURED}
        self._covering = lru_cache(maxsize=KEPT)(self._cover)
        self._moves = lru_cache(maxsize=KEPT)(self._move)

    def covering(self, version: str, day: date, by: str) -> maps.Covering:
        """What a version covers; raises what :meth:`Means.table` raises."""
        return self._covering(self._table(version).version, day, by, self._directory)

    def moves(self, before: str, after: str, day: date, by: str) -> maps.Moves:
        """What moves from one version to another; raises what :meth:`Means.table` raises."""
        versions = self._table(before).version, self._table(after).version
        return self._moves(versions, day, by, self._directory)

    @property
    def _directory(self) -> str:
        return self._means.snapshots.current().directory.version

    def _table(self, version: str) -> Table:
        return self._means.table(version or None)

    def _cover(self, version: str, day: date, by: str, _directory: str) -> maps.Covering:
        directory = self._means.snapshots.current().directory
        return maps.covering(self._table(version), directory, day, self.grounds[by].named)

    def _move(self, versions: tuple[str, str], day: date, by: str, _directory: str) -> maps.Moves:
        tables = self._table(versions[0]), self._table(versions[1])
        directory = self._means.snapshots.current().directory
        return maps.moves(tables, directory, day, self.grounds[by].named)

    def rows(self, asked: Asked) -> list[Row]:
        """A row for each area; raises what :meth:`Means.table` raises."""
        table, names = self._table(asked.version), self.grounds[asked.by].names
        covering = self.covering(asked.version, asked.day, asked.by)
        if not asked.before:
            return rows.covered(covering, names, table.services, asked.audience)
        services = {**self._table(asked.before).services, **table.services}
        moves = self.moves(asked.before, asked.version, asked.day, asked.by)
        return rows.moved(moves, covering, names, services, asked.audience)

    def areas(self, asked: Asked, listed: Sequence[Row]) -> Mapping[str, maps.Area]:
        """How each shape is shown that ``listed`` tells of; services in the served table's colours.

        So maps of several versions can be compared.
        """
        ground = self.grounds[asked.by]
        if asked.before:
            return shown.by_moves(listed, ground, asked)
        served = shown.colours(self.rows(replace(asked, version="")), ground, asked)
        return shown.by_cover(listed, ground, asked, shown.colours(listed, ground, asked, served))


def _told(means: Means, atlas: Atlas, asked: Asked) -> Mapping[str, object]:
    table, ground = means.table(asked.version or None), atlas.grounds[asked.by]
    listed = atlas.rows(asked)
    near = shown.near(listed, asked)
    label = _label(asked, table.version)
    return {
        "asked": asked,
        "version": table.version,
        "picture": shown.drawn(label, atlas.areas(asked, listed), ground, asked)
        if atlas.boundaries
        else None,
        "rows": near,
        "totals": rows.total(near),
        "parts": atlas.boundaries.parts if atlas.boundaries else [],
        "versions": _versions(means),
        "audiences": asking.AUDIENCES,
        "coloured": asking.COLOURED,
    }


def _label(asked: Asked, version: str) -> str:
    where = asked.part or "the United Kingdom and the islands"
    what = "what moves" if asked.before else "which service covers which place"
    return f"Map of {where}: {what}, by table {version}. The list on this page says the same."


def _called(version: Version) -> str:
    """A version as it is chosen: what it is for tells it from the others."""
    note = f": {version.note[:LONGEST]}" if version.note else ""
    return f"{version.id}, {version.state}, {when(version.imported_at)}{note}"


def _versions(means: Means) -> list[tuple[str, str]]:
    """The versions to choose from, the newest first, with what each is called."""
    kept = means.store.versions.all()
    listed = [(each.id, _called(each)) for each in kept]
    served = means.table().version
    if served not in {each.id for each in kept}:
        listed.append((served, f"{served}, served here"))
    return listed
