"""The page of the audit: who did or saw what, newest first, and whether the chain of it holds."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ivr.audit import ChainError, verify
from ivr.console.means import Means
from ivr.console.roles import Role, allowed

PAGE = 50
"""Entries shown at once."""


def page(means: Means) -> Blueprint:
    """The page."""
    here = Blueprint("audit", __name__)

    @here.get("/")
    @allowed(Role.ADMIN)
    def index() -> ResponseReturnValue:
        before = request.args.get("before", "")
        last = int(before) if re.fullmatch("[0-9]{1,9}", before) else None
        entries = means.store.audit.newest(PAGE, last)
        return render_template(
            "audit/index.html",
            entries=entries,
            head=means.store.audit.head(),
            more=entries[-1].position if len(entries) == PAGE else None,
        )

    @here.post("/verify")
    @allowed(Role.ADMIN)
    def verified() -> ResponseReturnValue:
        try:
            head = verify(means.store.audit.every())
        except ChainError as wrong:
            flash(f"{wrong}.", "wrong")
        else:
            flash(f"All {head.position} entries hold together. The newest hash is {head.hash}.")
        return redirect(url_for("audit.index"))

    return here
