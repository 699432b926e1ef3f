"""People are rung back through a telephone company that fails in every way, and nobody is twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from ivr.callbacks import Callback, State
from ivr.outbox import Promise
from ivr.phone import Answered, Busy, NoAnswer, Voicemail
from ivr.phone.exchange import ACCOUNT, Exchange, Fates, Request, Stage, Trouble, serving
from ivr.phone.people import Fate
from ivr.sealing import Seal
from ivr.store import Store, migrate
from tests import shipped
from tests.desk import TOKEN, URL
from tests.machine import PLACE, Machine
from tests.twilio_says import telephony
from workers.ringing import Line, Ringer

pytestmark = pytest.mark.usefixtures("hears_everything")

CALLER = "+447700900461"
SERVICE = shipped.whereabouts().keyed(PLACE).options[0].cover.adult
CHAIN = [number.value for _, number in shipped.table().ringing(SERVICE)]
FIRST = CHAIN[0]
KEY = Fernet.generate_key().decode()


class KilledError(BaseException):
    """The worker is gone, with nothing tidied up."""


class Mortal:
    """Does as ``real`` does, and dies before or after one of the steps that others can see."""

    def __init__(self, real: object, step: Callable[[], None]) -> None:
        self._real = real
        self._step = step

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever there is
        found = getattr(self._real, name)
        if name not in {"change", "place", "state", "find", "say_instead", "hang_up"}:
            return found

        def done(*words: Any) -> Any:  # noqa: ANN401 - whatever it takes
            self._step()
            try:
                return found(*words)
            finally:
                self._step()

        return done


class Keeping:
    """A store whose callbacks are kept through ``callbacks``."""

    def __init__(self, store: Store, callbacks: object) -> None:
        self._store = store
        self.callbacks = callbacks

    def call(self, call: str) -> object:
        return self._store.call(call)


class World:
    """A line, a telephone company, the store between them, and a worker that may be killed."""

    def __init__(self, machine: Machine, folder: Path, fates: dict[str, Any]) -> None:
        self.now = shipped.NOON
        machine.time = self.tick
        self.machine = machine
        self.exchange = Exchange(machine.post, TOKEN, Fates(fates), lambda: self.now)
        self.store_url = f"sqlite:///{folder / 'store.sqlite3'}"
        migrate(self.store_url)
        self.store = Store(self.store_url, Seal([KEY]))
        self.steps = 0
        self.dies_at = 0
        self.hear()  # what another test left in the outbox
        self.base = ""
        self.patience = 10.0
        self.table = shipped.table()

    def tick(self) -> datetime:
        """The time, and a little of it passes: no two webhooks come at once."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.dies_at:
            raise KilledError

    def promise(self, number: str = CALLER) -> str:
        """Somebody is promised a call; the callback's id."""
        name = f"callback-CA{uuid4().hex}"
        promise = Promise(name, "callback", SERVICE, number, self.now)
        call = name.removeprefix("callback-")
        return self.store.callbacks.promise(name, call, SERVICE, promise.number, self.now).id

    def hear(self) -> None:
        """What the line has noted comes to the store."""
        outbox = self.machine.board.outbox
        while batch := outbox.batch(500):
            if hasattr(self, "store"):
                self.store.keep(batch.events)
            outbox.forget([batch.id])

    def ringer(self) -> Ringer:
        company: Any = Mortal(telephony(self.base, ACCOUNT, TOKEN, self.patience), self.step)
        store: Any = Keeping(self.store, Mortal(self.store.callbacks, self.step))
        return Ringer(store, Line(company, self.table, URL), lambda: self.now)

    def work(self) -> None:
        """The worker looks at what is due; killed, it is started again and looks later."""
        for callback in self.store.callbacks.due(self.now):
            with suppress(KilledError):
                self.ringer().look(callback)

    def settle(self, until: Stage = Stage.OVER) -> None:
        """Everybody does what they do, the line hears of it and acts, until nothing moves."""
        versions: list[int] | None = None
        while versions != (seen := [each.version for each in self.store.callbacks.open()]):
            versions = seen
            self.work()
            self.exchange.play(until)
            self.hear()

    def later(self, *, hours: float = 0, minutes: float = 0, every: float = 60) -> None:
        """Time passes, and every minute what is due is looked at."""
        end = self.now + timedelta(hours=hours, minutes=minutes)
        while self.now < end:
            self.now += timedelta(seconds=every)
            self.settle()

    def get(self, callback: str) -> Callback:
        found = self.store.callbacks.get(callback)
        assert found
        return found

    def rung(self, number: str) -> int:
        return self.exchange.journal.numbers.count(number)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("line"))


Begin = Callable[..., World]


@pytest.fixture
def begin(machine: Machine, tmp_path: Path) -> Iterator[Begin]:
    opened = ExitStack()
    folders = count()

    def begin(**fates: Fate | list[Fate]) -> World:
        by_number = {CALLER: fates.get("caller", Answered("1")), "*": Answered("1")}
        for name, number in zip(("first", "second"), CHAIN, strict=False):
            if name in fates:
                by_number[number] = fates[name]
        folder = tmp_path / str(next(folders))
        folder.mkdir()
        world = World(machine, folder, by_number)
        opened.callback(world.store.close)
        world.base = opened.enter_context(serving(world.exchange))
        return world

    with opened, capture_logs():
        yield begin


# -- as it should go --------------------------------------------------------------------------


def test_the_service_is_rung_then_the_caller_and_they_talk(begin: Begin) -> None:
    world = begin()
    callback = world.promise()
    world.settle()
    assert world.get(callback).state is State.CONNECTED
    assert world.exchange.journal.numbers == [FIRST, CALLER]
    (joined,) = world.exchange.journal.joined
    assert joined.numbers == (FIRST, CALLER)
    assert world.store.callbacks.number(callback) == CALLER, "they may turn out to be alone"
    world.later(minutes=2)
    assert world.store.callbacks.number(callback) == ""
    shown = {ring.shown for ring in world.exchange.journal.rung}
    assert shown == {shipped.table().line.caller_id}


def test_where_the_first_number_does_not_answer_the_next_is_rung(begin: Begin) -> None:
    world = begin(first=NoAnswer(), second=Answered("1"))
    callback = world.promise()
    world.settle()
    assert world.exchange.journal.numbers == [CHAIN[0], CHAIN[1], CALLER]
    assert world.get(callback).state is State.CONNECTED


def test_a_service_that_accepted_is_told_when_the_caller_does_not_answer(begin: Begin) -> None:
    world = begin(caller=NoAnswer())
    callback = world.promise()
    world.settle()
    assert world.get(callback).state is State.UNANSWERED
    assert world.exchange.waiting == []
    assert "the caller could not be reached" in world.exchange.journal.heard(FIRST)
    assert world.exchange.journal.joined == []


def test_a_machine_is_left_nothing_and_a_person_must_see_to_it_in_the_end(begin: Begin) -> None:
    world = begin(caller=Voicemail())
    callback = world.promise()
    world.settle()
    world.later(hours=4, minutes=30)
    assert world.exchange.journal.heard(CALLER) == ""
    assert world.get(callback).state is State.NEEDS_A_PERSON
    assert 1 < world.rung(CALLER) <= 3


def test_nobody_is_rung_who_may_not_be(begin: Begin) -> None:
    world = begin()
    ours, drama = shipped.table().line.number, "+447700900462"
    refused = [world.promise(ours), world.promise("+449098790000"), world.promise("+33123456789")]
    world.store.callbacks.never(drama, world.now)
    refused.append(world.promise(drama))
    world.settle()
    assert world.exchange.journal.rung == []
    assert [world.get(each).why for each in refused] == [
        *["refused_number"] * 3,
        "asked_after_9",
    ]


def test_without_a_telephone_company_a_person_is_needed_at_once(begin: Begin) -> None:
    world = begin()
    callback = world.promise()
    line = Line(None, shipped.table(), URL)
    Ringer(world.store, line, lambda: world.now).look(callback)
    found = world.get(callback)
    assert (found.state, found.why) == (State.NEEDS_A_PERSON, "no_company")


def test_a_callback_that_is_gone_is_nothing_to_do(begin: Begin) -> None:
    begin().ringer().look("0" * 32)


# -- as it may go wrong -----------------------------------------------------------------------


TROUBLES = [each for each in Trouble if each is not Trouble.STALL]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("which", [1, 2])
def test_whatever_becomes_of_a_request_everybody_is_rung_once(
    begin: Begin, trouble: Trouble, which: int
) -> None:
    world = begin()
    world.patience = 1.0 if trouble is Trouble.STALL_AFTER else world.patience
    world.exchange.troubles.order(trouble, at=(which,))
    callback = world.promise()
    world.settle()
    world.later(minutes=5, every=30)
    assert world.get(callback).state is State.CONNECTED
    assert (world.rung(FIRST), world.rung(CALLER)) == (1, 1)


def test_half_an_hour_of_trouble_rings_nobody_twice_and_asks_little(begin: Begin) -> None:
    world = begin()
    for request in Request:
        world.exchange.troubles.order(Trouble.BROKEN, request)
    callback = world.promise()
    world.settle()
    world.later(minutes=30)
    asked = sum(world.exchange.troubles.count.values())
    assert asked <= 40
    world.exchange.troubles.end()
    world.later(minutes=10, every=30)
    assert world.get(callback).state is State.CONNECTED
    assert (world.rung(FIRST), world.rung(CALLER)) == (1, 1)


def test_while_twilio_cannot_tell_which_call_it_was_nobody_is_rung_again(begin: Begin) -> None:
    world = begin(first=Busy())
    world.exchange.tells_requests = False
    world.exchange.troubles.order(Trouble.LOSE_REPLY, at=(1,))
    callback = world.promise()
    world.work()
    world.later(hours=5)
    assert world.rung(FIRST) == 1
    assert world.get(callback).state in {State.NEEDS_A_PERSON, State.CONNECTED}


def test_a_number_that_twilio_refuses_is_for_a_person(begin: Begin) -> None:
    world = begin()
    world.exchange.owned = ("+441134960001",)  # and not the number that we show
    callback = world.promise()
    world.settle()
    world.later(hours=2)
    assert world.exchange.journal.rung == []
    assert world.get(callback).state is not State.CONNECTED


def lost_tidings(world: World) -> None:
    """Every webhook of the two calls is answered, and nothing of it comes to the store."""
    outbox = world.machine.board.outbox
    while batch := outbox.batch(500):
        outbox.forget([batch.id])


def test_where_all_tidings_are_lost_twilio_is_asked_and_nobody_is_rung_twice_at_once(
    begin: Begin,
) -> None:
    world = begin(first=NoAnswer(), second=NoAnswer())
    callback = world.promise()
    world.work()
    world.exchange.play()
    lost_tidings(world)
    world.now += timedelta(seconds=60)
    world.work()
    assert world.rung(FIRST) == 1
    world.later(minutes=2, every=30)
    assert world.rung(FIRST) == 1
    assert world.rung(CHAIN[1]) == 1
    assert world.get(callback).attempt == 1


# -- killed at every step ---------------------------------------------------------------------


def steps_of_a_story(begin: Begin) -> int:
    world = begin()
    world.promise()
    world.settle()
    return world.steps


def test_a_worker_killed_at_any_step_loses_nobody_and_rings_nobody_twice(begin: Begin) -> None:
    steps = steps_of_a_story(begin)
    assert steps >= 10
    for step in range(1, steps + 1):
        world = begin()
        world.dies_at = step
        callback = world.promise()
        world.settle()
        world.later(minutes=4, every=30)
        told = f"killed at step {step} of {steps}"
        assert world.get(callback).state is State.CONNECTED, told
        assert (world.rung(FIRST), world.rung(CALLER)) == (1, 1), told


def test_two_workers_that_look_at_once_ring_once(begin: Begin) -> None:
    world = begin()
    callback = world.promise()
    one = world.ringer()

    class Late(Keeping):
        """A store in which another worker is quicker, just before something is changed."""

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever there is
            return getattr(self._store, name)

        def change(self, *words: Any) -> bool:  # noqa: ANN401 - a change
            one.look(callback)
            return world.store.callbacks.change(*words)

    late: Any = Late(world.store, None)
    late.callbacks = Mortal(world.store.callbacks, lambda: None)
    late.callbacks.change = late.change
    line = Line(telephony(world.base, ACCOUNT, TOKEN), shipped.table(), URL)
    Ringer(late, line, lambda: world.now).look(callback)
    world.settle()
    assert (world.rung(FIRST), world.rung(CALLER)) == (1, 1)


@pytest.mark.parametrize("trouble", [Trouble.BROKEN, Trouble.LOSE_REPLY])
def test_a_call_that_twilio_is_slow_to_list_is_not_taken_for_one_that_never_was(
    begin: Begin, trouble: Trouble
) -> None:
    world = begin()
    world.exchange.lists_queued = False
    world.exchange.troubles.order(trouble, at=(1,))
    callback = world.promise()
    world.work()
    for _ in range(2):
        world.now += timedelta(seconds=40)
        world.work()
    assert world.exchange.troubles.count[Request.LIST] >= 1, "it was asked for"
    assert world.exchange.troubles.count[Request.PLACE] == 1, "it was believed at once"
    world.exchange.play()
    world.later(minutes=5, every=30)
    assert world.get(callback).state is State.CONNECTED
    assert (world.rung(FIRST), world.rung(CALLER)) == (1, 1)


def test_a_table_that_names_another_number_meanwhile_has_nobody_rung_twice(begin: Begin) -> None:
    world = begin()
    world.exchange.troubles.order(Trouble.LOSE_REPLY, at=(1,))
    callback = world.promise()
    world.work()
    service = shipped.table().services[SERVICE]
    other = replace(service, numbers=(replace(service.numbers[0], value="+441632960990"),))
    services = {**shipped.table().services, SERVICE: other}
    world.table = replace(shipped.table(), services=services)
    world.now += timedelta(minutes=5)
    world.work()
    assert world.exchange.troubles.count[Request.PLACE] == 1, "it was not looked for"
    world.settle()
    assert world.exchange.journal.numbers == [FIRST, CALLER]
    assert world.get(callback).state is State.CONNECTED


def alone(begin: Begin) -> tuple[World, str]:
    """A caller who has pressed 1, for whom the service had just rung off; nobody has heard yet."""
    world = begin(caller=Answered("1"))
    callback = world.promise()
    world.work()
    world.exchange.play(Stage.JOINED)
    world.hear()
    world.work()
    world.exchange.ring_off(FIRST)
    gone = world.machine.board.outbox.batch(500)
    assert gone
    world.machine.board.outbox.forget([gone.id])
    world.exchange.play(Stage.JOINED)
    world.hear()
    assert world.exchange.waiting == [CALLER]
    assert world.get(callback).state is State.CONNECTED
    world.store.keep(gone.events)
    return world, callback


def test_who_was_taken_for_connected_and_is_alone_is_told_so_and_rung_again(begin: Begin) -> None:
    world, callback = alone(begin)
    assert world.get(callback).state is State.RINGING_CALLER
    world.settle()
    assert "press 1" in world.exchange.journal.heard(CALLER).lower()
    world.later(minutes=12, every=30)
    assert world.get(callback).state is State.CONNECTED
    assert len(world.exchange.journal.joined) == 1
    assert world.rung(CALLER) == 2


def test_who_waits_alone_is_never_hung_up_on_without_a_word(begin: Begin) -> None:
    world, _ = alone(begin)
    for request in (Request.CHANGE, Request.READ):
        world.exchange.troubles.order(Trouble.BROKEN, request)
    world.settle()
    assert world.exchange.waiting == [CALLER], "it was not known whether they were told"
    world.exchange.troubles.end()
    world.exchange.troubles.order(Trouble.BROKEN, Request.READ)
    world.later(minutes=2, every=30)
    assert world.exchange.waiting == []
    words = world.exchange.journal.heard(CALLER)
    assert words.lower().count("press 1") >= 2


@pytest.mark.parametrize("dies", [0, 4])
@pytest.mark.parametrize(
    "trouble", [Trouble.LOSE_REPLY, Trouble.BROKEN_AFTER, Trouble.BROKEN, Trouble.CUT]
)
def test_one_alone_is_told_so_once_whatever_becomes_of_the_reply(
    begin: Begin, trouble: Trouble, dies: int
) -> None:
    """They may be talking since to whom they were put through to: nobody sends them back."""
    world, _ = alone(begin)
    world.exchange.troubles.order(trouble, Request.CHANGE, at=(1,))
    world.steps, world.dies_at = 0, dies
    (call,) = (each for each in world.exchange.calls.values() if each.waits)
    for _ in range(20):  # what is told of it is lost, and what is asked of Twilio is not
        world.work()
        lost_tidings(world)
        world.now += timedelta(seconds=30)
    sent = 1 if trouble.done else 2
    assert world.exchange.troubles.count[Request.CHANGE] == sent
    assert "/back/sorry?" in call.redirect


def test_one_who_was_told_that_they_are_alone_is_not_sent_there_again(begin: Begin) -> None:
    world, callback = alone(begin)
    world.exchange.troubles.order(Trouble.LOSE_REPLY, Request.CHANGE, at=(1,))
    for request in (Request.EVENTS, Request.READ):
        world.exchange.troubles.order(Trouble.BROKEN, request)
    world.work()
    assert world.get(callback).why == "letting_go"
    world.exchange.play(Stage.JOINED)
    world.hear()
    assert "press 1" in world.exchange.journal.heard(CALLER).lower()
    world.later(minutes=30)
    assert world.exchange.troubles.count[Request.CHANGE] == 1


def test_in_a_flood_no_service_is_rung_for_nobody_and_everybody_has_their_turn(
    begin: Begin,
) -> None:
    world = begin(first=Answered("1"), second=Answered("1"))
    asked = [world.promise(f"+447700900{each}") for each in range(500, 535)]
    world.settle()
    connected = [each for each in asked if world.get(each).state is State.CONNECTED]
    assert len(connected) == 30
    assert world.rung(FIRST) == 30
    waiting = [world.get(each) for each in asked if each not in connected]
    assert {(each.state, each.attempt, each.why) for each in waiting} == {(State.ASKED, 0, "full")}
    latest = world.promise("+447700900599")
    world.later(minutes=58)
    assert world.rung(FIRST) == 30
    world.later(minutes=10)
    assert {world.get(each).state for each in (*asked, latest)} == {State.CONNECTED}
    assert "could not be reached" not in world.exchange.journal.heard(FIRST)


def test_a_number_whose_key_is_lost_is_for_a_person(begin: Begin) -> None:
    world = begin()
    callback = world.promise()
    other = Store(world.store_url, Seal([Fernet.generate_key().decode()]))
    Ringer(other, world.ringer()._line, lambda: world.now).look(callback)
    other.close()
    found = world.get(callback)
    assert (found.state, found.why) == (State.NEEDS_A_PERSON, "no_key")
    assert world.exchange.journal.rung == []


def test_nobody_is_rung_after_it_has_expired(begin: Begin) -> None:
    world = begin(first=NoAnswer(), second=NoAnswer())
    callback = world.promise()
    world.settle()
    world.later(hours=6)
    last = max(ring.at for ring in world.exchange.journal.rung)
    found = world.get(callback)
    assert isinstance(last, datetime)
    assert last < found.expires
    assert found.state is State.NEEDS_A_PERSON
