"""Tables that went wrong on the way from an operator's spreadsheet, and tables that did not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from random import Random

from tests.workbooks import workbook

Folder = dict[str, bytes]
Mutation = Callable[[Folder, Random], "Folder"]

SHEETS = ("services.csv", "routes.csv", "hours.csv")


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def saved(table: Iterable[Iterable[str]], separator: str = ",", end: str = "\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(table)
    return text.getvalue()


def changed(folder: Folder, name: str, table: list[list[str]]) -> Folder:
    return {**folder, name: saved(table).encode()}


def one(folder: Folder, chance: Random, name: str) -> tuple[list[list[str]], int]:
    """A sheet's rows, and the number of one that is not the header."""
    table = rows(folder[name])
    return table, chance.randrange(1, len(table))


def put(name: str, column: int, *values: str) -> Mutation:
    """One cell, of any row in which it says something, made one of these."""

    def mutate(folder: Folder, chance: Random) -> Folder:
        table = rows(folder[name])
        row = chance.choice([row for row in table[1:] if row[column]])
        row[column] = chance.choice(values)
        return changed(folder, name, table)

    return mutate


# -- what must be refused --------------------------------------------------------------------


def truncated(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    lines = folder[name].split(b"\n")
    at = chance.randrange(1, len(lines) - 1)
    return {**folder, name: b"\n".join([*lines[:at], lines[at].split(b",")[0]])}


def doubled(folder: Folder, chance: Random) -> Folder:
    name = chance.choice((*SHEETS, "line.toml"))
    return {**folder, name: folder[name] * 2}


def empty(folder: Folder, chance: Random) -> Folder:
    return {**folder, chance.choice((*SHEETS, "line.toml")): chance.choice((b"", b"\n\n", b" "))}


def lost(folder: Folder, chance: Random) -> Folder:
    gone = chance.choice(tuple(folder))
    return {name: content for name, content in folder.items() if name != gone}


def utf_16_unmarked(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    form = chance.choice(("utf-16-le", "utf-16-be"))
    return {**folder, name: folder[name].decode().encode(form)}


def latin_1(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    table, row = one(folder, chance, name)
    table[row][-1] = "Ynys Môn"
    return {**folder, name: saved(table).encode("latin-1")}


def unprintable(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    table, row = one(folder, chance, name)
    table[row][chance.randrange(len(table[0]))] += chance.choice("\0\x01\x1b\x7f") + "."
    return changed(folder, name, table)


def formula(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    table, row = one(folder, chance, name)
    value = chance.choice(("=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", '=HYPERLINK("http://x")'))
    table[row][chance.randrange(len(table[0]))] = value
    return changed(folder, name, table)


def repeated(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(("services.csv", "routes.csv"))
    table, row = one(folder, chance, name)
    table.insert(chance.randrange(1, len(table)), list(table[row]))
    return changed(folder, name, table)


def wide(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    table, row = one(folder, chance, name)
    table[row] += ["more"]
    return changed(folder, name, table)


def long(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    table, row = one(folder, chance, name)
    table[row][-1] = "x" * chance.randrange(1_001, 500_000)
    return changed(folder, name, table)


def unquoted(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    lines = folder[name].decode().split("\n")
    at = chance.randrange(1, len(lines) - 1)
    lines[at] = '"' + lines[at].replace('"', "")
    return {**folder, name: "\n".join(lines).encode()}


def headless(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    table = rows(folder[name])
    at = chance.randrange(len(table[0]))
    table[0][at] = chance.choice(("", "Unnamed: 3", table[0][at].upper(), table[0][at - 1]))
    return changed(folder, name, table)


def without_column(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    table = rows(folder[name])
    at = chance.randrange(len(table[0]))
    return changed(folder, name, [row[:at] + row[at + 1 :] for row in table])


def bad_line(folder: Folder, chance: Random) -> Folder:
    line = folder["line.toml"].decode()
    wrong = chance.choice((
        line.replace("test_line = true", "test_line = yes"),
        line.replace("test_line = true", "test_line = false"),
        line.replace("[limits]", "[limits"),
        line + '\nnumber = "+44 1632 960950"\n',
        line.replace("seconds = 90", "seconds = 900"),
        line.replace('fallback = "', 'fallback = "no-such-'),
        line.replace('number = "+44', 'number = "+999'),
        line[: len(line) // 2],
    ))  # fmt: skip
    return {**folder, "line.toml": wrong.encode()}


def ring(folder: Folder, chance: Random) -> Folder:
    table = rows(folder["services.csv"])
    first, second = chance.sample([row for row in table[1:-2] if row[3] == "England"][:-2], 2)
    first[7], second[7] = second[0], first[0]
    return changed(folder, "services.csv", table)


def huge(folder: Folder, chance: Random) -> Folder:
    name = chance.choice(SHEETS)
    return {**folder, name: folder[name] + b"," * (11_000_000 + chance.randrange(1_000_000))}


WRONG: tuple[Mutation, ...] = (
    truncated, doubled, empty, lost, utf_16_unmarked, latin_1, unprintable, formula, repeated,
    wide, long, unquoted, headless, without_column, bad_line, ring,
    put("services.csv", 6, "4.41632E+11", "4.41632E+11 25 queue", "441632960001 25 queue",
        "01632960001 25 queue", "+441632960001 25", "+441632960001 500 queue", "999 25 queue",
        "+449098790000 25 person", "+447033123456 25 person", "+44111 25 queue", "+442 25 queue",
        "+15550100000 25 queue", "+441632960900 25 queue"),
    put("services.csv", 0, "", "No Such", "mh 1", "1/2"),
    put("services.csv", 2, "", "A&E", "one two three four five six seven eight nine", "NHS 1.0"),
    put("services.csv", 3, "", "england", "Britain", "FALSE"),
    put("routes.csv", 0, "", "LAD", "ward", "county"),
    put("routes.csv", 1, "", "01/12/2026", "2026-12-01", "1-Dec", "4.5E+10", "E0700000", "Wales?"),
    put("routes.csv", 2, "", "all", "children", "under 18"),
    put("routes.csv", 3, "", "mh999", "nobody"),
    put("hours.csv", 0, "", "mh999", "england-fallback"),
    put("hours.csv", 2, "8:00", "08.00", "8am", "25:00", "0.333333333", "0800"),
    put("hours.csv", 3, "24:30", "20:00:00", "noon", "1"),
    put("hours.csv", 4, "25/12/2026", "46381", "2026-02-30", "Christmas"),
)  # fmt: skip


# -- what must be accepted, and say the same -------------------------------------------------


def as_it_is(folder: Folder, chance: Random) -> Folder:
    del chance
    return dict(folder)


def shuffled(folder: Folder, chance: Random) -> Folder:
    table = rows(folder["routes.csv"])
    rest = table[1:]
    chance.shuffle(rest)
    return changed(folder, "routes.csv", [table[0], *rest])


def turned(folder: Folder, chance: Random) -> Folder:
    """The columns in another order."""
    name = chance.choice(SHEETS)
    table = rows(folder[name])
    order = chance.sample(range(len(table[0])), len(table[0]))
    return changed(folder, name, [[row[at] for at in order] for row in table])


def encoded(folder: Folder, chance: Random) -> Folder:
    """Other separators, line ends and encodings, each file in its own way."""
    found = dict(folder)
    for name in SHEETS:
        separator = chance.choice(",;\t")
        text = saved(rows(folder[name]), separator, chance.choice(("\n", "\r\n")))
        hint = chance.choice(("", f"sep={separator}\n"))
        found[name] = (hint + text).encode(chance.choice(("utf-8", "utf-8-sig", "utf-16")))
    return found


def spaced(folder: Folder, chance: Random) -> Folder:
    """Blank rows, blanks about cells, everything in quotes."""
    name = chance.choice(SHEETS)
    table = [[f" {cell}  " for cell in row] for row in rows(folder[name])]
    table.insert(chance.randrange(1, len(table)), [""] * len(table[0]))
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([*table, []])
    return {**folder, name: text.getvalue().encode()}


def one_workbook(folder: Folder, chance: Random) -> Folder:
    del chance
    sheets = {name.partition(".")[0]: rows(folder[name]) for name in SHEETS}
    sheets["line"] = [[line] for line in folder["line.toml"].decode().split("\n")]
    return {"table.xlsx": workbook(sheets)}


RIGHT: tuple[Mutation, ...] = (as_it_is, shuffled, turned, encoded, encoded, spaced, one_workbook)


# -- what is accepted, and loses callers their service ---------------------------------------


def cut_at_a_row(folder: Folder, chance: Random) -> Folder:
    """The rows of routes.csv up to one of them, whole: nothing in the file says that it was cut."""
    table, row = one(folder, chance, "routes.csv")
    return changed(folder, "routes.csv", table[:row])


def rows_lost(folder: Folder, chance: Random) -> Folder:
    """Some rows out of the middle of routes.csv, as whoever selects and deletes loses them."""
    table, row = one(folder, chance, "routes.csv")
    return changed(folder, "routes.csv", table[:row] + table[row + chance.randrange(1, 9) :])


LOSING: tuple[Mutation, ...] = (cut_at_a_row, rows_lost)
