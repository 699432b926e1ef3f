"""The month's figures are counted as they are defined, each call once; missing is not nought."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.callbacks import State, asked
from ivr.events import STATUS, Event, Fact
from ivr.log import CallRecord, Leg, Offer, fold
from ivr.log.folding import END, LATER, TAKEN
from ivr.report import Clock, Contract, Month, Report, month_report
from ivr.report.measures import MEASURES
from ivr.report.outcome import Aside
from ivr.report.waits import centile_95
from tests.stories import SERVICES, Story, tell

DECEMBER = Month(2025, 12)
NOON = datetime(2025, 12, 10, 12, tzinfo=UTC)
CAMBRIDGE = Contract("East of England", "QUE", "NHS C&P ICB", "RT1", "CPFT", "MH009", "FRS")
WORCESTER = Contract("Midlands", "QGH", "NHS H&W ICB", "R1A", "HWHC", "MH031", "HWHC")
CONTRACTS = {"mh009-adult": CAMBRIDGE, "mh009-young": CAMBRIDGE, "mh031": WORCESTER}
SEEDS = st.integers(0, 2**32)
ANNOUNCED = 7
"""Seconds from the offer to the first ring, in the calls below."""


def sec(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def offered(service: str = "mh009-adult", at: datetime = NOON) -> CallRecord:
    """A call that came by the menu, began a minute before, and rings."""
    return CallRecord(
        f"CA{0:032x}",
        via="menu",
        began=at - sec(60),
        ended=at + sec(900),
        steps=("welcome", "place", "connect", "connect"),
        questions=2,
        wrong_area=0,
        offers=(Offer(2, "connect", service, at),),
        legs=(ring(service, at + sec(ANNOUNCED)),),
    )


def ring(service: str, at: datetime) -> Leg:
    return Leg(3, "connect", 1, service, at, None, "", picked_up=None, taken=False)


def answered(after: float, service: str = "mh009-adult", at: datetime = NOON) -> CallRecord:
    """A call answered so many seconds after the first ring."""
    call = offered(service, at)
    picked_up = at + sec(ANNOUNCED + after)
    leg = replace(call.legs[0], picked_up=picked_up, taken=True, came_to="completed")
    return replace(call, legs=(leg,))


def gave_up(after: float, service: str = "mh009-adult", at: datetime = NOON) -> CallRecord:
    """A call whose caller rang off so many seconds after the first ring."""
    gone = at + sec(ANNOUNCED + after)
    return replace(offered(service, at), ended=gone, abandoned=gone, abandoned_at="connect")


def told(calls: Iterable[CallRecord], clock: Clock = Clock.RINGING) -> Report:
    return month_report(calls, CONTRACTS, DECEMBER, clock)


def figures(
    *calls: CallRecord, contract: str = "MH009", clock: Clock = Clock.RINGING
) -> Mapping[str, int | None]:
    return told(calls, clock).figures(contract)


# -- waits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "within"), [(0, 1), (60, 1), (60.9, 1), (61, 0), (4_000, 0)])
def test_sixty_seconds_are_within_sixty_and_parts_of_a_second_are_not_counted(
    after: float, within: int
) -> None:
    counted = figures(answered(after))
    assert (counted["A03"], counted["B01"], counted["B06"]) == (1, within, int(after))


@pytest.mark.parametrize(
    ("after", "item"),
    [(0, "B03"), (30, "B03"), (30.99, "B03"), (31, "B04"), (60, "B04"), (61, "B05")],
)
def test_a_boundary_belongs_to_the_item_that_names_it(after: float, item: str) -> None:
    counted = figures(gave_up(after))
    assert [each for each in ("B03", "B04", "B05") if counted[each]] == [item]
    assert (counted["A01"], counted["A03"], counted["B02"]) == (1, 0, 1)
    assert counted["B09"] == int(after)


def test_the_announcement_is_part_of_the_wait_by_one_clock_and_not_by_the_other() -> None:
    call = answered(55)
    assert (figures(call)["B01"], figures(call)["B06"]) == (1, 55)
    by_offer = figures(call, clock=Clock.OFFERED)
    assert (by_offer["B01"], by_offer["B06"]) == (0, 55 + ANNOUNCED)


def test_whoever_rings_off_during_the_announcement_is_abandoned_by_one_clock_alone() -> None:
    gone = NOON + sec(3)
    call = replace(offered(), steps=("welcome", "place", "connect"), legs=(), ended=gone)
    call = replace(call, abandoned=gone, abandoned_at="connect")
    report = told([call])
    assert (report.figures("MH009")["A01"], report.figures("MH009")["B02"]) == (1, 0)
    assert (report.all().early, report.all().abandoned) == (1, 0)
    by_offer = figures(call, clock=Clock.OFFERED)
    assert (by_offer["B02"], by_offer["B03"], by_offer["B09"]) == (1, 1, 3)


def test_clocks_that_disagree_make_no_wait_shorter_than_nought() -> None:
    assert figures(answered(-0.5))["B06"] == 0


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=400))
def test_ninety_five_in_a_hundred_do_not_exceed_the_centile_and_no_lesser_wait_will_do(
    waits: list[int],
) -> None:
    centile = centile_95(waits)
    assert centile in waits
    assert sum(wait <= centile for wait in waits) * 100 >= 95 * len(waits)
    assert sum(wait < centile for wait in waits) * 100 < 95 * len(waits)


def test_the_centile_of_a_hundred_waits_is_the_ninety_fifth() -> None:
    assert centile_95(range(1, 101)) == 95
    assert centile_95(range(1, 21)) == 19
    assert centile_95([7]) == 7
    assert centile_95([]) is None


# -- what is counted, and where ----------------------------------------------------------------


def test_a_call_belongs_to_the_service_first_offered_whoever_takes_it() -> None:
    call = answered(20)
    elsewhere = replace(call, legs=(replace(call.legs[0], service="mh031"),))
    report = told([elsewhere])
    assert report.figures("MH009")["A03"] == 1
    assert report.figures("MH031")["A01"] == 0
    assert report.by_service()["mh009-adult"].elsewhere == 1


def test_a_call_that_the_line_that_is_always_open_takes_is_answered_by_another() -> None:
    call = answered(20)
    report = told([replace(call, legs=(replace(call.legs[0], step="fallback", service=""),))])
    assert report.all().elsewhere == 1


def test_two_services_of_one_contract_are_reported_as_one() -> None:
    calls = [answered(10), answered(90, "mh009-young"), answered(5, "mh031")]
    counted = figures(*calls)
    assert (counted["A03"], counted["B06"], counted["B07"]) == (2, 100, 90)
    assert [row.contract.contract_code for row in told(calls).rows()][::11] == ["MH009", "MH031"]
    assert told(calls).whole()["A03"] == 3


def test_a_call_by_the_service_s_own_number_did_not_come_through_the_menu() -> None:
    calls = [answered(1), replace(answered(1), via="own_number")]
    assert (figures(*calls)["A01"], figures(*calls)["A02"]) == (2, 1)


def test_a_call_that_nobody_took_though_the_caller_stayed_is_neither() -> None:
    counted = figures(replace(offered(), steps=("connect", "connect", "unanswered", "booked")))
    assert (counted["A01"], counted["A03"], counted["B02"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("began", "month"),
    [
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), Month(2026, 3)),
        (datetime(2026, 3, 31, 22, 59, 59, tzinfo=UTC), Month(2026, 3)),
        (datetime(2026, 3, 31, 23, 0, 0, tzinfo=UTC), Month(2026, 4)),
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), Month(2025, 12)),
        (datetime(2026, 1, 1, 0, 0, 0, tzinfo=UTC), Month(2026, 1)),
    ],
)
def test_a_call_is_of_the_month_in_which_it_began_in_london(began: datetime, month: Month) -> None:
    call = answered(5, at=began + sec(60))
    for each in (Month(2025, 12), Month(2026, 1), Month(2026, 3), Month(2026, 4)):
        report = month_report([call], CONTRACTS, each)
        assert report.figures("MH009")["A01"] == (1 if each == month else None)


def test_a_month_knows_its_days_and_reads_only_what_is_one() -> None:
    assert (Month(2024, 2).last, str(Month.parse("2025-12"))) == (date(2024, 2, 29), "2025-12")
    for wrong in ("2025-13", "2025-00", "2025-1", "25-12", "2025-12-01", "1999-12", "", "٢٠٢٥-12"):
        with pytest.raises(ValueError, match="a month is"):
            Month.parse(wrong)


def test_a_day_begins_at_midnight_in_london() -> None:
    late = answered(5, at=datetime(2026, 7, 1, 23, 31, tzinfo=UTC))
    days = month_report([late], CONTRACTS, Month(2026, 7)).by_day()
    assert list(days) == [date(2026, 7, 2)]


@pytest.mark.parametrize(
    ("offer", "aside"), [("adviser", Aside.ADVISER), ("fallback", Aside.FALLBACK)]
)
def test_a_call_put_through_to_no_service_by_name_is_aside(offer: str, aside: Aside) -> None:
    call = answered(5)
    report = told([replace(call, offers=(Offer(1, offer, "111-adviser", NOON),))])
    assert (report.aside[aside], report.all().received) == (1, 0)


def test_a_caller_who_rings_off_in_the_menu_was_offered_to_nobody() -> None:
    call = replace(gave_up(5), steps=("welcome", "place"), offers=(), legs=())
    assert told([call]).aside[Aside.RANG_OFF] == 1
    lost = replace(call, steps=("welcome", "", "town"))  # it may have been offered at the lost turn
    assert told([lost]).aside[Aside.UNKNOWN] == 1


# -- what is missing ---------------------------------------------------------------------------


def test_of_a_month_without_any_call_nothing_is_known() -> None:
    report = told([])
    assert set(report.figures("MH009").values()) == {None}
    assert {row.cells()[-1] for row in report.rows()} == {"-"}
    assert {measure.shown(report.all()) for measure in MEASURES[:13]} == {"-"}
    assert report.by_day() == {}


def test_a_service_that_nobody_rang_received_no_call_and_has_no_centile() -> None:
    counted = dict(figures(answered(10, "mh031")))
    assert counted.pop("B07") is None
    assert set(counted.values()) == {0}


def test_what_is_known_of_no_call_is_missing_and_not_nought() -> None:
    lost = replace(offered(), via="", ended=None, lacks=(END, TAKEN))
    counted = figures(lost, lost)
    assert counted["A01"] == 2
    assert {item for item, value in counted.items() if value is None} == set(counted) - {"A01"}


def test_an_answer_after_a_wait_not_known_is_counted_and_told_to_be_unmeasured() -> None:
    call = answered(10)
    unmeasured = replace(call, legs=(replace(call.legs[0], picked_up=None),), lacks=("when",))
    counted = figures(unmeasured)
    assert (counted["A03"], counted["B01"], counted["B06"], counted["B07"]) == (1, None, None, None)
    report = told([call, unmeasured])
    assert report.figures("MH009")["B06"] == 10
    assert (report.all().unmeasured, report.all().incomplete) == (1, 1)
    assert report.all().speed_to_answer == 10


@pytest.mark.parametrize("lack", [END, LATER, TAKEN])
def test_a_record_without_its_end_does_not_say_that_nobody_answered(lack: str) -> None:
    report = told([replace(offered(), ended=None, lacks=(lack,)), answered(1), gave_up(1)])
    counted = report.figures("MH009")
    assert (counted["A01"], counted["A03"], counted["B02"]) == (3, 1, 1)
    assert report.all().incomplete == 1


def test_whether_a_telephone_rang_is_not_known_where_a_turn_was_lost() -> None:
    lost = replace(gave_up(5), steps=("connect", "", "town"), legs=(), lacks=("turn 1",))
    lost = replace(lost, offers=(Offer(0, "connect", "mh009-adult", NOON),))
    assert told([lost]).all().early is None
    assert figures(lost)["B02"] is None
    assert figures(lost, clock=Clock.OFFERED)["B02"] == 1


def test_a_call_whose_first_service_was_lost_belongs_to_none() -> None:
    steps = ("welcome", "", "connect", "connect")
    lost = replace(answered(5), steps=steps, questions=None, lacks=("turn 1",))
    unnamed = replace(answered(5), offers=(Offer(2, "connect", "", NOON),))
    report = told([lost, unnamed])
    assert report.aside[Aside.UNKNOWN] == 2
    assert report.figures("MH009")["A01"] == 0


def test_a_record_that_does_not_say_when_it_was_is_told_so() -> None:
    report = told([CallRecord(f"CA{1:032x}", steps=("", "place"), lacks=("turn 0", END))])
    assert report.aside[Aside.UNDATED] == 1
    assert report.figures("MH009")["A01"] is None


def test_a_call_known_from_the_company_s_list_alone_is_told_and_belongs_to_no_service() -> None:
    ended: dict[str, Fact] = {"status": "completed", "seconds": 90, "recovered": True}
    sid = f"CA{1:032x}"
    report = told([fold([Event(f"{sid}-recovered-ended", sid, STATUS, NOON, ended)]), answered(1)])
    assert (report.recovered, report.incomplete, report.aside[Aside.UNKNOWN]) == (1, 1, 1)
    assert report.figures("MH009")["A01"] == 1
    assert (report.only(["MH009"]).recovered, report.only(["MH009"]).incomplete) == (0, 0)


def test_a_contract_that_no_service_has_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError, match="MH999"):
        told([]).figures("MH999")


# -- beside the published items ------------------------------------------------------------------


def test_both_shares_of_abandonment_and_the_mean_waits_are_told() -> None:
    calls = [answered(10), answered(21), gave_up(40), offered()]
    measured = told(calls).all()
    assert measured.abandoned_of_received == Fraction(1, 4)
    assert measured.abandoned_of_settled == Fraction(1, 3)
    assert measured.speed_to_answer == Fraction(31, 2)
    assert measured.time_abandoned == 40
    assert measured.centile_95 == 21
    assert measured.to_first_ring == 60 + ANNOUNCED
    shown = {measure.title: measure.shown(measured) for measure in MEASURES}
    assert (shown["ab/calls"], shown["ab/settled"], shown["ASA"]) == ("25.0%", "33.3%", "15.5")
    kept = {measure.name: measure.of(measured) for measure in MEASURES}
    assert (kept["abandoned_of_settled"], kept["speed_to_answer"]) == (0.3333, 15.5)


def test_a_caller_who_pressed_nine_once_or_twice_is_one_misroute() -> None:
    pressed = [replace(answered(1), wrong_area=times) for times in (0, 1, 2)]
    measured = told(pressed).all()
    assert measured.misrouted == 2
    assert measured.questions == 2


def test_every_day_is_told_between_the_first_call_and_the_last() -> None:
    days = told([answered(1), answered(1, at=NOON + timedelta(days=2))]).by_day()
    assert [(str(day), each.received) for day, each in days.items()] == [
        ("2025-12-10", 1),
        ("2025-12-11", 0),
        ("2025-12-12", 1),
    ]


def test_callbacks_are_told_by_service_beside_the_items() -> None:
    one = asked("0" * 32, "", "mh031", NOON)
    promised = [one, replace(one, state=State.CONNECTED), replace(one, state=State.CLOSED)]
    late = replace(one, asked=NOON + timedelta(days=31))
    report = month_report([answered(1)], CONTRACTS, DECEMBER, promised=[*promised, late])
    ringing_back = report.by_service()["mh031"]
    assert (ringing_back.callbacks, ringing_back.connected, ringing_back.waiting) == (3, 1, 1)
    assert report.by_service()["mh009-adult"].callbacks == 0
    assert report.by_day()[date(2025, 12, 10)].callbacks == 3
    assert told([answered(1)]).all().callbacks is None


def test_one_contract_alone_tells_of_no_other_call() -> None:
    alone = told([answered(1), answered(2, "mh031"), answered(3, "wales")]).only(["MH031"])
    assert {row.contract for row in alone.rows()} == {WORCESTER}
    assert (alone.whole()["A01"], list(alone.by_service())) == (1, ["mh031"])


# -- made-up calls, against what truly happened ------------------------------------------------


def truly(story: Story) -> tuple[str, int | None, int | None] | None:
    """The service first offered by name, the seconds to the answer and to the ringing off."""
    first = next((visit for visit in story.visits if visit.step in ("connect", "adviser")), None)
    if first is None or first.step != "connect":
        return None
    rang = next((visit for visit in story.visits if visit.rings), None)
    taken = next((visit for visit in story.visits if visit.taken and visit.picked_up), None)
    record = story.record()
    if TAKEN in record.lacks or rang is None:
        return first.service, None, None
    if taken and taken.picked_up:
        return first.service, (taken.picked_up - rang.at) // sec(1), None
    gone = record.abandoned
    return first.service, None, (gone - rang.at) // sec(1) if gone else None


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 25))
def test_a_report_of_made_up_calls_is_of_what_truly_happened(seed: int, number: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - made up
    stories = [tell(chance, call, NOON + sec(call)) for call in range(number)]
    records = [fold(story.events()) for story in stories]
    chance.shuffle(records)
    report = month_report(records, CONTRACTS, DECEMBER)
    of_service = [found for story in stories if (found := truly(story))]
    for service in SERVICES:
        calls = [each for each in of_service if each[0] == service]
        waits = [wait for _, wait, _ in calls if wait is not None]
        held = [gone for _, _, gone in calls if gone is not None]
        counted = report.figures(CONTRACTS[service].contract_code)
        assert counted["A01"] == len(calls)
        assert (counted["A03"] or 0, counted["B06"] or 0) == (len(waits), sum(waits))
        assert counted["B01"] in (sum(wait <= 60 for wait in waits), None)
        assert (counted["B02"] or 0, counted["B09"] or 0) == (len(held), sum(held))
        assert counted["B03"] in (sum(wait <= 30 for wait in held), None)
        assert counted["B04"] in (sum(30 < wait <= 60 for wait in held), None)
        assert counted["B05"] in (sum(wait > 60 for wait in held), None)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from(Clock))
def test_every_call_is_counted_once_whatever_was_lost_of_it(seed: int, clock: Clock) -> None:
    chance = random.Random(seed)  # noqa: S311 - made up
    stories = [tell(chance, call, NOON + sec(call)) for call in range(20)]
    kept = [[event for event in each.events() if chance.random() < 0.7] for each in stories]
    records = [fold(events) for events in kept if events]
    report = month_report(records, CONTRACTS, DECEMBER, clock)
    received = sum(each.received or 0 for each in report.by_service().values())
    assert received + sum(report.aside.values()) == len(records)
    assert sum(each.received or 0 for each in report.by_day().values()) == received
    for contract in ("MH009", "MH031"):
        counted = {item: value or 0 for item, value in report.figures(contract).items()}
        assert counted["A03"] + counted["B02"] <= counted["A01"]
        assert counted["B03"] + counted["B04"] + counted["B05"] <= counted["B02"]
        assert counted["B01"] <= counted["A03"]
        assert counted["A02"] <= counted["A01"]


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_what_is_lost_makes_nobody_answered_who_was_not(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - made up
    for call in range(20):
        story = tell(chance, call, NOON)
        kept = [event for event in story.events() if chance.random() < 0.7]
        whole, less = told([fold(story.events())]), told([fold(kept)] if kept else [])
        assert (less.all().answered or 0) <= (whole.all().answered or 0)
        assert (less.all().misrouted or 0) <= (whole.all().misrouted or 0)
