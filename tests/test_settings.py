from __future__ import annotations

import stat
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.sealing import Seal
from ivr.settings import SETTINGS, Settings, SettingsError, read, sealing_keys, signing_tokens

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - made up
NEXT = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
KEY = "c2VhbHMtb2YtdGhlc2UtdGVzdHMtYW5kLW5vLW90aGU="
OLDER = "YW5kLXRoZS1rZXktdGhhdC13YXMtdGhlcmUtYmVmb3I="
TWILIO = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "PUBLIC_URL": "https://line.example.org",
    "SEALING_KEYS": KEY,
}


def refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read(environ)
    return str(refused.value)


def test_nothing_need_be_set() -> None:
    settings = read({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.public_url == settings.local_url == "http://127.0.0.1:8080"
    assert (settings.state_dir, settings.config_dir) == (Path("var"), Path("config"))
    assert settings.test_line
    assert not settings.redis_url


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert read({setting.variable: " " for setting in SETTINGS.values()}) == read({})


def test_what_is_set_is_honoured() -> None:
    settings = read(
        {
            **TWILIO,
            "HOST": "0.0.0.0",  # noqa: S104 - read, not bound to
            "PORT": "9000",
            "PUBLIC_URL": "https://line.example.org:8443/ivr/",
            "TWILIO_ACCOUNT_SID": "AC" + 8 * "0af1",
            "TWILIO_AUTH_TOKEN_NEXT": NEXT,
            "REDIS_URL": "rediss://user:word@redis.example.org:6380/1",
            "DATABASE_URL": "postgresql://db.example.org/line",
            "STATE_DIR": "/srv/line",
            "LOG_LEVEL": "WARNING",
        }
    )
    assert settings.local_url == "http://127.0.0.1:9000"
    assert settings.public_url == "https://line.example.org:8443/ivr"
    assert settings.auth_tokens == (TOKEN, NEXT)
    assert signing_tokens(settings) == (TOKEN, NEXT)
    assert settings.redis_url.startswith("rediss://")
    assert settings.outbox_file == Path("/srv/line/outbox.sqlite3")
    assert settings.log_level == "warning"


@pytest.mark.parametrize("port", ["0", "65536", "80a", "-1", "٨٠", "8 080", "1e3"])
def test_a_port_that_is_none_is_named_with_what_is_allowed(port: str) -> None:
    assert (
        refusal(PORT=port) == f"PORT={port!r} is not allowed: give a whole number from 1 to 65535"
    )


def test_every_bad_value_has_a_line_of_its_own() -> None:
    lines = refusal(PORT="x", LOG_LEVEL="loud", TWILIO_ACCOUNT_SID="AC1").splitlines()
    assert [line.split("=")[0] for line in lines] == ["PORT", "TWILIO_ACCOUNT_SID", "LOG_LEVEL"]


@pytest.mark.parametrize(
    "token",
    ["changeme", "your_auth_token_here", "x" * 32, "short", "a token with spaces in it", "é" * 20],
)
def test_a_placeholder_is_no_token_and_is_not_shown(token: str) -> None:
    said = refusal(TWILIO_AUTH_TOKEN=token, PUBLIC_URL="https://line.example.org")
    assert said.startswith("TWILIO_AUTH_TOKEN (its value is not shown) is not allowed: give ")
    assert token not in said


def test_the_keys_that_seal_are_given_newest_first() -> None:
    settings = read({**TWILIO, "SEALING_KEYS": f"{KEY} , {OLDER}"})
    assert sealing_keys(settings) == settings.sealing_keys == (KEY, OLDER)
    assert KEY not in repr(settings)
    assert Seal(sealing_keys(settings)).open(Seal([OLDER]).seal(b"before")) == b"before"


@pytest.mark.parametrize(
    "keys", ["short", f"{KEY},", f"{KEY},{KEY}", f"{KEY};{OLDER}", KEY[:-2] + "b=", "A" * 43 + "="]
)
def test_what_is_no_key_is_refused_with_how_to_make_one_and_is_not_shown(keys: str) -> None:
    said = refusal(**{**TWILIO, "SEALING_KEYS": keys})
    assert said.startswith("SEALING_KEYS (its value is not shown) is not allowed: give ")
    assert "openssl rand -base64 32" in said
    assert keys not in said


def test_a_line_for_real_callers_is_not_started_without_a_key_that_seals() -> None:
    said = refusal(**{**TWILIO, "SEALING_KEYS": ""})
    assert said.startswith("SEALING_KEYS is not set, and TWILIO_AUTH_TOKEN is: give one or more")


def test_every_key_that_may_be_given_is_one_that_seals() -> None:
    for last in range(256):
        key = urlsafe_b64encode(bytes([*range(31), last])).decode()
        assert read({"SEALING_KEYS": key}).sealing_keys == (key,)
        assert Seal([key]).open(Seal([key]).seal(b"kept")) == b"kept"


@pytest.mark.parametrize("url", ["", "http://line.example.org"])
def test_twilio_is_only_spoken_to_over_https(url: str) -> None:
    said = refusal(TWILIO_AUTH_TOKEN=TOKEN, PUBLIC_URL=url)
    assert said.startswith(f"PUBLIC_URL={url!r} is not allowed with TWILIO_AUTH_TOKEN set")
    assert "https://" in said


def test_a_token_being_rotated_in_needs_one_to_be_rotated_out() -> None:
    assert refusal(TWILIO_AUTH_TOKEN_NEXT=NEXT).startswith("TWILIO_AUTH_TOKEN_NEXT is set without")


@pytest.mark.parametrize(
    "url",
    [
        "line.example.org",
        "ftp://line.example.org",
        "https://",
        "https://user@line.example.org",
        "https://line.example.org/?a=b",
        "https://line.example.org:99999",
        "https://line.example.org/a b",
    ],
)
def test_a_public_address_that_callers_cannot_come_to_is_refused(url: str) -> None:
    assert refusal(PUBLIC_URL=url).startswith(f"PUBLIC_URL={url!r} is not allowed")


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://127.0.0.2:6379/1",
        "redis://[::1]",
        "unix:///run/r.sock",
        "redis://:word@10.0.0.5",
        "rediss://user:word@redis.example.org",
    ],
)
def test_a_redis_of_ours_alone_is_allowed(url: str) -> None:
    assert read({"REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://10.0.0.5",
        "rediss://redis.example.org",
        "redis://user@10.0.0.5",
        "redis://:@10.0.0.5",
        "valkey+unix:///run/r.sock",
        "unix://run/r.sock",
        "http://localhost",
        "redis://:word@10.0.0.5:x",
    ],
)
def test_a_redis_open_to_others_or_of_no_known_kind_is_refused_without_being_shown(
    url: str,
) -> None:
    said = refusal(REDIS_URL=url)
    assert said.startswith("REDIS_URL (its value is not shown) is not allowed")
    assert url not in said


def test_a_secret_is_not_in_what_python_shows_of_the_settings() -> None:
    settings = read(
        {**TWILIO, "REDIS_URL": "redis://:word@10.0.0.5", "DATABASE_URL": "sqlite:///word"}
    )
    assert TOKEN not in repr(settings)
    assert "word" not in repr(settings)


@given(st.dictionaries(st.sampled_from([each.variable for each in SETTINGS.values()]), st.text()))
def test_whatever_is_set_is_honoured_or_refused_in_clear_lines(environ: dict[str, str]) -> None:
    try:
        assert isinstance(read(environ), Settings)
    except SettingsError as refused:
        assert all(line.startswith(tuple(environ)) for line in refused.lines)  # noqa: PT017


def test_a_test_line_makes_itself_a_token_that_only_its_user_can_read(tmp_path: Path) -> None:
    settings = read({"STATE_DIR": str(tmp_path / "var")})
    first = signing_tokens(settings)
    assert signing_tokens(settings) == first
    assert stat.S_IMODE(settings.local_token_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.state_dir.stat().st_mode) == 0o700


def test_programs_that_start_together_agree_on_the_token_and_the_key(tmp_path: Path) -> None:
    settings = read({"STATE_DIR": str(tmp_path)})
    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(signing_tokens, [settings] * 32))
        keys = set(threads.map(sealing_keys, [settings] * 32))
    assert (len(tokens), len(keys)) == (1, 1)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["local-seal", "local-token"]


def test_a_test_line_makes_itself_a_key_that_only_its_user_can_read(tmp_path: Path) -> None:
    settings = read({"STATE_DIR": str(tmp_path / "var")})
    first = sealing_keys(settings)
    assert Seal(sealing_keys(settings)).open(Seal(first).seal(b"kept")) == b"kept"
    assert stat.S_IMODE(settings.local_seal_file.stat().st_mode) == 0o600
    settings.local_seal_file.write_text("spoilt")
    with pytest.raises(SettingsError, match=r"local-seal is damaged; delete it"):
        sealing_keys(settings)


def test_a_damaged_token_is_told_and_not_used(tmp_path: Path) -> None:
    settings = read({"STATE_DIR": str(tmp_path)})
    settings.local_token_file.write_text("")
    with pytest.raises(SettingsError, match="local-token is damaged; delete it"):
        signing_tokens(settings)


def test_a_state_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^STATE_DIR: .* cannot be used: Not a directory"):
        signing_tokens(read({"STATE_DIR": str(tmp_path / "file" / "var")}))
