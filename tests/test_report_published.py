"""The published file is read strictly and written to the letter; contracts are those it names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.report import ITEMS, Contract, ContractsError, Month, Row, by_service, read_contracts
from ivr.report.published import PublishedError, parse, read, write
from tests import shipped

CONTRACTS = read_contracts((shipped.CONFIG / "contracts.csv").read_bytes())
DECEMBER = Month(2025, 12)
AWKWARD = Contract("South West", "QJK", 'A "BOARD", IN TWO', "RWV", "O'TRUST", "MH019", "é, (x)")

HEADER = (
    "REPORTING_PERIOD_START,REPORTING_PERIOD_END,REGION,ICB_CODE,ICB_NAME,ORG_CODE,ORG_NAME,"
    "CONTRACT_CODE,CONTRACT_NAME,METRIC_ID,METRIC_NAME,METRIC_VALUE"
)
FIRST = (
    "2025-12-01,2025-12-31,Midlands,QPM,NHS NORTHAMPTONSHIRE INTEGRATED CARE BOARD,RP1,"
    "NORTHAMPTONSHIRE HEALTHCARE NHS FOUNDATION TRUST,MH050,"
    "Mental Health Northants (VCSE) Collaboration. (NMH),A01,Number of calls received,8779"
)
"""The first rows of the file published for December 2025, letter for letter."""

NAMES = {
    "A01": "Number of calls received",
    "A02": "Calls routed through IVR",
    "A03": "Number of answered calls",
    "B01": "Number of calls answered within 60 seconds",
    "B02": "Number of calls abandoned",
    "B03": "Calls abandoned in 30 seconds or less",
    "B04": "Calls abandoned in over 30 seconds and up to and including 60 seconds",
    "B05": "Calls abandoned after 60 seconds",
    "B06": "Total time to call answer (seconds)",
    "B07": "95th centile call answer time (seconds)",
    "B09": "Total time of abandoned calls (seconds)",
}
"""As published."""


def month_of(*contracts: Contract, value: int | None = 7) -> list[Row]:
    return [Row(DECEMBER, each, item, value) for each in contracts for item in ITEMS.values()]


def test_the_items_are_the_eleven_published_ones_by_name_and_in_order() -> None:
    assert [(each.id, each.name) for each in ITEMS.values()] == list(NAMES.items())


def test_the_first_rows_are_those_that_were_published() -> None:
    northants = next(each for each in CONTRACTS if each.contract_code == "MH050")
    written = write([Row(DECEMBER, northants, ITEMS["A01"], 8_779)])
    assert written.decode() == f"{HEADER}\n{FIRST}\n"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.integers(0, 10**11), min_size=11, max_size=22))
def test_what_is_written_is_read_again(values: list[int | None]) -> None:
    rows = month_of(AWKWARD, CONTRACTS[0])[: len(values) // 11 * 11]
    rows = [replace(row, value=value) for row, value in zip(rows, values, strict=False)]
    again = parse(write(rows))
    assert list(again.rows) == rows
    assert again.month == DECEMBER
    assert again.figures("MH019") == dict(zip(ITEMS, values, strict=False))


def test_a_file_with_a_spreadsheet_s_marks_is_read_alike(tmp_path: Path) -> None:
    rows = month_of(*CONTRACTS)
    path = tmp_path / "december.csv"
    path.write_bytes(b"\xef\xbb\xbf" + write(rows).replace(b"\n", b"\r\n"))
    found = read(path)
    assert list(found.rows) == rows
    assert tuple(found.contracts.values()) == CONTRACTS
    with pytest.raises(KeyError, match="MH999"):
        found.figures("MH999")


def line(number: int, change: Callable[[str], str]) -> Callable[[str], str]:
    """What changes row ``number`` of a file, counted from 1."""

    def changed(text: str) -> str:
        lines = text.splitlines(keepends=True)
        lines[number - 1] = change(lines[number - 1])
        return "".join(lines)

    return changed


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (swap("REGION,ICB_CODE", "ICB_CODE,REGION"), "row 1: the columns must be"),
        (lambda text: text.splitlines(keepends=True)[0], "row 2: there is none"),
        (lambda _: "", "row 1: the columns must be"),
        (line(2, swap("2025-12-01", "01/12/2025")), "row 2, column REPORTING_PERIOD_START"),
        (line(3, swap("2025-12-01", "2025-11-01")), "row 3, column REPORTING_PERIOD_START"),
        (line(4, swap("2025-12-31", "2025-12-30")), "row 4, column REPORTING_PERIOD_END"),
        (line(5, swap("Midlands", "The North")), "row 5, column REGION"),
        (line(6, swap("B02", "B08")), "row 6, column METRIC_ID: 'B08'; expected: B02"),
        (line(6, swap("Number", "Sum")), "row 6, column METRIC_NAME"),
        (line(7, swap(",7\n", ",\n")), "row 7, column METRIC_VALUE: ''"),
        (line(7, swap(",7\n", ",1.5\n")), "row 7, column METRIC_VALUE: '1.5'"),
        (line(7, swap(",7\n", ",-1\n")), "row 7, column METRIC_VALUE: '-1'"),
        (line(7, swap(",7\n", ",07\n")), "row 7, column METRIC_VALUE: '07'"),
        (line(7, swap(",7\n", ',"1,234"\n')), "row 7, column METRIC_VALUE: '1,234'"),
        (line(8, swap(",7\n", ",7,8\n")), "row 8: 13 cells, not 12"),
        (line(8, swap("\n", "\n\n")), "row 9: 0 cells, not 12"),
        (line(12, lambda _: ""), "row 12, column"),
        (line(2, swap("MH050", "XX050")), "row 2, column CONTRACT_CODE: 'XX050'"),
        (line(23, lambda _: ""), "row 23: missing; B09 is expected"),
        (lambda text: text + text.partition("\n")[2], "row 24, column CONTRACT_CODE: 'MH050'"),
        (swap("NHS", "\0"), "row 2, column ICB_NAME"),
        (swap("Midlands", '"Midlands'), "no CSV"),
    ],
)
def test_whatever_is_not_as_published_is_refused_by_row_and_column(
    change: Callable[[str], str], told: str
) -> None:
    text = change(write(month_of(*CONTRACTS[:2])).decode())
    with pytest.raises(PublishedError) as refused:
        parse(text.encode())
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_makes_the_reader_stumble(data: st.DataObject) -> None:
    content = bytearray(write(month_of(AWKWARD)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(PublishedError):
        parse(bytes(content))


# -- contracts ---------------------------------------------------------------------------------


def test_every_contract_of_the_table_it_comes_with_is_listed() -> None:
    services = shipped.table().services
    found = by_service(CONTRACTS, services)
    assert {code: each.contract_code for code, each in found.items()} == {
        code: service.contract for code, service in services.items() if service.contract
    }
    assert tuple(dict.fromkeys(found.values())) == CONTRACTS
    assert len(CONTRACTS) == 69


def test_a_contract_that_is_not_listed_is_told_with_what_to_do() -> None:
    services = shipped.table().services
    with pytest.raises(ContractsError, match=r"no row for MH0\d\d, which services.csv says .* add"):
        by_service(CONTRACTS[5:], services)


SHEET = (shipped.CONFIG / "contracts.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (swap("region", "Region"), "the first row must be region,icb_code"),
        (lambda _: "", "the first row must be"),
        (swap("Midlands", ""), "row 2, column region: '' is not allowed"),
        (swap("Midlands", " Midlands"), "row 2, column region"),
        (swap("MH050", "MH50"), "row 2, column contract_code: 'MH50' is not allowed; allowed: MH"),
        (swap("MH027", "MH050"), "row 3, column contract_code: is in an earlier row too"),
        (swap("Midlands,", ""), "row 2: 6 cells, not 7"),
        (swap("Midlands", '"Midlands'), "no CSV"),
    ],
)
def test_a_mistake_in_the_contracts_is_told_by_row_and_column(
    change: Callable[[str], str], told: str
) -> None:
    with pytest.raises(ContractsError) as refused:
        read_contracts(change(SHEET).encode())
    assert told in str(refused.value)


def test_contracts_that_are_not_text_are_refused() -> None:
    with pytest.raises(ContractsError, match="no CSV in UTF-8"):
        read_contracts(b"\xff\xfe")
