"""What a table's files say, and what is said of each mistake in them: file, row, column, remedy."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.hours import DAY, Opening
from ivr.routing import Language, Number, read
from ivr.routing.mistakes import MOST
from tests.routing_files import HOURS, LINE, ROUTES, SERVICES, files, mistakes, service

CAMS = service("cams")


def only(folder: dict[str, bytes]) -> str:
    """The one mistake in a table's files."""
    (mistake,) = mistakes(folder)
    return mistake


# -- what is right -------------------------------------------------------------------------


def test_a_service_is_read_whole() -> None:
    row = "cams,C&P FRS,the Cambridge line,England,MH009,RT1,+441632960001 25 queue; sip:a@b.uk 20 person,,+44 1632 960951"  # fmt: skip  # noqa: E501
    cams = read(files([row])).services["cams"]
    assert (cams.name, cams.spoken, cams.nation) == ("C&P FRS", "the Cambridge line", "England")
    assert (cams.contract, cams.organisation, cams.take_over) == ("MH009", "RT1", "")
    assert cams.numbers == (
        Number("+441632960001", 25, person=False),
        Number("sip:a@b.uk", 20, person=True),
    )
    assert cams.own_number == "+441632960951"


def test_the_line_is_read_whole() -> None:
    table = read(files([service("cams", own_number="+44 1632 960951")]))
    line = table.line
    assert (line.number, line.caller_id) == ("+441632960900", "+441632960901")
    assert (line.test_line, line.notice) == (True, "illustrative")
    assert (line.fallback, line.adviser) == ("national", "advice")
    assert (line.adviser_key, line.mental_health_key) == ("1", "2")
    assert line.languages == (Language("en", "4"), Language("cy", "3"))
    assert (line.limits.numbers, line.limits.seconds) == (4, 90)
    assert table.own_numbers == {"+441632960951": "cams"}


def test_the_services_that_may_be_rung_to_test_them_are_read_each_once() -> None:
    named = LINE.replace("[menu]", 'test_calls = ["national", "cams", "national"]\n[menu]')
    assert read(files([CAMS], line=named)).line.test_calls == ("national", "cams")
    none = read(files([CAMS], line=LINE.replace("[menu]", "test_calls = []\n[menu]")))
    assert none.line.test_calls == ()
    assert none.version == read(files([CAMS])).version, "nothing is said by that"


def test_routes_and_their_days_are_read() -> None:
    rows = [
        "postcode,CB1 2AB,under_18,cams,2027-04-01,2027-04-30,a trial",
        "sector,CB1 2,any,cams,,,",
    ]
    first, second = read(files([CAMS], rows)).routes
    assert (first.area_type, first.area, first.audience) == ("postcode", "CB12AB", "under_18")
    assert (first.valid_from, first.valid_to) == (date(2027, 4, 1), date(2027, 4, 30))
    assert (second.area, second.valid_from, second.valid_to) == ("CB1 2", date.min, date.max)
    assert (first.row, second.row) == (2, 3)


@pytest.mark.parametrize(
    ("row", "opening"),
    [
        ("cams,mon-fri,09:00,17:00,,", Opening(540, 1020, frozenset(range(5)))),
        ('cams,"sat, sun",00:00,24:00,,', Opening(0, DAY, frozenset({5, 6}))),
        ("cams,Fri-Mon,20:00,08:00,,", Opening(1200, DAY + 480, frozenset({4, 5, 6, 0}))),
        ("cams,bank-holiday,10:00,10:00,,", Opening(600, DAY + 600, bank_holiday=True)),
        ("cams,bank-holiday,,,,", Opening(0, 0, bank_holiday=True)),
        ("cams,,,,2026-12-25,", Opening(0, 0, date=date(2026, 12, 25))),
        ("cams,,09:00,12:00,2026-12-24,", Opening(540, 720, date=date(2026, 12, 24))),
        (
            'cams,"mon,bank-holiday",09:00,12:00,,',
            Opening(540, 720, frozenset({0}), bank_holiday=True),
        ),
    ],
)
def test_hours_are_read(row: str, opening: Opening) -> None:
    assert read(files([CAMS], hours=[row])).hours == {"cams": (opening,)}


def test_a_spreadsheets_own_ways_change_nothing() -> None:
    plain = files([CAMS], ["lad,E07000008,any,cams,,,"], ["cams,mon,09:00,17:00,,"])
    saved = {
        name: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") for name, content in plain.items()
    }
    saved["routes.csv"] = (
        b"note , service,audience,area,area_type,valid_to,valid_from\r\n"
        b',,,,,,\r\n\r\n,"cams", any,E07000008,lad,,\r\n'
    )
    assert read(saved).version == read(plain).version
    assert read(saved).services == read(plain).services
    assert read(saved).routes[0].row == 4


def test_the_order_of_rows_does_not_make_another_version() -> None:
    rows = ["lad,E07000008,any,cams,,,", "lad,E07000009,any,cams,,,"]
    assert read(files([CAMS], rows)).version == read(files([CAMS], rows[::-1])).version


def test_any_change_of_what_is_said_makes_another_version() -> None:
    rows = ["lad,E07000008,any,cams,,,"]
    versions = {
        read(folder).version
        for folder in (
            files([CAMS], rows),
            files([CAMS], [*rows, "lad,E07000009,any,cams,,,"]),
            files([CAMS], ["lad,E07000008,adult,cams,,,"]),
            files([CAMS], ["lad,E07000008,any,cams,,,a note"]),
            files([CAMS], rows, ["cams,mon,09:00,17:00,,"]),
            files([CAMS], rows, line=LINE.replace("illustrative", "real")),
        )
    }
    assert len(versions) == 6
    assert all(len(version) == 12 for version in versions)


# -- one cell ------------------------------------------------------------------------------

SERVICE_MISTAKES = [
    ("Cams,A,a line,England,,,+441632960001 25 queue,,", "service: 'Cams' does not fit"),
    (",A,a line,England,,,+441632960001 25 queue,,", "service: is empty"),
    ("cams,,a line,England,,,+441632960001 25 queue,,", "name: is empty"),
    ("cams,A,a b c d e f g h i,England,,,+441632960001 25 queue,,", "is 9 words long"),
    ("cams,A,24/7 line,England,,,+441632960001 25 queue,,", "spoken_name: '24/7 line'"),
    ("cams,A,a line,Cornwall,,,+441632960001 25 queue,,", "allowed: England, Wales, Scotland"),
    ("cams,A,a line,England,mh9,,+441632960001 25 queue,,", "contract: 'mh9' does not fit"),
    ("cams,A,a line,England,,R/T,+441632960001 25 queue,,", "organisation: 'R/T' does not fit"),
    ("cams,A,a line,England,,,,,", "numbers: is empty"),
    ("cams,A,a line,England,,,+441632960001,,", "'+441632960001' is not complete"),
    ("cams,A,a line,England,,,+441632960001 25 queue;,,", "'' is not complete"),
    ("cams,A,a line,England,,,+441632960001 25 robot,,", "'robot' is not known"),
    ("cams,A,a line,England,,,+441632960001 4 queue,,", "'4' is not a number of seconds"),
    ("cams,A,a line,England,,,+441632960001 61 queue,,", "'61' is not a number of seconds"),
    ("cams,A,a line,England,,,+441632960001 1.5 queue,,", "'1.5' is not a number of seconds"),
    ("cams,A,a line,England,,,01632 960001 25 queue,,", "'01632 960001' is not a number"),
    ("cams,A,a line,England,,,4.41632E+11 25 queue,,", "a spreadsheet has turned the number"),
    ("cams,A,a line,England,,,+441632960001 25 queue,,4.41632E+11", "own_number: a spreadsheet"),
    ("cams,A,a line,England,,,+44999 25 queue,,", "is an emergency or short number"),
    ("cams,A,a line,England,,,+44123 25 queue,,", "is an emergency or short number"),
    ("cams,A,a line,England,,,+4416329600010 25 queue,,", "not a telephone number that can exist"),
    ("cams,A,a line,England,,,=HYPERLINK(1),,", "would be a formula"),
    ("cams,=1+1,a line,England,,,+441632960001 25 queue,,", "name: '=1+1' would be a formula"),
    ("cams,+441632960001,a line,England,,,+441632960001 25 queue,,", "would be a formula"),
    ("cams,A\x07,a line,England,,,+441632960001 25 queue,,", "name: there is a character"),
    (f"cams,{'A' * 1001},a line,England,,,+441632960001 25 queue,,", "name: is 1,001 characters"),
    (f"cams,{'A' * 121},a line,England,,,+441632960001 25 queue,,", "name: is 121 characters"),
    ("cams,A,a line,England", "the row stops after 4 cells"),
    ("cams,A,a line,England,,,+441632960001 25 queue,,,x", "there are more cells after it"),
    ("cams,A,a line,England,,,+441632960001 25 queue,Other!,", "take_over: 'Other!' does not fit"),
]


@pytest.mark.parametrize(("row", "says"), SERVICE_MISTAKES)
def test_a_mistake_in_services_is_named(row: str, says: str) -> None:
    mistake = only(files([row]))
    assert mistake.startswith("services.csv row 4, column ")
    assert says in mistake
    assert "; allowed: " in mistake


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("county,Kent,any,cams,,,", "area_type: 'county' is not known; allowed: postcode, sector"),
        ("postcode,CB1,any,cams,,,", "area: 'CB1' is not a postcode; allowed: a postcode, such as"),
        ("postcode,CB1 2AC1,any,cams,,,", "is not a postcode"),
        ("postcode,CB1 2CI,any,cams,,,", "is not a postcode"),
        ("sector,CB12,any,cams,,,", "is not a sector; allowed: a first half and one digit"),
        ("district,CB1 2,any,cams,,,", "is not a district"),
        ("lsoa,E0100001,any,cams,,,", "is not a lsoa"),
        ("lad,E05000001,any,cams,,,", "is not a lad"),
        ("lad,,any,cams,,,", "area: is empty"),
        ("sub_icb,06H,any,cams,,,", "is not a sub_icb; allowed: a sub-ICB location's ONS code"),
        ("icb,QUE,any,cams,,,", "is not a icb"),
        ("nation,Kernow,any,cams,,,", "is not a nation; allowed: England, Wales"),
        ("lad,E07000008,children,cams,,,", "'children' is not known; allowed: any, adult,"),
        ("lad,E07000008,any,,,,", "service: is empty"),
        ("lad,E07000008,any,kent,,,", "service: 'kent' is not a service"),
        ("lad,E07000008,any,cams,01/04/2027,,", "valid_from: a spreadsheet has rewritten the"),
        ("lad,E07000008,any,cams,46113,,", "a spreadsheet has rewritten the date as 46113"),
        ("lad,E07000008,any,cams,2027-4-1,,", "'2027-4-1' does not fit; allowed: a date"),
        ("lad,E07000008,any,cams,2027-02-29,,", "there is no 2027-02-29"),
        ("lad,E07000008,any,cams,2027-04-02,2027-04-01,", "valid_to: is before valid_from"),
    ],
)  # fmt: skip
def test_a_mistake_in_routes_is_named(row: str, says: str) -> None:
    mistake = only(files([CAMS], [row]))
    assert mistake.startswith("routes.csv row 2, column ")
    assert says in mistake


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("kent,mon,09:00,17:00,,", "service: 'kent' is not a service"),
        ("national,mon,09:00,17:00,,", "service: the fallback has hours"),
        ("cams,weekdays,09:00,17:00,,", "days: 'weekdays' is not a day; allowed: mon, tue"),
        ("cams,mon-,09:00,17:00,,", "'mon-' is not a day"),
        ('cams,"mon,",09:00,17:00,,', "'' is not a day"),
        ("cams,mon,9:00,17:00,,", "from: '9:00' is not a time of day"),
        ("cams,mon,09:00:00,17:00,,", "'09:00:00' is not a time of day"),
        ("cams,mon,24:00,17:00,,", "from: '24:00' is not a time of day"),
        ("cams,mon,09:00,25:00,,", "to: '25:00' is not a time of day"),
        ("cams,mon,09:00,,,", "to: is empty"),
        ("cams,mon,,,,", "from: is empty; allowed: times; for a day that is always closed, no row"),
        ("cams,,09:00,17:00,,", "days: stands with a date, or without one and is empty"),
        ("cams,mon,09:00,17:00,2026-12-25,", "days: stands with a date"),
        ("cams,,09:00,17:00,2026-25-12,", "date: there is no 2026-25-12"),
    ],
)
def test_a_mistake_in_hours_is_named(row: str, says: str) -> None:
    mistake = only(files([CAMS], hours=[row]))
    assert mistake.startswith("hours.csv row 2, column ")
    assert says in mistake


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('"+44 1632 960900"', '"01632 960900"', "column number: '01632 960900' is not a number"),
        ('"+44 1632 960900"', "441632960900", "column number: '441632960900' is not a number"),
        ('"+44 1632 960901"', '"sip:us@b.uk"', "caller_id: sip:us@b.uk is not a telephone number"),
        ('"+44 1632 960901"', '"+44999"', "caller_id: +44999 is an emergency or short number"),
        ("test_line = true", 'test_line = "yes"', "test_line: 'yes' is neither"),
        ("test_line = true", "", "test_line: is empty; allowed: true or false"),
        ('"national"', '"nobody"', "fallback: 'nobody' is not a service"),
        ('"advice"', '"nobody"', "adviser: 'nobody' is not a service"),
        ("[menu]", 'test_calls = ["cams", "nobody"]\n[menu]', "test_calls.2: 'nobody' is not a"),
        ("[menu]", 'test_calls = "cams"\n[menu]', "column test_calls: is no list; allowed: the"),
        ("[menu]", "test_calls = [1]\n[menu]", "test_calls.1: '1' is not a service"),
        ('mental_health = "2"', 'mental_health = "*"', "menu.mental_health: '*' is not a key"),
        ('mental_health = "2"', 'mental_health = "1"', "menu: key 1 means two things"),
        ('key = "3"', 'key = "2"', "menu: key 2 means two things"),
        ('code = "cy"', 'code = "Welsh"', "languages.2.code: 'Welsh' is not a language"),
        ('key = "3"', 'key = "3"\nprompts = "x"', "column languages.2.prompts: is unknown"),
        ("numbers = 4", "numbers = 5", "limits.numbers: '5' does not fit; allowed: 1 to 4"),
        ("seconds = 90", "seconds = 90.5", "limits.seconds: '90.5' does not fit"),
        ("seconds = 90", "seconds = 91", "limits.seconds: '91' does not fit; allowed: 10 to 90"),
        ("[menu]", "colour = 1\n[menu]", "colour: is unknown; allowed: number, caller_id"),
        ("[menu]", "[menu]\npay = { a = { b = 1 } }", "menu.pay.a: is unknown"),
        ("[menu]", "[menu", "this is not TOML"),
        ("[menu]", "[menu]\nadviser = 1", "this is not TOML"),
        ("[menu]", "a = " + "[\n" * 3000, "this is not TOML"),
        ("[menu]", "a = " + "[" * 3000, "a line in it is too long"),
        ("[menu]", "a" + ".a" * 400 + " = 1\n[menu]", "column a.a.a: is unknown"),
        ("[menu]", "#\n" * 60_000, "the file is 120,"),
    ],
)
def test_a_mistake_in_the_line_is_named(right: str, wrong: str, says: str) -> None:
    mistake = only(files([CAMS], line=LINE.replace(right, wrong, 1)))
    assert mistake.startswith("line.toml")
    assert says in mistake


def test_a_line_without_a_language_is_refused() -> None:
    line = LINE[: LINE.index("[[languages]]")] + LINE[LINE.index("[limits]") :]
    assert "languages: there is none" in only(files(line=line))


# -- a whole file --------------------------------------------------------------------------

SHEET = files([CAMS])["services.csv"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "services.csv: the file is empty; allowed: a header row: service,name,spoken_name"),
        (b"\xef\xbb\xbf\r\n \r\n", "the file is empty"),
        (SHEET.decode().encode("utf-16"), "the text is UTF-16"),
        (SHEET.decode().encode("utf-16-le"), "there are NUL bytes in it"),
        (SHEET + b"\0", "there are NUL bytes in it"),
        (SHEET.replace(b"A service", b"Caf\xe9", 1), "services.csv row 2: the text is not UTF-8"),
        (b"PK\x03\x04" + SHEET, "this is a workbook"),
        (SHEET.replace(b",", b";"), "row 1: the cells are separated by semicolons"),
        (SHEET.replace(b",", b"\t"), "row 1: the cells are separated by tabs"),
        (SHEET.replace(b"take_over", b"takeover", 1), "column take_over: is missing"),
        (SHEET.replace(b"take_over", b"takeover", 1), "column takeover: 'takeover' is unknown"),
        (SHEET.replace(b"take_over", b"name", 1), "column name: is there twice"),
        (SHEET + b'\ncams2,"A', "services.csv row 5: this is not CSV"),
        (SHEET + b'\ncams2,"A"x', "row 5: this is not CSV"),
        (SHEET + b"\n" + b"A" * 200_000, "row 5: this is not CSV"),
        (b"," * 3_000_000, "services.csv row 1: there are 3,000,001 columns"),
        (SHEET + b"\n" * 2_000, "services.csv row 2001: there are too many rows"),
        (SHEET + b"x" * 5_000_001, "services.csv: the file is 5,000,"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(content: bytes, says: str) -> None:
    found = mistakes({**files(), "services.csv": content})
    assert any(says in mistake for mistake in found), found
    assert not any("is not a service" in mistake for mistake in found)


def test_a_missing_file_is_named() -> None:
    folder = files()
    del folder["hours.csv"], folder["line.toml"]
    assert [mistake.partition(";")[0] for mistake in mistakes(folder)] == [
        "hours.csv: there is no such file",
        "line.toml: there is no such file",
    ]


def test_a_row_with_a_line_break_in_a_cell_is_one_row() -> None:
    rows = ['lad,E07000008,any,cams,,,"first\nsecond"', "lad,E07000009,any,kent,,,"]
    assert only(files([CAMS], rows)).startswith("routes.csv row 3, column service")


def test_every_mistake_is_told_at_once_by_file() -> None:
    folder = files(
        [CAMS.replace("England", "Cornwall"), "kent,,,,,,,,"],
        ["lad,E07,any,cams,,,"],
        ["cams,mon,9,17,,"],
        LINE.replace("true", "1"),
    )
    told = [mistake.split(":")[0] for mistake in mistakes(folder)]
    assert told == [
        "services.csv row 4, column nation",
        "services.csv row 5, column name",
        "services.csv row 5, column spoken_name",
        "services.csv row 5, column nation",
        "services.csv row 5, column numbers",
        "routes.csv row 2, column area",
        "hours.csv row 2, column from",
        "hours.csv row 2, column to",
        "line.toml, column test_line",
    ]  # fmt: skip


def test_a_broken_service_is_not_called_unknown_as_well() -> None:
    folder = files(
        ["cams,=1,a line,England,,,+441632960001 25 queue,,"], ["lad,E07000008,any,cams,,,"]
    )
    assert "formula" in only(folder)


@pytest.mark.parametrize(
    "row", ["county,x,any,cams,,,", "lad,=1,any,cams,,,", "lad", "a,b,c,d,e,f,g,h"]
)
def test_after_fifty_mistakes_no_more_are_told(row: str) -> None:
    assert len(mistakes(files([CAMS], [row] * 200))) == MOST


def test_the_headers_are_those_that_are_promised() -> None:
    assert (SERVICES, ROUTES, HOURS) == (
        "service,name,spoken_name,nation,contract,organisation,numbers,take_over,own_number",
        "area_type,area,audience,service,valid_from,valid_to,note",
        "service,days,from,to,date,note",
    )
