"""A line that rings people back, with everything going wrong that may, and what must hold.

The world below knows what really happens: which calls are under way, who pressed what. The
callback only hears of it: late, twice, in any order or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ivr.callbacks import (
    CALLER,
    RULES,
    SERVICE,
    Ask,
    Become,
    CallbackError,
    Facts,
    Heard,
    LetGo,
    Rest,
    Ring,
    Seek,
    State,
    asked,
    asked_again,
    claim,
    close,
    decide,
    found,
    let_go,
    letting_go,
    marker,
    not_let_go,
    not_placed,
    placed,
    retry,
    told,
    unclear,
)
from ivr.callbacks.telling import OVER
from ivr.events import Event

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALIVE = ("ringing", "in-progress")
PATIENCE = timedelta(minutes=10)
"""How long anybody keeps a telephone in their hand in which nobody talks to them."""
TALK = timedelta(minutes=70)
"""How long two talk at most."""

FAULTS = st.sampled_from(["", "", "", "reply", "request", "died before", "429", "400"])
"""What goes wrong between the worker and the telephone company."""
LETTING_GO = st.sampled_from(["", "reply", "died before"])
"""What goes wrong where somebody is let go who is alone."""


@dataclass
class Call:
    """A call that really was made."""

    sid: str
    marker: str
    side: str
    attempt: int
    ring: int
    placed: datetime
    status: str = "ringing"
    picked_up: datetime | None = None
    ended: datetime | None = None
    pressed: str = ""
    told: datetime | None = None
    """When they were told last that nobody is there."""
    elsewhere: bool = False
    """Whether they were then put through to the line that is always open."""
    other: Call | None = field(default=None, compare=False, repr=False)
    """Whom they met in the room."""

    @property
    def alive(self) -> bool:
        return self.status in ALIVE

    @property
    def talks(self) -> bool:
        return self.alive and (self.elsewhere or bool(self.other and self.other.alive))

    @property
    def ends(self) -> datetime:
        """When it ends by itself, in progress."""
        if self.talks:
            return (self.told or self.picked_up or self.placed) + TALK
        if self.told:
            return self.told + timedelta(minutes=1)
        asked = self.side == CALLER and not self.pressed
        return (self.picked_up or self.placed) + (timedelta(minutes=1) if asked else PATIENCE)

    @property
    def seconds(self) -> int:
        if not (self.picked_up and self.ended):
            return 0
        return int((self.ended - self.picked_up).total_seconds())


@dataclass
class World:
    """The telephone company, those who are rung, and the tidings under way."""

    calls: list[Call] = field(default_factory=list)
    tidings: list[Event] = field(default_factory=list)
    joined: bool = False
    """Whether the two have really been in one room."""

    def place(self, mark: str, side: str, attempt: int, ring: int, now: datetime) -> Call:
        call = Call(f"CA{len(self.calls):032x}", mark, side, attempt, ring, now)
        self.calls.append(call)
        return call

    def alive(self, side: str) -> list[Call]:
        return [call for call in self.calls if call.side == side and call.alive]

    def tell(self, call: Call, what: str, now: datetime) -> None:
        facts: dict[str, str | int] = {
            "callback": "0" * 32,
            "attempt": call.attempt,
            "side": call.side,
            "ring": call.ring,
            "what": what,
        }
        if what == "status":
            facts |= {"leg": call.status, "seconds": call.seconds}
        number = len(self.tidings)
        self.tidings.append(Event(f"{call.sid}-b-{number}", call.sid, "callback", now, facts))

    def end(self, call: Call, status: str, now: datetime) -> None:
        call.status, call.ended = status, now
        self.tell(call, "status", now)
        if call.other and call.other.alive and not call.elsewhere:
            self.end(call.other, "completed", now)

    def press(self, call: Call, key: str, now: datetime) -> None:
        if call.told:
            call.elsewhere = True
            self.tell(call, "elsewhere", now)
            return
        call.pressed = key
        self.tell(call, "accepted" if key == "1" else "never", now)
        waiting = [each for each in self.alive(SERVICE) if each.pressed == "1"]
        if key == "9":
            self.end(call, "completed", now)
        elif call.side == CALLER and waiting:
            self.joined = True
            call.other, waiting[0].other = waiting[0], call

    def say_instead(self, call: Call, now: datetime) -> None:
        """The words for whoever waits in vain, in the place of all that they hear."""
        assert not call.talks, "somebody who talks is pulled away"
        if call.status == "ringing":
            self.end(call, "canceled", now)
        elif call.alive:
            call.told = now
            self.tell(call, "sorry", now)
            if call.side == SERVICE:
                self.end(call, "completed", now)


class Line(RuleBasedStateMachine):
    """One callback, a worker that may die at any moment, and a world that may do anything."""

    @initialize()
    def promised(self) -> None:
        self.now = NOON
        self.world = World()
        self.callback = asked("0" * 32, "CA" + "f" * 32, "cambridge", NOON)
        self.by_a_person = False
        self.opted_out = False
        self.rings: list[datetime] = []
        self.heard: list[Event] = []  # all that was told of, but of what had settled

    @rule(seconds=st.sampled_from([1, 5, 20, 60, 90, 180, 600, 1800, 7200]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for call in self.world.calls:
            if call.status == "ringing" and self.now - call.placed >= timedelta(minutes=1):
                self.world.end(call, "no-answer", call.placed + timedelta(minutes=1))
            if call.status == "in-progress" and self.now >= call.ends:
                self.world.end(call, "completed", call.ends)

    @rule(rings=st.sampled_from([(1,), (1, 2), (2,), ()]), lost=FAULTS, busy=st.booleans())
    def worker_looks(self, rings: tuple[int, ...], lost: str, busy: bool) -> None:  # noqa: FBT001 - drawn
        lately = [at for at in self.rings if self.now - at < timedelta(hours=24)]
        facts = Facts(
            rings,
            may_call=not self.opted_out,
            rung_lately=len(lately),
            rung_last_hour=RULES.per_hour if busy else 0,
        )
        step = decide(self.callback, self.now, RULES, facts)
        assert decide(self.callback, self.now, RULES, facts) == step
        match step:
            case Ring():
                self._ring(step, lost)
            case Ask():
                self._ask(step, lost)
            case LetGo(side, sid):
                self._let_go(side, sid, lost)
            case Seek(call):
                self._seek(call, lost)
            case Become(after):
                self._change(after)
            case Rest(until):
                assert until is None or until > self.now

    @precondition(lambda self: self.callback.is_open)
    @rule(does=st.sampled_from(["1", "1", "1", "9", "busy", "rings off"]), heard=st.booleans())
    def a_step_is_made(self, does: str, heard: bool) -> None:  # noqa: FBT001 - drawn
        """What mostly happens: somebody is rung, answers, and that is heard of."""
        due = max(self.now, self.callback.due or self.now)
        self.time_passes((due - self.now).total_seconds())
        self.worker_looks((1, 2), "", False)  # noqa: FBT003 - as above
        if any(call.alive for call in self.world.calls):
            self.somebody(does, -1)
        if heard:
            self.the_oldest_tidings_come(len(self.world.tidings))

    @precondition(lambda self: any(call.alive for call in self.world.calls))
    @rule(does=st.sampled_from(["answers", "1", "1", "9", "busy", "failed", "rings off"]),
          which=st.integers(0, 1))  # fmt: skip
    def somebody(self, does: str, which: int) -> None:
        alive = [call for call in self.world.calls if call.alive]
        call = alive[which % len(alive)]
        if does in ("answers", "1", "9") and call.status == "ringing":
            call.status, call.picked_up = "in-progress", self.now
            self.world.tell(call, "status", self.now)
        if call.status == "ringing" and does in ("busy", "failed"):
            self.world.end(call, does, self.now)
        elif call.status == "in-progress" and does == "rings off":
            self.world.end(call, "completed", self.now)
        elif call.status == "in-progress" and self._may_press(call, does):
            self.world.press(call, does, self.now)

    @precondition(lambda self: self.world.tidings)
    @rule(which=st.integers(0, 30), keep=st.booleans())
    def tidings_come(self, which: int, keep: bool) -> None:  # noqa: FBT001 - drawn
        tidings = self.world.tidings
        event = tidings[which % len(tidings)]
        if not keep:
            tidings.remove(event)
        self._hear(event)

    @precondition(lambda self: self.world.tidings)
    @rule(count=st.integers(1, 10))
    def the_oldest_tidings_come(self, count: int) -> None:
        for event in self.world.tidings[:count]:
            self._hear(event)
        del self.world.tidings[:count]

    @precondition(lambda self: self.world.tidings)
    @rule()
    def the_newest_tidings_come_first(self) -> None:
        for event in reversed(self.world.tidings):
            self._hear(event)
        self.world.tidings.clear()

    @precondition(lambda self: self.callback.state is State.RINGING_CALLER)
    @rule(first=st.sampled_from(["answers", "rings off"]), newest_first=st.booleans())
    def the_service_is_gone_just_before_the_1(self, first: str, newest_first: bool) -> None:  # noqa: FBT001 - drawn
        self.worker_looks((1,), "", False)  # noqa: FBT003 - as above
        for does in (first, "rings off" if first == "answers" else "answers", "1"):
            self.now += timedelta(seconds=1)
            if any(call.alive for call in self.world.calls):
                self.somebody(does, 0 if does == "rings off" else -1)
        if newest_first and self.world.tidings:
            self.the_newest_tidings_come_first()

    @precondition(lambda self: self.callback.state is State.RINGING_CALLER)
    @rule(lost=LETTING_GO, seconds=st.sampled_from([0, 20, 180]), heard=st.booleans())
    def the_service_is_gone_and_whoever_is_alone_is_let_go(
        self,
        lost: str,
        seconds: int,
        heard: bool,  # noqa: FBT001 - drawn
    ) -> None:
        self.worker_looks((1,), "", False)  # noqa: FBT003 - as above
        if self.world.alive(CALLER):
            self.somebody("answers", -1)
        for call in self.world.alive(SERVICE):
            self.world.end(call, "completed", self.now)
        self.the_oldest_tidings_come(len(self.world.tidings))
        if self.callback.gone and self.callback.placed:
            self.one_who_is_alone_is_let_go(lost, seconds, heard)

    @precondition(lambda self: self.callback.gone and self.callback.placed)
    @rule(lost=LETTING_GO, seconds=st.sampled_from([0, 20, 180]), heard=st.booleans())
    def one_who_is_alone_is_let_go(self, lost: str, seconds: int, heard: bool) -> None:  # noqa: FBT001 - drawn
        """They are told so, perhaps, and press 1; and then they are looked at once more."""
        self.worker_looks((1,), lost, False)  # noqa: FBT003 - as above
        for call in self.world.alive(CALLER):
            if call.told and not call.elsewhere:
                self.world.press(call, "1", self.now)
        if heard:
            self.the_oldest_tidings_come(len(self.world.tidings))
        self.time_passes(seconds)
        self.worker_looks((1,), "", False)  # noqa: FBT003 - as above

    @precondition(lambda self: self.world.tidings)
    @rule(which=st.integers(0, 30))
    def tidings_are_lost(self, which: int) -> None:
        del self.world.tidings[which % len(self.world.tidings)]

    @rule()
    def a_person_closes_it(self) -> None:
        if self.callback.state is not State.NEEDS_A_PERSON:
            return
        self._change(close(self.callback, "rang them", self.now))
        self.by_a_person = True

    @rule()
    def a_person_retries(self) -> None:
        if self._they_see_a_call():
            return
        try:
            self._change(retry(self.callback, self.now))
        except CallbackError:
            assert self.callback.state is not State.UNANSWERED

    @rule()
    def they_ask_again(self) -> None:
        if self.callback.is_open and not self.world.alive(CALLER):
            self._change(asked_again(self.callback, self.now, RULES))

    @invariant()
    def nobody_is_rung_twice_at_once(self) -> None:
        assert len(self.world.alive(SERVICE)) <= 1
        assert len(self.world.alive(CALLER)) <= 1

    @invariant()
    def an_end_is_an_answer_or_a_persons(self) -> None:
        if self.callback.state is State.CLOSED:
            assert self.by_a_person
        if self.callback.state is State.CONNECTED:
            assert self.world.joined or self._nothing_told_that_they_are_alone()

    @invariant()
    def the_cap_holds(self) -> None:
        for first in self.rings:
            day = [at for at in self.rings if timedelta() <= at - first < timedelta(hours=24)]
            assert len(day) <= RULES.per_number_day

    @invariant()
    def what_is_open_is_looked_at_again_or_is_a_persons(self) -> None:
        if self.callback.is_open and self.callback.state is not State.NEEDS_A_PERSON:
            assert self.callback.due

    def teardown(self) -> None:
        """Left alone, with the telephone company well, it comes to an end or to a person."""
        if not hasattr(self, "callback"):
            return
        for _ in range(400):
            if self.callback.is_settled or self.callback.state is State.NEEDS_A_PERSON:
                break
            self.time_passes(60)
            self.worker_looks((1,), "", False)  # noqa: FBT003 - drawn elsewhere
        else:
            raise AssertionError(f"it stands still: {self.callback}")

    def _nothing_told_that_they_are_alone(self) -> bool:
        """Whether the caller did press 1, and the service's ringing off was not told in time."""
        pressed = any(c.pressed == "1" for c in self.world.calls if c.side == CALLER)
        return pressed and not any(
            event.facts["side"] == SERVICE
            and event.facts["attempt"] == self.callback.attempt
            and event.facts["ring"] == self.callback.ring
            and event.facts.get("leg") in OVER
            for event in self.heard
        )

    def _they_see_a_call(self) -> bool:
        """Whether a person who looks into Twilio's console, as they are told to, finds one."""
        calls = any(call.alive for call in self.world.calls)
        return self.callback.why == "unknown" and calls

    def _may_press(self, call: Call, key: str) -> bool:
        if call.told:
            return key == "1" and call.side == CALLER and not call.elsewhere
        return not call.pressed and (key == "1" or (key == "9" and call.side == CALLER))

    def _change(self, after: object) -> None:
        assert isinstance(after, type(self.callback))
        if after != self.callback:
            assert after.version > self.callback.version
            assert not self.callback.is_settled or after.state is self.callback.state
        self.callback = after

    def _ring(self, step: Ring, lost: str) -> None:
        assert self.now < self.callback.expires
        if step.side == CALLER:
            assert not self.opted_out
            assert any(c.pressed == "1" for c in self.world.calls if c.side == SERVICE)
        before = self.callback
        self._change(claim(before, step, self.now))
        claimed = self.callback
        if lost in ("request", "died before"):
            return
        if lost in ("429", "400"):
            why = "busy" if lost == "429" else "refused_number"
            self._change(not_placed(claimed, step.side, self.now, why, of=marker(claimed)))
            return
        call = self.world.place(marker(claimed), step.side, claimed.attempt, claimed.ring, self.now)
        if step.side == CALLER:
            self.rings.append(self.now)
        if lost != "reply":
            self._change(placed(claimed, step.side, call.sid, self.now, of=marker(claimed)))

    def _ask(self, step: Ask, lost: str) -> None:
        if lost:
            self._change(unclear(self.callback, step.side, self.now))
            return
        calls = [c for c in self.world.calls if step.sid == c.sid or step.marker == c.marker]
        if not calls:
            assert self.callback.placed
            early = self.now - self.callback.placed < RULES.silence
            never = not_placed(self.callback, step.side, self.now, "lost")
            self._change(unclear(self.callback, step.side, self.now) if early else never)
            return
        call = calls[-1]
        heard = Heard(step.side, call.sid, call.status, call.seconds)
        self._change(found(self.callback, heard, self.now, RULES))

    def _let_go(self, side: str, sid: str, lost: str) -> None:
        call = next(call for call in self.world.calls if call.sid == sid)
        if side == CALLER:
            self._change(letting_go(self.callback, self.now))
        if lost in ("request", "died before", "429"):
            return
        self.world.say_instead(call, self.now)
        if lost != "reply":
            self._change(let_go(self.callback, side, self.now))

    def _seek(self, step: Ask, lost: str) -> None:
        if lost:
            self._ask(step, lost)
            return
        (call,) = [call for call in self.world.calls if call.sid == step.sid]
        if call.told:
            self._change(let_go(self.callback, CALLER, self.now))
        else:
            self._change(not_let_go(self.callback, self.now))

    def _hear(self, event: Event) -> None:
        if event.facts["what"] == "never":
            self.opted_out = True
        if not self.callback.is_settled:
            self.heard.append(event)
        after = told(self.callback, event, RULES)
        assert told(after, event, RULES) == after
        self._change(after)
