"""Reads the environment into one value that never changes.

A variable that is unset or empty takes its default. Every bad value is told in a line of its own
that names the variable, the value (never a secret's) and what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.settings.allowed import SETTINGS, Setting


class SettingsError(Exception):
    """What is wrong with the settings, one line each."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator has set, with the defaults filled in."""

    host: str
    port: int
    public_url: str
    """Where Twilio reaches the line: scheme, host and perhaps a path, with no slash behind."""
    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    """Twilio's auth token, then the one being rotated in; empty on a test line."""
    redis_url: str = field(repr=False)
    """For the workers only; "" means the embedded server that ``ivr run`` starts."""
    database_url: str = field(repr=False)
    sealing_keys: tuple[str, ...] = field(repr=False)
    """The keys that seal what passes through Redis, newest first; empty on a test line, which has
    one of its own (:func:`ivr.settings.sealing_keys`)."""
    api_base: str
    """Where Twilio's API is, if it is not at Twilio; "" for Twilio's own."""
    calls_per_second: int
    """How many calls a second the Twilio account may begin."""
    console_port: int
    console_url: str
    """Where people reach the console, above its own /console."""
    proxies: int
    """How many proxies before the console tell it truly who asks."""
    two_people: bool
    """Whether who publishes a table must be another than who made it."""
    oidc_issuer: str
    """The OpenID Connect provider that people sign in with; "" for passwords."""
    oidc_client: str
    oidc_secret: str = field(repr=False)
    metrics_token: str = field(repr=False)
    """What whoever reads /metrics must bring; "" leaves it open on a test line alone."""
    keep_calls: int
    """Days for which a call's record is kept; the four below likewise."""
    keep_events: int
    keep_pseudonyms: int
    keep_areas: int
    keep_callbacks: int
    state_dir: Path
    config_dir: Path
    fallback_number: str
    """Rung when no routing table was ever to be had, in E.164."""
    log_level: str

    @property
    def test_line(self) -> bool:
        """Whether no telephone company is connected, so that only the local telephone can ring."""
        return not self.auth_tokens

    @property
    def local_url(self) -> str:
        """Where the line is reached from this machine."""
        return _here(self.host, self.port)

    @property
    def local_token_file(self) -> Path:
        """Where a test line keeps the token that it signs with."""
        return self.state_dir / "local-token"

    @property
    def local_seal_file(self) -> Path:
        """Where a test line keeps the key that it seals with."""
        return self.state_dir / "local-seal"

    @property
    def store_file(self) -> Path:
        """The store's own file, where DATABASE_URL names no database."""
        return self.state_dir.absolute() / "store.sqlite3"

    @property
    def store_url(self) -> str:
        """Where the store is: DATABASE_URL, or else a file in the state folder."""
        return self.database_url or f"sqlite:///{self.store_file}"

    @property
    def outbox_file(self) -> Path:
        """Where promises made to callers, and the events of their calls, are kept."""
        return self.state_dir / "outbox.sqlite3"

    @property
    def relay_file(self) -> Path:
        """What the relay touches at each pass, and nothing stands in."""
        return self.state_dir / "relay-passed"

    @property
    def watch_file(self) -> Path:
        """Where each watch leaves what it found."""
        return self.state_dir / "watch.json"


def read(environ: Mapping[str, str]) -> Settings:
    """The settings that ``environ`` gives.

    Raises SettingsError with a line for each value that is not allowed.
    """
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for name, setting in SETTINGS.items():
        text = environ.get(setting.variable, "").strip() or setting.default
        try:
            found[name] = setting.parse(text) if text else ""
        except ValueError:
            wrong.append(_refusal(setting, text))
    wrong = wrong or _disagreements(found)
    if wrong:
        raise SettingsError(wrong)
    tokens = (found.pop("auth_token"), found.pop("auth_token_next"))
    found["sealing_keys"] = found["sealing_keys"] or ()
    found["public_url"] = found["public_url"] or _here(found["host"], found["port"])
    here = _here(found["host"], found["console_port"])
    found["console_url"] = found["console_url"] or here
    found["two_people"] = (found["two_people"] or ("yes" if tokens[0] else "no")) == "yes"
    return Settings(**found, auth_tokens=tuple(token for token in tokens if token))


def _refusal(setting: Setting, text: str) -> str:
    shown = " (its value is not shown)" if setting.secret else f"={text!r}"
    return f"{setting.variable}{shown} is not allowed: give {setting.allowed}"


def _disagreements(found: Mapping[str, Any]) -> list[str]:
    """What is wrong between settings that are each allowed."""
    wrong = []
    if found["auth_token"] and not found["public_url"].startswith("https://"):
        wrong.append(
            f"PUBLIC_URL={found['public_url']!r} is not allowed with TWILIO_AUTH_TOKEN set: "
            "give the https:// address at which Twilio reaches this line"
        )
    if found["auth_token"] and not found["sealing_keys"]:
        wrong.append(
            "SEALING_KEYS is not set, and TWILIO_AUTH_TOKEN is: "
            f"give {SETTINGS['sealing_keys'].allowed}"
        )
    if found["auth_token"] and found["console_url"].startswith("http:"):
        wrong.append(
            f"CONSOLE_URL={found['console_url']!r} is not allowed with TWILIO_AUTH_TOKEN set: "
            "give the https:// address at which people reach the console"
        )
    provider = [name for name in ("oidc_issuer", "oidc_client", "oidc_secret") if found[name]]
    if len(provider) in (1, 2):
        wrong.append(
            f"{SETTINGS[provider[0]].variable} does not stand alone: set OIDC_ISSUER, "
            "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none of them to sign in with passwords"
        )
    if found["auth_token_next"] and not found["auth_token"]:
        wrong.append(
            "TWILIO_AUTH_TOKEN_NEXT is set without TWILIO_AUTH_TOKEN: "
            "set both, or move its value to TWILIO_AUTH_TOKEN"
        )
    return wrong


def _here(host: str, port: int) -> str:
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound to
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
