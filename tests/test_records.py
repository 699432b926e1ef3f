from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from ivr.call import Call, Heard
from ivr.events import FACTS, Event
from ivr.records import (
    Leg,
    Rung,
    Webhook,
    callback_event,
    last_resort_event,
    status_event,
    turn_event,
    turn_line,
)

SID = "CA" + "0a" * 16
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WEBHOOK = Webhook(SID, AT, "in-progress", 31, "0" * 32, "menu")
CONNECT = Call("connect", turn=3, tries=1, ring=1, service="mh009", area="CB", table="84235d7be7d5")

TEXT = st.text() | st.sampled_from(["+447700900123", "CB1 2AB", "I want to die", "in-progress"])
COUNTS = st.integers(-5, 10**12)
CALLS = st.builds(
    Call, TEXT, turn=st.integers(0, 99), tries=COUNTS, ring=COUNTS, service=TEXT, area=TEXT,
    language=TEXT, table=st.just("84235d7be7d5"), ring_back=st.just("+447700900123"),
)  # fmt: skip
HEARD = st.builds(
    Heard, digits=TEXT, speech=TEXT, leg=TEXT, bridged=st.none() | st.booleans()
)  # fmt: skip
WEBHOOKS = st.builds(
    Webhook,
    st.just(SID),
    st.just(AT),
    TEXT,
    st.none() | COUNTS,
    st.just("0" * 32),
    st.sampled_from(["menu", "own_number", ""]),
    st.none() | st.integers(0, 999_999),
)


def told(before: Call, heard: Heard, after: Call, webhook: Webhook = WEBHOOK) -> Event:
    return turn_event(webhook, turn_line(before, heard, after, 3.6), heard, after)


def test_a_turn_leaves_where_it_was_how_it_was_answered_and_where_it_went() -> None:
    heard = Heard(leg="completed", bridged=True)
    event = told(CONNECT, heard, CONNECT.at("ended", turn=4))
    assert (event.id, event.call, event.kind, event.at) == (f"{SID}-t04", SID, "turn", AT)
    assert event.facts == {
        "step": "connect", "heard": "leg", "reached": "ended", "service": "mh009", "ring": 1,
        "area": "CB", "language": "en", "table": "84235d7be7d5", "turn": 4, "tries": 1,
        "via": "menu", "leg": "completed", "bridged": True, "seconds": 31, "ms": 4,
        "status": "in-progress", "caller": "0" * 32,
    }  # fmt: skip
    of_callbacks = {"callback", "attempt", "side", "what", "recovered"}
    assert set(event.facts) == set(FACTS) - of_callbacks, "a turn may tell all that calls have"


def test_what_is_not_known_is_missing_and_never_nought() -> None:
    facts = told(Call("ringing"), Heard(), Call(), Webhook(SID, AT)).facts
    assert not {"leg", "bridged", "seconds"} & set(facts)


def test_the_picking_up_is_turn_nought() -> None:
    assert told(Call("ringing"), Heard(), Call()).id == f"{SID}-t00"


def test_what_was_keyed_said_or_promised_is_in_no_event() -> None:
    heard = Heard(digits="2212222", speech="charlie bravo one", confidence=0.12)
    event = told(Call("place"), heard, Call("booked", turn=1, ring_back="+447700900123"))
    assert event.facts["heard"] == "keys"
    for secret in ("2212222", "charlie", "447700900123", "0.12"):
        assert secret not in str(event)


def test_the_last_resort_says_at_which_step_and_turn_it_was_needed() -> None:
    event = last_resort_event(Webhook(SID, AT, "in-progress"), "place", 2)
    assert event.id == f"{SID}-t02"
    assert event.facts["step"] == "place"
    assert event.facts["reached"] == "last_resort"
    assert event.facts["turn"] == 2


def test_a_status_is_known_by_twilios_count_or_by_what_it_tells() -> None:
    over = Webhook(SID, AT, "completed", 95, sequence=2)
    assert status_event(over).id == f"{SID}-s2"
    assert status_event(Webhook(SID, AT, "completed", 95)).id == f"{SID}-scompleted"
    assert status_event(Webhook(SID, AT, "completed", 95, sequence=0)).id == f"{SID}-s0"
    assert status_event(over).kind == "status"
    assert status_event(over).facts == {"status": "completed", "seconds": 95, "caller": ""}


def test_a_legs_status_says_whose_telephone_rings_at_which_turn_and_not_how_the_call_is() -> None:
    answered = Webhook(SID, AT, "in-progress", sequence=2)
    event = status_event(answered, Leg("mh035", 3, 5))
    assert event.id == f"{SID}-t05-s2"
    assert event.facts == {"leg": "in-progress", "service": "mh035", "ring": 3, "turn": 5}
    assert status_event(answered, Leg("mh035", 4, 6)).id != event.id


RUNG = Rung("0f" * 16, "service", 2, 1, "mh009")


def test_what_came_of_a_callbacks_call_is_told_once_and_says_which_call_it_was() -> None:
    accepted = callback_event(Webhook(SID, AT, "in-progress"), RUNG, "accepted")
    assert (accepted.id, accepted.call, accepted.kind) == (f"{SID}-b-accepted", SID, "callback")
    assert accepted.facts == {
        "callback": "0f" * 16, "attempt": 2, "side": "service", "ring": 1, "service": "mh009",
        "what": "accepted",
    }  # fmt: skip
    over = Webhook(SID, AT, "completed", 95, sequence=3)
    ended = callback_event(over, RUNG, "status")
    assert ended.id == f"{SID}-b-3"
    assert ended.facts == {
        **accepted.facts, "what": "status", "leg": "completed", "seconds": 95,
    }  # fmt: skip
    assert callback_event(Webhook(SID, AT, "busy"), RUNG, "status").id == f"{SID}-b-busy"


def test_an_event_says_when_in_whatever_time_zone_it_was_heard() -> None:
    summer = AT.astimezone(timezone(timedelta(hours=1)))
    assert told(Call("ringing"), Heard(), Call(), Webhook(SID, summer)).at == AT


@given(CALLS, HEARD, CALLS, WEBHOOKS)
def test_whatever_a_turn_is_like_it_leaves_an_event_that_may_be_kept(
    before: Call, heard: Heard, after: Call, webhook: Webhook
) -> None:
    event = told(before, heard, after, webhook)
    assert event.facts["turn"] == after.turn
    for secret in ("447700900123", "CB1 2AB", "die"):
        assert secret not in str(event)


@given(WEBHOOKS, TEXT, st.integers(0, 99))
def test_whatever_a_status_is_like_it_leaves_an_event_that_may_be_kept(
    webhook: Webhook, text: str, turn: int
) -> None:
    for event in (
        status_event(webhook),
        status_event(webhook, Leg(text, turn, turn)),
        last_resort_event(webhook, text, turn),
        callback_event(webhook, Rung(text, text, turn, turn, text), "status"),
        callback_event(webhook, Rung(text, text, turn, turn, text), "never"),
    ):
        assert event.call == SID
        for secret in ("447700900123", "CB1 2AB", "die"):
            assert secret not in str(event)
