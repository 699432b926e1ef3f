"""Makes one test call at a time: writes down that it will be made, and only then has anybody rung.

All that is decided is decided in :mod:`ivr.trials`. Killed anywhere, nobody is rung twice for the
same test call: one that was claimed is asked after, and is never placed again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from ivr import trials
from ivr.ringing_back import STATUS, TEST, Back, address
from ivr.telephony import (
    BusyError,
    RefusedError,
    Ringing,
    Telephony,
    UnclearError,
    UnknownOutcomeError,
)
from ivr.trials import GIVEN_UP, SLOW, State, Telephone, Trial
from workers.ringing import NOT_A_NUMBER, Line

if TYPE_CHECKING:
    from ivr.store import Store

WHO = "line"
"""Who asked for a test call whose time had come."""

log = structlog.get_logger("workers.trying")


class Trier:
    """The test calls of ``store``, made by the table and the company of ``line``."""

    def __init__(self, store: Store, line: Line, clock: Callable[[], datetime]) -> None:
        self._kept = store.trials
        self._line = line
        self._clock = clock

    def look(self) -> None:
        """Settle what is under way; where nothing is, ring the next telephone."""
        if self._line.company is None:
            return
        for each in self._kept.open():
            self._settle(self._line.company, each)
        waiting = self._kept.open()
        if any(each.state is State.RINGING for each in waiting):
            return
        following = waiting[0] if waiting else self._due()
        if following:
            self._ring(self._line.company, following)

    def _due(self) -> Trial | None:
        """One whose time has come, now asked for."""
        now = self._clock()
        for telephone in trials.due(self._line.table, self._kept.newest(), now):
            if asked := self._kept.ask_for(telephone, WHO, now):
                return asked
        return None

    def _ring(self, company: Telephony, trial: Trial) -> None:
        """Write down that it is being made, and make it if nobody else was quicker."""
        now = self._clock()
        telephone = trials.still(trial, self._line.table)
        if telephone is None:  # the table has changed since
            self._kept.change(trial, trials.given_up(trial, now))
            return
        claimed = trials.claimed(trial, now)
        if not self._kept.change(trial, claimed):
            return
        try:
            sid = company.place(self._call(claimed, telephone)).sid
        except BusyError:
            self._kept.change(claimed, trials.moved(claimed, State.ASKED, trial.changed))
        except RefusedError as wrong:
            log.warning("not rung to test", service=trial.service, error=str(wrong))
            became = State.FAILED if wrong.code in NOT_A_NUMBER else State.LOST  # ours, not theirs
            self._kept.change(claimed, trials.moved(claimed, became, self._clock()))
        except UnknownOutcomeError as wrong:
            log.warning("rung to test perhaps", service=trial.service, error=str(wrong))
        else:
            log.info("rings to test", service=trial.service, place=trial.place)
            self._kept.change(claimed, trials.placed(claimed, sid))

    def _call(self, trial: Trial, telephone: Telephone) -> Ringing:
        number, root = telephone.number, self._line.root
        back = Back(trial.id, TEST, 1, trial.place, trial.service, queue=not number.person)
        return Ringing(
            number.value,
            self._line.table.line.caller_id,
            address(root, back),
            address(root, back, STATUS),
            number.seconds,
        )

    def _settle(self, company: Telephony, trial: Trial) -> None:
        """Ask after a call of which nothing is heard; give up what nobody can tell anything of."""
        now = self._clock()
        late = now - trial.changed
        after = trial
        if trial.state is State.RINGING and late >= SLOW:
            after = self._asked_after(company, trial, now)
        if after == trial and late >= GIVEN_UP:
            after = trials.given_up(trial, now)
        if after != trial:
            self._kept.change(trial, after)

    def _asked_after(self, company: Telephony, trial: Trial, now: datetime) -> Trial:
        try:
            found = company.state(trial.sid) if trial.sid else company.find(trial.id, trial.changed)
        except UnclearError as wrong:
            log.warning("test call not known", service=trial.service, error=str(wrong))
            return trial
        if found is None:
            return trials.given_up(trial, now)
        return trials.found(trial, found.status, now)
