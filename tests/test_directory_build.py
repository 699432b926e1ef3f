"""A build from files as they come: packed, in folders, in any encoding, or broken."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from ivr.cli import main
from ivr.directory import Directory
from ivr.directory.build import Story, dated, put
from ivr.directory.sources import SourceError
from tests.directories import GEOGRAPHY, SAMPLES, STORY, built, directory_from, place_of, table

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

HEADER = "pcds,doterm,lad25cd,lsoa21cd"
ROWS = ["CB1 2AB,,E07000008,E01017988", "CB1 2AD,202001,E07000008,"]
CSV = "\n".join([HEADER, *ROWS, ""]).encode()


def build(*sources: Path, output: Path) -> Result:
    """``ivr directory build``, with a geography of one LSOA."""
    config = sources[0].parent / "config"
    (config / "geography").mkdir(parents=True)
    lookup = "lsoa21cd,lad25cd,sicbl26cd,icb26cd,icb24cd"
    cambridge = "E01017988,E07000008,E38000260,E54000065,E54000056"
    table(config / "geography" / "lsoa.csv.gz", lookup, [cambridge])
    table(config / "geography" / "lad_changes.csv", "old,new", [])
    arguments = ["directory", "build", *map(str, sources), "-o", str(output)]
    return CliRunner().invoke(main, [*arguments, "--config", str(config)])


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def count(directory: Directory) -> int:
    return sum(1 for _ in directory.every())


# -- files as they come ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        CSV.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + CSV,
        b"\xef\xbb\xbf" + CSV.replace(b"pcds", b'"pcds"'),
        CSV.replace(b"pcds", b" PCDS "),
        CSV.removesuffix(b"\n"),
        CSV + b"\n,,,\n\n",
        gzip.compress(CSV, mtime=0),
        gzip.compress(CSV, mtime=0) + gzip.compress(b"CB1 2AE,,,\n", mtime=0),
    ],
)
def test_a_file_is_read_however_it_is_saved(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    directory = directory_from(path)
    assert place_of(directory, "CB12AB").lsoa == "E01017988"
    assert count(directory) in (2, 3)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig"])
def test_names_in_any_encoding_are_passed_by(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("pcds,ladcd,ladnmw\nLL53 5AA,W06000001,Ynys Môn\n", encoding=encoding)
    assert place_of(directory_from(path), "LL535AA").lad == "W06000001"


def test_a_folder_is_searched_to_its_depths_and_documents_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "ONSPD_NOV_2025"
    (folder / "Data" / "multi_csv").mkdir(parents=True)
    (folder / "Documents").mkdir()
    (folder / "Data" / "ONSPD_NOV_2025_UK.csv").write_bytes(CSV)
    (folder / "Data" / "multi_csv" / "ONSPD_NOV_2025_UK_CB.csv").write_bytes(CSV)
    (folder / "Documents" / "LAD names and codes.csv").write_bytes(b"LAD25CD,LAD25NM\n")
    (folder / "Documents" / "postcodes.csv").write_bytes(CSV)
    (folder / "Wards.csv").write_bytes(b"WD25CD,WD25NM\nE05013054,Abbey\n")
    (folder / "User Guide.pdf").write_bytes(b"%PDF")
    building = built(folder)
    assert [tally.name for tally in building.tallies] == [
        "ONSPD_NOV_2025/Data/ONSPD_NOV_2025_UK.csv"
    ]
    assert building.passed_over == {"ONSPD_NOV_2025": 5}
    info = Directory(building.file(STORY)).info
    assert info["vintage"] == "November 2025"
    assert "database right 2025." in str(info["attribution"])


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "codepo_gb.zip",
        Data__CSV__ab=b"",  # no .csv: passed over
        **{
            "Data__CSV__cb.csv": (SAMPLES / "code_point_open" / "cb_first150.csv").read_bytes(),
            "Data__CSV__odd.csv.gz": gzip.compress(
                (SAMPLES / "code_point_open" / "odd_rows.csv").read_bytes()
            ),
            "Doc__Code-Point_Open_Column_Headers.csv": b"PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\n",
            "__MACOSX__._cb.csv": b"\0",
        },
    )
    assert count(directory_from(path)) == 225


def test_files_by_area_are_read_where_there_is_no_whole_one(tmp_path: Path) -> None:
    path = zipped(tmp_path / "z.zip", **{"multi_csv__a.csv": CSV, "multi_csv__b.csv": CSV})
    assert [tally.name for tally in built(path).tallies] == [
        "z.zip/multi_csv/a.csv",
        "z.zip/multi_csv/b.csv",
    ]


# -- what is told ------------------------------------------------------------------------------


def test_the_report_says_what_was_skipped_and_why_with_an_example_of_each(tmp_path: Path) -> None:
    rows = ["BT1 1AA,,,", "BT1 1AB,,,", "BT1 1AC,,,", "nowhere,,,", "NPT 0VA,,,", ",,E07000008,"]
    path = table(tmp_path / "file.csv", HEADER, [*ROWS, ROWS[0], *rows])
    result = build(path, output=tmp_path / "out.p2d")
    assert result.exit_code == 0, result.output
    told = """\
file.csv: 9 rows read, 3 kept (2 new, 1 of postcodes already known)
  3 skipped: in Northern Ireland, which is known by rule (such as BT11AA, row 5)
  1 skipped: not a postcode (such as NOWHERE, row 8)
  1 skipped: ends in a letter that no unit has (C, I, K, M, O or V) (such as NPT0VA, row 9)
  1 skipped: no postcode in the row (such as blank, row 10)
1 of England and Wales have no LSOA (such as CB1 2AD)
"""
    assert result.output.startswith(told)


def test_what_a_build_decided_for_itself_is_told(tmp_path: Path) -> None:
    path = table(
        tmp_path / "file.csv",
        "pcds,ctry25cd,lad25cd,lsoa21cd,icb26cd",
        [
            "CB1 2AB,E92000001,E07000008,E01017988,E54000066",
            "CB1 2AD,E92000001,E07000008,,E54000999",
            "CB1 2AE,,,E01999998,",
            "CB1 2AF,,,,",
            "JE1 1AA,,,,",
        ],
    )
    building = built(path)
    building.file(STORY)
    assert {(remark.what.split(":")[0], remark.example) for remark in building.remarks} == {
        ("name a board that is not their LSOA's", "CB1 2AB"),
        ("name a board that no LSOA is in today", "CB1 2AD"),
        ("have an LSOA that the geography of reference does not know", "CB1 2AE"),
        ("of England have no integrated care board", "CB1 2AE"),
        ("of England and Wales have no LSOA", "CB1 2AD"),
        ("of Great Britain have no district (LAD)", "CB1 2AE"),
        ("have no nation", "CB1 2AF"),
    }


def test_the_month_of_the_data_is_read_from_the_names() -> None:
    assert dated(["ONSPD_AUG_2024.zip", "x/NSPL_NOV_2025_UK.csv"]) == "November 2025"
    assert dated(["ONSPD_MAY_2026_UK.csv", "NSPL21_Nov_2025"]) == "May 2026"
    assert dated(["postcodes.csv"]) == "not stated"


def test_the_same_sources_give_the_same_bytes_on_the_same_day(tmp_path: Path) -> None:
    path = table(tmp_path / "file.csv", HEADER, ROWS)
    one, same = built(path).file(STORY), built(path).file(STORY)
    other = built(path).file(Story(date(2026, 11, 23), "May 2026", ("a note",)))
    assert one == same != other
    assert Directory(one).version == Directory(other).version
    assert Directory(other).info["provenance"] == ["a note"]


def test_info_tells_all_of_it(tmp_path: Path) -> None:
    out = tmp_path / "out.p2d"
    notes = tmp_path / "notes.txt"
    notes.write_text("Where it is from.\nWhat it lacks.\n", encoding="utf-8")
    path = table(tmp_path / "file.csv", HEADER, ROWS)
    CliRunner().invoke(
        main,
        f"directory build {path} -o {out} --notes {notes} --config {GEOGRAPHY.parent} "
        "--vintage 'May 2026'",
    )
    told = CliRunner().invoke(main, ["directory", "info", str(out)]).output
    assert "vintage: May 2026" in told
    assert "  What it lacks." in told
    assert "Royal Mail copyright and database right 2026." in told
    assert "name: file.csv; sha256: " in told
    as_json = CliRunner().invoke(main, ["directory", "info", str(out), "--json"]).output
    assert '"terminated": 1' in as_json


# -- what is refused ---------------------------------------------------------------------------


def cut_zip(path: Path) -> None:
    zipped(path, **{"a.csv": CSV * 50})
    path.write_bytes(path.read_bytes()[:-40])


def damaged_zip(path: Path) -> None:
    zipped(path, **{"a.csv": CSV})
    content = bytearray(path.read_bytes())
    content[45] ^= 0x55
    path.write_bytes(content)


def locked_zip(path: Path) -> None:
    zipped(path, **{"a.csv": CSV})
    content = path.read_bytes()
    at = content.index(b"PK\x01\x02") + 8
    path.write_bytes(content[:at] + b"\x01" + content[at + 1 :])


def strangely_packed_zip(path: Path) -> None:
    zipped(path, **{"a.csv": CSV})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] = 9  # Deflate64, as Windows packs what is large
    path.write_bytes(content)


BAD = {
    "cut.zip": (cut_zip, "a zip that is cut short or damaged"),
    "damaged.zip": (damaged_zip, "a.csv, after row"),
    "locked.zip": (locked_zip, "locked with a password"),
    "odd.zip": (strangely_packed_zip, "cut short or damaged"),
    "documents.zip": (lambda path: zipped(path, **{"a.txt": b""}), "no postcode was found in it"),
    "cut.csv.gz": (
        lambda path: path.write_bytes(gzip.compress(CSV + b"CB1 2AE,,,\n" * 9, mtime=0)[:-12]),
        "cut short or damaged",
    ),
    "nul.csv": (lambda path: path.write_bytes(CSV + b"CB1 2AE,\0,,\n"), "row 4: a NUL byte"),
    "utf16.csv": (lambda path: path.write_bytes(CSV.decode().encode("utf-16")), "row 1: a NUL"),
    "few.csv": (lambda path: path.write_bytes(CSV + b"CB1 2AE\n"), "row 4: 1 columns instead of 4"),
    "many.csv": (lambda path: path.write_bytes(CSV + b"CB1 2AE,,,,\n"), "row 4: 5 columns"),
    "code.csv": (
        lambda path: path.write_bytes(CSV + b"CB1 2AE,,Camden,\n"),
        "row 4, column lad25cd: 'Camden' is not an ONS code",
    ),
    "quote.csv": (lambda path: path.write_bytes(CSV + b'"CB1 2AE,,,\n'), "unexpected end of data"),
    "empty.csv": (lambda path: path.write_bytes(b""), "the file is empty"),
    "header.csv": (lambda path: path.write_bytes(HEADER.encode()), "no postcode was found in it"),
    "layout.csv": (
        lambda path: path.write_bytes(b"Postal,Council\nCB1 2AB,Cambridge\n"),
        "unknown layout, headed 'Postal,Council'; accepted are ONSPD",
    ),
    "status.csv": (
        lambda path: path.write_bytes(b"postcode,status,country\nCB12AB,X,E\n"),
        "row 2, column status: 'X' is none of L, N and T",
    ),
    "belfast.csv": (
        lambda path: path.write_bytes(f"{HEADER}\nBT1 1AA,,,\n".encode()),
        "no postcode was found in it",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_one_line_and_the_old_directory_kept(
    name: str, tmp_path: Path
) -> None:
    make, why = BAD[name]
    make(tmp_path / name)
    out = tmp_path / "out"
    out.mkdir()
    (out / "directory.p2d").write_bytes(b"the old one")
    good = table(tmp_path / "good.csv", HEADER, ROWS)
    result = build(good, tmp_path / name, output=out / "directory.p2d")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {name}")
    assert why in result.output
    assert result.output.count("\n") == 1
    assert [path.name for path in out.iterdir()] == ["directory.p2d"]
    assert (out / "directory.p2d").read_bytes() == b"the old one"


def test_an_unknown_layout_among_others_is_refused_if_it_has_postcodes(tmp_path: Path) -> None:
    table(tmp_path / "good.csv", HEADER, ROWS)
    table(tmp_path / "other.csv", "Postal,Council", ["CB1 2AB,Cambridge"])
    with pytest.raises(SourceError, match=r"/other.csv: unknown layout"):
        built(tmp_path)


def test_a_new_directory_takes_the_place_of_the_old_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "directory.p2d"
    link = tmp_path / "link.p2d"
    link.symlink_to(path)
    old = built(table(tmp_path / "a.csv", HEADER, ROWS)).file(STORY)
    new = built(table(tmp_path / "b.csv", HEADER, ROWS[:1])).file(STORY)
    put(old, path)
    with path.open("rb") as reader:
        put(new, link)
        assert reader.read() == old
    assert path.read_bytes() == new
    assert link.is_symlink()
    assert sorted(each.name for each in tmp_path.glob("*.p2d*")) == ["directory.p2d", "link.p2d"]


def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(tmp_path: Path) -> None:
    result = build(table(tmp_path / "a.csv", HEADER, ROWS), output=tmp_path / "no" / "out.p2d")
    assert result.exit_code == 1
    assert "there is no folder" in result.output


@pytest.mark.parametrize("content", [b"", b"x" * 500, b"PressTwo"])
def test_info_refuses_what_is_not_a_directory(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.p2d").write_bytes(content)
    result = CliRunner().invoke(main, ["directory", "info", str(tmp_path / "x.p2d")])
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
