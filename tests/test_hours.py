"""When a service answers, above all on the two nights a year when the clocks change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.hours import DAY, LONDON, Opening, is_open

MINUTE = timedelta(minutes=1)
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
WEEKDAYS, EVERY_DAY = frozenset(range(5)), frozenset(range(7))
NONE: frozenset[date] = frozenset()


def at(text: str) -> datetime:
    """An instant by the clock in London; the first, where the clock shows it twice."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def hours(opens: str, closes: str) -> tuple[int, int]:
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes))
    return start, end + (DAY if end <= start else 0)


DAYTIME = Opening(*hours("09:00", "17:00"), WEEKDAYS)
NIGHT = Opening(*hours("20:00", "08:00"), EVERY_DAY)


def test_no_hours_mean_always_open() -> None:
    assert is_open((), at("2027-01-01T03:00"), NONE)


@pytest.mark.parametrize(
    ("moment", "answers"),
    [
        ("2026-11-23T08:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T16:59:59", True),
        ("2026-11-23T17:00", False),
        ("2026-11-22T12:00", False),  # a Sunday
    ],
)
def test_a_service_is_open_from_its_first_minute_until_its_last(moment: str, answers: bool) -> None:  # noqa: FBT001 - the expected answer
    assert is_open([DAYTIME], at(moment), NONE) == answers


def test_midnight_ends_a_day_and_the_next_begins() -> None:
    evening = Opening(*hours("18:00", "24:00"), frozenset({0}))
    assert is_open([evening], at("2026-11-23T23:59"), NONE)
    assert not is_open([evening], at("2026-11-24T00:00"), NONE)


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    friday = Opening(*hours("20:00", "08:00"), frozenset({4}))
    assert is_open([friday], at("2026-11-28T07:59"), NONE)
    assert not is_open([friday], at("2026-11-28T08:00"), NONE)
    assert not is_open([friday], at("2026-11-27T07:59"), NONE)


def test_hours_that_end_when_they_begin_last_round_the_clock() -> None:
    monday = Opening(*hours("09:00", "09:00"), frozenset({0}))
    assert is_open([monday], at("2026-11-24T08:59"), NONE)
    assert not is_open([monday], at("2026-11-24T09:00"), NONE)


def test_a_bank_holiday_takes_the_place_of_its_weekday() -> None:
    holidays = {date(2026, 12, 28)}  # a Monday
    rows = [DAYTIME, Opening(*hours("10:00", "12:00"), bank_holiday=True)]
    assert is_open(rows, at("2026-12-28T11:00"), holidays)
    assert not is_open(rows, at("2026-12-28T15:00"), holidays)
    assert is_open(rows, at("2026-12-28T15:00"), NONE)
    assert is_open([DAYTIME], at("2026-12-28T15:00"), holidays)


def test_an_exception_takes_the_place_of_weekday_and_bank_holiday() -> None:
    christmas = date(2026, 12, 25)
    rows = [
        DAYTIME,
        Opening(*hours("10:00", "12:00"), bank_holiday=True),
        Opening(*hours("14:00", "15:00"), date=christmas),
    ]
    assert is_open(rows, at("2026-12-25T14:30"), {christmas})
    assert not is_open(rows, at("2026-12-25T11:00"), {christmas})


def test_a_day_that_is_closed_ends_no_night_that_began_before_it() -> None:
    rows = [NIGHT, Opening(0, 0, date=date(2026, 12, 25))]
    assert is_open(rows, at("2026-12-25T07:00"), NONE)
    assert not is_open(rows, at("2026-12-25T21:00"), NONE)
    assert not is_open(rows, at("2026-12-26T07:00"), NONE)


def test_exceptions_alone_leave_every_other_day_open() -> None:
    rows = [Opening(0, 0, date=date(2026, 12, 25))]
    assert is_open(rows, at("2026-12-24T23:59"), NONE)
    assert not is_open(rows, at("2026-12-25T00:00"), NONE)
    assert is_open(rows, at("2026-12-26T00:00"), NONE)


def test_the_zone_an_instant_is_told_in_does_not_matter() -> None:
    summer = datetime(2027, 6, 1, 8, 30, tzinfo=UTC)
    assert is_open([DAYTIME], summer, NONE)
    assert is_open([DAYTIME], summer.astimezone(LONDON), NONE)


@pytest.mark.parametrize(
    ("rows", "opens", "closes"),
    [
        # Half past one never comes: what begins then begins as the clocks jump, at 01:00 UTC.
        ([Opening(*hours("01:30", "06:00"), EVERY_DAY)], "2027-03-28T01:00", "2027-03-28T05:00"),
        ([Opening(*hours("22:00", "01:30"), EVERY_DAY)], "2027-03-27T22:00", "2027-03-28T01:00"),
        # Half past one comes twice, at 00:30 and 01:30 UTC: the first is meant.
        ([Opening(*hours("01:30", "06:00"), EVERY_DAY)], "2027-10-31T00:30", "2027-10-31T06:00"),
        ([Opening(*hours("22:00", "01:30"), EVERY_DAY)], "2027-10-30T21:00", "2027-10-31T00:30"),
    ],
)
def test_half_past_one_on_the_nights_the_clocks_change(
    rows: Sequence[Opening], opens: str, closes: str
) -> None:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (opens, closes))
    assert not is_open(rows, first - MINUTE, NONE)
    assert is_open(rows, first, NONE)
    assert is_open(rows, last - MINUTE, NONE)
    assert not is_open(rows, last, NONE)


def test_a_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    for day, length in ((SPRING, 11), (AUTUMN, 13), (date(2027, 7, 4), 12)):
        begins = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=1)
        minutes = [begins + step * MINUTE for step in range(DAY)]
        assert sum(is_open([NIGHT], minute, NONE) for minute in minutes) == length * 60


# -- against a reference that reads the clock on the wall, minute by minute -----------------


@cache
def watched_clock(first: date) -> tuple[list[datetime], dict[datetime, int]]:
    """The minutes of a week from two days before ``first``, and which shows each time first."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=2)
    minutes = [start + step * MINUTE for step in range(7 * DAY)]
    reached: dict[datetime, int] = {}
    due = minutes[0].astimezone(LONDON).replace(tzinfo=None)
    for place, minute in enumerate(minutes):
        while due <= minute.astimezone(LONDON).replace(tzinfo=None):
            reached[due] = place
            due += MINUTE
    return minutes, reached


def watched(rows: Sequence[Opening], first: date, holidays: Collection[date]) -> set[datetime]:
    """Every minute at which a person who only watches the clock would find the service open.

    They go through real time a minute at a time. When the clock first reaches a time at which a
    row opens, a shift begins, and it ends when the clock first reaches that shift's end.
    """
    minutes, reached = watched_clock(first)
    found: set[datetime] = set()
    for day in (first + timedelta(days=step) for step in range(-1, 4)):
        dated = [row for row in rows if row.date == day]
        bank = [row for row in rows if row.bank_holiday and day in holidays]
        plain = [row for row in rows if day.weekday() in row.weekdays]
        if not any(row.weekdays for row in rows):
            plain = [Opening(0, DAY)]
        for row in dated or bank or plain:
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - as the wall shows it
            begins = reached[midnight + row.opens * MINUTE]
            ends = reached[midnight + row.closes * MINUTE]
            found.update(minutes[begins:ends])
    return found


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    start = draw(st.integers(0, DAY - 1) | st.integers(0, 180))
    end = draw(st.integers(1, DAY) | st.integers(1, 180))
    closes = end + (DAY if end <= start else 0)
    kind = draw(st.sampled_from(["weekdays", "bank_holiday", "date", "closed"]))
    if kind == "weekdays":
        return Opening(start, closes, draw(st.frozensets(st.integers(0, 6), min_size=1)))
    if kind == "bank_holiday":
        return Opening(start, closes, bank_holiday=True)
    near = st.sampled_from([SPRING, AUTUMN]).map(lambda day: day - timedelta(days=1))
    day = draw(near) + timedelta(days=draw(st.integers(0, 2)))
    return Opening(0, 0, date=day) if kind == "closed" else Opening(start, closes, date=day)


@settings(deadline=None)
@given(
    rows=st.lists(openings(), min_size=1, max_size=4),
    changes=st.sampled_from([SPRING, AUTUMN]),
    holidays=st.sets(st.sampled_from([SPRING, AUTUMN, date(2027, 3, 29), date(2027, 10, 30)])),
)
def test_hours_agree_with_a_clock_watched_minute_by_minute(
    rows: list[Opening], changes: date, holidays: set[date]
) -> None:
    first = changes - timedelta(days=1)
    answering = watched(rows, first, holidays)
    minutes = watched_clock(first)[0][2 * DAY : 5 * DAY]
    night = minutes[DAY - 60 : DAY + 240]
    for minute in (*night, *minutes[::17]):
        assert is_open(rows, minute, holidays) == (minute in answering), minute
