"""The page "Where does it go?": where a caller would be put through to, and why.

It asks what the line asks, with the table that is served or any other version.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from flask import Blueprint, abort, render_template, request

from ivr.console import maps
from ivr.console.means import Means
from ivr.console.pages.where import asked as asking
from ivr.console.pages.where import shown
from ivr.console.pages.where.asked import Asked
from ivr.console.roles import Role, allowed
from ivr.console.telling import when
from ivr.explain import Answer, Explainer
from ivr.hours import LONDON
from ivr.snapshot import NothingToServe

KEPT = 4
"""How many tables' coverage is kept, worked out."""

AREAS = {
    "nation": "Nation",
    "lad": "District",
    "lsoa": "LSOA",
    "sub_icb": "Sub-ICB location",
    "icb": "Board",
    "icb_2025": "Board until March 2026",
}
"""What each kind of area is called."""


def page(means: Means) -> Blueprint:
    """The form, and the answer under it."""
    pages = Blueprint("where", __name__)
    chart = Chart(means)

    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        return render_template("where/index.html", **_form(means, asking.read({}, means.clock())))

    @pages.post("/")
    @allowed(Role.VIEWER)
    def ask() -> tuple[str, int]:
        asked = asking.read(request.form, means.clock())
        shown_to = dict(_form(means, asked))
        if asked.wrong:
            return render_template("where/index.html", **shown_to), 422
        try:
            shown_to |= chart.answered(asked)
        except KeyError:
            abort(404)
        except NothingToServe as nothing:
            shown_to["nothing"] = str(nothing)
        return render_template("where/index.html", **shown_to), 200

    return pages


class Chart:
    """Answers what is asked, with the map of where it leads."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._boundaries = maps.found(means.settings)
        self._names = maps.names(means.settings)
        self._covering = lru_cache(maxsize=KEPT)(self._cover)

    def answered(self, asked: Asked) -> Mapping[str, object]:
        """What the page tells; raises what :meth:`Means.table` raises."""
        explainer = self._means.explainer(asked.version or None, asked.moment, asked.audience)
        answer = _answer(explainer, asked)
        table = explainer.table
        return {
            "answer": answer,
            "version": table.version,
            "at": when(asked.moment),
            "service": table.services.get(answer["service"] or ""),
            "ringing": shown.ringing(explainer, answer),
            "heading_of_answer": shown.heading(explainer, answer),
            "choices": shown.choices(explainer, answer),
            "areas": self._areas(answer),
            "picture": self._drawn(explainer, answer, asked),
        }

    def _areas(self, answer: Answer) -> list[tuple[str, str]]:
        """What each area is called that a postcode lies in, and its code, by kind of area."""
        return [
            (AREAS[kind], f"{self._names[code]}, {code}" if code in self._names else code)
            for kind, code in (answer["areas"] or {}).items()
            if code
        ]

    def _drawn(self, explainer: Explainer, answer: Answer, asked: Asked) -> maps.Picture | None:
        if self._boundaries is None:
            return None
        directory = explainer.whereabouts.directory
        day = asked.moment.astimezone(LONDON).date()
        covering = self._covering(explainer.table.version, day, directory.version)
        marked = shown.places(directory, asked.text, asked.reading)
        return shown.drawn(explainer, answer, marked, (self._boundaries, covering))

    def _cover(self, version: str, day: date, _directory: str) -> maps.Covering:
        directory = self._means.snapshots.current().directory
        return maps.covering(self._means.table(version), directory, day)


def _answer(explainer: Explainer, asked: Asked) -> Answer:
    ways = {
        "guess": explainer.guess,
        "postcode": explainer.postcode,
        "keys": explainer.keys,
        "speech": explainer.speech,
        "telephone": explainer.telephone,
    }
    return ways[asked.reading](asked.text)


def _form(means: Means, asked: Asked) -> Mapping[str, object]:
    kept = means.store.versions.all()
    return {
        "asked": asked,
        "how": asking.HOW,
        "audiences": asking.AUDIENCES,
        "versions": [(each.id, f"{each.id}, {each.state}") for each in kept],
    }
