"""Every setting: its environment variable, its default, and what is allowed in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")

HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
PLACEHOLDER = r"your|change|example|placeholder|token|secret|xxxx|(.)\2{7}"
TOKEN = rf"(?i)(?!.*({PLACEHOLDER}))[a-z0-9_-]{{16,}}"
KEY = r"(?!(.)\1{7})[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]="
"""32 bytes in URL-safe base64, whose last character before the = carries four bits."""
HIGHEST_PORT = 65_535


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


def _within(least: int, most: int) -> Callable[[str], int]:
    """A parser that allows a whole number from ``least`` to ``most``."""

    def parse(text: str) -> int:
        _allow(re.fullmatch("[0-9]{1,9}", text) and least <= int(text) <= most)
        return int(text)

    return parse


def _public_url(text: str) -> str:
    url = urlsplit(text)
    _allow(url.scheme in {"http", "https"} and url.hostname and _host(url.hostname))
    _allow("@" not in url.netloc and not url.query and not url.fragment)
    _allow(re.fullmatch(r"[A-Za-z0-9/._~-]*", url.path) and (url.port is None or url.port))
    return f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}"


def _provider(text: str) -> str:
    url = urlsplit(text)
    _allow(url.scheme == "https" or _loopback(url))  # what it says of people is believed
    return _public_url(text)


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


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(","))
    _allow(all(re.fullmatch(KEY, key) for key in keys) and len(set(keys)) == len(keys))
    return keys


def _log_level(text: str) -> str:
    return _like("|".join(LOG_LEVELS))(text.lower())


def _folder(text: str) -> Path:
    _allow("\0" not in text)
    return Path(text)


def _days(variable: str, default: str) -> Setting:
    return Setting(variable, default, "a whole number of days from 1 to 3660", _within(1, 3660))


SETTINGS: Mapping[str, Setting] = {
    "host": Setting("HOST", "127.0.0.1", "an IP address or a host name of this machine", _host),
    "port": Setting("PORT", "8080", "a whole number from 1 to 65535", _within(1, HIGHEST_PORT)),
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
    "sealing_keys": Setting(
        "SEALING_KEYS",
        "",
        "one or more keys, newest first, with commas between them, each of 32 random bytes in "
        "URL-safe base64, as `openssl rand -base64 32 | tr +/ -_` prints",
        _keys,
        secret=True,
    ),
    "api_base": Setting(
        "TWILIO_API_BASE",
        "",
        "http:// or https:// and a host: where Twilio's API is, if it is not at Twilio",
        _public_url,
    ),
    "calls_per_second": Setting(
        "CALLS_PER_SECOND",
        "1",
        "a whole number from 1 to 100: how many calls a second the account may begin",
        _within(1, 100),
    ),
    "console_port": Setting(
        "CONSOLE_PORT", "8081", "a whole number from 1 to 65535", _within(1, HIGHEST_PORT)
    ),
    "console_url": Setting(
        "CONSOLE_URL",
        "",
        "http:// or https:// and a host: where people reach the console",
        _public_url,
    ),
    "proxies": Setting(
        "CONSOLE_PROXIES",
        "0",
        "a whole number from 0 to 5: how many proxies of yours stand before the console",
        _within(0, 5),
    ),
    "two_people": Setting("TWO_PEOPLE", "", "yes or no", _like("yes|no")),
    "oidc_issuer": Setting(
        "OIDC_ISSUER", "", "https:// and the address of your OpenID Connect provider", _provider
    ),
    "oidc_client": Setting(
        "OIDC_CLIENT_ID",
        "",
        "the name that your provider knows the console by",
        _like(r"\S{1,200}"),
    ),
    "oidc_secret": Setting(
        "OIDC_CLIENT_SECRET",
        "",
        "what your provider gave the console to prove itself with",
        _like(r"\S{8,500}"),
        secret=True,
    ),
    "metrics_token": Setting(
        "METRICS_TOKEN",
        "",
        "16 or more letters and digits, which whoever reads /metrics must bring",
        _like(TOKEN),
        secret=True,
    ),
    "keep_calls": _days("KEEP_CALLS_DAYS", "396"),
    "keep_events": _days("KEEP_EVENTS_DAYS", "35"),
    "keep_pseudonyms": _days("KEEP_PSEUDONYMS_DAYS", "4"),
    "keep_areas": _days("KEEP_AREAS_DAYS", "1"),
    "keep_callbacks": _days("KEEP_CALLBACKS_DAYS", "396"),
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
