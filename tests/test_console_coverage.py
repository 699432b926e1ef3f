"""The map of who covers what, its gaps, what moves between two tables, and the same as a list."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from ivr import routing
from ivr.console import maps
from ivr.console.maps import Boundaries, BoundariesError, Pair
from ivr.console.maps.boundaries import FILE
from ivr.console.pages.coverage.rows import covered, total
from ivr.directory.census import census
from ivr.routing import Table
from ivr.routing.read import FILES
from tests import shipped
from tests.console import Browser, Console

HARTLEPOOL = b"lad,E06000001,any,mh067,,,Hartlepool\n"
NOWHERE = 929
"""Postcodes in use that belong to no district, such as those of large post rooms: no row is for
them."""
SCOTLAND = b"nation,Scotland,any,scotland-nhs24,,,\n"
FOLDER = shipped.CONFIG / "geography"


@cache
def boundaries() -> Boundaries:
    return maps.read((FOLDER / FILE).read_bytes())


def files(*changes: tuple[bytes, bytes], more: bytes = b"") -> dict[str, bytes]:
    """The shipped table's files, with parts of its routes replaced and rows added."""
    found = {name: (shipped.CONFIG / "routing" / name).read_bytes() for name in FILES}
    for old, new in changes:
        assert old in found["routes.csv"]
        found["routes.csv"] = found["routes.csv"].replace(old, new)
    found["routes.csv"] += more
    return found


def table(*changes: tuple[bytes, bytes], more: bytes = b"") -> Table:
    return routing.read(files(*changes, more=more), shipped.geography().holidays)


@cache
def as_shipped() -> maps.Covering:
    return covering(shipped.table())


def covering(of: Table) -> maps.Covering:
    return maps.covering(of, shipped.directory(), shipped.TODAY)


# -- the boundaries ------------------------------------------------------------------------


def test_every_district_of_the_directory_has_a_shape_and_every_shape_a_district() -> None:
    known = {maps.district(place) for place in map(shipped.directory().place, _places())}
    drawn = {maps.by_key(code) for code in boundaries().districts.shapes}
    assert known - drawn == {"England", "Scotland", "Wales", ""}  # where no district is known
    assert not drawn - known


def test_every_board_of_the_directory_has_a_shape() -> None:
    known = {place.icb for place in map(shipped.directory().place, _places()) if place.icb}
    assert known == set(boundaries().boards.shapes)


def test_neighbours_are_each_others_and_share_a_border() -> None:
    beside = boundaries().districts.neighbours
    assert all(one in beside[other] for one, others in beside.items() for other in others)
    cambridge, south_cambridgeshire, hartlepool = "E07000008", "E07000012", "E06000001"
    assert beside[cambridge] == {south_cambridgeshire}
    assert cambridge not in beside[hartlepool]


def test_shapes_lie_where_they_should() -> None:
    shapes = boundaries().districts.shapes
    shetland, cornwall, thanet = (
        shapes[code].box for code in ("S12000027", "E06000052", "E07000114")
    )
    assert shetland[3] < cornwall[1]
    assert cornwall[2] < thanet[0]
    assert all(0 <= x <= boundaries().width for shape in shapes.values() for x in shape.box[::2])
    assert all(0 <= y <= boundaries().height for shape in shapes.values() for y in shape.box[1::2])


@pytest.mark.parametrize(
    "content", [b"", b"{}", *(gzip.compress(each, mtime=0) for each in (b"{}", b"[]", b"\xff"))]
)
def test_what_are_no_boundaries_is_refused(content: bytes) -> None:
    with pytest.raises(BoundariesError):
        maps.read(content)


def _places() -> Iterator[int]:
    return iter(range(len(shipped.directory())))


# -- covering ------------------------------------------------------------------------------


def test_every_live_postcode_is_counted_once_and_answers_as_the_line_does() -> None:
    found = as_shipped()
    live = shipped.directory().info["counts"]["live"]  # type: ignore[index]
    assert sum(pairs.total() for key, pairs in found.items() if key != "Northern Ireland") == live
    answers, fallback = shipped.whereabouts().answers, shipped.table().line.fallback
    for cell in census(shipped.directory())[::101]:
        cover = answers.cover(cell.place, cell.example)
        pair = Pair(*(each.replace(fallback, "") for each in (cover.adult, cover.under_18)))
        if cell.postcodes:
            assert pair in found[maps.district(shipped.directory().place(cell.place))]


def test_a_district_without_a_route_is_a_gap_and_stands_first() -> None:
    found = covering(table((HARTLEPOOL, b"")))
    rows = covered(found, {"E06000001": ("Hartlepool", "North East")}, {}, "")
    assert rows[0].name == "Hartlepool"
    assert rows[0].gaps == rows[0].postcodes == total(rows)[1] - NOWHERE > 2000


def test_a_gap_of_one_audience_is_none_for_the_other() -> None:
    found = covering(table((HARTLEPOOL, HARTLEPOOL.replace(b"any", b"adult"))))
    gaps = {
        audience: total(covered(found, {}, {}, audience))[1]
        for audience in ("", "adult", "under_18")
    }
    assert gaps["adult"] == NOWHERE
    assert gaps[""] == gaps["under_18"] > 2000


def test_a_route_for_a_sector_moves_that_sector_alone() -> None:
    after = table(more=b"sector,CB1 2,any,mh026,,,\n")
    moved = maps.moves((shipped.table(), after), shipped.directory(), shipped.TODAY)
    assert set(moved) == {"E07000008"}
    sector = [
        match
        for match in shipped.directory().fitting(["CB1"], "2", *["ABCDEFGHIJKLMNOPQRSTUVWXYZ"] * 2)
        if match.live
    ]
    assert moved["E07000008"].total() == len(sector)
    assert {change[1] for change in moved["E07000008"]} == {Pair("mh026", "mh026")}


def test_nothing_moves_between_a_table_and_itself() -> None:
    same = replace(shipped.table(), version="0" * 12)
    assert not maps.moves((shipped.table(), same), shipped.directory(), shipped.TODAY)


def test_neighbours_with_different_services_have_different_colours() -> None:
    found = as_shipped()
    shapes = boundaries().districts
    labels = {
        code: " ".join(found[maps.by_key(code)].most_common(1)[0][0]) for code in shapes.shapes
    }
    colours = maps.coloured(labels, shapes.neighbours)
    clashes = [
        (one, other)
        for one, others in shapes.neighbours.items()
        for other in others
        if labels[one] != labels[other] and colours[labels[one]] == colours[labels[other]]
    ]
    assert not clashes


# -- the page ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Console:
    return Console(tmp_path_factory.mktemp("console"))


@pytest.fixture(scope="module")
def viewer(here: Console) -> Browser:
    return here.as_("viewer")


@pytest.fixture(scope="module")
def candidate(here: Console) -> str:
    changed = files((HARTLEPOOL, b""), (SCOTLAND, SCOTLAND.replace(b"scotland-nhs24", b"mh026")))
    return here.store.versions.add(changed, "ann", "a gap", "", shipped.NOON).id


def test_the_page_draws_every_district_and_lists_it(viewer: Browser) -> None:
    page = viewer.page("/console/coverage/")
    assert page.count('<path class="map-area') == len(boundaries().districts.shapes)
    assert "929 without a service" in page
    assert "none is without a service" in viewer.page("/console/coverage/?part=London")
    assert page.count("<tr") > len(as_shipped())


def test_nothing_in_the_page_needs_an_inline_style_or_script(viewer: Browser) -> None:
    page = viewer.page("/console/coverage/")
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son\w+=", page)


def test_a_candidates_gap_is_red_and_comes_first(viewer: Browser, candidate: str) -> None:
    page = viewer.page(f"/console/coverage/?version={candidate}")
    assert re.search(r'class="map-area map-gap"[^>]*><title>Hartlepool: no service', page)
    listed = page[page.index('id="list"') :]
    assert listed.index("Hartlepool") < listed.index("Adur")
    assert "without a service" in page


def test_two_tables_are_compared_on_the_map_and_in_words(
    here: Console, viewer: Browser, candidate: str
) -> None:
    served = here.means.table().version
    here.store.versions.add(files(), "ann", "the served one", "", shipped.NOON)
    page = viewer.page(f"/console/coverage/?version={candidate}&before={served}&audience=adult")
    assert re.search(r'class="map-area map-moved"[^>]*><title>Fife: from NHS 24', page)
    listed = page[page.index('id="list"') :]
    assert "Hartlepool" in listed
    assert "Adur" not in listed
    same = viewer.page(f"/console/coverage/?version={candidate}&before={candidate}")
    assert "Nothing moves." in same


def test_what_loses_its_service_is_as_red_as_a_gap_and_told_so(
    viewer: Browser, candidate: str, here: Console
) -> None:
    served = here.means.table().version
    page = viewer.page(f"/console/coverage/?version={candidate}&before={served}")
    assert re.search(r'class="map-area map-gap"[^>]*><title>Hartlepool: from', page)
    listed = page[page.index('id="list"') :]
    assert "Loses its service" in listed[listed.index("Hartlepool") :][:300]
    assert re.search(r"[\d,]+ lose their service", page)
    back = viewer.page(f"/console/coverage/?version={served}&before={candidate}")
    assert "lose their service</strong>" not in back
    assert 'class="map-area map-gap"' not in back


def test_a_version_is_chosen_by_what_it_is_for(viewer: Browser, candidate: str) -> None:
    options = re.findall(r"<option[^>]*>([^<]*)", viewer.page("/console/coverage/"))
    assert any(each.startswith(candidate) and each.endswith(": a gap") for each in options)


def test_a_service_has_the_same_colour_in_every_version(
    here: Console, viewer: Browser, candidate: str
) -> None:
    moved = files(more=b"lad,E07000008,adult,mh026,,,\nlad,E06000001,adult,mh009,,,\n")
    other = here.store.versions.add(moved, "ann", "two more", "", shipped.NOON).id
    urls = [f"/console/coverage/?version={each}" for each in ("", candidate, other)]
    served, *others = (_colours(viewer.page(url)) for url in urls)
    for each in others:
        alike = [title for title, colour in each.items() if served.get(title) == colour]
        same = each.keys() & served.keys()
        assert len(alike) == len(same) > 300


def test_a_colour_is_given_up_for_a_neighbour_alone() -> None:
    labels = {"a": "north", "b": "south", "c": "west"}
    beside = {"a": frozenset("b"), "b": frozenset("a")}
    kept = {"north": 5, "west": 5, "gone": 1}
    assert maps.coloured(labels, beside, kept) == {"north": 5, "south": 1, "west": 5}
    clash = maps.coloured(labels, beside, {**kept, "south": 5})
    assert clash["north"] != clash["south"]
    assert 5 in clash.values()


def test_boards_are_drawn_and_listed_by_name(viewer: Browser) -> None:
    page = viewer.page("/console/coverage/?by=board")
    assert "<title>North East London: " in page
    assert "NHS Lothian" in page[page.index('id="list"') :]


def test_a_part_of_the_country_is_looked_at_closely(viewer: Browser) -> None:
    whole, london = (
        _view(viewer.page(f"/console/coverage/{query}")) for query in ("", "?part=London")
    )
    one = _view(viewer.page("/console/coverage/?area=E09000001"))
    assert whole[2] > 5 * london[2] > 5 * one[2]


def test_a_version_that_is_nowhere_is_not_found(viewer: Browser) -> None:
    assert viewer.get("/console/coverage/?version=000000000000").status_code == 404
    assert viewer.get("/console/coverage/?before=000000000000").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["version='--", "day=2026-13-99", "part=%00", "area=<b>", "by=x&audience=y", "day=0001-01-01"],
)
def test_what_cannot_be_read_is_left_out(viewer: Browser, query: str) -> None:
    page = viewer.page(f"/console/coverage/?{query}")
    assert "<b>" not in page
    assert "9 December" in page or 'value="2026-12-09"' in page


def test_without_boundaries_the_list_is_all_there_is(tmp_path: Path) -> None:
    for each in shipped.CONFIG.iterdir():
        if each.name != "geography":
            (tmp_path / each.name).symlink_to(each)
    (tmp_path / "geography").mkdir()
    for each in FOLDER.iterdir():
        if each.name != FILE:
            (tmp_path / "geography" / each.name).symlink_to(each)
    made = Console(tmp_path / "state", CONFIG_DIR=str(tmp_path))
    page = made.as_("viewer").page("/console/coverage/")
    assert "no map" in page
    assert "mh067" in page


def _view(page: str) -> list[int]:
    found = re.search(r'class="map" viewBox="([^"]+)"', page)
    assert found
    return [int(number) for number in found[1].split()]


def _colours(page: str) -> dict[str, str]:
    """The colour of each shape, by its title: its name and its services."""
    found = re.findall(r'class="map-area (map-\w+)"[^>]*><title>([^<]*)', page)
    return {title: colour for colour, title in found}
