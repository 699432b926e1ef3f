"""Tells whether it is really Twilio that is asking.

Every route that Twilio uses is refused to whoever did not sign the request with one of the
line's tokens. The address that was signed is the configured public one, never what a proxy or a
stranger's ``Host`` header claims, and nothing a stranger sends can raise an error here.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Request
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from werkzeug.exceptions import HTTPException


class Signatures:
    """Checks requests against the line's tokens: the current one, and one being rotated in."""

    def __init__(self, public_url: str, tokens: Sequence[str]) -> None:
        self._public_url = public_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in tokens]

    def signed(self, request: Request) -> bool:
        """Whether ``request`` was signed with one of the tokens, by SHA-1 or SHA-256.

        Both are tried as the ``X-Twilio-Webhooks-Signature-Settings`` header names them
        (SHA-1 where there is none). A missing, empty, wrong or unreadable signature is no, and
        so is one on a request that cannot be read.
        """
        try:
            return self._checked(request)
        except (HTTPException, ValueError):  # too large, no form, no text, no algorithm of theirs
            return False

    def _checked(self, request: Request) -> bool:
        signature = request.headers.get(SIGNATURE_HEADER, "")
        algorithm = get_signature_algorithm(request.headers.get(SIGNATURE_SETTINGS_HEADER))
        if not signature.isascii() or not signature:
            return False
        return any(
            validator.validate(self._signed_url(request), request.form, signature, algorithm)
            for validator in self._validators
        )

    def _signed_url(self, request: Request) -> str:
        """The public address of the request, as Twilio wrote it; its fragment is never signed."""
        query = request.query_string.decode("ascii", "replace")
        return self._public_url + request.path + (f"?{query}" if query else "")
