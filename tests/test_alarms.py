"""Which alarms stand by which figures, and that each is told once when it begins and ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.alarms import (
    ALARMS,
    Calls,
    Check,
    Figures,
    Found,
    age,
    look,
    read,
    since,
    standing,
    write,
)
from ivr.alarms.ages import SKEW

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

WELL = Figures(
    checks=(Check("table", ok=True), Check("outbox", ok=True)),
    events=3,
    oldest_event=2.0,
    promises=0,
    oldest_promise=0.0,
    aside=0,
    unlogged=0,
    free=5e9,
    store=True,
    calls={"mh001": Calls(answered=9, abandoned=2, callback=1)},
    last_resorts=0,
    silent=(),
    failing=(),
    not_taken=(),
    wrong_areas=(),
    answer_rates=(),
    callbacks={"asked": 1, "ringing_caller": 1, "unanswered": 0, "needs_a_person": 0},
    overdue=0,
    reconciled=40.0,
    compared=6 * 3600.0,
    recovered=2,
    redis=True,
    workers={"chores": 1, "log": 2},
    jobs={"chores": 3},
    failed={"chores": 1},
    relayed=0.3,
    directory=80.0,
    certificate=60.0,
    watched=20.0,
)

WRONG: Mapping[str, Mapping[str, object]] = {
    "web_away": {"checks": ()},
    "not_served": {"checks": (Check("words", ok=False, say="mend them"),)},
    "last_resort": {"last_resorts": 1},
    "unanswered": {"calls": {"mh001": Calls(answered=9, unanswered=1)}},
    "none_answered": {"calls": {"mh001": Calls(abandoned=3), "mh002": Calls(abandoned=5)}},
    "silent": {"silent": ("mh001 (nobody in 6 h, 17 as a rule)",)},
    "probe_failed": {"failing": ("lad E07000008 (routes.csv row 31): it rang mh002",)},
    "test_call_failed": {"not_taken": ("mh001 number 1: nobody answered",)},
    "wrong_area_jump": {"wrong_areas": ("mh001 (1% to 20%)",)},
    "answer_rate_jump": {"answer_rates": ("mh001 (80% to 10%)",)},
    "overdue": {"overdue": 1},
    "needs_a_person": {"callbacks": {"needs_a_person": 2}},
    "callback_unanswered": {"callbacks": {"unanswered": 1}},
    "reconcile_late": {"reconciled": 76.0},
    "compare_late": {"compared": 12 * 3600.0 + 1},
    "relay_gone": {"relayed": 31.0},
    "watch_late": {"watched": 46.0},
    "no_promises": {"checks": (Check("outbox", ok=False, say="free space"),)},
    "unlogged": {"unlogged": 1},
    "events_late": {"oldest_event": 31.0},
    "promises_late": {"oldest_promise": 31.0},
    "set_aside": {"aside": 1},
    "store_away": {"store": False},
    "redis_away": {"redis": False},
    "worker_gone": {"workers": {"chores": 0, "log": 1}},
    "disk_low": {"free": 1e8},
    "refused": {"checks": (Check("new directory", ok=False, say="refused"),)},
    "certificate": {"certificate": 13.0},
    "directory_old": {"directory": 184.0},
}
"""For each alarm, the figures by which it alone stands."""

AT_THE_THRESHOLD = {
    "relayed": 30.0,
    "calls": {"mh001": Calls(abandoned=7, unknown=9)},
    "reconciled": 75.0,
    "compared": 12 * 3600.0,
    "watched": 45.0,
    "oldest_event": 30.0,
    "oldest_promise": 30.0,
    "free": 200.0 * 1024**2,
    "certificate": 14.0,
    "directory": 183.0,
}


def with_(changes: Mapping[str, object]) -> Figures:
    told = {each.name: getattr(WELL, each.name) for each in fields(WELL)}
    return Figures(**(told | dict(changes)))


def names(figures: Figures) -> list[str]:
    return [each.alarm.name for each in standing(figures, ALARMS)]


def test_nothing_stands_on_a_line_that_is_well() -> None:
    assert names(WELL) == []


def test_what_nobody_could_look_up_raises_no_alarm() -> None:
    assert names(Figures()) == []


def test_every_alarm_has_a_figure_that_raises_it() -> None:
    assert list(WRONG) == [alarm.name for alarm in ALARMS]


@pytest.mark.parametrize("name", WRONG)
def test_an_alarm_stands_alone_by_what_it_is_about(name: str) -> None:
    (stands,) = standing(with_(WRONG[name]), ALARMS)
    assert stands.alarm.name == name
    assert stands.say


def test_at_the_threshold_none_stands_yet() -> None:
    assert names(with_(AT_THE_THRESHOLD)) == []


def test_an_alarm_says_where_it_stands_and_what_to_do() -> None:
    calls = {"mh001": Calls(unanswered=2), "mh002": Calls(answered=1), "": Calls(unanswered=1)}
    (stands,) = standing(with_({"calls": calls}), ALARMS)
    assert stands.say == "2 at mh001, 1 at no service"
    assert all(alarm.threshold and alarm.source and alarm.mend for alarm in ALARMS)


figures = st.sampled_from([WELL, *(with_(changes) for changes in WRONG.values())])
minutes = st.lists(st.tuples(st.integers(1, 5), figures, st.none() | st.integers(0, 9)), min_size=1)


@given(minutes)
def test_an_alarm_stands_from_when_it_began_until_it_ended(
    looks: list[tuple[int, Figures, int | None]],
) -> None:
    found, at, began = None, NOW, dict[str, datetime]()
    for pause, seen, lost in looks:
        at += timedelta(minutes=pause)
        found = look(found, at, seen, lost)
        stands = [each.alarm.name for each in found.standing()]
        began = {name: began.get(name, at) for name in stands}
        assert found.since == began


@given(minutes)
def test_what_was_found_is_read_as_it_was_written(
    looks: list[tuple[int, Figures, int | None]],
) -> None:
    found, at = None, NOW
    for pause, seen, lost in looks:
        at += timedelta(minutes=pause)
        found = look(found, at, seen, lost)
    assert found
    assert read(write(found)) == found


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_what_no_watch_wrote_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read(text)


@pytest.mark.parametrize("key", ["at", "figures", "since", "lost"])
def test_what_is_half_of_a_watch_s_is_refused(key: str) -> None:
    content = json.loads(write(Found(NOW, WELL)))
    with pytest.raises(ValueError, match=r".*"):
        read(json.dumps(content | {key: {"more": 1}}))


def lost(*counts: tuple[int, int]) -> int | None:
    """What stands as lost within the last hour, by the count at each of some minutes."""
    found = None
    for minute, count in counts:
        found = look(found, NOW + timedelta(minutes=minute), WELL, count)
    assert found
    return found.figures.unlogged


def test_events_that_were_lost_are_told_for_an_hour() -> None:
    assert lost((0, 0), (1, 3)) == 3
    assert lost((0, 0), (1, 3), (61, 3)) == 3
    assert lost((0, 0), (1, 3), (62, 3)) == 0


def test_those_lost_before_the_first_watch_are_told_too() -> None:
    assert lost((0, 2)) == 2


def test_a_line_that_starts_anew_counts_from_nought() -> None:
    assert lost((0, 5), (1, 0)) == 5
    assert lost((0, 5), (90, 0), (91, 1)) == 1


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_what_is_kept_of_the_losses_is_an_hour_s_and_no_more(losses: list[int]) -> None:
    found, total = None, 0
    for step, more in enumerate(losses):
        total += more
        found = look(found, NOW + timedelta(minutes=10 * step), WELL, total)
    assert found
    assert len(found.lost) <= 9
    assert found.figures.unlogged == sum(losses[-7:])


def test_who_is_told_of_a_callback_for_a_person_is_not_told_to_ring_those_who_must_not_be() -> None:
    (stands,) = standing(with_(WRONG["needs_a_person"]), ALARMS)
    assert "ring" not in stands.alarm.mend.replace("callbacks", "")
    assert "docs/callbacks.md" in stands.alarm.mend


times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - told


@given(times, st.lists(st.none() | times))
def test_the_latest_time_that_is_not_to_come_tells_how_long_ago(
    now: datetime, told: list[datetime | None]
) -> None:
    past = [at for at in told if at and at <= now + SKEW]
    found = since(now, *told)
    assert found == (max(0.0, (now - max(past)).total_seconds()) if past else None)


@given(times, times)
def test_a_time_to_come_counts_by_how_far_off_it_is(now: datetime, at: datetime) -> None:
    assert age(at, now) == age(now, at) == abs((now - at).total_seconds())
    assert age(None, now) == 0


def test_every_alarm_is_told_in_the_manual_word_for_word() -> None:
    manual = (Path(__file__).parent.parent / "docs" / "metrics.md").read_text("utf-8")
    for alarm in ALARMS:
        says = [
            f"{words[0].upper()}{words[1:]}."
            for words in (alarm.threshold, alarm.source, alarm.mend)
        ]
        assert f"| `{alarm.name}` | {' | '.join(says)} |" in manual
