"""Only Twilio is answered: every route of its own refuses whoever did not sign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twilio.request_validator import HMAC_SHA256, RequestValidator

from tests.desk import TOKEN, URL, Desk

NEXT = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
SIGNED = "X-Twilio-Signature"


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(TWILIO_AUTH_TOKEN_NEXT=NEXT)


def voice_routes() -> Iterator[str]:
    for rule in Desk().app.url_map.iter_rules():
        if rule.endpoint.startswith("voice."):
            yield str(rule).replace("<path:step>", "place")


def sign(url: str, form: dict[str, str], token: str = TOKEN, algorithm: str | None = None) -> str:
    return str(RequestValidator(token).compute_signature(url, form, algorithm))


@pytest.mark.parametrize("route", sorted(set(voice_routes())))
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNED: ""},
        {SIGNED: "nonsense"},
        {SIGNED: "caf\u00e9\u00ff"},
        {SIGNED: sign(URL + "/voice", {}, "another-token-altogether")},
        {SIGNED: sign("https://elsewhere.example/voice", {})},
        {SIGNED: "x", SETTINGS: "key=abc,algorithm=HMAC_MD5"},
        {SIGNED: "x", SETTINGS: ",,,=,algorithm="},
    ],
)
def test_what_twilio_did_not_sign_is_refused_and_never_an_error(
    desk: Desk, route: str, headers: dict[str, str]
) -> None:
    for method in (desk.client.post, desk.client.get):
        answer = method(route, data={"Digits": "2"}, headers=headers)
        assert answer.status_code in {403, 405}


def test_a_request_signed_with_either_token_is_answered_while_one_is_rotated(desk: Desk) -> None:
    form = {"From": "+447700900123"}
    for token in (TOKEN, NEXT):
        headers = {SIGNED: sign(URL + "/voice", form, token)}
        assert desk.client.post("/voice", data=form, headers=headers).status_code == 200


def test_sha_256_signatures_are_understood(desk: Desk) -> None:
    form = {"From": "+447700900123"}
    headers = {
        SIGNED: sign(URL + "/voice", form, TOKEN, HMAC_SHA256),
        SETTINGS: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }
    assert desk.client.post("/voice", data=form, headers=headers).status_code == 200
    del headers[SETTINGS]
    assert desk.client.post("/voice", data=form, headers=headers).status_code == 403


def test_the_address_that_counts_is_the_public_one_whatever_a_proxy_says(desk: Desk) -> None:
    form = {"From": "+447700900123"}
    headers = {SIGNED: sign(URL + "/voice", form), "Host": "10.0.0.1:8080",
               "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}  # fmt: skip
    assert desk.client.post("/voice", data=form, headers=headers).status_code == 200


def test_the_query_is_part_of_what_is_signed(desk: Desk) -> None:
    form = {"Digits": "2"}
    headers = {SIGNED: sign(URL + "/voice/connect?service=mh009", form)}
    signed = desk.client.post("/voice/connect?service=mh009", data=form, headers=headers)
    forged = desk.client.post("/voice/connect?service=mh016", data=form, headers=headers)
    assert (signed.status_code, forged.status_code) == (200, 403)


def test_a_key_sent_twice_with_different_values_is_not_taken_for_either(desk: Desk) -> None:
    form = {"Digits": ["1", "2"]}
    text = URL + "/voice/welcome" + "Digits1Digits2"
    signature = sign(text, {})
    headers = {SIGNED: signature}
    answer = desk.client.post("/voice/welcome", data=form, headers=headers)
    assert answer.status_code == 200
    assert "/voice/welcome?" in answer.text, "neither 1 nor 2 was chosen"


def test_a_number_set_to_get_still_reaches_help(desk: Desk) -> None:
    headers = {SIGNED: sign(URL + "/voice", {})}
    answer = desk.client.get("/voice", headers=headers)
    assert answer.status_code == 200
    assert "<Dial" in answer.text
