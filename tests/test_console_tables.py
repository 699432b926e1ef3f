"""The page Tables: a version's way from a file to live and back, in the browser."""

from __future__ import annotations

import re
import shutil
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from ivr import routing
from ivr.console import parts
from ivr.console.pages.tables import sheets
from ivr.console.pages.tables.checks import THREAD
from ivr.console.roles import Role
from ivr.console.signing_in import proofs
from ivr.console.signing_in.proving import AGAIN, FAILED, PASSWORD, RECENT
from ivr.directory import Directory, Place
from ivr.routing import Table
from ivr.snapshot import NothingToServe, Snapshot
from ivr.store import Store
from ivr.store.operators import audit
from ivr.tables import State, Version
from tests import routing_files
from tests.console import Browser, Console, Time
from tests.desk import settings
from tests.directories import directory_of
from tests.shipped import NOON

NORTH, SOUTH = (
    routing_files.service("north", "+441632960101 25 queue"),
    routing_files.service("south", "+441632960102 25 queue"),
)
ROUTES = (
    "district,CB1,any,north,,,the first row",
    "district,CB2,any,south,,,",
    "nation,Northern Ireland,any,south,,,",
)
FILES = routing_files.files([NORTH, SOUTH], ROUTES)
MOVED = {"routes.csv": FILES["routes.csv"].replace(b"CB2,any,south", b"CB2,any,north")}
ROW = {"area_type": "district", "area": "CB2", "audience": "any", "service": "north"}


@cache
def directory() -> Directory:
    cambridge = Place("England", "E07000008", "E01017952", "E38000260", "E54000056", "")
    return directory_of(dict.fromkeys(("CB12AB", "CB12AD", "CB21AA"), (cambridge, True)))


@dataclass
class Served:
    """What a machine serves: a small directory, and the table of a new installation."""

    table: Table
    nothing: bool = False
    why: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    """Checks wait until it is set."""

    def current(self) -> Snapshot:
        if threading.current_thread().name.startswith(THREAD):
            assert self.gate.wait(30)
        if self.nothing:
            raise NothingToServe
        return Snapshot(directory(), self.table)

    def refused(self) -> Mapping[str, str]:
        return {"routing table": self.why} if self.why else {}


class Desk(Console):
    """A console over three postcodes, with the table that its installation started with."""

    def __init__(self, folder: Path) -> None:
        self.time = Time()
        means = parts.means(settings({"CONSOLE_URL": "http://localhost"}, folder), self.time)
        self.served = Served(routing.read(FILES, means.geography.holidays))
        means.snapshots = self.served  # type: ignore[assignment] # as much of one as is asked
        super().__init__(folder, self.time, means)
        self.store.close()
        self._empty = folder / "empty.sqlite3"
        shutil.copy(means.settings.store_file, self._empty)
        self._settings = means.settings
        self._browsers: dict[str, Browser] = {}
        self.first = self.served.table.version

    def begin(self, file: Path) -> None:
        """Begin anew with a store in ``file``: pages are made once, for they take the longest."""
        shutil.copy(self._empty, file)
        shutil.rmtree(self._settings.state_dir / "published", ignore_errors=True)
        self.store = self.means.store = Store(f"sqlite:///{file}", self.means.seal)
        self.means.settings = self._settings
        self._browsers.clear()
        self.served.gate.set()
        self.time.now, self.served.nothing, self.served.why = NOON, False, ""
        self.store.versions.install(FILES, NOON)

    def as_(self, role: Role | str) -> Browser:
        """The one browser in which somebody of that role is signed in."""
        if role not in self._browsers:
            self._browsers[str(role)] = super().as_(role)
        return self._browsers[str(role)]

    def checked(self) -> None:
        """Wait for every check that goes on."""
        for each in threading.enumerate():
            if each.name.startswith(THREAD):
                each.join(30)

    def version(self, id_: str) -> Version:
        found = self.store.versions.get(id_)
        assert found
        return found

    def candidate(self) -> str:
        """A candidate of the editor's, checked, in which CB2 moves north."""
        answer = upload(self.as_("editor"), MOVED, base=self.first, note="CB2 goes north")
        self.checked()
        return name(answer)

    def live(self) -> str:
        found = self.store.versions.live()
        assert found
        return found.id

    def told(self) -> list[str]:
        """What the audit says was done, the first thing first."""
        return [each.what for each in reversed(self.store.audit.newest(100))]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(console: Desk, tmp_path: Path) -> Iterator[Desk]:
    console.begin(tmp_path / "store.sqlite3")
    yield console
    console.checked()
    console.store.close()


def upload(
    browser: Browser, files: Mapping[str, bytes], *, base: str = "", note: str = ""
) -> TestResponse:
    """Upload ``files`` as the form does."""
    given = [(BytesIO(content), each) for each, content in files.items()]
    form = {"csrf_token": browser.token(), "files": given, "base": base, "note": note}
    return browser.post("/console/tables/upload", data=form)


def name(answer: TestResponse) -> str:
    """The version whose page an answer leads to."""
    assert answer.status_code == 303, (answer.status, words(answer.text))
    return answer.location.rpartition("/")[2]


def words(page: str) -> str:
    """The page's text, each run of space one."""
    return " ".join(re.sub("<[^>]*>", " ", page).replace("\u00a0", " ").split())


# -- seeing ----------------------------------------------------------------------------------


def test_the_list_tells_every_version_and_what_went_live(desk: Desk) -> None:
    candidate = desk.candidate()
    told = words(desk.as_("viewer").page("/console/tables/"))
    assert f"Version {candidate} CB2 goes north State Candidate" in told
    assert f"Version {desk.first} what this installation started with State Live" in told
    assert f"{desk.first} How Published By installation" in told
    assert "Upload a table" not in told
    assert "Roll back" not in told


def test_a_table_that_this_machine_refuses_is_told(desk: Desk) -> None:
    desk.served.why = "its files are read otherwise"
    assert "its files are read otherwise" in desk.as_("viewer").page("/console/tables/")


@pytest.mark.parametrize("id_", ["000000000000", "%00", "a'b"])
@pytest.mark.parametrize("page", ["", "/check", "/difference", "/download", "/sheets/routes"])
def test_a_version_that_is_nowhere_has_no_page(desk: Desk, id_: str, page: str) -> None:
    assert desk.as_("viewer").get(f"/console/tables/{id_}{page}").status_code == 404


def test_a_version_is_downloaded_as_it_was_imported(desk: Desk) -> None:
    answer = desk.as_("viewer").get(f"/console/tables/{desk.first}/download")
    assert answer.headers["Content-Disposition"].endswith(f"table-{desk.first}.zip")
    with zipfile.ZipFile(BytesIO(answer.data)) as file:
        found = {each.rpartition("/")[2]: file.read(each) for each in file.namelist()}
    assert found == FILES
    assert desk.told() == ["table: downloaded"]


# -- upload and check ------------------------------------------------------------------------


def test_files_that_are_uploaded_become_a_candidate_that_is_checked(desk: Desk) -> None:
    made = desk.version(desk.candidate())
    assert (made.state, made.imported_by, made.note) == (
        State.CANDIDATE,
        "editor@example.org",
        "CB2 goes north",
    )
    assert made.based_on == desk.first
    assert made.check
    assert made.check.ok
    assert made.files["services.csv"] == FILES["services.csv"]
    assert desk.told() == ["table: imported", "table: checked"]
    told = words(desk.as_("viewer").page(f"/console/tables/{made.id}"))
    assert "on 9 December 2026 at 12:00" in told


def test_every_mistake_of_an_upload_is_told_by_file_row_and_column(desk: Desk) -> None:
    bad = {
        "services.csv": FILES["services.csv"].replace(b"+441632960101", b"4.41632E+11"),
        "routes.csv": FILES["routes.csv"].replace(b"CB2,any,south", b"CB2,anybody,south"),
    }
    answer = upload(desk.as_("editor"), bad, base=desk.first, note="kept")
    told = words(answer.text)
    assert answer.status_code == 422
    assert "There are 2 mistakes" in told
    assert "File services.csv Row 4 Column numbers What is wrong A spreadsheet has turned" in told
    assert "File routes.csv Row 3 Column audience" in told
    assert 'value="kept"' in answer.text
    assert [each.id for each in desk.store.versions.all()] == [desk.first]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there is nothing in it"),
        ({"notes.txt": b"hello"}, "A table has no such file"),
        ({"routes.csv": b"\xff\xfe\x00"}, "routes.csv"),
        ({"table.xlsx": b"PK\x03\x04 nothing"}, "damaged"),
        ({"<script>.csv": b""}, "&lt;script&gt;.csv"),
    ],
)
def test_what_is_no_table_is_refused_in_words(
    desk: Desk, files: Mapping[str, bytes], said: str
) -> None:
    answer = upload(desk.as_("editor"), files, base=desk.first)
    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()


def test_one_file_chosen_twice_is_refused(desk: Desk) -> None:
    editor = desk.as_("editor")
    given = [(BytesIO(FILES["routes.csv"]), "routes.csv") for _ in range(2)]
    form = {"csrf_token": editor.token(), "files": given, "base": desk.first}
    answer = editor.post("/console/tables/upload", data=form)
    assert answer.status_code == 422
    assert "It is there twice" in answer.text


def test_a_table_that_is_here_already_is_told_to_be(desk: Desk) -> None:
    editor = desk.as_("editor")
    answer = upload(editor, FILES)
    desk.checked()
    assert name(answer) == desk.first
    assert "here already" in editor.page(answer.location)
    assert "table: imported" not in desk.told()
    assert desk.version(desk.first).check


def test_a_check_that_finds_a_gap_says_how_to_mend_it(desk: Desk) -> None:
    hole = {"routes.csv": FILES["routes.csv"].replace(b"district,CB2,any,south,,,\n", b"")}
    made = name(upload(desk.as_("editor"), hole, base=desk.first))
    desk.checked()
    told = words(desk.as_("editor").page(f"/console/tables/{made}"))
    assert "1 gap" in told
    assert "Such as CB2 1AA" in told
    assert "To mend it: " in told


def test_a_check_that_finds_errors_leads_to_the_row_and_not_to_publishing(desk: Desk) -> None:
    gone = {"routes.csv": FILES["routes.csv"] + b"\nlad,E06999999,any,south,,,"}
    made = name(upload(desk.as_("editor"), gone, base=desk.first))
    desk.checked()
    page = desk.as_("admin").page(f"/console/tables/{made}")
    assert desk.version(made).state == State.REFUSED
    assert f'href="/console/tables/{made}/sheets/routes/5"' in page
    assert "Publish it" not in page
    assert "It may not go live yet" in page


def test_how_far_a_check_is_refreshes_until_it_is_done(desk: Desk) -> None:
    desk.served.gate.clear()
    made = name(upload(desk.as_("publisher"), MOVED, base=desk.first))
    viewer, url, htmx = desk.as_("viewer"), f"/console/tables/{made}", {"HX-Request": "true"}
    page = desk.as_("publisher").page(url)
    assert f'hx-get="{url}/check" hx-trigger="every 1s"' in page
    assert "Publish it" not in page
    assert 'value="0">0%</progress>' in viewer.get(f"{url}/check", headers=htmx).text
    assert viewer.get(f"{url}/check").location == url
    desk.as_("publisher").submit(f"{url}/check")
    desk.served.gate.set()
    desk.checked()
    assert viewer.get(f"{url}/check", headers=htmx).headers["HX-Refresh"] == "true"
    assert 'hx-trigger="every' not in viewer.page(url)
    assert desk.told() == ["table: imported", "table: checked"]  # once, though asked for twice


def test_a_check_that_breaks_off_is_told_and_can_be_made_again(desk: Desk) -> None:
    editor, url = desk.as_("editor"), f"/console/tables/{desk.first}"
    desk.served.nothing = True
    editor.submit(f"{url}/check")
    desk.checked()
    desk.served.nothing = False
    assert "The check broke off (NothingToServe)" in editor.page(url)
    editor.submit(f"{url}/check")
    desk.checked()
    assert desk.version(desk.first).check
    assert "broke off" not in editor.page(url)


# -- the difference --------------------------------------------------------------------------


def test_what_callers_would_notice_is_a_page_and_a_part_of_one(desk: Desk) -> None:
    made, viewer = desk.candidate(), desk.as_("viewer")
    url = f"/console/tables/{made}/difference"
    page, part = viewer.page(url), viewer.get(url, headers={"HX-Request": "true"}).text
    assert f'hx-get="{url}"' in viewer.page(f"/console/tables/{made}")
    assert "<html" in page
    assert "<html" not in part
    assert words(part) in words(page)
    assert f"to {made} . 1 postcode moves. " in words(part)
    assert "1 postcode moves" in words(part)
    assert "CB2 1AA" in words(part)


def test_any_two_versions_are_compared(desk: Desk) -> None:
    desk.candidate()
    number = {"services.csv": FILES["services.csv"].replace(b"960102", b"960202")}
    other = name(upload(desk.as_("editor"), number, base=desk.first))
    desk.checked()
    url = f"/console/tables/{other}/difference"
    told = words(desk.as_("viewer").page(f"{url}?before={desk.first}"))
    assert "+441632960102 25 queue" in told
    assert "+441632960202 25 queue" in told
    assert desk.as_("viewer").get(f"{url}?before=%00").status_code == 404


def test_without_a_directory_there_is_no_difference_but_a_page(desk: Desk) -> None:
    made = desk.candidate()
    desk.served.nothing = True
    assert desk.as_("viewer").get(f"/console/tables/{made}").status_code == 200
    assert desk.as_("viewer").get(f"/console/tables/{made}/difference").status_code == 503


# -- approve, publish, roll back -------------------------------------------------------------


def test_a_candidate_is_published_and_taken_back(desk: Desk) -> None:
    made, publisher = desk.candidate(), desk.as_("publisher")
    url = f"/console/tables/{made}"
    assert "Publish it" in publisher.page(url)
    answer = publisher.submit(f"{url}/publish", {"why": "agreed", "live": desk.first})
    assert "is live: every call that begins from now on" in publisher.page(answer.location)
    assert desk.live() == made
    published = desk.means.settings.state_dir / "published" / "live"
    assert published.read_text() == made
    back = publisher.submit("/console/tables/roll-back", {"why": "wrong", "live": made})
    assert name(back) == desk.first
    assert desk.live() == desk.first
    assert published.read_text() == desk.first
    assert desk.told()[-2:] == ["table: published", "table: rolled back"]


def test_a_table_is_published_by_who_has_proved_who_they_are(desk: Desk) -> None:
    made, publisher = desk.candidate(), desk.as_("publisher")
    own = "six words that belong to nobody"
    desk.store.people.change("publisher", password=proofs.kept_password(own))
    desk.time.now += RECENT
    url, form = f"/console/tables/{made}/publish", {"why": 'agreed, "in words"', "live": desk.first}
    asked = publisher.submit(url, form)
    assert asked.status_code == 401
    assert f"Publish table {made}: agreed, &#34;in words&#34;" in asked.text
    assert (desk.live(), "table: published" in desk.told()) == (desk.first, False)
    assert publisher.submit(url, {**form, PASSWORD: "a guess"}).status_code == 403
    assert desk.live() == desk.first
    assert name(publisher.submit(url, {**form, PASSWORD: own})) == made
    assert desk.live() == made
    assert desk.store.versions.publications()[0].why == 'agreed, "in words"'
    assert desk.told()[-3:] == [FAILED, AGAIN, "table: published"]


def test_nobody_is_asked_to_prove_who_they_are_for_what_may_not_go_live(desk: Desk) -> None:
    made, publisher = desk.candidate(), desk.as_("publisher")
    desk.time.now += RECENT
    url = f"/console/tables/{made}/publish"
    for form in ({"why": "", "live": desk.first}, {"why": "agreed", "live": ""}):
        answer = publisher.submit(url, form)
        assert (answer.status_code, PASSWORD in answer.text) == (409, False)
    desk.means.settings = replace(desk.means.settings, two_people=True)
    answer = publisher.submit(url, {"why": "agreed", "live": desk.first})
    assert (answer.status_code, PASSWORD in answer.text) == (409, False)


def test_rolling_back_and_approving_ask_for_no_proof(desk: Desk) -> None:
    made, publisher = desk.candidate(), desk.as_("publisher")
    publisher.submit(f"/console/tables/{made}/publish", {"why": "agreed", "live": desk.first})
    desk.time.now += RECENT
    back = publisher.submit("/console/tables/roll-back", {"why": "wrong", "live": made})
    assert name(back) == desk.first
    assert desk.live() == desk.first
    assert name(publisher.submit(f"/console/tables/{made}/approve")) == made


HOLE = {"routes.csv": FILES["routes.csv"].replace(b"district,CB2,any,south,,,\n", b"")}


def test_callers_lose_their_service_only_where_whoever_publishes_says_they_know(
    desk: Desk,
) -> None:
    made, publisher = name(upload(desk.as_("editor"), HOLE, base=desk.first)), desk.as_("publisher")
    desk.checked()
    url, form = f"/console/tables/{made}", {"why": "so it is", "live": desk.first}
    page = publisher.page(url)
    assert "1 postcode without a service, 1 gap" in words(page)
    assert "I know that 1 postcode loses its service" in words(page)
    assert 'name="although" type="checkbox" value="1"' in page
    for although in ({}, {"although": "0"}, {"although": "x"}):
        answer = publisher.submit(f"{url}/publish", {**form, **although})
        assert answer.status_code == 409
        assert "1 postcode loses its service; if that is meant" in words(answer.text)
        assert 'value="so it is"' in answer.text
    assert desk.live() == desk.first
    assert name(publisher.submit(f"{url}/publish", {**form, "although": "1"})) == made
    entry = desk.store.audit.newest(1)[0]
    assert entry.detail["although"] == "1 postcode loses its service"
    assert "so it is, although 1 postcode loses its service" in words(publisher.page(url))
    assert "although 1 postcode" in words(publisher.page("/console/tables/"))
    today = words(desk.as_("viewer").page("/console/today/"))
    assert "Left without a service 1 postcode, as checked 9 December 2026 at 12:00 Lost" in today
    assert f"Lost 1 postcode loses its service that they had by {desk.first}" in today
    publisher.submit("/console/tables/roll-back", {"why": "it was not meant", "live": made})
    assert "Left without a service No postcodes" in words(publisher.page("/console/today/"))


def test_a_service_that_closes_tonight_asks_for_nothing_more(desk: Desk) -> None:
    shut = {"hours.csv": FILES["hours.csv"].rstrip() + b"\nsouth,,,,2026-12-09,\n"}
    made = name(upload(desk.as_("editor"), shut, base=desk.first))
    desk.checked()
    publisher, url = desk.as_("publisher"), f"/console/tables/{made}"
    page = publisher.page(url)
    assert "south closed for" in words(page).lower()
    assert "although" not in page
    form = {"why": "they are flooded", "live": desk.first}
    assert name(publisher.submit(f"{url}/publish", form)) == made


def test_a_candidate_made_from_a_table_that_was_replaced_says_so(desk: Desk) -> None:
    made, publisher = desk.candidate(), desk.as_("publisher")
    number = {"services.csv": FILES["services.csv"].replace(b"960102", b"960202")}
    other = name(upload(desk.as_("editor"), number, base=desk.first))
    desk.checked()
    url = f"/console/tables/{other}"
    assert "which is not live any more" not in publisher.page(url)
    publisher.submit(f"/console/tables/{made}/publish", {"why": "agreed", "live": desk.first})
    told = words(publisher.page(url))
    assert f"It was made from {desk.first} , which is not live any more" in told
    assert "which is not live any more" not in publisher.page(f"/console/tables/{made}")


def test_whoever_has_approved_is_not_asked_to_again(desk: Desk) -> None:
    desk.means.settings = replace(desk.means.settings, two_people=True)
    made, publisher = desk.candidate(), desk.as_("publisher")
    url = f"/console/tables/{made}"
    assert "It needs the approval of somebody other than" in publisher.page(url)
    publisher.submit(f"{url}/approve")
    page = publisher.page(url)
    assert "Approve it" not in page
    assert "It needs the approval" not in page
    assert "Publish it" in page
    other = desk.as_("admin").page(url)
    assert "Approve it" in other
    assert "It needs the approval" not in other


def test_an_approval_that_only_a_terminal_proves_is_told_as_such(desk: Desk) -> None:
    made = desk.candidate()
    desk.store.versions.approve(made, "publisher@example.org", NOON, terminal="root")
    page = desk.as_("publisher").page(f"/console/tables/{made}")
    assert "as root said at a terminal: nothing proved who it was" in words(page)
    assert "Approve it" in page  # here it would be proved


def test_a_table_is_not_live_without_its_entry_in_the_audit(desk: Desk) -> None:
    made, publisher = desk.candidate(), desk.as_("publisher")
    publisher.page("/console/tables/")
    with desk.store._database.writing() as connection:
        audit.drop(connection)
    desk.app.testing = False
    answer = publisher.submit(f"/console/tables/{made}/publish", {"why": "so", "live": desk.first})
    desk.app.testing = True
    assert answer.status_code >= 500
    assert desk.live() == desk.first


def test_an_upload_without_a_file_is_answered_by_the_server(desk: Desk) -> None:
    page = desk.as_("editor").page("/console/tables/upload")
    assert not re.search(r"<input[^>]*type=.file.[^>]*required", page, re.DOTALL)


@pytest.mark.parametrize("form", [{"why": " ", "live": "{first}"}, {"why": "agreed", "live": ""}])
def test_nothing_goes_live_without_a_reason_or_over_what_was_not_seen(
    desk: Desk, form: Mapping[str, str]
) -> None:
    made, publisher = desk.candidate(), desk.as_("publisher")
    asked = {key: value.format(first=desk.first) for key, value in form.items()}
    answer = publisher.submit(f"/console/tables/{made}/publish", asked)
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
    assert publisher.submit("/console/tables/roll-back", asked).status_code == 409
    assert desk.live() == desk.first


def test_a_candidate_that_was_checked_too_long_ago_is_checked_again_first(desk: Desk) -> None:
    made = desk.candidate()
    desk.time.now += timedelta(days=15)
    page = desk.as_("publisher").page(f"/console/tables/{made}")
    assert "checked 15 days ago" in page
    assert "Publish it" not in page


def test_two_people_are_needed_where_the_settings_say_so(desk: Desk) -> None:
    desk.means.settings = replace(desk.means.settings, two_people=True)
    publisher, form = desk.as_("publisher"), {"why": "agreed", "live": desk.first}
    made = name(upload(publisher, MOVED, base=desk.first))
    desk.checked()
    url = f"/console/tables/{made}"
    page = publisher.page(url)
    assert "Approve it" not in page
    assert "Publish it" not in page
    assert "somebody other than publisher@example.org" in page
    assert publisher.submit(f"{url}/approve").status_code == 409
    assert publisher.submit(f"{url}/publish", form).status_code == 409
    another = desk.as_("admin")
    assert name(another.submit(f"{url}/approve")) == made
    assert desk.version(made).state == State.APPROVED
    assert name(publisher.submit(f"{url}/publish", form)) == made
    assert desk.live() == made


def test_nothing_is_changed_by_who_may_not(desk: Desk) -> None:
    made, url = desk.candidate(), "/console/tables"
    viewer, editor = desk.as_("viewer"), desk.as_("editor")
    for each in (f"{url}/upload", f"{url}/{made}/check", f"{url}/{made}/sheets/routes/2"):
        assert viewer.submit(each).status_code == 403
    for each in (f"{url}/{made}/approve", f"{url}/{made}/publish", f"{url}/roll-back"):
        assert editor.submit(each, {"why": "so", "live": desk.first}).status_code == 403
    assert editor.post(f"{url}/{made}/check").status_code == 403  # a form without its token
    assert desk.live() == desk.first


# -- one row ---------------------------------------------------------------------------------


def test_a_sheet_is_searched(desk: Desk) -> None:
    url = f"/console/tables/{desk.first}/sheets"
    viewer = desk.as_("viewer")
    assert "1 row with" in words(viewer.page(f"{url}/routes?q=FIRST+row"))
    assert "3 rows" in words(viewer.page(f"{url}/routes?page=99"))
    assert "4 rows" in words(viewer.page(f"{url}/services?page=-1&q="))
    assert "3 rows with" in words(viewer.page(f"{url}/routes?q=A+service"))  # what each is called
    assert f"{url}/routes/2" not in viewer.page(f"{url}/routes")
    assert f"{url}/routes/2" in desk.as_("editor").page(f"{url}/routes")
    assert viewer.get(f"{url}/line").status_code == 404


@pytest.mark.parametrize("words", ["first response", "cambridge", "E07000008", "MH009"])
def test_a_row_is_found_by_the_names_of_its_service_and_its_area(words: str) -> None:
    names = {"mh009": "First Response Service", "E07000008": "Cambridge"}
    row = sheets.Line(2, {"area_type": "lad", "area": "E07000008", "service": "mh009"})
    assert row.holds(words, names)
    assert not row.holds("lothian", names)


def test_one_row_changed_is_a_candidate_of_its_own(desk: Desk) -> None:
    editor, url = desk.as_("editor"), f"/console/tables/{desk.first}/sheets/routes/3"
    assert 'value="CB2"' in editor.page(url)
    made = desk.version(name(editor.submit(url, ROW)))
    desk.checked()
    assert made.note == "routes.csv row 3: service: south to north"
    assert made.based_on == desk.first
    assert made.id == routing.read({**FILES, **MOVED}).version
    assert desk.live() == desk.first


def test_a_row_is_added_and_taken_away(desk: Desk) -> None:
    editor, url = desk.as_("editor"), "/console/tables/{}/sheets/routes/{}"
    more = {**ROW, "area": "CB3", "note": '"quoted", with a comma'}
    longer = desk.version(name(editor.submit(url.format(desk.first, 0), more)))
    last = routing.read(longer.files).routes[-1]
    assert (last.area, last.service, last.row) == ("CB3", "north", 5)
    assert longer.note.startswith("routes.csv, a new row: district, CB3")
    back = editor.submit(url.format(longer.id, 5), {"remove": "yes"})
    assert name(back) == desk.first
    desk.checked()


def test_a_mistake_in_a_row_is_told_at_its_field(desk: Desk) -> None:
    editor, url = desk.as_("editor"), f"/console/tables/{desk.first}/sheets/routes"
    answer = editor.submit(f"{url}/3", {**ROW, "area": "Cambridge", "why": "it moves"})
    assert answer.status_code == 422
    assert 'id="cell-area-error"' in answer.text
    assert 'href="#cell-area"' in answer.text
    assert 'value="Cambridge"' in answer.text
    assert 'value="it moves"' in answer.text
    new = editor.submit(f"{url}/0", {**ROW, "valid_from": "1/4/2027"})
    assert 'id="cell-valid_from-error"' in new.text
    assert [each.id for each in desk.store.versions.all()] == [desk.first]


def test_a_service_that_is_needed_is_not_taken_away(desk: Desk) -> None:
    answer = desk.as_("editor").submit(
        f"/console/tables/{desk.first}/sheets/services/4", {"remove": "yes"}
    )
    assert answer.status_code == 422
    assert "routes.csv row 2, column service" in answer.text


def test_a_row_that_says_the_same_changes_nothing(desk: Desk) -> None:
    editor = desk.as_("editor")
    answer = editor.submit(
        f"/console/tables/{desk.first}/sheets/routes/3", {**ROW, "service": "south"}
    )
    assert name(answer) == desk.first
    assert "Nothing was changed" in editor.page(answer.location)
    desk.checked()


@pytest.mark.parametrize("row", ["1", "9", "99999999999999999999", "-1", "x"])
def test_a_row_that_is_nowhere_has_no_page(desk: Desk, row: str) -> None:
    url = f"/console/tables/{desk.first}/sheets/routes/{row}"
    assert desk.as_("editor").get(url).status_code == 404


def test_changing_a_row_leaves_every_other_as_it_was() -> None:
    files = {"routes.csv": b'\xef\xbb\xbfarea,note\r\nCB1,"a, b"\r\n\r\nCB2,  c\r\n'}
    assert [each.number for each in sheets.lines(files["routes.csv"])] == [2, 4]
    after = sheets.changed(files, "routes", 4, {"area": "CB9", "note": "d"})
    assert after["routes.csv"] == b'area,note\nCB1,"a, b"\n\nCB9,d\n'
    assert sheets.without(files, "routes", 2)["routes.csv"] == b"area,note\n\nCB2,c\n"
