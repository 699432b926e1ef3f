from __future__ import annotations

import json
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.events import FACTS, Event, Fact, fits, moment, read, write

CALL = "CA" + "0a" * 16
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

NUMBERS = st.from_regex(r"\+44\d{9,10}|0\d{9,10}|44\d{9,10}|\d{9,15}", fullmatch=True)
POSTCODES = st.from_regex(
    r"[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}|[A-Z]{1,2}\d[A-Z0-9]?", fullmatch=True
)
WORDS = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1), min_size=2).map(" ".join)


def event(**changed: object) -> Event:
    whole: dict[str, object] = {
        "id": f"{CALL}-t03",
        "call": CALL,
        "kind": "turn",
        "at": AT,
        "facts": {"step": "place", "heard": "keys", "turn": 3, "bridged": None},
    }
    return Event(**(whole | changed))  # type: ignore[arg-type]


def test_events_are_read_as_they_were_written() -> None:
    told = [event(), event(id=f"{CALL}-s2", kind="status", facts={"status": "completed"})]
    assert read(write(told)) == told
    assert read(write([])) == []


def test_a_moment_is_written_in_utc_so_that_text_sorts_as_time_does() -> None:
    summer = timezone(timedelta(hours=1))
    moments = [AT + timedelta(microseconds=each) for each in (0, 1, 10, 1_000_000)]
    written = [moment(each.astimezone(summer)) for each in moments]
    assert written[0] == "2026-11-22T03:00:00.000000+00:00"
    assert sorted(written) == written
    assert [datetime.fromisoformat(each) for each in written] == moments


@pytest.mark.parametrize(
    "changed",
    [
        {"facts": {"digits": "2212222"}},
        {"facts": {"From": "+447700900123"}},
        {"facts": {"service": "+447700900123"}},
        {"facts": {"service": "447700900123"}},
        {"facts": {"area": "CB1 2AB"}},
        {"facts": {"step": "I want to die"}},
        {"facts": {"turn": "3"}},
        {"facts": {"turn": True}},
        {"facts": {"turn": -1}},
        {"facts": {"bridged": 1}},
        {"facts": {"caller": "+447700900123"}},
        {"facts": {"seconds": 2.5}},
        {"facts": {"heard": ["keys"]}},
        {"kind": "words"},
        {"at": AT.replace(tzinfo=None)},
        {"call": "+447700900123"},
        {"call": CALL.upper()},
        {"id": "CA1-t03"},
        {"id": CALL},
        {"id": f"{CALL}-t03\n"},
        {"id": f"{CALL}-+447700900123"},
    ],
)
def test_what_may_not_be_kept_is_refused_without_being_repeated(
    changed: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match=r"event|fact") as refused:
        event(**changed)
    for secret in ("447700900123", "2212222", "CB1", "die"):
        assert secret not in str(refused.value)


@given(st.sampled_from(sorted(set(FACTS) - {"table"})), NUMBERS)
def test_no_fact_has_room_for_a_telephone_number(name: str, number: str) -> None:
    assert not fits(name, number)


@given(st.sampled_from(sorted(FACTS)), POSTCODES)
def test_no_fact_has_room_for_a_postcode_or_its_district(name: str, postcode: str) -> None:
    assert not fits(name, postcode)


@given(st.sampled_from(sorted(FACTS)), WORDS)
def test_no_fact_has_room_for_words(name: str, words: str) -> None:
    assert not fits(name, words)


def test_what_is_not_known_fits_every_fact_but_none_that_is_not_on_the_list() -> None:
    assert all(fits(name, None) for name in FACTS)
    assert not fits("speech", None)


def values(name: str) -> st.SearchStrategy[Fact]:
    some = (
        st.integers(0, 10**9) | st.booleans() | st.from_regex(r"[a-zA-Z0-9_-]{0,40}|[0-9a-f]{32}")
    )
    return (some | st.none()).filter(lambda value: fits(name, value))


@given(st.data())
def test_whatever_may_be_kept_is_read_as_it_was_written(data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(["step", "turn", "bridged", "service", "ms", "leg"])))
    told = event(
        at=data.draw(st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001 - drawn in UTC
        facts={name: data.draw(values(name)) for name in sorted(names)},
    )
    assert read(write([told])) == [told]


@given(st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
).map(lambda tree: json.dumps(tree).encode()))  # fmt: skip
def test_what_is_not_events_is_refused_in_one_way(content: bytes) -> None:
    with suppress(ValueError):
        assert read(content) == []


def test_events_changed_on_the_way_are_refused_or_are_still_events() -> None:
    chance = random.Random(1)  # noqa: S311 - not for secrets
    whole = write([event(), event(id=f"{CALL}-t04")])
    for _ in range(2000):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(whole))] = chance.randrange(256)
        try:
            assert all(isinstance(each, Event) for each in read(bytes(spoilt)))
        except ValueError:
            continue


def test_every_fact_may_be_told() -> None:
    facts: dict[str, Fact] = {
        "step": "connect", "heard": "leg", "reached": "last_resort", "service": "wales-powys",
        "ring": 2, "area": "CB", "language": "cy", "table": "84235d7be7d5", "turn": 5, "tries": 1,
        "via": "own_number", "leg": "no-answer", "bridged": False, "seconds": 0,
        "status": "in-progress", "caller": "0" * 32, "ms": 4,
        "callback": "f" * 32, "attempt": 1, "side": "service", "what": "accepted",
        "recovered": True,
    }  # fmt: skip
    assert set(facts) == set(FACTS)
    assert event(facts=facts).facts == facts
