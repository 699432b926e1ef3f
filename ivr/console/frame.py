"""What is around every page: the templates, the menu, and the page for what went wrong."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader
from werkzeug.exceptions import HTTPException, SecurityError, default_exceptions

from ivr.console import pages, roles
from ivr.console.means import Means
from ivr.hours import LONDON

TOLD = {
    400: ("That could not be read", "Go back, load the page again, and try once more."),
    401: ("Sign in first", "You have not signed in, or it was too long ago."),
    403: ("You may not do that", "Your role does not allow it. Ask an administrator."),
    404: ("There is no such page", "The address may be mistyped, or what it was for is gone."),
    405: ("That cannot be done here", "Go back, and use the page's own buttons."),
    409: ("Something else came first", "Load the page again to see what has changed."),
    413: ("That is too large", "A table is 10 MB at the most."),
    429: ("Too many attempts", "Wait a minute, then try once more."),
}
"""What is said of each status: a heading, and what to do."""

FAULT = ("Something is wrong with the console", "The line itself goes on without it. Try again.")


def join(app: Flask, means: Means) -> None:
    """Puts the frame around the pages of ``app``."""
    app.url_map.strict_slashes = False
    app.jinja_env.undefined = ChainableUndefined  # the design's macros ask for what is not given
    app.jinja_env.autoescape = True  # in the design's macros too, whose files do not end in .html
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(str(app.root_path) + "/templates"),
            PackageLoader("nhsuk_frontend_jinja"),
        ]
    )
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["clock"] = clock
    app.context_processor(lambda: _around(means))
    for status in default_exceptions:
        app.register_error_handler(status, _told)
    app.register_error_handler(CSRFError, _no_token)


def moment(at: datetime | None) -> str:
    """A moment as people in London say it: "9 December 2026 at 12:00"."""
    if at is None:
        return ""
    there = at.astimezone(LONDON)
    return f"{there.day} {there:%B %Y} at {there:%H:%M}"


def clock(at: datetime | None) -> str:
    """The time of day in London: "12:00:05"."""
    return f"{at.astimezone(LONDON):%H:%M:%S}" if at else ""


def _around(means: Means) -> dict[str, object]:
    """What the frame's templates need to know on every page."""
    person = roles.person_asking()
    return {
        "person": person,
        "menu": _menu(person) if person else [],
        "test_line": means.settings.test_line,
        "Role": roles.Role,
    }


def _menu(person: roles.Person) -> list[dict[str, object]]:
    """The pages that ``person`` may see."""
    return [
        {"text": title, "href": url_for(front), "here": request.blueprint == name}
        for name, title, front in pages.fronts(current_app)
        if _may(person, current_app.view_functions[front])
    ]


def _may(person: roles.Person, view: roles.View) -> bool:
    needed = roles.said(view)
    return not isinstance(needed, roles.Role) or person.may(needed)


def _told(wrong: HTTPException) -> ResponseReturnValue:
    """The page for what went wrong; an answer that was made already goes out as it is."""
    if wrong.response is not None or isinstance(wrong, SecurityError):  # of no address of ours
        return wrong
    status = wrong.code or 500
    heading, advice = TOLD.get(status, FAULT)
    page = render_template("wrong.html", heading=heading, advice=advice, said=_said(wrong))
    return page, status, wrong.get_headers()


def _no_token(_: CSRFError) -> ResponseReturnValue:
    """A form without its token: of another site, or from before the last sign-in."""
    heading, advice = "That was not done", "The page was too old. Load it again, and try once more."
    return render_template("wrong.html", heading=heading, advice=advice), 403


def _said(wrong: HTTPException) -> str:
    """What a view gave as the reason, if it gave one of its own."""
    usual = type(wrong).description
    return "" if wrong.description == usual or not wrong.description else wrong.description
