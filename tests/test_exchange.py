"""Calls that the company is asked to make: who is rung, what they hear, who is joined with whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from ivr.phone import Answered, Busy, Failed, NoAnswer, Verdict, Voicemail
from ivr.phone.exchange import Exchange, Fates, Stage, Status
from ivr.phone.exchange.company import seen
from ivr.phone.exchange.dialled import Asked, Dialled, Order
from ivr.phone.people import Fate
from ivr.phone.posting import Answer
from ivr.phone.telephone import A_TUESDAY
from tests.fake_line import HOME, FakeLine, Form, Page, say

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - made up, for these tests alone
LINE, SERVICE, CALLER = "+441632960111", "+441632960001", "+447700900461"

ROOM = (
    '<Dial action="/over"><Conference startConferenceOnEnter="true" endConferenceOnExit="true">'
    "room</Conference></Dial>"
)
PRESS = f'<Gather action="/pressed" numDigits="1" timeout="5">{say("Press 1.")}</Gather><Hangup/>'


def pressed(form: Form) -> str:
    return say("Thank you.") + ROOM if form["Digits"] == "1" else say("Goodbye.") + "<Hangup/>"


def line(**pages: Page) -> FakeLine:
    """A line that joins whoever presses 1, and then wishes them well."""
    usual: dict[str, Page] = {
        "answered": PRESS,
        "pressed": pressed,
        "over": say("All is said."),
        "status": "",
    }
    return FakeLine(**{**usual, **pages})


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = A_TUESDAY

    def __call__(self) -> datetime:
        return self.now


def company(
    answering: FakeLine | None = None, **fates: Fate | Sequence[Fate]
) -> tuple[Exchange, FakeLine]:
    """A company whose service and caller have these fates, and the line it serves."""
    answering = answering or line()
    numbers = {"service": SERVICE, "caller": CALLER}
    people = Fates({numbers[name]: fate for name, fate in fates.items()})
    return Exchange(answering, TOKEN, people), answering


def place(exchange: Exchange, number: str = SERVICE, timeout: int = 60) -> Dialled:
    """Ask for a call to ``number``."""
    order = Order(
        number,
        LINE,
        f"{HOME}/answered?callback=0123",
        status_callback=f"{HOME}/status",
        events=frozenset({"initiated", "ringing", "answered", "completed"}),
        timeout=timeout,
    )
    return exchange.place(order, Asked(exchange.clock(), "", {}, 201, "", ""))


def statuses(answering: FakeLine) -> list[str]:
    return [form["CallStatus"] for form in answering.forms("/status")]


def test_nobody_rings_until_the_company_plays() -> None:
    exchange, answering = company()
    call = place(exchange)
    assert (call.status, exchange.journal.numbers, answering.posted) == (Status.QUEUED, [], [])
    exchange.play()
    assert exchange.journal.numbers == [SERVICE]


def test_two_who_press_one_are_joined_and_the_briefer_talk_ends_it() -> None:
    exchange, answering = company(service=Answered(talks=90), caller=Answered(talks=40))
    service = place(exchange)
    exchange.play()
    assert (service.status, exchange.waiting) == (Status.IN_PROGRESS, [SERVICE])

    caller = place(exchange, CALLER)
    exchange.play()
    assert [(one.room, one.numbers) for one in exchange.journal.joined] == [
        ("room", (SERVICE, CALLER))
    ]
    assert (service.status, caller.status) == (Status.COMPLETED, Status.COMPLETED)
    assert caller.now == exchange.journal.joined[0].at + timedelta(seconds=40)
    assert exchange.journal.heard(SERVICE) == "Press 1. Thank you. All is said."
    assert exchange.journal.heard(CALLER) == "Press 1. Thank you."
    assert answering.forms("/over")[0]["DialCallStatus"] == "answered"
    assert exchange.waiting == []


def test_each_stage_can_be_looked_at_by_itself() -> None:
    exchange, _ = company()
    service, caller = place(exchange), place(exchange, CALLER)
    exchange.play(Stage.RINGING)
    assert (service.status, caller.status) == (Status.RINGING, Status.RINGING)
    exchange.play(Stage.JOINED)
    assert len(exchange.journal.joined) == 1
    assert (service.status, caller.status) == (Status.IN_PROGRESS, Status.IN_PROGRESS)
    exchange.play()
    assert (service.status, caller.status) == (Status.COMPLETED, Status.COMPLETED)


def test_what_twilio_posts_of_a_call_it_was_asked_for_is_posted_and_signed() -> None:
    exchange, answering = company(service=Answered(talks=30, after=4))
    call = place(exchange)
    exchange.play()
    exchange.ring_off(SERVICE)
    assert statuses(answering) == ["initiated", "ringing", "in-progress", "completed"]
    for url, form, headers in answering.posted:
        assert RequestValidator(TOKEN).validate(url, form, headers["X-Twilio-Signature"])
        assert (form["CallSid"], form["Direction"]) == (call.sid, "outbound-api")
        assert (form["From"], form["To"]) == (LINE, SERVICE)
    assert [form["SequenceNumber"] for form in answering.forms("/status")] == ["0", "1", "2", "3"]
    assert int(answering.forms("/status")[-1]["CallDuration"]) == call.seconds
    assert parse_qs(urlsplit(answering.posted[3][0]).query) == {"callback": ["0123"]}


def test_a_call_that_nobody_takes_ends_as_twilio_would_say() -> None:
    for fate, status in (
        (NoAnswer(), "no-answer"),
        (Busy(), "busy"),
        (Failed(), "failed"),
        (Answered(after=60), "no-answer"),
    ):
        exchange, answering = company(service=fate)
        call = place(exchange, timeout=30)
        exchange.play()
        assert statuses(answering) == ["initiated", "ringing", status]
        assert (str(call.status), answering.forms("/answered")) == (status, [])


def test_a_machine_presses_nothing_and_what_it_recorded_is_in_the_journal() -> None:
    exchange, answering = company(caller=Voicemail())
    call = place(exchange, CALLER)
    exchange.play()
    assert exchange.journal.heard(CALLER) == "Press 1."
    assert (call.status, answering.forms("/pressed")) == (Status.COMPLETED, [])


def test_people_press_one_thing_a_prompt_and_may_stay_silent_or_ring_off() -> None:
    twice = line(answered=PRESS.replace("<Hangup/>", "") + PRESS)
    exchange, answering = company(twice, service=Answered("- 1"), caller=Answered("off"))
    place(exchange)
    leaver = place(exchange, CALLER)
    exchange.play()
    assert [form["Digits"] for form in answering.forms("/pressed")] == ["1"]
    assert (leaver.status, exchange.waiting) == (Status.COMPLETED, [SERVICE])


def test_fates_come_to_pass_in_turn_and_the_last_for_ever() -> None:
    exchange, _ = company(service=[NoAnswer(), Busy()])
    calls = [place(exchange) for _ in range(3)]
    exchange.play()
    assert [str(call.status) for call in calls] == ["no-answer", "busy", "busy"]


def test_who_waits_can_be_told_something_else_and_has_waited_as_long_as_the_clock_says() -> None:
    answering = line(sorry=say("They could not be reached.") + "<Hangup/>")
    clock = Clock()
    exchange = Exchange(answering, TOKEN, clock=clock)
    call = place(exchange)
    exchange.play()
    clock.now += timedelta(seconds=300)
    exchange.send(call, f"{HOME}/sorry")
    exchange.play()
    assert call.status is Status.COMPLETED
    assert exchange.journal.heard(SERVICE).endswith("They could not be reached.")
    assert call.now >= A_TUESDAY + timedelta(seconds=300)
    assert exchange.waiting == []


def test_who_waits_in_vain_can_be_put_through_to_somebody_else() -> None:
    open_line = "+441632960583"
    answering = line(elsewhere=f"<Dial><Number>{open_line}</Number></Dial>")
    exchange, _ = company(answering)
    call = place(exchange, CALLER)
    exchange.play()
    exchange.send(call, f"{HOME}/elsewhere")
    exchange.play()
    told = exchange.journal.told[call.sid]
    assert (told.reached, told.rung, told.faults) == (open_line, [CALLER, open_line], [])
    assert call.status is Status.COMPLETED


def test_a_call_that_is_ended_before_it_rings_never_rings() -> None:
    exchange, answering = company()
    call = place(exchange)
    exchange.hang_up(call)
    exchange.play()
    assert (call.status, exchange.journal.numbers) == (Status.CANCELED, [])
    assert statuses(answering) == ["canceled"]


def test_ending_one_call_ends_the_conference_for_the_other() -> None:
    exchange, _ = company()
    service, caller = place(exchange), place(exchange, CALLER)
    exchange.play(Stage.JOINED)
    exchange.hang_up(caller)
    exchange.play(Stage.JOINED)
    assert (service.status, caller.status) == (Status.COMPLETED, Status.COMPLETED)
    assert exchange.journal.heard(SERVICE).endswith("All is said.")


def test_ending_both_of_two_who_talk_ends_each_once() -> None:
    exchange, answering = company()
    calls = place(exchange), place(exchange, CALLER)
    exchange.play(Stage.JOINED)
    for call in calls:
        exchange.hang_up(call)
    exchange.play()
    assert sum("CallDuration" in form for form in answering.forms("/status")) == 2


def test_who_comes_in_after_the_other_has_rung_off_waits_alone() -> None:
    exchange, _ = company()
    place(exchange)
    exchange.play()
    exchange.ring_off(SERVICE)
    place(exchange, CALLER)
    exchange.play()
    assert (exchange.waiting, exchange.journal.joined) == ([CALLER], [])


def test_a_conference_that_nobody_begins_does_not_begin() -> None:
    shy = ROOM.replace('startConferenceOnEnter="true"', 'startConferenceOnEnter="false"')
    exchange, _ = company(line(pressed=shy))
    place(exchange)
    place(exchange, CALLER)
    exchange.play()
    assert (exchange.journal.joined, exchange.waiting) == ([], [SERVICE, CALLER])


def test_a_conference_that_nobody_ends_goes_on_with_those_who_are_left() -> None:
    lasting = ROOM.replace('endConferenceOnExit="true"', 'endConferenceOnExit="false"')
    exchange, _ = company(line(pressed=lasting), service=Answered(talks=90))
    place(exchange)
    place(exchange, CALLER)
    exchange.play()
    assert exchange.waiting == [SERVICE]
    place(exchange, CALLER)
    exchange.play()
    assert [one.numbers for one in exchange.journal.joined] == [(SERVICE, CALLER)] * 2


def test_a_line_that_fails_is_noted_and_the_call_ends() -> None:
    exchange, _ = company(line(answered="<Misspelt/>"))
    call = place(exchange)
    exchange.play()
    told = exchange.journal.told[call.sid]
    assert (call.status, [fault.code for fault in told.faults]) == (Status.COMPLETED, [12200])
    assert told.verdict is Verdict.DROPPED


def test_a_line_that_is_gone_is_noted_too() -> None:
    def gone(*_: object) -> Answer:
        raise ConnectionRefusedError("nobody there")

    exchange = Exchange(gone, TOKEN)
    call = place(exchange)
    exchange.play()
    assert call.status is Status.COMPLETED
    assert {fault.code for fault in exchange.journal.told[call.sid].faults} == {11200}


def test_calls_that_came_in_are_listed_with_those_that_were_asked_for() -> None:
    exchange, _ = company()
    place(exchange)
    came = seen(place(exchange, CALLER))
    exchange.play()
    exchange.saw(came)
    assert [call.number for call in exchange.listed()].count(CALLER) == 2


FATES = st.sampled_from(
    [Answered(), Answered(""), Answered("9"), Answered("off"), Voicemail(), Busy(), NoAnswer()]
)


@given(st.lists(st.tuples(st.sampled_from([SERVICE, CALLER]), FATES), max_size=8), st.data())
def test_whatever_people_do_every_call_ends_or_waits_and_is_told_of_once(
    orders: list[tuple[str, Fate]], data: st.DataObject
) -> None:
    answering = line()
    fates = {number: [fate for to, fate in orders if to == number] for number, _ in orders}
    exchange = Exchange(answering, TOKEN, Fates(fates))
    for number, _ in orders:
        place(exchange, number)
        if data.draw(st.booleans()):
            exchange.play(data.draw(st.sampled_from(Stage)))
    exchange.play()

    calls = exchange.calls.values()
    over = [call for call in calls if call.status.is_over]
    assert len(over) + len(exchange.waiting) == len(orders) == len(exchange.journal.rung)
    ends = [form["CallSid"] for form in answering.forms("/status") if "CallDuration" in form]
    assert sorted(ends) == sorted(call.sid for call in over)
    assert all(len(one.numbers) > 1 for one in exchange.journal.joined)
