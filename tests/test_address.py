"""Where a call has got to survives being an address, and nothing else gets in or out by one."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from ivr.call import Call, Cover, Option
from ivr.flow import ENDINGS, STEPS
from ivr.web.address import AstrayError, address, read
from tests import shipped

codes = st.sampled_from(sorted(shipped.table().services))
areas = st.sampled_from(["", "CB", "E", "ZE"])
options = st.builds(Option, st.builds(Cover, codes, codes, areas))
calls = st.builds(
    Call,
    step=st.sampled_from([name for name in STEPS if name not in {*ENDINGS, "fallback"}]),
    turn=st.integers(0, 20),
    tries=st.integers(0, 3),
    ring=st.just(0),
    service=codes,
    options=st.lists(options, min_size=1, max_size=5).map(tuple),
    area=areas,
    language=st.sampled_from(["en", "cy"]),
    table=st.just(shipped.table().version),
    ring_back=st.just("+447700900123"),
)


def back(url: str) -> Call:
    parts = urlsplit(url)
    query = MultiDict(parse_qsl(parts.query))
    return read(parts.path.removeprefix("/voice/"), query, shipped.table(), ("en", "cy"))


@given(calls)
def test_a_call_comes_back_from_its_address_but_for_the_number_to_ring_back(call: Call) -> None:
    assert back(address(call, "")) == replace(call, ring_back="")
    assert "7700900123" not in address(call, "")


@given(calls)
def test_an_address_is_plain_and_under_the_path_the_line_is_mounted_at(call: Call) -> None:
    url = address(call, "/press-two")
    assert url.isascii()
    assert url.startswith(f"/press-two/voice/{call.step}?")
    assert len(url) < 500


@pytest.mark.parametrize(
    "url",
    [
        "/voice/nowhere",
        "/voice/ended",
        "/voice/booked?service=mh009",
        "/voice/connect",
        "/voice/connect?service=nobody",
        "/voice/connect?service=mh009&ring=99",
        "/voice/connect?service=mh009&ring=-1",
        "/voice/connect?service=mh009&ring=1e3",
        "/voice/connect?service=mh009&turn=100",
        "/voice/connect?service=mh009&tries=%D9%A1",
        "/voice/which",
        "/voice/which?option=nobody~nobody~CB",
        "/voice/fallback?ring=9",
        "/voice/../voice",
    ],
)
def test_an_address_no_call_of_ours_can_have_is_refused(url: str) -> None:
    with pytest.raises(AstrayError):
        back(url)


@pytest.mark.parametrize("area", ["CB1", "C2", "é", "<x>", "CBX"])
def test_an_area_is_two_letters_or_nothing(area: str) -> None:
    assert back(f"/voice/connect?service=mh009&area={area}").area == ""


def test_a_language_the_line_does_not_speak_is_its_first() -> None:
    assert back("/voice/connect?service=mh009&language=xx").language == "en"
