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


@pytest.mark.parametrize("path", ["/voice", "/voice/place", "/voice/whisper"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x=" + b"y" * 70_000, "application/x-www-form-urlencoded"),
        (b"a&" * 10_000, "application/x-www-form-urlencoded"),
        (b"abc", "multipart/form-data"),
        (b"\xff" * 10, "application/x-www-form-urlencoded; charset=utf-99"),
    ],
)
def test_what_cannot_be_read_was_not_signed(desk: Desk, path: str, body: bytes, kind: str) -> None:
    answer = desk.client.post(path, data=body, content_type=kind, headers={SIGNED: "c2lnbmVk"})
    assert answer.status_code == 403


def test_a_slash_behind_the_voice_url_is_as_good_as_none(desk: Desk) -> None:
    form = {"From": "+447700900123"}
    headers = {SIGNED: sign(URL + "/voice/", form)}
    answer = desk.client.post("/voice/", data=form, headers=headers)
    assert answer.status_code == 200
    assert "<Gather" in answer.text
    unslashed = {SIGNED: sign(URL + "/voice", form)}
    assert desk.client.post("/voice/", data=form, headers=unslashed).status_code == 403


@pytest.mark.parametrize("root", ["/press-two", "/a/b", "/voice"])
@pytest.mark.parametrize("page", ["/voice", "/voice/place"])
def test_a_path_in_the_public_address_may_be_taken_off_by_a_proxy_or_not(
    root: str, page: str
) -> None:
    mounted = Desk(PUBLIC_URL=URL + root)
    form = {"Digits": "2"}
    headers = {SIGNED: sign(URL + root + page, form)}
    for path in (root + page, page):
        answer = mounted.client.post(path, data=form, headers=headers)
        assert answer.status_code == 200
        assert f'action="{root}/voice/' in answer.text
    assert mounted.client.get(f"{root}/ready").status_code == 200
    assert mounted.client.get("/ready").status_code == 200


def test_a_path_in_the_public_address_is_part_of_what_is_signed() -> None:
    mounted = Desk(PUBLIC_URL=URL + "/press-two")
    headers = {SIGNED: sign(URL + "/voice", {})}
    for path in ("/voice", "/press-two/voice"):
        assert mounted.client.post(path, headers=headers).status_code == 403
    assert mounted.client.get("/press-twofold/ready").status_code == 404
    assert mounted.client.get("/elsewhere/ready").status_code == 404
