"""The state folder, which only this user can read, and the secrets that a test line keeps in it."""

from __future__ import annotations

import os
import re
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from ivr.settings.allowed import KEY
from ivr.settings.reading import Settings, SettingsError

HEX = r"[0-9a-f]{32}"


def signing_tokens(settings: Settings) -> tuple[str, ...]:
    """The tokens that a request to the line may be signed with: Twilio's, or a test line's own.

    A test line's token is made once, on first use, and kept where only this user can read it.
    Raises SettingsError if it cannot be kept or has been damaged.
    """
    return settings.auth_tokens or (
        _local_secret(settings.local_token_file, HEX, secrets.token_hex(16)),
    )


def sealing_keys(settings: Settings) -> tuple[str, ...]:
    """The keys that seal what passes through Redis, newest first, or a test line's own.

    A test line's key is made and kept as its token is. Raises SettingsError likewise.
    """
    fresh = urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return settings.sealing_keys or (_local_secret(settings.local_seal_file, KEY, fresh),)


def private_folder(path: Path) -> None:
    """Make the folder ``path``, readable by this user only, if it is not there.

    Raises SettingsError if it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise unusable(path, wrong) from wrong


def unusable(path: Path, wrong: OSError) -> SettingsError:
    """What to raise where ``path``, in the state folder, cannot be made, read or written."""
    reason = f"{path} cannot be used: {wrong.strerror}"
    return SettingsError([f"STATE_DIR: {reason}; give a folder you may write to"])


def _local_secret(file: Path, form: str, fresh: str) -> str:
    """The secret in ``file``, which must match ``form``; ``fresh``, now kept, if there is none."""
    private_folder(file.parent)
    try:
        if not file.exists():
            _keep_once(file, fresh)
        secret = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as wrong:
        raise unusable(file, wrong) from wrong
    if not re.fullmatch(form, secret):
        raise SettingsError([f"STATE_DIR: {file} is damaged; delete it and a new one will be made"])
    return secret


def _keep_once(file: Path, secret: str) -> None:
    """Write ``secret`` whole under another name, then link it: of two at once, the first wins."""
    with NamedTemporaryFile("w", dir=file.parent, prefix=".fresh-") as fresh:  # made with mode 0600
        fresh.write(secret + "\n")
        fresh.flush()
        os.fsync(fresh.fileno())
        with suppress(FileExistsError):
            os.link(fresh.name, file)
