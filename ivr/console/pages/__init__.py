"""The pages of the console, one module each, in the order of the menu.

A page is a module here with ``page(means)``, which gives a blueprint named as the module is; its
first view is at "/" under the blueprint. Its templates are in ``templates/<name>/`` and
extend ``page.html``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from flask import Blueprint, Flask

from ivr.console.means import Means

PAGES: Mapping[str, str] = {
    "today": "Today",
    "where": "Where does it go?",
    "coverage": "Coverage",
    "tables": "Tables",
    "trials": "Test calls",
    "callbacks": "Callbacks",
    "calls": "Calls",
    "report": "Report",
    "telephone": "Telephone",
    "people": "People",
    "audit": "Audit",
    "guide": "Guide",
}
"""What the menu calls each page, by its module."""

TEST_LINE = {"telephone"}
"""Those that a line which is connected has not."""


@cache
def present() -> Mapping[str, str]:
    """Those of :data:`PAGES` that are here."""
    return {name: title for name, title in PAGES.items() if _there(f"{__name__}.{name}")}


def blueprints(means: Means) -> Iterator[Blueprint]:
    """Every page of a line of ``means``."""
    for name in present():
        if means.settings.test_line or name not in TEST_LINE:
            made = import_module(f"{__name__}.{name}").page(means)
            yield made


def fronts(app: Flask) -> list[tuple[str, str, str]]:
    """Each page that ``app`` has: its name, its title, and the endpoint of its first view."""
    first = {
        str(rule.endpoint).partition(".")[0]: str(rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.rule.endswith(f"/console/{str(rule.endpoint).partition('.')[0]}/")
    }
    return [(name, title, first[name]) for name, title in PAGES.items() if name in first]


def join_api(app: Flask, means: Means) -> None:
    """Puts the API beside the pages."""
    if _there("ivr.api"):
        import_module("ivr.api").join(app, means)


def _there(name: str) -> bool:
    found = find_spec(name)
    return found is not None and found.origin is not None  # a folder alone is no page
