"""How the directory's one file is laid out, so that it can be read where it lies on the disk.

Version 1, little-endian throughout. A *number* is the place of something in its table, from 0.

``header``    HEADER: magic, format version, bytes of a place number in a palette (2 or 4),
              lengths in bytes of the info and of the body, SHA-256 of the body
``check``     CHECK: CRC-32 of the header and the info
``info``      JSON: provenance, attribution, counts
``body``      COUNTS: how many groups, places and outward codes; then
  groups      GROUP each: nation's number in NATIONS, then LAD, sub-ICB, ICB and ICB of 2025
  places      PLACE each: group's number, LSOA; place 0 is Northern Ireland
  outwards    4 characters each, padded with spaces, in order
  starts      10 START for each outward code, one for each inward digit: where its sector
              begins, counted from the start of the body; 0 where there is none
  sectors     SECTOR each: a bit for each of the 400 units, live postcodes first and terminated
              ones second; the length of the palette; from where in the palette the terminated
              ones choose; bits in one choice, live and terminated. Then the palette (place
              numbers), then the choices, live ones and then terminated ones, in order of unit,
              each run packed from the low bit up and beginning on a byte of its own.
  end         END, so that a choice may always be read as two bytes

An ONS code is 4 bytes: 0 for none, else (letter's place in the alphabet) x 10^8 + its digits.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from zlib import crc32

MAGIC = b"PressTwo"
VERSION = 1

HEADER = Struct("<8sHHII32s")
CHECK = Struct("<I")
COUNTS = Struct("<III")
GROUP = Struct("<BIIII")
PLACE = Struct("<HI")
OUTWARD = 4
START = Struct("<I")
STARTS = Struct("<10I")
SECTOR = Struct("<50s50sHHBB")
CHOICE = Struct("<H")
NUMBERS = {2: Struct("<H"), 4: Struct("<I")}
END = bytes(4)

NATIONS = (
    "",
    "England",
    "Wales",
    "Scotland",
    "Northern Ireland",
    "Jersey",
    "Guernsey",
    "Isle of Man",
)

ADVICE = "restore it from a copy, or build it again with: ivr directory build"


class DirectoryError(Exception):
    """A file that is not a whole and sound directory; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """One combination of areas that postcodes lie in: nation by name, the rest by ONS code.

    "" where there is none. ``lsoa`` is of 2021 (England and Wales); ``sub_icb`` and ``icb`` are
    those of April 2026, ``icb_2025`` of the 42 boards there were until then (England).
    """

    nation: str = ""
    lad: str = ""
    lsoa: str = ""
    sub_icb: str = ""
    icb: str = ""
    icb_2025: str = ""


NORTHERN_IRELAND = Place("Northern Ireland")
"""Place 0 of every directory: the one place of the whole of postcode area BT."""


def packed(code: str) -> int:
    """An ONS code as a number: ``E07000008`` is 507000008, "" is 0."""
    return (ord(code[0]) - 64) * 10**8 + int(code[1:]) if code else 0


def unpacked(number: int) -> str:
    """The ONS code that :func:`packed` made ``number`` of."""
    letter, digits = divmod(number, 10**8)
    return f"{chr(64 + letter)}{digits:08d}" if number else ""


def sealed(info: dict[str, object], body: bytes, width: int) -> bytes:
    """A whole file, given its two parts and the bytes of a place number in its palettes."""
    story = json.dumps(info, ensure_ascii=False, indent=1).encode()
    header = HEADER.pack(MAGIC, VERSION, width, len(story), len(body), sha256(body).digest())
    return header + CHECK.pack(crc32(header + story)) + story + body


@dataclass(frozen=True, slots=True)
class Opened:
    """A whole file taken apart again, each part checked."""

    info: dict[str, object]
    body: memoryview
    digest: bytes
    width: int


def opened(file: memoryview) -> Opened:
    """The parts of ``file``; raises :class:`DirectoryError` unless it is whole and unaltered."""
    start = HEADER.size + CHECK.size
    if len(file) < start or file[: len(MAGIC)] != MAGIC:
        raise DirectoryError(f"this file is not a directory of postcodes; {ADVICE}")
    _, version, width, told, length, digest = HEADER.unpack_from(file)
    if version != VERSION:
        raise DirectoryError(
            f"this directory is of format {version}, and only format {VERSION} can be read; "
            "build it again with: ivr directory build"
        )
    if len(file) != start + told + length:
        raise DirectoryError(
            f"this directory is cut short or overlong: {len(file):,} bytes instead of "
            f"{start + told + length:,}; {ADVICE}"
        )
    story, body = file[start : start + told], file[start + told :]
    whole = CHECK.unpack_from(file, HEADER.size)[0] == crc32(story, crc32(file[: HEADER.size]))
    if not whole or sha256(body).digest() != digest:
        raise DirectoryError(f"this directory was damaged or altered; {ADVICE}")
    return Opened(json.loads(bytes(story)), body, digest, width)
