"""How what programs send and are sent is written down, so that all areas say it in one way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from ivr.hours import LONDON

YEARS = range(2000, 2100)
LONGEST_WHY = 200
"""Characters of a reason or a note, as on the pages."""

Text = fields.String
Whole = fields.Integer
Number = fields.Float
Flag = fields.Boolean
Texts = partial(fields.List, fields.String())
Counts = partial(fields.Dict, keys=fields.String(), values=fields.Integer())
Anything = fields.Dict
Moment = fields.DateTime
Day = fields.Date


def maybe(kind: Any, **said: Any) -> Any:  # noqa: ANN401 - a field
    """A field that is null where it is not known."""
    return kind(allow_none=True, **said)


def many(schema: type[Schema]) -> fields.Field[Any]:
    """A list of such."""
    return fields.List(fields.Nested(schema))


def one(schema: type[Schema], *, optional: bool = False) -> fields.Field[Any]:
    """One of such, or null if ``optional``."""
    return fields.Nested(schema, allow_none=optional)


def words(most: int = LONGEST_WHY, *, needed: bool = True, says: str = "") -> fields.String:
    """Words of a person, in one line."""
    shape: list[Callable[[Any], Any]] = [validate.Length(1 if needed else 0, most), _plain]
    optional: dict[str, Any] = {} if needed else {"load_default": ""}
    return fields.String(
        required=needed, validate=shape, metadata={"description": says}, **optional
    )


def choice(*among: str, needed: bool = True, **said: Any) -> fields.String:  # noqa: ANN401 - a field's own
    """One of some words."""
    return fields.String(required=needed, validate=validate.OneOf(among), **said)


def instant(says: str) -> fields.AwareDateTime:
    """A moment that is given; without a zone it is London's."""
    return fields.AwareDateTime(
        default_timezone=LONDON, validate=in_our_time, metadata={"description": says}
    )


def _plain(text: str) -> None:
    if not text.isprintable():
        raise ValidationError("one line, of characters that can be shown")


def in_our_time(at: date) -> None:
    """Raise ValidationError for a day or moment so far off that nothing can be known of it."""
    if at.year not in YEARS:
        raise ValidationError(f"a year from {YEARS[0]} to {YEARS[-1]}")
