"""Both calls by which somebody is rung back, through a telephone company that plays our words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.phone import Answered, Busy, NoAnswer, Voicemail, in_process
from ivr.phone.exchange import Exchange, Fates
from ivr.phone.exchange.dialled import Asked, Dialled, Order
from ivr.phone.people import Fate
from ivr.ringing_back import CALLER, SERVICE, SORRY, STATUS, Back, address
from tests.desk import TOKEN, URL
from tests.test_back import Line
from tests.test_ringing_back import HEALTH, ID

OURS = "+441632960900"
NUMBERS = {SERVICE: "+441632960001", CALLER: "+447700900461"}
ALL_TIDINGS = frozenset({"initiated", "ringing", "answered", "completed"})


class Company:
    """A company that rings people back for a line, with these fates."""

    def __init__(self, line: Line, service: Fate, caller: Fate) -> None:
        self.line = line
        fates: dict[str, Fate | Sequence[Fate]] = {
            NUMBERS[SERVICE]: service,
            NUMBERS[CALLER]: caller,
        }
        self.exchange = Exchange(in_process(line.app), TOKEN, Fates(fates))

    def ring(self, side: str, *, queue: bool = False, detect: bool = False) -> Dialled:
        """Place one of the two calls, as the line's worker does, and let it run its course."""
        back = Back(ID, side, 1, 1, "mh009", queue)
        call = self.exchange.place(
            Order(
                NUMBERS[side],
                OURS,
                address(URL, back),
                status_callback=address(URL, back, STATUS),
                events=ALL_TIDINGS,
                machine_detection=detect,
            ),
            Asked(self.exchange.clock(), "", {}, 201, "", ""),
        )
        self.exchange.play()
        return call

    def heard(self, side: str) -> str:
        return self.exchange.journal.heard(NUMBERS[side])

    def faults(self) -> list[object]:
        return [fault for told in self.exchange.journal.told.values() for fault in told.faults]


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    return Line(tmp_path_factory.mktemp("line"))


def test_the_service_takes_it_and_then_the_caller_and_they_talk(tmp_path: Path) -> None:
    line = Line(tmp_path)
    company = Company(line, Answered("- 1", talks=300), Answered("1", talks=90))
    company.ring(SERVICE)
    assert company.exchange.waiting == [NUMBERS[SERVICE]]
    company.ring(CALLER)
    (joined,) = company.exchange.journal.joined
    assert joined.numbers == (NUMBERS[SERVICE], NUMBERS[CALLER])
    assert company.heard(SERVICE).count("Press 1, and we will ring the caller now") == 2
    assert company.heard(CALLER).endswith("Thank you. Putting you through now.")
    assert company.faults() == []
    events = [event.facts.get("leg", event.facts["what"]) for event in line.events()]
    picked_up = ["initiated", "ringing", "in-progress", "accepted"]
    assert sorted(map(str, events)) == sorted(2 * [*picked_up, "completed"])


def test_a_caller_who_is_cut_off_hears_what_to_do(line: Line) -> None:
    company = Company(line, Answered("1", talks=5), Answered("1", talks=90))
    company.ring(SERVICE)
    company.ring(CALLER)
    assert company.heard(CALLER).endswith("If life is in danger, dial 9 9 9.")


def test_a_service_that_waits_in_vain_is_told_so(line: Line) -> None:
    company = Company(line, Answered("1"), NoAnswer())
    service = company.ring(SERVICE)
    company.ring(CALLER)
    back = Back(ID, SERVICE, 1, 1, "mh009")
    company.exchange.send(service, address(URL, back, SORRY))
    company.exchange.play()
    assert "the caller could not be reached" in company.heard(SERVICE)
    assert (company.exchange.waiting, service.status.is_over) == ([], True)


def test_a_caller_who_waits_alone_may_be_put_through_to_somebody_else(line: Line) -> None:
    company = Company(line, NoAnswer(), Answered("1 1"))
    caller = company.ring(CALLER)
    assert company.exchange.waiting == [NUMBERS[CALLER]]
    company.exchange.send(caller, address(URL, Back(ID, CALLER, 1, 1, "mh009"), SORRY))
    company.exchange.play()
    assert "put through to somebody else, press 1" in company.heard(CALLER)


def test_a_queue_takes_it_after_two_minutes_and_lets_go_after_three_if_it_does_not(
    line: Line,
) -> None:
    patient = Company(line, Answered("- - - - - - - 1"), NoAnswer())
    patient.ring(SERVICE, queue=True)
    assert patient.exchange.waiting == [NUMBERS[SERVICE]]
    nobody = Company(line, Voicemail(), NoAnswer())
    call = nobody.ring(SERVICE, queue=True)
    assert nobody.exchange.waiting == []
    print(f"a queue that never presses is let go after {call.seconds} s")
    assert 150 <= call.seconds <= 210


def test_a_machine_on_the_callers_side_learns_nothing(line: Line) -> None:
    unaware = Company(line, Answered("1"), Voicemail())
    caller = unaware.ring(CALLER)
    said = unaware.heard(CALLER).casefold()
    assert said
    assert [word for word in HEALTH if word in said] == []
    assert caller.status.is_over
    aware = Company(line, Answered("1"), Voicemail())
    aware.ring(CALLER, detect=True)
    assert aware.heard(CALLER) == ""


FATES = st.one_of(
    st.builds(
        Answered,
        st.lists(st.sampled_from(["1", "9", "2", "-", "off"]), max_size=4).map(" ".join),
        st.sampled_from([5.0, 90.0]),
    ),
    st.just(Busy()),
    st.just(NoAnswer()),
    st.just(Voicemail()),
)


@settings(max_examples=60, deadline=None)
@given(FATES, FATES)
def test_whatever_they_do_only_two_who_both_pressed_1_are_joined(
    line: Line, service: Fate, caller: Fate
) -> None:
    company = Company(line, service, caller)
    company.ring(SERVICE)
    waits = company.exchange.waiting == [NUMBERS[SERVICE]]
    if waits:
        company.ring(CALLER)
    assert company.faults() == []
    joined = bool(company.exchange.journal.joined)
    assert joined == (waits and _takes(caller))
    assert waits == _takes(service, never=False)
    before_1 = company.heard(CALLER).partition("Putting you through")[0].casefold()
    assert [word for word in HEALTH if word in before_1] == []


def _takes(fate: Fate, *, never: bool = True) -> bool:
    """Whether somebody presses 1 at one of the two prompts they hear, before anything else ends it.

    The key of who is ``never`` to be rung again ends it; on the service's side it does nothing.
    """
    words = fate.presses.split()[:2] if isinstance(fate, Answered) else []
    ends = {"off", "9"} if never else {"off"}
    until = next((place for place, word in enumerate(words) if word in ends), len(words))
    return "1" in words[:until]
