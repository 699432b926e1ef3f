"""What can be looked up on this machine: the web, the outbox, the disk, the directory."""

from __future__ import annotations

import json
import mmap
import shutil
import ssl
from calendar import monthrange
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import create_connection
from urllib.parse import urlsplit

from ivr.alarms import Check
from ivr.directory import Directory
from ivr.settings import Settings

PATIENCE = 5.0
"""Seconds to wait for a server."""
DAY = 24 * 3600
EXPIRED = 10
"""OpenSSL's number for a certificate that is past its end."""


def checks(settings: Settings) -> tuple[Check, ...]:
    """What the web says of itself, here or else at its public address; () if it says nothing."""
    places = (
        [settings.local_url] if settings.test_line else [settings.local_url, settings.public_url]
    )
    return next((found for place in places if (found := _ready(place))), ())


def _ready(place: str) -> tuple[Check, ...]:
    url = urlsplit(place)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=PATIENCE)
    with closing(connection):
        try:
            connection.request("GET", f"{url.path}/ready")
            told = json.loads(connection.getresponse().read())
            return tuple(Check(each["name"], each["ok"], each["say"]) for each in told["checks"])
        except (OSError, HTTPException, ValueError, TypeError, KeyError):
            return ()


def aside(settings: Settings) -> int:
    """How many files of events lie aside; what a killed relay had only begun is none."""
    return sum(1 for _ in (settings.state_dir / "aside").glob("*.sealed"))


def relayed(settings: Settings) -> datetime | None:
    """When the relay of this machine last began a pass; None if it never did."""
    try:
        return datetime.fromtimestamp(settings.relay_file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def free(settings: Settings) -> int:
    """Bytes that are free on the disk of the state folder."""
    return shutil.disk_usage(settings.state_dir).free


def directory_age(settings: Settings, now: datetime) -> float | None:
    """Days since the end of the month that the directory is of; None if it names no month."""
    path = settings.config_dir / "directory.p2d"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        vintage = str(Directory(content).info.get("vintage", ""))
    try:
        month = datetime.strptime(vintage, "%B %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return (now - last).total_seconds() / DAY


def certificate_days(settings: Settings, now: datetime) -> float | None:
    """Days until the public address's certificate expires; None on a test line.

    Raises OSError where it cannot be asked for, or is wrong in another way.
    """
    url = urlsplit(settings.public_url)
    if settings.test_line or url.scheme != "https":
        return None
    asking = ssl.create_default_context()
    try:
        with (
            create_connection((url.hostname or "", url.port or 443), PATIENCE) as plain,
            asking.wrap_socket(plain, server_hostname=url.hostname) as shown,
        ):
            certificate = shown.getpeercert() or {}
    except ssl.SSLCertVerificationError as wrong:
        if wrong.verify_code == EXPIRED:
            return 0.0
        raise
    return (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - now.timestamp()) / DAY
