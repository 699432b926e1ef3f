"""What a person does to a callback on its page, done as they saw it and written down.

Whoever acts names the version they were shown: what has moved since is not changed, but told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ivr.callbacks import Callback, CallbackError
from ivr.console.means import Means
from ivr.console.pages.callbacks.worklist import TAKEN_ON
from ivr.console.roles import Person
from ivr.sealing import SealError

LONGEST_NAME = 64
"""Characters of a name in a callback's history."""
CHANGED = "it changed while you were looking: see how it stands now"

Change = Callable[[Callback, datetime], Callback]


def plain(text: str) -> str:
    """``text`` in one line, without what cannot be shown: some databases refuse such."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())


def as_seen(found: Callback, version: str) -> None:
    """Raise CallbackError unless ``found`` is still of the ``version`` that a person was shown."""
    if version != str(found.version):
        raise CallbackError(CHANGED)


def change(means: Means, found: Callback, what: str, person: Person, become: Change) -> None:
    """Make ``found``, as ``person`` saw it, what it is to ``become``, and write down ``what``.

    Raises CallbackError, in one clear line, if it may not become that or has moved meanwhile.
    """
    now = means.clock()
    after = become(found, now)
    if not means.store.callbacks.change(found, after, what, _name(person), now):
        raise CallbackError(CHANGED)
    means.audit(person.login, f"callback: {what.partition(':')[0]}", found.id)


def take_on(means: Means, found: Callback, person: Person, become: Change) -> None:
    """Have ``person`` see to ``found``: no machine rings any more, and others see who does.

    Raises what :func:`change` raises.
    """
    if become(found, means.clock()) != found:
        change(means, found, TAKEN_ON, person, become)
        return
    means.store.callbacks.note(found, TAKEN_ON, _name(person), means.clock())
    means.audit(person.login, f"callback: {TAKEN_ON}", found.id)


def number(means: Means, found: Callback, person: Person) -> str:
    """The caller's number, shown to ``person``.

    That it was shown is written down first, and where that fails nothing is shown. Raises
    CallbackError where it is held no more, or no key of ours opens it.
    """
    if not found.is_open:
        raise CallbackError("it has ended, and the number was erased")
    means.audit(person.login, "callback: number shown", found.id)
    means.store.callbacks.note(found, "number shown", _name(person), means.clock())
    try:
        held = means.store.callbacks.number(found.id)
    except SealError as wrong:
        raise CallbackError(f"the number cannot be read: {wrong}") from None
    if not held:
        raise CallbackError("it ended just now, and the number was erased")
    return held


def _name(person: Person) -> str:
    return person.login[:LONGEST_NAME]
