"""A month's figures beside those that are published for all of England, as charts and to keep.

What is counted, and how, is :mod:`ivr.report`'s: this page chooses, sets side by side and draws.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request

from ivr.console.means import Means
from ivr.console.pages.report import asked
from ivr.console.pages.report.asked import Asked
from ivr.console.pages.report.downloads import DOWNLOADS
from ivr.console.pages.report.reckoned import Reckoned, contracts_of, nearest, published_in
from ivr.console.pages.report.shown import shown
from ivr.console.roles import Role, allowed
from ivr.report import Clock, Contract, ContractsError, Report
from ivr.snapshot import NothingToServe

PATIENCE = 4.0
"""Seconds that the page waits for its figures; after that it asks again by itself."""


def page(means: Means) -> Blueprint:
    """The page's views."""
    views = Views(means, Reckoned(means.store, means.clock))
    blueprint = Blueprint("report", __name__)
    blueprint.add_url_rule("/", "index", views.index)
    blueprint.add_url_rule("/<form>", "download", views.download)
    return blueprint


class Views:
    """The page, and the files that can be had from it."""

    def __init__(self, means: Means, reckoned: Reckoned) -> None:
        self._means = means
        self._reckoned = reckoned

    @allowed(Role.VIEWER)
    def index(self) -> str:
        """A month's figures, beside the published ones."""
        wanted = self._asked()
        published, wrong = published_in(self._means.settings.config_dir)
        contracts: dict[str, Contract] = {}
        try:
            contracts = self._contracts()
        except ContractsError as error:
            wrong.append(str(error))
        told = self._told(contracts, wanted, PATIENCE)
        beside, now = nearest(published, wanted.month), self._means.clock()
        services = self._means.table().services if contracts else {}
        return render_template(
            "report/report.html",
            asked=wanted,
            months=asked.months(now, wanted.month, *(each.month for each in published)),
            regions=asked.regions(contracts.values()),
            clocks=list(Clock),
            shown=shown(told, wanted, beside, services) if told else None,
            waits=contracts and told is None,
            downloads=DOWNLOADS,
            wrong=wrong,
        )

    @allowed(Role.VIEWER)
    def download(self, form: str) -> Response:
        """The same figures, as a file."""
        written = DOWNLOADS.get(form) or abort(404)
        wanted = self._asked()
        try:
            told = self._told(self._contracts(), wanted)
        except ContractsError as error:
            abort(409, str(error))
        if told is None:
            abort(404)
        return _file(written.name(wanted), written.kind, written.write(told))

    def _asked(self) -> Asked:
        try:
            return asked.read(request.args, self._means.clock())
        except ValueError as wrong:
            abort(400, f"{str(wrong).capitalize()}.")

    def _contracts(self) -> dict[str, Contract]:
        """The contract of each service that has one; raises ContractsError, in one clear line."""
        means = self._means
        try:
            return contracts_of(means.settings.config_dir, means.table().services)
        except OSError as wrong:
            raise ContractsError(f"contracts.csv cannot be read: {wrong.strerror}") from None
        except NothingToServe:
            raise ContractsError("there is no routing table to say what is reported on") from None

    def _told(
        self, contracts: dict[str, Contract], wanted: Asked, patience: float | None = None
    ) -> Report | None:
        """The report that is asked for; None if there is none, or none within ``patience``.

        Of nobody that is known, it is not found.
        """
        if not contracts:
            return None
        chosen = {each.contract_code for each in wanted.among(contracts.values())}
        if not chosen:
            abort(404)
        whole = self._reckoned.report(wanted.month, wanted.clock, contracts, patience)
        return whole.only(chosen) if whole and wanted.of else whole


def _file(name: str, kind: str, content: str) -> Response:
    answer = Response(content, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
