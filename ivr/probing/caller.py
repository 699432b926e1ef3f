"""A probe's caller, who presses what leads to the service probed, and whoever is rung for them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from ivr.call import Cover
from ivr.phone import Answered, Event, HangUp, Moment, Press, Silent
from ivr.phone.people import Doing, Fate
from ivr.probing.planning import Probe

UNKNOWN = "*#"
"""What they press who cannot tell where they are."""


class Caller:
    """The caller of one probe; whoever is rung takes the call at once.

    They never agree to be rung back, and hang up where no caller of theirs should have come.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.astray = ""
        """The step at which they were asked what nobody of this route is; "" at none."""

    def hears(self, event: Event) -> None:
        """Take no heed: where the line rings is told by the telephone."""

    def answer(self, moment: Moment) -> Doing:
        """Press what leads on; say nothing where the way goes on by itself."""
        asked = urlsplit(moment.gather.action)
        step = asked.path.rpartition("/")[2]
        if step == "connect":
            return Silent()
        keys = self._keys(step, parse_qs(asked.query).get("option", ()))
        if not keys:
            self.astray = step
            return HangUp()
        return Press(keys)

    def leg(self, number: str) -> Fate:  # noqa: ARG002 - whichever it is, it is answered
        """They answer, and the talk is short."""
        return Answered(after=0.5, talks=1.0)

    def _keys(self, step: str, options: Sequence[str]) -> str:
        place = self._probe.place
        if step == "welcome":
            return self._probe.key
        if place is None:
            return UNKNOWN if step in ("place", "town") else ""
        if step == "which":
            return _theirs(place.cover, options)
        keys = {"place": f"{place.keys}#", "age": "1" if place.young else "2", "confirm": "1"}
        return keys.get(step, "")


def _theirs(cover: Cover, options: Sequence[str]) -> str:
    """The key of the option that leads as ``cover`` does; "" if none does."""
    theirs = f"{cover.adult}~{cover.under_18}~"
    return next((str(key) for key, each in enumerate(options, 1) if each.startswith(theirs)), "")
