"""The shipped line in this process, with a desk to post to it as Twilio does, signed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import phonenumbers
import structlog
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from ivr.phone.reading import read
from ivr.phone.verbs import Document, Gather
from ivr.settings import Settings
from ivr.settings import read as read_settings
from ivr.web import create_app
from ivr.web.switchboard import Switchboard
from tests import shipped

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - made up, for these tests alone
KEY = "c2VhbHMtb2YtdGhlc2UtdGVzdHMtYW5kLW5vLW90aGU="
URL = "https://line.example"

EXAMPLE = phonenumbers.example_number_for_type("GB", PhoneNumberType.FIXED_LINE)
assert EXAMPLE
LIVE = {
    "TWILIO_AUTH_TOKEN": TOKEN,
    "SEALING_KEYS": KEY,
    "FALLBACK_NUMBER": phonenumbers.format_number(EXAMPLE, PhoneNumberFormat.E164),
}
"""What makes a line one that Twilio knows: its own token, and a fallback that is no drama number,
libphonenumber's example of one. Nothing rings it."""

FOLDERS: list[TemporaryDirectory[str]] = []
"""The folders of lines that brought none; they are deleted when the tests are over."""


def settings(environ: Mapping[str, str], state: Path | None = None) -> Settings:
    """Settings of a test line whose own token is :data:`TOKEN`, with a folder of its own.

    With a second token to be rotated in, it is a line that Twilio knows.
    """
    if state is None and "STATE_DIR" in environ:
        state = Path(environ["STATE_DIR"])
    if state is None:
        folder = TemporaryDirectory(prefix="press-two-", ignore_cleanup_errors=True)
        FOLDERS.append(folder)
        state = Path(folder.name)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    (state / "local-token").write_text(TOKEN)
    own = {"STATE_DIR": str(state), "CONFIG_DIR": str(shipped.CONFIG), "PUBLIC_URL": URL}
    rotating = LIVE if "TWILIO_AUTH_TOKEN_NEXT" in environ else {}
    return read_settings({**own, **rotating, "SEALING_KEYS": KEY, **environ})


class Desk:
    """Posts to a line as Twilio does, for one call."""

    def __init__(
        self, caller: str = "+447700900123", board: Switchboard | None = None, **environ: str
    ) -> None:
        self.app = create_app(settings(environ), board)
        self.client = self.app.test_client()
        self.log: list[Mapping[str, object]] = []
        structlog.configure(processors=[self._note], cache_logger_on_first_use=False)
        self.call = {
            "CallSid": "CA" + "0" * 32,
            "From": caller,
            "To": shipped.table().line.number,
            "CallStatus": "in-progress",
        }

    def _note(self, _logger: object, _name: str, event: Mapping[str, object]) -> str:
        self.log.append(dict(event))
        raise structlog.DropEvent

    def post(self, url: str, form: Mapping[str, str], **headers: str) -> TestResponse:
        """Post ``form`` to the line's ``url``, signed."""
        whole = {**self.call, **form}
        signature = RequestValidator(TOKEN).compute_signature(URL + url, whole)
        return self.client.post(
            url, data=whole, headers={"X-Twilio-Signature": signature, **headers}
        )

    def document(self, url: str, form: Mapping[str, str]) -> Document:
        """The TwiML that comes back, read strictly."""
        answer = self.post(url, form)
        return read(answer.data, answer.content_type, url)

    def after(self, url: str, *forms: Mapping[str, str]) -> str:
        """The address a call has come to once each of ``forms`` has been posted in turn."""
        for form in forms:
            gather = next(v for v in self.document(url, form).verbs if isinstance(v, Gather))
            url = gather.action
        return url

    def faults(self) -> list[Mapping[str, object]]:
        """The lines of the log that tell of something gone wrong."""
        return [line for line in self.log if line["event"] != "turn"]
