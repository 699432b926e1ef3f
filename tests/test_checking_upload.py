"""Whatever way a spreadsheet saves a table, it is read, or refused by file, row and column."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from ivr.checking import read_upload
from ivr.routing import TableError, read
from tests.routing_files import HOURS, ROUTES, files, service
from tests.workbooks import DATE, NUMBER, SPAN, TIME, Cell, cell, packed, sheet, workbook

FOLDER = files(
    [service("cambridge", "+441632960300 25 queue; +441632960301 20 person")],
    [
        "lad,E07000008,any,cambridge,2026-12-01,,Cambridge; and around",
        "nation,Wales,any,national,,,",
    ],
    ["cambridge,mon-fri,08:00,24:00,,"],
)
VERSION = read(FOLDER).version


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def saved(content: bytes, separator: str, encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows(content))
    return text.getvalue().encode(encoding)


def sheets() -> dict[str, list[list[Cell]]]:
    found: dict[str, list[list[Cell]]] = {
        "line": [[line] for line in FOLDER["line.toml"].decode().split("\n")]
    }
    for sheet_name in ("services", "routes", "hours"):
        found[sheet_name] = [[*row] for row in rows(FOLDER[f"{sheet_name}.csv"])]
    return found


def refused(uploaded: dict[str, bytes]) -> list[str]:
    with pytest.raises(TableError) as wrong:
        read_upload(uploaded)
    return str(wrong.value).splitlines()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_way_of_saving_csv_says_the_same(separator: str, encoding: str) -> None:
    uploaded = {
        name: saved(content, separator, encoding) if name.endswith("csv") else content
        for name, content in FOLDER.items()
    }
    assert read(read_upload(uploaded)).version == VERSION


def test_a_hint_at_the_separator_is_no_row() -> None:
    uploaded = {**FOLDER, "routes.csv": b"sep=;\r\n" + saved(FOLDER["routes.csv"], ";", "utf-8")}
    assert read(read_upload(uploaded)).version == VERSION


def test_rows_keep_their_numbers() -> None:
    routes = f"{ROUTES}\n\n\nlad,E07000008,any,nobody,,,\n".replace(",", ";").encode()
    with pytest.raises(TableError, match=r"routes.csv row 4, column service: 'nobody' is not"):
        read(read_upload({**FOLDER, "routes.csv": routes}))


def test_folders_and_capitals_in_names_do_not_matter() -> None:
    uploaded = {f"table/{name.upper()}": content for name, content in FOLDER.items()}
    assert read(read_upload(uploaded)).version == VERSION


def test_what_was_not_uploaded_is_as_it_was() -> None:
    found = read_upload({"hours.csv": HOURS.encode()}, FOLDER)
    assert found["services.csv"] == FOLDER["services.csv"]
    assert not read(found).hours


def test_a_file_that_no_table_has_is_refused() -> None:
    assert "notes.txt: a table has no such file" in refused({"notes.txt": b"hello"})[0]
    assert "the upload: there is nothing in it" in refused({})[0]
    assert "routes.csv: it is there twice" in refused({"a/routes.csv": b"", "b/routes.csv": b""})[0]


def test_ten_megabytes_are_the_most() -> None:
    assert "at most 10,000,000" in refused({"routes.csv": b"x" * 100_000_000})[0]


def test_a_workbook_says_the_same() -> None:
    assert read(read_upload({"table.xlsx": workbook(sheets())})).version == VERSION


def test_dates_and_times_of_a_workbook_are_what_was_typed() -> None:
    made = sheets()
    made["routes"][1][4] = (46357, DATE)
    made["hours"][1][2] = (1 / 3, TIME)
    made["hours"][1][3] = (1.0, SPAN)
    assert read(read_upload({"table.xlsx": workbook(made)})).version == VERSION


def test_what_a_spreadsheet_made_of_a_cell_is_told_by_row_and_column() -> None:
    made = sheets()
    made["routes"][1][1] = (46357, DATE)
    made["routes"][2][6] = (4.5, NUMBER)
    found = refused({"table.xlsx": workbook(made)})
    assert "routes.csv row 2, column area: a spreadsheet has turned it into the date" in found[0]
    assert "routes.csv row 3, column note: a spreadsheet has turned it into the number" in found[1]


def test_a_formula_is_refused_where_it_stands() -> None:
    made = sheets()
    made["services"][2][6] = "==VLOOKUP(A3;B:C;2)"
    found = refused({"table.xlsx": workbook(made)})
    assert found[0].startswith("services.csv row 3, column G: there is a formula")


def test_formulas_in_other_sheets_are_nobodys_business() -> None:
    made: dict[str, list[list[Cell]]] = {**sheets(), "notes": [["==1+1"]]}
    assert read(read_upload({"table.xlsx": workbook(made)})).version == VERSION


def test_a_cell_far_away_is_refused_before_room_is_made_for_it() -> None:
    far = sheet([["a"]]).replace(
        "</sheetData>", f"<row r='2'>{cell('XFD2', 'b')}</row></sheetData>"
    )
    deep = sheet([["a"]]).replace('r="1"', 'r="1048576"')
    for xml in (far, deep):
        assert "reaches further" in refused({"table.xlsx": packed({"routes": xml})})[0]


def test_cells_without_an_address_are_refused() -> None:
    xml = sheet([["a"]]).replace("</row>", "<c><v>1</v></c></row>")
    assert "not as a spreadsheet writes it" in refused({"t.xlsx": packed({"routes": xml})})[0]


def test_a_workbook_that_is_a_bomb_is_not_unpacked() -> None:
    bomb = packed({"routes": sheet([["a"]])}, {"xl/media/huge.xml": bytes(200_000_000)})
    assert len(bomb) < 1_000_000
    assert "far larger inside" in refused({"table.xlsx": bomb})[0]


def test_other_zips_and_damaged_workbooks_are_refused() -> None:
    whole = workbook(sheets())
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as file:
        file.writestr("hello.txt", "hello")
    assert "no workbook" in refused({"table.xlsx": empty.getvalue()})[0]
    for content in (whole[:-40], whole[: len(whole) // 2], b"PK\x03\x04", b"", b"\xd0\xcf\x11\xe0"):
        assert "damaged" in refused({"table.xlsx": content})[0]
    assert "none of its sheets" in refused({"t.xlsx": workbook({"Sheet1": [["a"]]})})[0]
