"""Services are rung to hear whether it is they who answer: rarely, politely, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ivr import trials
from ivr.call import Ask, Finish
from ivr.events import Event
from ivr.phone import Answered, Busy, NoAnswer, Voicemail
from ivr.phone.exchange import ACCOUNT, Exchange, Fates, Trouble, serving
from ivr.phone.people import Failed, Fate
from ivr.ringing_back import ACCEPTED, DENIED, TEST, Back, picked_up, pressed
from ivr.routing import Table
from ivr.store import Store, migrate
from ivr.telephony import RefusedError
from ivr.trials import ENDS, State, Telephone, Trial
from tests import shipped
from tests.databases import fresh_database
from tests.desk import TOKEN, URL
from tests.machine import Machine
from tests.twilio_says import telephony
from workers.ringing import Line
from workers.trying import WHO, Trier

pytestmark = pytest.mark.usefixtures("hears_everything")

TABLE = shipped.table()
SERVICE = next(
    code
    for code, service in TABLE.services.items()
    if code not in TABLE.hours and len(service.numbers) == 2
)
FIRST, SECOND = (number.value for number in TABLE.services[SERVICE].numbers)
SPOKEN = TABLE.services[SERVICE].spoken
NOON = shipped.NOON
"""A working day."""


def switched_on(*services: str, table: Table = TABLE) -> Table:
    return replace(table, line=replace(table.line, test_calls=services))


ON = switched_on(SERVICE)
TELEPHONES = list(trials.telephones(ON))


def trial(state: State = State.RINGING, **more: object) -> Trial:
    usual = trials.asked("0" * 32, TELEPHONES[0], WHO, NOON)
    return replace(usual, state=state, **more)  # type: ignore[arg-type]


def heard(what: str, leg: str = "") -> Event:
    facts: dict[str, Any] = {"callback": "0" * 32, "side": "test", "what": what}
    if leg:
        facts["leg"] = leg
    sid = "CA" + "7" * 32
    return Event(f"{sid}-b-{what}{leg}", sid, "callback", NOON + timedelta(seconds=30), facts)


# -- who is rung --------------------------------------------------------------------------------


def test_nobody_is_rung_unless_the_table_says_so() -> None:
    assert TABLE.line.test_calls == ()
    assert list(trials.telephones(TABLE)) == []
    assert [each.number.value for each in TELEPHONES] == [FIRST, SECOND]
    assert list(trials.telephones(ON, "mh001" if SERVICE != "mh001" else "mh003")) == []


def test_a_number_that_may_not_be_rung_is_left_out() -> None:
    live = replace(ON, line=replace(ON.line, test_line=False))
    assert list(trials.telephones(live)) == [], "drama numbers reach nobody"


@pytest.mark.parametrize(
    ("before", "after", "rung"),
    [
        (State.CONFIRMED, trials.MONTH, True),
        (State.CONFIRMED, trials.MONTH - timedelta(seconds=1), False),
        (State.SILENT, trials.AGAIN, True),
        (State.DENIED, trials.AGAIN - timedelta(seconds=1), False),
        (State.LOST, trials.AGAIN - timedelta(seconds=1), False),
        (State.ASKED, trials.MONTH, False),
        (State.RINGING, trials.MONTH, False),
    ],
)
def test_a_number_is_rung_once_in_28_days_and_daily_until_it_is_confirmed(
    before: State, after: timedelta, *, rung: bool
) -> None:
    found = [each.place for each in trials.due(ON, [trial(before)], NOON + after)]
    assert found == ([1, 2] if rung else [2]), "the second was never rung"


def test_a_service_that_is_closed_is_not_rung_for_its_time_has_not_come() -> None:
    code, hours = next(
        (code, TABLE.hours[code])
        for code in TABLE.hours
        if any(not TABLE.is_open(code, NOON + timedelta(hours=h)) for h in range(24))
    )
    assert hours
    table = switched_on(code)
    moments = [NOON + timedelta(hours=hour) for hour in range(24)]
    for at in moments:
        assert bool(list(trials.due(table, [], at))) == table.is_open(code, at)


def test_one_that_was_asked_for_holds_only_while_the_table_has_that_number_there() -> None:
    asked = trial(State.ASKED)
    assert trials.still(asked, ON) == TELEPHONES[0]
    assert trials.still(asked, TABLE) is None, "it was switched off"
    assert trials.still(replace(asked, number=SECOND), ON) is None


# -- what is heard of it ------------------------------------------------------------------------

KEYS = {"accepted": State.CONFIRMED, "denied": State.DENIED}
ENDINGS = {
    "completed": State.SILENT,
    "busy": State.UNANSWERED,
    "no-answer": State.UNANSWERED,
    "canceled": State.UNANSWERED,
    "failed": State.FAILED,
}


@pytest.mark.parametrize(("leg", "state"), ENDINGS.items())
def test_how_a_call_ended_tells_what_came_of_it_where_no_key_was_pressed(
    leg: str, state: State
) -> None:
    assert trials.told(trial(), heard("status", leg)).state is state
    assert trials.told(trial(), heard("status", "ringing")) == trial()


@pytest.mark.parametrize(("key", "state"), KEYS.items())
def test_a_key_counts_in_whatever_order_and_however_late_it_is_heard_of(
    key: str, state: State
) -> None:
    tidings = [heard(key), heard("status", "completed"), heard("status", "in-progress"), heard(key)]
    for order in permutations(tidings):
        after = trial()
        for each in order:
            after = trials.told(after, each)
        assert after.state is state
        assert after.sid == "CA" + "7" * 32
    for late in ENDS:
        if late not in KEYS.values():
            assert trials.told(trial(late), heard(key)).state is state


@given(
    st.lists(st.sampled_from([*((key, "") for key in KEYS), *(("status", leg) for leg in ENDINGS)]))
)
def test_whatever_is_heard_an_end_stays_an_end_and_the_first_key_stands(
    told: list[tuple[str, str]],
) -> None:
    after = trial()
    for what, leg in told:
        before, after = after, trials.told(after, heard(what, leg))
        assert before.state not in ENDS or after.state in ENDS
        assert after.version == before.version + (after != before)
    pressed = [what for what, _ in told if what in KEYS]
    assert after.state in ENDS or not told
    if pressed:
        assert after.state is KEYS[pressed[0]]


# -- what they hear -----------------------------------------------------------------------------

BACK = Back("0" * 32, TEST, 1, 1, SERVICE)


def test_one_that_pressed_is_thanked_and_told_only_what_was_kept() -> None:
    yes, no = (pressed(BACK.said(), key, SPOKEN) for key in "19")
    assert (yes.keep, no.keep) == (ACCEPTED, DENIED)
    assert yes.reply == yes.not_kept == no.not_kept
    assert no.reply != no.not_kept, "that it is written down would not be true"


def test_a_service_that_the_table_no_longer_has_is_asked_nothing() -> None:
    reply = picked_up(BACK, "").reply
    assert isinstance(reply, Finish)
    assert [each.prompt for each in reply.lines] == ["test_call", "test_call_thanks"]


def test_no_test_call_is_ever_joined_to_anybody() -> None:
    for key in ("", "1", "9", "0", "11"):
        for queue in (True, False):
            outcome = pressed(replace(BACK.said(), queue=queue), key, SPOKEN)
            assert isinstance(outcome.reply, Ask | Finish)


# -- what an operator is told -------------------------------------------------------------------


def test_a_number_that_somebody_else_answers_is_told_for_a_week() -> None:
    wrong = [trial(State.DENIED), trial(State.CONFIRMED, place=2), trial(State.LOST, place=3)]
    assert trials.not_taken(wrong, NOON) == (
        f"{SERVICE} number 1: whoever answered said they are not the service",
    )
    assert len(trials.not_taken(wrong, NOON + trials.LATELY)) == 1
    assert trials.not_taken(wrong, NOON + trials.LATELY + timedelta(seconds=1)) == ()


# -- in the store -------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    if request.param == "postgres":
        url = fresh_database(request.getfixturevalue("postgres_server"))
    migrate(url)
    store = Store(url)
    yield store
    store.close()


def test_only_one_test_call_to_a_telephone_is_open(store: Store) -> None:
    first, again = trial(State.ASKED), trial(State.ASKED, id="1" * 32)
    other = trial(State.ASKED, id="2" * 32, number=SECOND, place=2)
    assert [store.trials.ask(each) for each in (first, again, other)] == [True, False, True]
    assert store.trials.open() == [first, other]
    claimed = trials.claimed(first, NOON)
    assert store.trials.change(first, claimed)
    assert not store.trials.change(first, claimed), "somebody was quicker"
    assert not store.trials.ask(again)
    assert store.trials.change(claimed, trials.moved(claimed, State.CONFIRMED, NOON))
    assert store.trials.ask(again)


def test_the_newest_is_told_for_each_telephone_and_the_newest_that_tells_anything(
    store: Store,
) -> None:
    ids = iter(range(9))
    for state, hours in ((State.CONFIRMED, 0), (State.DENIED, 1), (State.LOST, 2)):
        at = NOON + timedelta(hours=hours)
        assert store.trials.ask(trial(state, id=f"{next(ids):032x}", asked=at))
    assert store.trials.ask(trial(State.SILENT, id="f" * 32, number=SECOND, place=2))
    assert [each.state for each in store.trials.newest()] == [State.LOST, State.SILENT]
    assert [each.state for each in store.trials.newest(lost=False)] == [State.DENIED, State.SILENT]
    assert [each.asked.hour for each in store.trials.latest(2)] == [NOON.hour + 2, NOON.hour + 1]


def test_what_is_heard_of_a_test_call_comes_to_it_and_makes_no_call_in_the_log(
    store: Store,
) -> None:
    store.trials.ask(trial())
    assert store.keep([heard("accepted"), heard("status", "completed")]) == 1
    assert store.trials.get("0" * 32) == trials.told(trial(), heard("accepted"))
    assert store.keep([heard("accepted")]) == 0
    assert list(store.calls(NOON - timedelta(days=1), NOON + timedelta(days=1))) == []
    stranger = replace(heard("accepted"), facts={**heard("accepted").facts, "callback": "9" * 32})
    assert store.keep([stranger]) == 0


def test_a_test_call_is_forgotten_in_its_time(store: Store) -> None:
    old = trial(State.CONFIRMED)
    store.trials.ask(old)
    later = NOON + timedelta(days=400, seconds=1)
    store.trials.ask(trial(State.ASKED, id="1" * 32, asked=later, changed=later))
    assert store.trials.get(old.id) is None


# -- through the telephone ----------------------------------------------------------------------


class World:
    """A line, a telephone company, the store between them, and the minutes."""

    def __init__(self, machine: Machine, folder: Path, fates: Mapping[str, Any]) -> None:
        self.now = NOON
        machine.time = self.tick
        self.machine = machine
        self.exchange = Exchange(machine.post, TOKEN, Fates(fates), lambda: self.now)
        url = f"sqlite:///{folder / 'store.sqlite3'}"
        migrate(url)
        self.store = Store(url)
        self.table = ON
        self.base = ""

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def hear(self) -> None:
        outbox = self.machine.board.outbox
        while batch := outbox.batch(500):
            self.store.keep(batch.events)
            outbox.forget([batch.id])

    def look(self) -> None:
        company = telephony(self.base, ACCOUNT, TOKEN, 10.0)
        Trier(self.store, Line(company, self.table, URL), lambda: self.now).look()

    def minutes(self, count: int = 1) -> None:
        """Time passes, and every minute the line looks whom to ring."""
        for _ in range(count):
            self.look()
            self.exchange.play()
            self.hear()
            self.now += timedelta(minutes=1)

    def ask(self, telephone: Telephone = TELEPHONES[0]) -> str:
        name = uuid4().hex
        assert self.store.trials.ask(trials.asked(name, telephone, "ada", self.now))
        return name

    @property
    def states(self) -> dict[str, State]:
        return {each.number: each.state for each in self.store.trials.newest()}

    @property
    def rung(self) -> list[str]:
        return self.exchange.journal.numbers


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("line"))


Begin = Callable[..., World]


@pytest.fixture
def begin(machine: Machine, tmp_path: Path) -> Iterator[Begin]:
    opened = ExitStack()

    def begin(first: Fate = Answered("1"), second: Fate = Answered("1")) -> World:  # noqa: B008 - a value
        world = World(machine, tmp_path, {FIRST: first, SECOND: second})
        opened.callback(world.store.close)
        world.base = opened.enter_context(serving(world.exchange))
        return world

    with opened, capture_logs():
        yield begin


def test_every_number_is_rung_one_after_another_and_then_not_for_28_days(begin: Begin) -> None:
    world = begin()
    world.minutes()
    assert world.rung == [FIRST]
    assert world.states == {FIRST: State.CONFIRMED}
    world.minutes(5)
    assert world.rung == [FIRST, SECOND]
    assert set(world.states.values()) == {State.CONFIRMED}
    world.now = NOON + trials.MONTH - timedelta(minutes=10)
    world.minutes(9)
    assert len(world.rung) == 2
    world.minutes(9)
    assert world.rung == [FIRST, SECOND, FIRST, SECOND]
    assert {ring.shown for ring in world.exchange.journal.rung} == {TABLE.line.caller_id}


def test_whoever_answers_is_told_at_once_that_nobody_waits_and_is_thanked(begin: Begin) -> None:
    world = begin()
    world.minutes()
    said = world.exchange.journal.heard(FIRST)
    assert said.startswith("This is a test call")
    assert "Nobody is waiting" in said
    assert f"If you are {SPOKEN}, press 1" in said
    assert said.endswith("Thank you. This was only a test. Goodbye.")
    assert world.exchange.waiting == [], "nobody is kept on the line"


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (Answered("9"), State.DENIED),
        (Answered("- 1"), State.CONFIRMED),
        (Answered("5"), State.SILENT),
        (Answered(""), State.SILENT),
        (Answered("off"), State.SILENT),
        (Voicemail(), State.SILENT),
        (NoAnswer(), State.UNANSWERED),
        (Busy(), State.UNANSWERED),
        (Failed(), State.FAILED),
    ],
    ids=[
        "9", "silent, then 1", "5", "nothing", "rings off", "voicemail", "no answer", "busy",
        "failed",
    ],
)  # fmt: skip
def test_what_becomes_of_a_number_is_told_and_it_is_rung_again_the_next_day(
    begin: Begin, fate: Fate, state: State
) -> None:
    world = begin(first=fate)
    world.minutes(3)
    assert world.states == {FIRST: state, SECOND: State.CONFIRMED}
    told = trials.not_taken(world.store.trials.newest(lost=False), world.now)
    assert bool(told) == (state is not State.CONFIRMED)
    world.now = NOON + timedelta(hours=23)
    world.minutes(2)
    assert world.rung == [FIRST, SECOND]
    world.now = NOON + timedelta(hours=25)
    world.minutes(2)
    again = [FIRST] if state is not State.CONFIRMED else []
    assert world.rung == [FIRST, SECOND, *again]


def test_whoever_says_they_are_another_is_told_that_it_is_kept(begin: Begin) -> None:
    world = begin(first=Answered("9"))
    world.minutes()
    said = world.exchange.journal.heard(FIRST)
    assert said.endswith("That is written down, and will be looked at. Goodbye.")


def test_one_that_a_person_asks_for_goes_first_and_counts_as_the_month_s(begin: Begin) -> None:
    world = begin()
    world.ask(TELEPHONES[1])
    world.minutes(4)
    assert world.rung == [SECOND, FIRST]
    assert {each.number: each.who for each in world.store.trials.newest()} == {
        SECOND: "ada",
        FIRST: WHO,
    }


def test_one_that_could_not_be_made_within_an_hour_is_given_up(begin: Begin) -> None:
    world = begin()
    world.table = TABLE
    name = world.ask()
    world.minutes()
    found = world.store.trials.get(name)
    assert found
    assert found.state is State.LOST, "the table no longer lets it be rung"
    world.table = ON
    late = world.ask(TELEPHONES[1])
    world.now += timedelta(hours=1)
    world.minutes()
    found = world.store.trials.get(late)
    assert found
    assert found.state is State.LOST
    assert SECOND not in world.rung


@pytest.mark.parametrize("trouble", [Trouble.LOSE_REPLY, Trouble.TOO_MANY])
def test_whatever_becomes_of_the_request_a_number_is_rung_once(
    begin: Begin, trouble: Trouble
) -> None:
    world = begin()
    world.exchange.troubles.order(trouble, at=(1,))
    world.minutes(30)
    assert sorted(world.rung) == sorted([FIRST, SECOND])
    assert set(world.states.values()) == {State.CONFIRMED}


def test_where_twilio_refuses_us_it_tells_nothing_of_the_service(begin: Begin) -> None:
    world = begin()
    stranger = telephony(world.base, ACCOUNT, "0" * 32, 10.0)
    Trier(world.store, Line(stranger, ON, URL), lambda: world.now).look()
    assert world.states == {FIRST: State.LOST}
    assert world.store.trials.newest(lost=False) == []


def test_a_number_that_twilio_takes_for_none_is_told(begin: Begin) -> None:
    class Refusing:
        def place(self, _: object) -> None:
            raise RefusedError(21211)

    world = begin()
    refusing: Any = Refusing()
    Trier(world.store, Line(refusing, ON, URL), lambda: world.now).look()
    assert world.states == {FIRST: State.FAILED}


def test_a_call_whose_tidings_are_all_lost_is_asked_after(begin: Begin) -> None:
    world = begin(first=NoAnswer())
    world.look()
    world.exchange.play()
    outbox = world.machine.board.outbox
    while batch := outbox.batch(500):
        outbox.forget([batch.id])
    assert world.states == {FIRST: State.RINGING}
    world.minutes(8)
    assert world.rung == [FIRST], "one at a time"
    world.minutes(4)
    assert world.states[FIRST] is State.UNANSWERED


class KilledError(BaseException):
    """The worker is gone, with nothing tidied up."""


class Mortal:
    """Does as ``real`` does, and dies at the given one of the steps that others can see."""

    def __init__(self, real: object, steps: list[int]) -> None:
        self._real = real
        self._steps = steps

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever there is
        found = getattr(self._real, name)
        return self._mortally(found) if name in {"change", "place", "ask_for"} else found

    def _mortally(self, found: Callable[..., Any]) -> Callable[..., Any]:
        def done(*words: Any) -> Any:  # noqa: ANN401 - whatever it takes
            self._step()
            try:
                return found(*words)
            finally:
                self._step()

        return done

    def _step(self) -> None:
        self._steps[0] -= 1
        if self._steps[0] == 0:
            raise KilledError


@pytest.mark.parametrize("dies_at", range(1, 9))
def test_a_worker_killed_at_any_step_rings_nobody_twice_and_all_is_settled(
    begin: Begin, dies_at: int
) -> None:
    world = begin()
    steps = [dies_at]
    company: Any = Mortal(telephony(world.base, ACCOUNT, TOKEN, 10.0), steps)
    trier = Trier(world.store, Line(company, ON, URL), lambda: world.now)
    mortal: Any = Mortal(world.store.trials, steps)
    trier._kept = mortal
    with suppress(KilledError):
        trier.look()
    assert steps[0] <= 0, "nobody was killed"
    world.exchange.play()
    world.hear()
    world.minutes(90)
    assert max(map(world.rung.count, (FIRST, SECOND))) == 1
    assert set(world.states) == {FIRST, SECOND}
    assert set(world.states.values()) <= {State.CONFIRMED, State.LOST}
