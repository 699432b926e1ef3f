"""How ``ivr table`` tells of versions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.hours import LONDON
from ivr.tables import Approval, Publication, Version

LONGEST_NOTE = 40


def listed(found: Sequence[Version]) -> str:
    """A table with a row for each."""
    if not found:
        return "there is no version yet; `ivr table import FOLDER` makes one"
    rows = [("id", "state", "imported", "by", "check", "approved by", "note")]
    rows += [
        (
            each.id,
            str(each.state),
            _clock(each.imported_at),
            each.imported_by,
            _check(each),
            ", ".join(approval.by for approval in each.approvals) or "-",
            each.note[:LONGEST_NOTE],
        )
        for each in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def card(version: Version) -> str:
    """All that is known of one, but for its files."""
    told = {
        "version": version.id,
        "state": str(version.state),
        "imported": _by(version.imported_at, version.imported_by),
        "note": version.note or "-",
        "made from": version.based_on or "-",
        "check": _check(version),
    }
    lines = [f"{name:<12} {value}" for name, value in told.items()]
    lines += [approved(each) for each in version.approvals]
    lines += [
        f"{_went(each):<12} {_by(each.at, each.by)}: {each.why}{_although(each)}"
        for each in version.publications
    ]
    findings = version.check.findings if version.check else ()
    lines += [_finding(each) for each in findings]
    return "\n".join(lines)


def approved(approval: Approval) -> str:
    """Who approved, and what that is worth."""
    said = f", as {approval.terminal} said at a terminal: nothing proved who it was"
    return f"{'approved':<12} {_by(approval.at, approval.by)}{said if approval.terminal else ''}"


def stale(made_from: str) -> str:
    """What whoever publishes a version should know that was made from one live no more."""
    return (
        f"it was made from {made_from}, which is not live any more: "
        "to publish it takes back what was changed since"
    )


def as_json(found: Sequence[Version]) -> str:
    """The same for a program."""
    return json.dumps([_told(each) for each in found], indent=2)


def _finding(found: Mapping[str, object]) -> str:
    told = f"  {found.get('weight', '')}: {found.get('title', '')}"
    return f"{told}\n    {found['mend']}" if found.get("mend") else told


def _told(version: Version) -> dict[str, object]:
    return {
        "id": version.id,
        "state": str(version.state),
        "imported_at": version.imported_at.isoformat(),
        "imported_by": version.imported_by,
        "note": version.note,
        "based_on": version.based_on,
        "check": version.check.told() if version.check else None,
        "approvals": [_approval(each) for each in version.approvals],
        "publications": [_publication(each) for each in version.publications],
    }


def _approval(approval: Approval) -> dict[str, object]:
    return {"by": approval.by, "at": approval.at.isoformat(), "terminal": approval.terminal}


def _publication(each: Publication) -> dict[str, object]:
    told: dict[str, object] = {"by": each.by, "at": each.at.isoformat(), "why": each.why}
    return told | {"rolled_back": each.rolled_back, "although": each.although}


def _although(publication: Publication) -> str:
    return f", although {publication.although}" if publication.although else ""


def _went(publication: Publication) -> str:
    return "rolled back" if publication.rolled_back else "published"


def _by(at: datetime, by: str) -> str:
    return f"{_clock(at)} by {by}"


def _check(version: Version) -> str:
    check = version.check
    if check is None:
        return "not checked"
    return str(check) or "nothing found"


def _clock(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%d %b %Y %H:%M")
