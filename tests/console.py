"""The console of a test line in this process, with somebody of each role signed in to it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp
from types import CodeType

from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from ivr.console import create_app, parts
from ivr.console.means import Means
from ivr.console.roles import Role
from ivr.console.security import LONGEST
from ivr.console.signing_in.sessions import name_of
from ivr.store import Operator, SignIn, migrate
from tests import shipped
from tests.desk import settings

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')


class Time:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = shipped.NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Browser(FlaskClient):
    """A client that sends a form as a browser does: with the token of a page it has read."""

    def page(self, url: str) -> str:
        """The page at ``url``, which must be there."""
        answer = self.get(url)
        assert answer.status_code == 200, (url, answer.status, answer.location)
        return answer.text

    def submit(self, url: str, form: Mapping[str, object] | None = None) -> TestResponse:
        """Post ``form`` to ``url``."""
        return self.post(url, data={"csrf_token": self.token(), **(form or {})})

    def token(self) -> str:
        """A form's token, as the pages for this browser have it."""
        page = self.get("/console/sign-in", follow_redirects=True).text
        found = _TOKEN.search(page)
        assert found, page
        return found[1] or found[2]


class Compiled(BytecodeCache):
    """The pages' templates as Python has compiled them: once, for every console."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self.kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


class Console:
    """A console with a folder of its own; ``environ`` are settings, ``clock`` tells the time."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime] | None = None,
        means: Means | None = None,
        **environ: str,
    ) -> None:
        self.clock = clock or Time()
        environ = {"CONSOLE_URL": "http://localhost", **environ}
        if means is None:
            made = settings(environ, folder)
            if not made.database_url and not made.store_file.exists():
                shutil.copy(_empty(), made.store_file)
            means = parts.means(made, self.clock)
        self.means = means
        self.store = means.store
        self.app = create_app(means=means)
        self.app.jinja_env.bytecode_cache = COMPILED
        self.app.testing = True
        self.app.test_client_class = Browser

    def browser(self) -> Browser:
        """A browser in which nobody is signed in."""
        made = self.app.test_client()
        assert isinstance(made, Browser)
        return made

    def as_(self, role: Role | str) -> Browser:
        """A browser in which somebody of that role is signed in: "editor@example.org"."""
        role = Role(role)
        if self.store.people.get(role.value) is None:
            now = self.clock()
            login = f"{role}@example.org"
            self.store.people.add(
                Operator(role.value, f"An {role}", login, role.value, now, password="none")  # noqa: S106
            )
        return self.signed_in(role.value)

    def signed_in(self, person: str) -> Browser:
        """A browser in which the person with that id is signed in."""
        browser, now = self.browser(), self.clock()
        ticket = f"ticket of {person} {token_hex(8)}"
        self.store.sign_ins.begin(SignIn(name_of(ticket), person, now, now, now + LONGEST))
        with browser.session_transaction(base_url=self.means.settings.console_url) as kept:
            kept["_user_id"] = ticket
        return browser


def console(folder: Path, **environ: str) -> Console:
    """A console with a folder of its own, at noon of an ordinary Wednesday."""
    return Console(folder, **environ)  # type: ignore[arg-type] # settings, not the clock


@cache
def _empty() -> Path:
    """A store with its tables and nothing in them: made once, for every console a copy."""
    file = Path(mkdtemp(prefix="press-two-")) / "store.sqlite3"
    migrate(f"sqlite:///{file}")
    return file
