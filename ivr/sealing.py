"""Seals what passes through other hands, and gives a caller a name that nobody can undo.

What is sealed can be read and made only with the line's keys: the newest seals, and older ones
still open while keys are rotated. A pseudonym is a keyed hash, because telephone numbers are so
few that an unkeyed one is undone by trying them all.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_LENGTH = 32
"""Hexadecimal digits of a pseudonym: 128 bits."""


class SealError(Exception):
    """Something was not sealed with any of the line's keys, or was changed on the way."""


class Seal:
    """The line's keys, newest first; each is 32 random bytes in URL-safe base64.

    Raises ValueError if there is none, or one is not such a key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("nothing can be sealed without a key")
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._keys = [urlsafe_b64decode(key) for key in keys]

    def seal(self, content: bytes) -> bytes:
        """``content``, encrypted and signed with the newest key."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed with any of the keys. Raises SealError for anything else."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise SealError("not sealed with any key of SEALING_KEYS, or damaged") from None

    def pseudonym(self, number: str, purpose: str) -> str:
        """The name, of 32 hexadecimal digits, by which ``number`` is known for ``purpose``.

        The same number has unlike names for unlike purposes, and a new one once the newest key
        is another. No number has no name: "" gives "".
        """
        names = self.pseudonyms(number, purpose)
        return names[0] if names else ""

    def pseudonyms(self, number: str, purpose: str) -> tuple[str, ...]:
        """Every name that ``number`` has or had for ``purpose``, by each key, newest first.

        What was kept under an older key is looked up by these. No number has no names.
        """
        return tuple(_name(key, number, purpose) for key in self._keys) if number else ()


def _name(key: bytes, number: str, purpose: str) -> str:
    own = hmac.digest(key, f"pseudonym {purpose}".encode(), "sha256")
    return hmac.digest(own, number.encode(), "sha256").hex()[:_LENGTH]
