"""What must hold of every call, whatever is pressed, said or left unsaid, and whoever answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr import diagram, flow, postcode
from ivr.call import ADULT, UNDER_18, Call, Cover, Finish, Heard, Option, Ring
from ivr.flow import ENDINGS, STEPS, TURNS
from tests import shipped

LEGS = ("busy", "no-answer", "failed", "canceled", "completed", "answered")

said = st.one_of(
    st.sampled_from(
        [
            "mental health",
            "physical",
            "yes",
            "no",
            "I don't know",
            "Leeds",
            "Cambridge",
            "none",
            "charlie bravo one two alpha bravo",
            "S W one A one A A",
            "L E 16 9 R W",
            "London",
        ]
    ),
    st.text(max_size=40),
)
keyed = st.one_of(
    st.sampled_from(["1", "2", "3", "5", "9", "*", "", "221222", "5316979", "07700900123"]),
    st.text("0123456789*#", max_size=20),
)
answers = st.one_of(
    st.just(Heard()),
    st.builds(Heard, digits=keyed),
    st.builds(Heard, speech=said, confidence=st.floats(0, 1)),
)
rings = st.builds(Heard, leg=st.sampled_from(LEGS), bridged=st.sampled_from([True, False, None]))
callers = st.sampled_from(["", "+447700900123", "+441144960123", "+442079460123"])


def is_help(call: Call, heard: Heard) -> bool:
    """Whether the caller has reached a person, the fallback or a promise that was kept."""
    return call.step in {"fallback", "booked", "ended"} or (
        bool(heard.leg) and call.step == "ended"
    )


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_every_caller_reaches_a_person_the_fallback_or_a_promise_within_fourteen_turns(
    data: st.DataObject,
) -> None:
    world = shipped.world(data.draw(callers))
    call = flow.pick_up(world)
    for _ in range(TURNS - 1):
        reply = flow.arrive(call, world)
        assert not isinstance(reply, Finish) or call.step in ENDINGS
        heard = data.draw(rings if isinstance(reply, Ring) else answers)
        after = flow.answer(call, heard, world)
        leads = {*STEPS[call.step].exits, "fallback"}
        assert after.step in leads, f"{call.step} leads to {after.step}, not in its table"
        call = after
        if is_help(call, heard):
            return
    pytest.fail(f"still at {call.step} after {TURNS} turns")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_after_the_fallback_a_call_ends_in_a_few_rings_with_its_number_read_out(
    data: st.DataObject,
) -> None:
    world = shipped.world()
    call = Call("fallback", ring=1)
    for _ in range(len(world.table.ringing(world.table.line.fallback)) + 1):
        if isinstance(flow.arrive(call, world), Finish):
            break
        call = flow.answer(call, data.draw(rings), world)
    assert call.step in {"last_words", "ended"}


def test_every_step_can_be_reached_from_the_first() -> None:
    reached, fresh = set(), {"welcome"}
    while fresh:
        reached |= fresh
        steps = (STEPS[name] for name in fresh)
        fresh = (
            {exit_ for step in steps for exit_ in (*step.exits, step.if_refused)} - reached - {""}
        )
    assert reached == set(STEPS)


def test_the_diagram_in_the_handbook_is_the_call_as_it_is() -> None:
    page = (shipped.CONFIG.parent / "docs" / "flow.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram.mermaid()}```" in page, "run: ivr graph > docs, see docs/flow.md"


def test_a_step_that_ends_a_call_cannot_be_answered() -> None:
    with pytest.raises(LookupError, match="ended"):
        flow.answer(Call("ended"), Heard(), shipped.world())


# -- what each answer leads to ----------------------------------------------------------------

AT_PLACE = Call("place", table="x")
HULL = Option(Cover("mh028", "mh027", "HU"))
TWO = (Option(Cover("mh009", "mh009", "CB")), Option(Cover("mh016", "mh016", "CA")))


def after(call: Call, caller: str = "", **heard: object) -> Call:
    return flow.answer(call, Heard(**heard), shipped.world(caller))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        "mental health",
        "Mental health please.",
        "I want to die",
        "two",
        "2",
        "option two",
        "no one can help me",
        "I've taken one too many pills",
        "an overdose",
        "end it all",
        "my doctor told me to ring, I hear voices",
        "I don't want to be here any more",
    ],
)
def test_the_menu_understands_what_is_said(said: str) -> None:
    assert after(Call(), speech=said).step == "place"


@pytest.mark.parametrize("said", ["physical health", "one", "1", "a doctor please"])
def test_the_menu_understands_who_wants_an_adviser(said: str) -> None:
    assert after(Call(), speech=said).step == "adviser"


@pytest.mark.parametrize(
    "said", ["no it is not", "no", "not really", "not sure", "wrong", "mumble"]
)
def test_only_a_yes_is_a_yes(said: str) -> None:
    assert after(Call("confirm", options=TWO[:1]), speech=said).step == "place"
    assert after(Call("age", options=(HULL,)), speech=f"{said}, I am forty").service == "mh028"


def test_a_choice_that_was_hardly_heard_is_asked_for_again() -> None:
    assert after(Call(), speech="physical", confidence=0.1) == Call(tries=1, turn=1)


def test_the_menu_is_read_twice_and_then_the_fallback_rings() -> None:
    again = after(Call())
    assert (again.step, after(again).step) == ("welcome", "fallback")


def test_pressing_the_key_of_another_language_reads_the_menu_in_it() -> None:
    language = next(one for one in shipped.table().line.languages if one.code == "cy")
    welsh = after(Call(), digits=language.key)
    assert welsh == Call(language="cy", tries=1, turn=1)
    said = [line.prompt for line in flow.arrive(welsh, shipped.world()).lines]
    assert said == ["safety", "menu"], "the way out to 999 is heard in Welsh too"
    assert after(Call(tries=1), digits=language.key) == Call("place", language="cy", turn=1)


def test_a_language_without_words_is_not_offered() -> None:
    world = replace(shipped.world(), catalogues={"en": shipped.catalogues()["en"]})
    assert [line.language for line in flow.arrive(Call(), world).lines] == ["", ""]
    assert flow.answer(Call(), Heard(digits="3"), world).language == "en"


def test_a_choice_by_town_that_was_hardly_heard_is_no_choice() -> None:
    call = after(Call("which", options=TWO), speech="Carlisle", confidence=0.05)
    assert call.step == "place"


def test_what_is_announced_is_the_service_that_rings() -> None:
    night = datetime(2026, 12, 25, 15, 0, tzinfo=UTC)
    closed = next(
        code for code in shipped.table().services if not shipped.table().is_open(code, night)
    )
    world = shipped.world(now=night)
    said = flow.arrive(Call("connect", service=closed), world).lines[-1].words["service"]
    first = flow.arrive(flow.answer(Call("connect", service=closed), Heard(), world), world)
    assert isinstance(first, Ring)
    owner = next(
        service
        for service in world.table.services.values()
        if first.number in {number.value for number in service.numbers}
    )
    assert said == owner.spoken


def test_a_landline_that_points_to_one_service_is_asked_about_its_town() -> None:
    call = after(Call(), "+441144960123", digits="2")
    assert call.step == "nearby"
    assert flow.arrive(call, shipped.world()).lines[0].words["town"] == "Sheffield"


@pytest.mark.parametrize("caller", ["", "+447700900123", "+442079460123", "+33123456789"])
def test_mobiles_withheld_numbers_and_shared_codes_are_asked_for_the_postcode(caller: str) -> None:
    assert after(Call(), caller, digits="2").step == "place"


def test_a_postcode_whose_keys_fit_one_service_is_connected_at_once() -> None:
    settled = after(AT_PLACE, digits=postcode.keys("SW1A1AA"))
    assert (settled.step, settled.service, settled.area) == ("connect", "mh011", "SW")


def test_a_postcode_whose_keys_fit_several_services_takes_one_question() -> None:
    call = after(AT_PLACE, digits=postcode.keys("CB12AB"))
    assert call.step == "which"
    assert "mh009" in {option.cover.adult for option in call.options}


def test_star_or_waiting_says_that_the_postcode_is_not_known() -> None:
    assert after(AT_PLACE, digits="*").step == after(AT_PLACE).step == "town"
    assert after(AT_PLACE, speech="I don't know, sorry").step == "town"


def test_a_postcode_that_is_nonsense_is_asked_for_once_more_and_then_the_town() -> None:
    again = after(AT_PLACE, digits="1")
    assert (again.step, again.tries) == ("place", 1)
    assert after(again, digits="1").step == "town"


def test_an_option_is_chosen_by_its_key_its_place_or_its_town() -> None:
    call = Call("which", options=TWO)
    for heard in ({"digits": "2"}, {"speech": "the second one"}, {"speech": "the Carlisle one"}):
        assert (after(call, **heard).step, after(call, **heard).service) == ("connect", "mh016")


def test_where_the_area_splits_by_age_the_caller_is_asked_once() -> None:
    asked = after(Call("confirm", options=(HULL,)), speech="yes")
    assert asked.step == "age"
    assert after(asked, digits="1").service == HULL.cover.service(UNDER_18) == "mh027"
    assert after(asked).service == HULL.cover.service(ADULT) == "mh028"


def test_a_wrong_place_is_not_connected() -> None:
    assert after(Call("confirm", options=TWO[:1]), digits="2").step == "place"


def test_nine_during_the_announcement_says_that_the_area_is_wrong() -> None:
    assert after(Call("connect", service="mh009"), digits="9").step == "town"
    assert after(Call("connect", service="mh009", tries=2), digits="9").step == "fallback"


def test_the_next_number_rings_when_one_does_not_answer() -> None:
    ringing = after(Call("connect", service="mh009"))
    assert ringing.ring == 1
    assert after(ringing, leg="busy").ring == 2


def test_voicemail_never_counts_as_a_person() -> None:
    person = next(
        (code, ring)
        for code in shipped.table().services
        for ring, (_, number) in enumerate(shipped.table().ringing(code), 1)
        if number.person
    )
    ringing = Call("connect", service=person[0], ring=person[1])
    assert after(ringing, leg="completed", bridged=False).step != "ended"
    assert after(ringing, leg="completed").step != "ended"
    assert after(ringing, leg="completed", bridged=True).step == "ended"


def unanswered(caller: str = "+447700900123") -> Call:
    call = Call("connect", service="mh009", ring=len(shipped.table().ringing("mh009")))
    return after(call, caller, leg="no-answer")


def test_a_callback_is_offered_when_nobody_answers_and_agreed_with_one_key() -> None:
    callback = after(unanswered(), "+447700900123", digits="1")
    assert flow.arrive(callback, shipped.world("+447700900123")).lines[0].words["ending"] == "1 2 3"
    booked = after(callback, "+447700900123", digits="1")
    assert (booked.step, booked.ring_back) == ("booked", "+447700900123")


@pytest.mark.parametrize("said", ["yes", "no, please don't ring this number", "one", "okay"])
def test_a_callback_is_never_agreed_by_voice(said: str) -> None:
    callback = after(unanswered(), "+447700900123", digits="1")
    assert after(callback, "+447700900123", speech=said).step == "fallback"


def test_another_number_may_be_keyed_and_a_premium_one_may_not() -> None:
    callback = after(unanswered(), "+447700900123", digits="1")
    number = after(callback, "+447700900123", digits="2")
    assert after(number, digits="01632960993").ring_back == "+441632960993"
    assert after(number, digits="09098790000").step == "fallback"


def test_the_line_never_promises_to_ring_itself_or_a_service() -> None:
    ours = (shipped.table().line.number, shipped.table().services["mh009"].numbers[0].value)
    for number in ours:
        asked = Call("number", service="mh009")
        assert after(asked, digits="0" + number.removeprefix("+44")).step == "fallback"


def test_a_withheld_number_is_asked_for_and_cannot_be_agreed_to() -> None:
    asked = after(unanswered(""), digits="1")
    assert asked.step == "number"
    assert after(asked, digits="1").step == "fallback"


def test_no_callback_is_offered_when_it_could_not_be_kept() -> None:
    world = replace(shipped.world(), can_promise=lambda: False)
    call = Call("connect", service="mh009", ring=len(world.table.ringing("mh009")))
    assert flow.answer(call, Heard(leg="busy"), world).step == "fallback"


def test_a_promise_that_could_not_be_kept_rings_the_fallback_instead() -> None:
    assert flow.refused(Call("booked")).step == "fallback"


def test_a_call_that_goes_on_too_long_rings_the_fallback() -> None:
    assert after(replace(AT_PLACE, turn=TURNS), digits="1").step == "fallback"


def test_a_services_own_number_skips_the_menu_and_the_place() -> None:
    number, code = next(iter(shipped.table().own_numbers.items()))
    world = shipped.world(dialled=number)
    call = flow.pick_up(world)
    assert (call.step, call.service) == ("connect", code)
    assert [line.prompt for line in flow.arrive(call, world).lines] == ["safety", "connect"]
