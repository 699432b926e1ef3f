"""How versions of the routing table, and what is done with them, are told to programs."""

from __future__ import annotations

from flask_smorest.fields import Upload  # type: ignore[import-untyped]
from marshmallow import Schema, fields

from ivr.api.words import (
    Counts,
    Day,
    Flag,
    Moment,
    Number,
    Text,
    Texts,
    Whole,
    many,
    maybe,
    one,
    words,
)


class Approval(Schema):
    """Somebody has found a version right."""

    by = Text()
    at = Moment()
    terminal = Text(metadata={"description": "Whose shell it was said in; empty in the console"})


class Publication(Schema):
    """A version went live."""

    version = Text()
    at = Moment()
    by = Text()
    why = Text()
    rolled_back = Flag()
    although = Text(metadata={"description": "What callers lost by it, as was said; or empty"})


class Finding(Schema):
    """One thing that a check found, and how to mend it."""

    kind = Text()
    weight = Text()
    title = Text()
    postcodes = Whole()
    examples = Texts()
    mend = Text()
    rows = fields.List(fields.Integer())
    service = Text()
    districts = Counts()


class Check(Schema):
    """What the newest check of a version found."""

    at = Moment()
    ok = Flag()
    errors = Whole()
    gaps = Whole()
    warnings = Whole()
    without = Whole(metadata={"description": "Postcodes in use without a service for somebody"})
    directory = Text()
    findings = many(Finding)


class ShortVersion(Schema):
    """A version in the list."""

    id = Text()
    state = Text(metadata={"description": "candidate, refused, approved, live or replaced"})
    imported_at = Moment()
    imported_by = Text()
    note = Text()
    based_on = Text()
    approvals = many(Approval)
    publications = many(Publication)


class FullVersion(ShortVersion):
    """A version, with what its check found."""

    check = one(Check, optional=True)


class Versions(Schema):
    """The versions, the newest import first."""

    live = Text()
    versions = many(ShortVersion)
    publications = many(Publication)


class Imported(Schema):
    """What was imported; it is being checked."""

    id = Text()
    is_new = Flag()


class Importing(Schema):
    """What a table is for, and what it was made from: files that are not sent are as they are there."""  # fmt: skip  # noqa: E501

    note = words(needed=False)
    based_on = words(12, needed=False)
    files = fields.List(Upload(), metadata={"description": "CSV files, line.toml, or one .xlsx"})


class Checking(Schema):
    """How far a check is: ``done`` is from 0 to 1."""

    going = Flag()
    done = Number()
    broken = Text()
    check = one(Check, optional=True)


class Before(Schema):
    """What a version is compared with; the live one if it is not given."""

    before = words(12, needed=False)


class Move(Schema):
    """Postcodes that leave one service for another."""

    from_service = Text()
    to_service = Text()
    audience = Text()
    postcodes = Whole()
    districts = Counts()
    examples = Texts()
    rows = fields.List(fields.Integer())
    first = Day()
    last = maybe(Day)


class ServiceChange(Schema):
    """One thing about a service, or the line, that differs."""

    service = Text()
    what = Text()
    before = Text()
    after = Text()
    noticed = Flag()


class Differs(Schema):
    """What callers would notice."""

    before = Text()
    after = Text()
    today = Day()
    empty = Flag()
    postcodes = Whole()
    moves = many(Move)
    services = many(ServiceChange)


class Publishing(Schema):
    """Publishing a table goes live, and the version that was seen to be live until then."""

    why = words()
    live = words(12, needed=False, says="The live version as you saw it; another is not replaced.")


class Publishes(Publishing):
    """Publishing also says what callers lose by it, where they lose anything."""

    although = Whole(
        load_default=None,
        metadata={"description": "How many postcodes lose their service by it, as you know."},
    )


class Live(Schema):
    """What is live now, and whether this machine serves it already."""

    version = Text()
    served = Flag()


class Files(Schema):
    """The files of a version, as they were imported."""

    files = fields.Dict(keys=fields.String(), values=fields.String())
