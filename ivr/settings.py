"""What an operator may set, read once from the environment and refused whole if any is wrong.

:data:`SETTINGS` is the one list of what may be set. A variable that is unset or empty takes its
default. Every bad value is told in a line of its own that names the variable, the value (never a
secret's) and what is allowed. There is no setting that turns the check of signatures off: without
Twilio's auth token the line is a *test line*, and signs with a token made on this machine.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import SplitResult, urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")

HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
PLACEHOLDER = r"your|change|example|placeholder|token|secret|xxxx|(.)\2{7}"
TOKEN = rf"(?i)(?!.*({PLACEHOLDER}))[a-z0-9_-]{{16,}}"
LOCAL_TOKEN = re.compile(r"[0-9a-f]{32}")
HIGHEST_PORT = 65_535


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
    def outbox_file(self) -> Path:
        """Where promises made to callers are kept."""
        return self.state_dir / "outbox.sqlite3"


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its default, what is allowed in words, and how it is read.

    ``parse`` raises ValueError for what is not allowed; it is not asked about the default "".
    """

    variable: str
    default: str
    allowed: str
    parse: Callable[[str], object] = str
    secret: bool = False


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
    found["public_url"] = found["public_url"] or _here(found["host"], found["port"])
    return Settings(**found, auth_tokens=tuple(token for token in tokens if token))


def signing_tokens(settings: Settings) -> tuple[str, ...]:
    """The tokens that a request to the line may be signed with: Twilio's, or a test line's own.

    A test line's token is made once, on first use, and kept where only this user can read it.
    Raises SettingsError if it cannot be kept or has been damaged.
    """
    return settings.auth_tokens or (_local_token(settings.local_token_file),)


def private_folder(path: Path) -> None:
    """Make the folder ``path``, readable by this user only, if it is not there.

    Raises SettingsError if it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        line = f"STATE_DIR: {path} cannot be made: {wrong.strerror}; give a folder you may write to"
        raise SettingsError([line]) from wrong


def _local_token(file: Path) -> str:
    private_folder(file.parent)
    try:
        if not file.exists():
            _keep_once(file, secrets.token_hex(16))
        token = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as wrong:
        line = f"STATE_DIR: {file} cannot be used: {wrong.strerror}; give a folder you may write to"
        raise SettingsError([line]) from wrong
    if not LOCAL_TOKEN.fullmatch(token):
        raise SettingsError([f"STATE_DIR: {file} is damaged; delete it and a new one will be made"])
    return token


def _keep_once(file: Path, token: str) -> None:
    """Write ``token`` whole under another name, then link it: of two at once, the first wins."""
    with NamedTemporaryFile("w", dir=file.parent, prefix=".token-") as fresh:  # made with mode 0600
        fresh.write(token + "\n")
        fresh.flush()
        os.fsync(fresh.fileno())
        with suppress(FileExistsError):
            os.link(fresh.name, file)


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
    if found["auth_token_next"] and not found["auth_token"]:
        wrong.append(
            "TWILIO_AUTH_TOKEN_NEXT is set without TWILIO_AUTH_TOKEN: "
            "set both, or move its value to TWILIO_AUTH_TOKEN"
        )
    return wrong


def _here(host: str, port: int) -> str:
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound to
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def _allow(condition: object) -> None:
    if not condition:
        raise ValueError


def _like(pattern: str) -> Callable[[str], str]:
    """A parser that allows what the whole of ``pattern`` matches."""

    def parse(text: str) -> str:
        _allow(re.fullmatch(pattern, text))
        return text

    return parse


def _host(text: str) -> str:
    return str(ip_address(text)) if ":" in text else _like(HOST)(text)


def _port(text: str) -> int:
    _allow(text.isascii() and text.isdigit() and 1 <= int(text) <= HIGHEST_PORT)
    return int(text)


def _public_url(text: str) -> str:
    url = urlsplit(text)
    _allow(url.scheme in {"http", "https"} and url.hostname and _host(url.hostname))
    _allow("@" not in url.netloc and not url.query and not url.fragment)
    _allow(re.fullmatch(r"[A-Za-z0-9/._~-]*", url.path) and (url.port is None or url.port))
    return f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}"


def _redis_url(text: str) -> str:
    url = urlsplit(text)
    _allow(url.scheme in {"unix", "redis", "rediss"})
    if url.scheme == "unix":
        _allow(url.path.startswith("/") and not url.hostname)
    else:
        _allow(url.hostname and (url.port is None or url.port))
        _allow(url.password or _loopback(url))
    return text


def _loopback(url: SplitResult) -> bool:
    try:
        return url.hostname == "localhost" or ip_address(url.hostname or "").is_loopback
    except ValueError:
        return False


def _log_level(text: str) -> str:
    return _like("|".join(LOG_LEVELS))(text.lower())


def _folder(text: str) -> Path:
    _allow("\0" not in text)
    return Path(text)


SETTINGS: Mapping[str, Setting] = {
    "host": Setting("HOST", "127.0.0.1", "an IP address or a host name of this machine", _host),
    "port": Setting("PORT", "8080", "a whole number from 1 to 65535", _port),
    "public_url": Setting(
        "PUBLIC_URL",
        "",
        "http:// or https:// and a host, with no question mark or # behind it",
        _public_url,
    ),
    "account_sid": Setting(
        "TWILIO_ACCOUNT_SID", "", "AC and 32 characters of 0-9 and a-f", _like("AC[0-9a-f]{32}")
    ),
    "auth_token": Setting(
        "TWILIO_AUTH_TOKEN",
        "",
        "the auth token that Twilio's console shows: 16 or more letters and digits, no placeholder",
        _like(TOKEN),
        secret=True,
    ),
    "auth_token_next": Setting(
        "TWILIO_AUTH_TOKEN_NEXT",
        "",
        "the secondary auth token that Twilio's console shows while one is being rotated",
        _like(TOKEN),
        secret=True,
    ),
    "redis_url": Setting(
        "REDIS_URL",
        "",
        "unix:///path, redis:// or rediss://; with a password if it is on another machine",
        _redis_url,
        secret=True,
    ),
    "database_url": Setting(
        "DATABASE_URL",
        "",
        "sqlite:///path or postgresql://",
        _like("(sqlite|postgresql)://.+"),
        secret=True,
    ),
    "state_dir": Setting("STATE_DIR", "var", "a folder that may be written to", _folder),
    "config_dir": Setting("CONFIG_DIR", "config", "a folder", _folder),
    "fallback_number": Setting(
        "FALLBACK_NUMBER",
        "+441632960583",
        "+44 and the digits of the line that is always open, for when no table can be read",
        _like(r"\+44[1-9]\d{8,9}"),
    ),
    "log_level": Setting("LOG_LEVEL", "info", "one of " + ", ".join(LOG_LEVELS), _log_level),
}
"""Every setting, by the name of the field it fills."""
