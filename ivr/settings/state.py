"""The state folder, which only this user can read, and the token that a test line keeps in it."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from ivr.settings.reading import Settings, SettingsError

LOCAL_TOKEN = re.compile(r"[0-9a-f]{32}")


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
        raise unusable(path, wrong) from wrong


def unusable(path: Path, wrong: OSError) -> SettingsError:
    """What to raise where ``path``, in the state folder, cannot be made, read or written."""
    reason = f"{path} cannot be used: {wrong.strerror}"
    return SettingsError([f"STATE_DIR: {reason}; give a folder you may write to"])


def _local_token(file: Path) -> str:
    private_folder(file.parent)
    try:
        if not file.exists():
            _keep_once(file, secrets.token_hex(16))
        token = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as wrong:
        raise unusable(file, wrong) from wrong
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
