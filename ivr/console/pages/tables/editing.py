"""The views of Tables that show a version's sheets, and make a candidate with one row otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.console import maps
from ivr.console.means import Means
from ivr.console.pages.tables import sheets
from ivr.console.pages.tables.changing import imported, said
from ivr.console.pages.tables.checks import Checks
from ivr.console.pages.tables.seeing import WORDS, known
from ivr.console.roles import Role, allowed, current_person
from ivr.routing import Mistake, TableError
from ivr.routing.sheet import Sheet
from ivr.tables import Files, Version

Answer = Response | str | tuple[str, int]

CLOSED = "closed"
"""The tick that says of a row of hours: closed all that day."""
NO_TIME = "no time, or no tick at closed all that day"


@dataclass(frozen=True, slots=True)
class Row:
    """The row of a sheet that is being edited; the new one has the number 0."""

    version: Version
    sheet: str
    number: int
    cells: Mapping[str, str]
    """As they stand in the version; empty for a new row."""

    @property
    def file(self) -> str:
        """The file it stands in."""
        return sheets.SHEETS[self.sheet].file


def join(pages: Blueprint, means: Means, checks: Checks) -> None:
    """Put these views on ``pages``."""
    areas = maps.names(means.settings)

    @pages.get("/<id>/sheets/<sheet>")
    @allowed(Role.VIEWER)
    def sheet(id: str, sheet: str) -> str:  # noqa: A002 - what it is
        return _sheet(known(means, id), sheet, areas)

    @pages.get("/<id>/sheets/<sheet>/<int:number>")
    @allowed(Role.EDITOR)
    def row(id: str, sheet: str, number: int) -> Answer:  # noqa: A002 - what it is
        found = _row(known(means, id), sheet, number)
        return _form(found, found.cells)

    @pages.post("/<id>/sheets/<sheet>/<int:number>")
    @allowed(Role.EDITOR)
    def change_row(id: str, sheet: str, number: int) -> Answer:  # noqa: A002 - what it is
        return _change(means, checks, _row(known(means, id), sheet, number))


def _sheet(version: Version, sheet: str, areas: Mapping[str, str]) -> str:
    """The rows of a sheet that are looked for, some at a time."""
    lines = sheets.lines(version.files[_form_of(sheet).file])
    looked_for = " ".join(request.args.get("q", "").split())
    names = {**areas, **sheets.named(version.files)}
    found = [each for each in lines if each.holds(looked_for, names)]
    pages = max(1, -(-len(found) // sheets.PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "tables/sheet.html",
        version=version,
        sheet=sheet,
        columns=_form_of(sheet).columns,
        names=names if sheet != "services" else {},
        lines=found[(page - 1) * sheets.PAGE : page * sheets.PAGE],
        found=len(found),
        page=page,
        pages=pages,
        q=looked_for,
        may_edit=current_person().may(Role.EDITOR),
        **WORDS,
    )


def _row(version: Version, sheet: str, number: int) -> Row:
    form = _form_of(sheet)
    if number == 0:
        return Row(version, sheet, 0, dict.fromkeys(form.columns, ""))
    line = sheets.line(version.files[form.file], number) or abort(404)
    return Row(version, sheet, number, {each: line.cells[each] for each in form.columns})


def _change(means: Means, checks: Checks, row: Row) -> Answer:
    """The candidate with the row changed, added or taken away; or the form, with what is wrong."""
    remove = "remove" in request.form and row.number
    cells = {each: " ".join(request.form.get(each, "").split()) for each in row.cells}
    try:
        if remove:
            files = sheets.without(row.version.files, row.sheet, row.number)
        else:
            files = sheets.changed(row.version.files, row.sheet, row.number, cells)
            _check_closed(row, cells, sheets.row_of(files, row.sheet, row.number))
        note = said("why") or _note(row, cells, remove=bool(remove))
        version, is_new = imported(means, checks, files, note, row.version.id)
    except TableError as wrong:
        number = 0 if remove else sheets.row_of(files, row.sheet, row.number)
        return _form(row, cells, wrong.mistakes, number), 422
    flash(_said(row.version, version, is_new=is_new))
    return redirect(url_for("tables.one", id=version.id), 303)


def _check_closed(row: Row, cells: Mapping[str, str], number: int) -> None:
    """Raise TableError where a day is ticked as closed and has a time nevertheless."""
    told = [each for each in sheets.TIMES if cells.get(each)] if CLOSED in request.form else []
    if told:
        trouble = "is given for a day that is closed throughout"
        raise TableError(tuple(Mistake(row.file, trouble, NO_TIME, number, each) for each in told))


def _note(row: Row, cells: Mapping[str, str], *, remove: bool) -> str:
    """What the candidate is for, where nobody says."""
    if remove:
        gone = ", ".join(each for each in row.cells.values() if each)
        return f"{row.file} row {row.number} taken away: {gone}"
    if not row.number:
        return f"{row.file}, a new row: {', '.join(each for each in cells.values() if each)}"
    return f"{row.file} row {row.number}: {sheets.told(row.cells, cells)}"


def _said(before: Version, after: Version, *, is_new: bool) -> str:
    if after.id == before.id:
        return "Nothing was changed: the row says the same."
    if not is_new:
        return "A table that says just this is here already, as you see it."
    return "This is a candidate of its own, with that row changed. Nothing is live yet."


def _form(
    row: Row, cells: Mapping[str, str], mistakes: Sequence[Mistake] = (), number: int = 0
) -> str:
    """The form for a row; ``number`` is the one that it has in what was refused."""
    own = {
        each.column: f"{each.trouble}; allowed: {each.allowed}"
        for each in reversed(mistakes)
        if each.file == row.file and each.row == number and each.column in row.cells
    }
    files: Files = row.version.files
    return render_template(
        "tables/row.html",
        row=row,
        cells=cells,
        columns=tuple(row.cells),
        hints=sheets.HINTS,
        choices={each: sheets.choices(files, row.sheet, each) for each in row.cells},
        mistakes=mistakes,
        own=own,
        why=request.form.get("why", ""),
        closed=CLOSED in request.form if request.form else sheets.is_closed(cells),
        **WORDS,
    )


def _form_of(sheet: str) -> Sheet:
    return sheets.SHEETS.get(sheet) or abort(404)
