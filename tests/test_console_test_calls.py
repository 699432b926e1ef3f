"""The page Test calls: what is told of probes and services' telephones, and what is done there."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from ivr import routing, trials
from ivr.console import roles
from ivr.console.pages.tables.checks import THREAD
from ivr.console.pages.trials import doing, listing, shown
from ivr.routing import FILES, Number, Table
from ivr.store import Probed, Store
from ivr.tables import State as TableState
from ivr.tables import TablesError, Version
from ivr.trials import AGAIN, MONTH, State, Trial
from tests import shipped
from tests.console import Browser, Console, Time
from tests.shipped import NOON

PAGE = "/console/trials/"
LINE = (shipped.CONFIG / "routing" / "line.toml").read_bytes()
SERVICE, OTHER = "mh003", "mh001"
ONE, TWO = (number.value for number in shipped.table().services[SERVICE].numbers)
ROUTE = "lad E07000008 (routes.csv row 31)"


@cache
def files() -> dict[str, bytes]:
    """The table that ships, in which one service may be rung to test it."""
    shipped_ = {name: (shipped.CONFIG / "routing" / name).read_bytes() for name in FILES}
    return {**shipped_, "line.toml": listing.listed(LINE, [SERVICE])}


@cache
def _read(*contents: bytes) -> Table:
    return routing.read(dict(zip(FILES, contents, strict=True)))


def read(table: dict[str, bytes]) -> Table:
    """The table that these files say; read once, for it takes long."""
    return _read(*(table[name] for name in FILES))


class Desk(Console):
    """A console whose line serves that table, or another, connected to a company of its own."""

    def __init__(self, folder: Path) -> None:
        self.time = Time()
        super().__init__(folder, self.time)
        self._usual = replace(self.means.settings, api_base="http://exchange.example")
        self._empty = folder / "empty.sqlite3"
        shutil.copy(self._usual.store_file, self._empty)
        self.store.close()

    def begin(self, file: Path) -> None:
        """Begin anew with a store in ``file``: pages are made once, for they take the longest."""
        shutil.copy(self._empty, file)
        self.store = self.means.store = Store(f"sqlite:///{file}", self.means.seal)
        self.means.settings, self.time.now = self._usual, NOON
        self.serve(files())

    def serve(self, table: dict[str, bytes]) -> None:
        """Have a table served that was published."""
        known = read(table)
        self.served = known.version
        assert self.store.versions.install(table, self.time.now)
        self.means.table = lambda version=None: (  # type: ignore[method-assign] # as it is served
            known if version in (None, known.version) else self.means._tables(str(version))
        )

    def trial(self, state: State, at: datetime | None = None, **more: object) -> Trial:
        """A test call to the service's first number that has come to this state."""
        kept, at = self.store.trials, at or self.time.now
        telephone = next(trials.telephones(self.means.table(), SERVICE))
        asked = trials.asked(f"{len(kept.latest()):032x}", telephone, "line", at)
        assert kept.ask(replace(asked, state=state, **more))  # type: ignore[arg-type]
        return asked

    def probed(self, *found: tuple[str, str], at: datetime | None = None) -> None:
        """A round of probes: each way, and why it failed."""
        at = at or self.time.now
        self.store.probes.keep([Probed(at, way, SERVICE, not why, why) for way, why in found])

    def checked(self) -> None:
        for each in threading.enumerate():
            if each.name.startswith(THREAD):
                each.join(60)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("test-calls"))


@pytest.fixture
def desk(console: Desk, tmp_path: Path) -> Iterator[Desk]:
    console.begin(tmp_path / "store.sqlite3")
    yield console
    console.checked()
    console.store.close()


def words(page: str) -> str:
    """The page's text, each run of space one."""
    plain = re.sub("<[^>]*>", " ", page).replace("\u00a0", " ").replace("&#39;", "'")
    return re.sub(r" ([,;:.])", r"\1", " ".join(plain.split()))


def told(browser: Browser) -> str:
    return words(browser.page(PAGE))


# -- probes ----------------------------------------------------------------------------------


def test_where_nobody_probed_nothing_is_said_to_be_well(desk: Desk) -> None:
    page = told(desk.as_("viewer"))
    assert "Not known Nothing was rung for a fortnight" in page
    assert "All well" not in page


def test_the_last_round_is_told_with_what_failed_first_and_why(desk: Desk) -> None:
    desk.probed(("lad gone (routes.csv row 9)", ""), at=NOON - timedelta(hours=1))
    desk.probed(("the fallback", ""), at=NOON - timedelta(seconds=1))
    desk.probed((ROUTE, "it rang mh001"), ("lad A (routes.csv row 2)", ""))
    page = told(desk.as_("viewer"))
    assert "No telephone rings for these:" in page
    assert "1 failed 3 ways were rung, the last of them on 9 December 2026 at 12:00; 1 of" in page
    assert f"{ROUTE} to North London MH Partnership Crisis Line" in page
    assert page.rindex(ROUTE) < page.index("the fallback") < page.index("lad A (")
    assert f"{ROUTE} Leads to {SERVICE} What came of it Failed it rang mh001 At 12:00:00" in page
    assert "row 9" not in page, "it is of an older round, and of a row that may be gone"
    assert "<details" in desk.as_("viewer").page(PAGE)


def test_a_round_of_long_ago_is_not_told_as_how_it_is(desk: Desk) -> None:
    desk.probed((ROUTE, ""))
    assert "All well 1 way was rung" in told(desk.as_("viewer"))
    for later in (timedelta(minutes=16), timedelta(days=3)):
        desk.time.now = NOON + later
        page = told(desk.as_("viewer"))
        assert "Too long ago 1 way was rung" in page
        assert "All well" not in page


# -- telephones ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "says", "following"),
    [
        (State.ASKED, "it will be rung within minutes", "Under way"),
        (State.RINGING, "it is being rung", "Under way"),
        (State.CONFIRMED, "whoever answered pressed 1", "6 January 2027 at 12:00"),
        (State.DENIED, "whoever answered said they are not the service", "10 December 2026 at 12"),
        (State.SILENT, "it was answered, and nobody pressed a key", "10 December 2026 at 12:00"),
        (State.UNANSWERED, "nobody answered", "10 December 2026 at 12:00"),
        (State.FAILED, "the number could not be rung", "10 December 2026 at 12:00"),
        (State.LOST, "it was never made, or nobody knows", "10 December 2026 at 12:00"),
    ],
)
def test_each_telephone_is_told_with_what_came_of_it_and_when_it_is_next(
    desk: Desk, state: State, says: str, following: str
) -> None:
    desk.trial(state)
    page = told(desk.as_("viewer"))
    assert f"Number 1: {ONE} Newest test call {shown.STATES[state][0]} {says}" in page
    assert "9 December 2026 at 12:00, asked for by the line itself" in page
    assert f"Rung next {following}" in page
    assert f"Number 2: {TWO} Newest test call Never rung Rung next Within minutes" in page


def test_what_is_not_known_does_not_hide_what_was_known_before(desk: Desk) -> None:
    desk.trial(State.DENIED, NOON - timedelta(days=2))
    assert "before that tells anything" not in told(desk.as_("viewer"))
    desk.trial(State.LOST, who="ada@example.org")
    page = told(desk.as_("viewer"))
    assert "asked for by ada@example.org" in page
    assert "The one before that tells anything, 7 December 2026 at 12:00: whoever ans" in page


MOMENTS = st.timedeltas(timedelta(0), MONTH + AGAIN)


@given(states=st.lists(st.none() | st.sampled_from(State), min_size=2, max_size=2), late=MOMENTS)
def test_what_is_told_to_be_due_is_what_the_line_rings(
    states: list[State | None], late: timedelta
) -> None:
    table = _closing()
    own = list(trials.telephones(table))
    now, last = NOON + late, {}
    for telephone, state in zip(own, states, strict=True):
        if state:
            asked = trials.asked("0" * 32, telephone, "line", NOON)
            last[telephone.number.value] = replace(asked, state=state)
    due = {each.number.value for each in trials.due(table, last.values(), now)}
    for telephone in own:
        item = shown.item(table, telephone.service, telephone.place, now, last.get(telephone.number.value))  # fmt: skip  # noqa: E501
        rung = item.due is not None and item.due <= now and item.open
        assert rung == (telephone.number.value in due)
        assert rung == (item.following == "within minutes")


@cache
def _closing() -> Table:
    """A table in which a service that closes may be rung."""
    table = shipped.table()
    code = next(code for code in table.hours if len(table.services[code].numbers) > 1)
    own = replace(table.services[code], numbers=table.services[code].numbers[:2])
    return replace(
        table,
        services={**table.services, code: own},
        line=replace(table.line, test_calls=(code,)),
    )


def test_a_number_that_may_not_be_rung_is_told_never_to_be() -> None:
    table = replace(_closing(), line=replace(_closing().line, test_line=False))
    item = shown.item(table, table.line.test_calls[0], 1, NOON, None)
    assert "is kept for drama and reaches nobody" in item.barred
    assert item.due is None


def test_the_list_refreshes_only_while_one_is_rung_and_can_be_kept_still(desk: Desk) -> None:
    viewer = desk.as_("viewer")
    assert "hx-get" not in viewer.page(PAGE)
    desk.trial(State.RINGING)
    assert "hx-get" in viewer.page(PAGE)
    assert "hx-get" in viewer.page(f"{PAGE}live")
    assert "hx-get" not in viewer.page(f"{PAGE}?still=1")


# -- ringing ---------------------------------------------------------------------------------


def ring(browser: Browser, service: str = SERVICE, number: str = ONE) -> TestResponse:
    return browser.submit(f"{PAGE}ring", {"service": service, "number": number})


def test_a_publisher_has_one_number_rung_and_it_is_written_down(desk: Desk) -> None:
    publisher = desk.as_("publisher")
    page = told(publisher)
    assert page.count("Ring it now: number") == 2
    assert "rings a real telephone of people at work" in page
    answer = ring(publisher)
    assert answer.status_code == 303
    assert f"{ONE} will be rung within minutes." in words(publisher.page(str(answer.location)))
    (asked,) = desk.store.trials.open()
    assert (asked.number, asked.who, asked.state) == (ONE, "publisher@example.org", State.ASKED)
    newest = desk.store.audit.newest(1)[0]
    assert (newest.who, newest.what) == ("publisher@example.org", "test call: asked for")
    assert (newest.about, newest.detail) == (asked.id, {"service": SERVICE, "place": 1})
    assert told(publisher).count("Ring it now: number") == 1, "it is under way"


def test_what_is_rung_already_is_not_rung_twice(desk: Desk) -> None:
    publisher = desk.as_("publisher")
    ring(publisher)
    assert f"{ONE} is to be rung already." in words(publisher.page(str(ring(publisher).location)))
    assert len(desk.store.trials.open()) == 1
    assert len(desk.store.audit.newest(10)) == 1


@pytest.mark.parametrize(
    ("service", "number"), [(OTHER, ""), ("", ""), ("nobody", ONE), (SERVICE, "+441632960999")]
)
def test_no_telephone_is_rung_that_the_table_does_not_let_be(
    desk: Desk, service: str, number: str
) -> None:
    answer = ring(desk.as_("publisher"), service, number)
    assert answer.status_code == 409
    assert "may not be rung: the table that is served does not let it be" in words(answer.text)
    assert desk.store.trials.latest() == []
    assert desk.store.audit.newest(1) == []


def test_only_a_publisher_rings_and_only_with_the_form_of_a_page(desk: Desk) -> None:
    for role in ("viewer", "editor"):
        browser = desk.as_(role)
        assert "Ring it now" not in browser.page(PAGE)
        assert ring(browser).status_code == 403
    form = {"service": SERVICE, "number": ONE}
    assert desk.as_("publisher").post(f"{PAGE}ring", data=form).status_code == 403
    assert desk.store.trials.latest() == []


def test_without_a_company_nobody_is_asked_to_be_rung(desk: Desk) -> None:
    desk.means.settings = replace(desk.means.settings, api_base="")
    publisher = desk.as_("publisher")
    page = told(publisher)
    assert "connected to no telephone company: nobody is rung" in page
    assert "Ring it now" not in page
    answer = ring(publisher)
    assert answer.status_code == 409
    assert "nobody would be rung" in answer.text
    assert desk.store.trials.latest() == []


# -- switching on ----------------------------------------------------------------------------


def choose(desk: Desk, *services: str, live: str = "", why: str = "") -> TestResponse:
    form = {"services": list(services), "live": live or desk.served, "why": why}
    return desk.as_("editor").submit(f"{PAGE}services", form)


def made(desk: Desk, answer: TestResponse) -> Version:
    assert answer.status_code == 303, words(answer.text)
    desk.checked()
    found = desk.store.versions.get(str(answer.location).rpartition("/")[2])
    assert found
    return found


def test_a_line_on_which_all_fails_tells_ten_and_lists_the_rest(desk: Desk) -> None:
    desk.probed(*((f"way {n:02}", "nothing rang") for n in range(12)))
    page = desk.as_("viewer").page(PAGE)
    assert "and 2 more, listed below" in page
    assert page.count("way 09") == 2
    assert page.count("way 10") == 1


def test_where_none_is_switched_on_the_page_says_so_and_how(desk: Desk) -> None:
    desk.serve({**files(), "line.toml": LINE})
    page = told(desk.as_("viewer"))
    assert "None switched on The table that is served names no service" in page
    assert "None is switched on: nobody's telephone is rung to test it." in page
    assert "holds once it is published" in page
    assert "Whoever may edit tables can change the list" in page


def test_ticking_services_makes_a_candidate_that_differs_by_one_line(desk: Desk) -> None:
    page = desk.as_("editor").page(PAGE)
    assert re.search(rf'value="{SERVICE}"\s+checked', page)
    assert not re.search(rf'value="{OTHER}"\s+checked', page)
    candidate = made(desk, choose(desk, SERVICE, OTHER, why="agreed with both"))
    assert candidate.state is TableState.CANDIDATE
    assert (candidate.note, candidate.based_on) == ("agreed with both", desk.served)
    assert candidate.check, "it was checked"
    before = files()["line.toml"].decode().splitlines()
    after = candidate.files["line.toml"].decode().splitlines()
    differ = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert differ == [(f'test_calls = ["{SERVICE}"]', f'test_calls = ["{OTHER}", "{SERVICE}"]')]
    assert {n: c for n, c in candidate.files.items() if n != "line.toml"} == {
        n: c for n, c in files().items() if n != "line.toml"
    }
    assert [each.what for each in desk.store.audit.newest(5)][-1] == "table: imported"
    assert desk.store.trials.latest() == []


def test_a_candidate_says_by_itself_what_it_is_for(desk: Desk) -> None:
    candidate = made(desk, choose(desk, OTHER))
    assert candidate.note == f"may be rung to test them: added {OTHER}; taken out {SERVICE}"
    none = made(desk, choose(desk))
    assert b"\ntest_calls = []\n" in none.files["line.toml"]


@pytest.mark.parametrize(
    ("services", "live", "wrong"),
    [
        ((SERVICE,), "", "The same services were ticked: nothing was changed"),
        (("nobody",), "", "Choose services of the table that is live"),
        (('mh001"]\nnumber = "1',), "", "Choose services of the table that is live"),
        ((OTHER,), "000000000000", "Another table went live while you were looking"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_a_line(
    desk: Desk, services: tuple[str, ...], live: str, wrong: str
) -> None:
    answer = choose(desk, *services, live=live)
    assert answer.status_code == 409
    assert wrong in words(answer.text)
    assert len(desk.store.versions.all()) == 1


def test_a_list_too_long_for_one_line_is_refused_and_stays_ticked(desk: Desk) -> None:
    line = files()["line.toml"].replace(b'["mh003"]', b'["mh004"] # ' + b"agreed " * 130)
    desk.serve({**files(), "line.toml": line})
    chosen = sorted(shipped.table().services)[:20]
    answer = choose(desk, *chosen)
    assert answer.status_code == 409
    assert "a line in it is too long" in words(answer.text)
    assert len(re.findall(r'type="checkbox"[^>]*\schecked', answer.text)) == len(chosen)
    assert len(desk.store.versions.all()) == 2


def test_a_viewer_ticks_nothing(desk: Desk) -> None:
    viewer = desk.as_("viewer")
    assert "Switch services on or off" not in viewer.page(PAGE)
    form = {"services": OTHER, "live": desk.served}
    assert viewer.submit(f"{PAGE}services", form).status_code == 403
    assert desk.as_("editor").post(f"{PAGE}services", data=form).status_code == 403
    assert len(desk.store.versions.all()) == 1


# -- the line in the file --------------------------------------------------------------------

OLD = LINE.replace(b"test_calls = []\n", b"")
"""A file of before there were test calls."""


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("services", [[], ["mh001"], ["mh001", "mh003"]])
def test_the_line_is_replaced_and_every_other_byte_stays(
    ends: bytes, mark: bytes, services: list[str]
) -> None:
    content = mark + LINE.replace(b"\n", ends)
    list_ = ", ".join(f'"{each}"' for each in services).encode()
    after = listing.listed(content, services)
    assert after == content.replace(b"test_calls = []", b"test_calls = [" + list_ + b"]")


def test_a_remark_beside_the_line_stays() -> None:
    remarked = LINE.replace(b"test_calls = []", b'test_calls=["mh009" ]   # [agreed] by Ada')
    assert b'test_calls=["mh001"]   # [agreed] by Ada\n' in listing.listed(remarked, ["mh001"])


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_a_file_without_the_line_is_given_one(ends: bytes) -> None:
    content = OLD.replace(b"\n", ends)
    after = listing.listed(content, ["mh001"])
    put_in = ends + listing.REMARK.encode() + ends + b'test_calls = ["mh001"]' + ends
    assert after.count(put_in) == 1
    assert after.replace(put_in, b"") == content
    table = read({**files(), "line.toml": after})
    assert table.line == replace(read(files()).line, test_calls=("mh001",))


@pytest.mark.parametrize(
    "content",
    [
        LINE.replace(b"test_calls = []", b'test_calls = [\n  "mh009",\n]'),
        LINE.replace(b"test_calls = []", b'"test_calls" = []'),
        LINE.replace(b"test_calls = []", b'notes = """\ntest_calls = []\n"""'),
        LINE.replace(b"test_calls = []", b'x = """\ntest_calls = []\n"""\ntest_calls = []'),
        OLD.replace(b'adviser = "nhs', b"adviser = 'nhs")
        .replace(b'adviser"\n', b"adviser'\n")
        .replace(b"fallback = ", b'"fallback" = '),
        b"",
        b"test_calls = []\nthis is not TOML",
    ],
)
def test_what_cannot_be_written_in_its_one_line_is_refused(content: bytes) -> None:
    with pytest.raises(TablesError, match=r"^line\.toml has no test_calls in one line of its own"):
        listing.listed(content, ["mh001"])


def test_the_number_that_is_rung_is_the_one_that_was_shown(desk: Desk) -> None:
    """A table that goes live while somebody looks must not have another telephone rung."""
    before = desk.means.table()
    own = before.services[SERVICE]
    moved = replace(own, numbers=(Number("+441632960777", 25, person=False), *own.numbers[1:]))
    after = replace(before, services={**before.services, SERVICE: moved})
    desk.means.table = lambda _=None: after  # type: ignore[method-assign, assignment] # as it is served by now
    with pytest.raises(doing.TrialsError, match=r"\+44\d+ of mh003 may not be rung"):
        doing.ring(desk.means, SERVICE, _person(), ONE)
    assert desk.store.trials.latest() == []


def _person() -> roles.Person:
    return roles.Person("1", "Ada", "ada@example.org", roles.Role.PUBLISHER)
