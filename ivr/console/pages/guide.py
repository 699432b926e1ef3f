"""The page Guide: the documents that come with the line, for whoever has only a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from flask import Blueprint, abort, render_template, send_from_directory
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from werkzeug.wrappers import Response

import ivr
from ivr.console.means import Means
from ivr.console.roles import Role, allowed

DOCS = Path(ivr.__file__).parent.parent / "docs"
FIRST = "operators"
"""The document that is shown first."""

CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "h1": "nhsuk-heading-l",
        "h2": "nhsuk-heading-m",
        "h3": "nhsuk-heading-s",
        "ul": "nhsuk-list nhsuk-list--bullet",
        "ol": "nhsuk-list nhsuk-list--number",
        "a": "nhsuk-link",
        "table": "nhsuk-table",
        "th": "nhsuk-table__header",
        "td": "nhsuk-table__cell",
    }
)
"""How the design calls what a document is made of."""

_NAME = re.compile(r"[a-z0-9-]{1,60}")


def page(means: Means) -> Blueprint:  # noqa: ARG001 - as every page is made
    """The operators' guide, the other documents and their pictures."""
    pages = Blueprint("guide", __name__)

    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        return _shown(FIRST)

    @pages.get("/<name>.md")
    @allowed(Role.VIEWER)
    def one(name: str) -> str:
        return _shown(name)

    @pages.get("/pictures/<name>.png")
    @allowed(Role.VIEWER)
    def picture(name: str) -> Response:
        return send_from_directory(DOCS / "pictures", f"{name}.png")

    return pages


def _shown(name: str) -> str:
    file = DOCS / f"{name}.md"
    if not _NAME.fullmatch(name) or not file.is_file():
        abort(404)
    return render_template("guide/index.html", **_read(file, file.stat().st_mtime_ns))


@cache
def _read(file: Path, _changed: int) -> Mapping[str, object]:
    """A document's title and its text as a page shows it; mark-up in it stays text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(file.read_text("utf-8"))
    title = next(after.content for before, after in pairwise(tokens) if before.tag == "h1")
    _dress(tokens)
    rendered = markdown.renderer.render(tokens, markdown.options, {})
    return {"title": title, "text": Markup(rendered)}  # noqa: S704 - html is off: all of it is escaped


def _dress(tokens: list[Token]) -> None:
    """Give each token the design's class."""
    for token in tokens:
        if token.nesting == 1 and token.tag in CLASSES:
            token.attrSet("class", CLASSES[token.tag])
        if token.type == "image":
            token.attrSet("loading", "lazy")
        _dress(token.children or [])
