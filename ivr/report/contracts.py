"""The services that are reported on, each as NHS England's monthly file names it.

They are data, in ``contracts.csv``: whoever runs a service and which board it is in change.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields

from ivr.routing import Service

CODE = r"MH[0-9]{3}"
CODE_ALLOWED = "MH and three digits, each once"


class ContractsError(Exception):
    """What is wrong with ``contracts.csv``, in one clear line."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract, the unit of the published figures, in the words and order of the file."""

    region: str
    icb_code: str
    """The board's NHS (ODS) code; one contract of 2025 is published with its organisation's."""
    icb_name: str
    org_code: str
    org_name: str
    contract_code: str
    """MH and three digits; a service in the routing table names its contract by it."""
    contract_name: str

    def cells(self) -> tuple[str, ...]:
        """Its seven columns, in order."""
        return astuple(self)


HEADER = tuple(each.name for each in fields(Contract))
"""The columns of ``contracts.csv``."""


def read_contracts(content: bytes) -> tuple[Contract, ...]:
    """The contracts in ``content``, a ``contracts.csv``, in its order.

    Raises :class:`ContractsError` for the first thing that is wrong, by row and column.
    """
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        rows = list(csv.reader(text, strict=True))
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise ContractsError("contracts.csv is no CSV in UTF-8: save it as one") from wrong
    if not rows or tuple(rows[0]) != HEADER:
        raise ContractsError(f"contracts.csv: the first row must be {','.join(HEADER)}")
    known: dict[str, Contract] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        contract = _contract(number, row)
        if contract.contract_code in known:
            raise ContractsError(
                _told(number, "contract_code", "is in an earlier row too", CODE_ALLOWED)
            )
        known[contract.contract_code] = contract
    return tuple(known.values())


def by_service(
    contracts: Iterable[Contract], services: Mapping[str, Service]
) -> dict[str, Contract]:
    """The contract of each of ``services`` that has one, by the service's code.

    They are in the order of ``contracts``; of one contract, several services may be. Raises
    :class:`ContractsError` for a service whose contract is not among them.
    """
    known = {each.contract_code: each for each in contracts}
    order = {code: place for place, code in enumerate(known)}
    for code, service in services.items():
        if service.contract and service.contract not in known:
            raise ContractsError(
                f"contracts.csv has no row for {service.contract}, which services.csv says is the "
                f"contract of {code}: add one, or correct the service's"
            )
    reported = [code for code, service in services.items() if service.contract]
    reported.sort(key=lambda code: (order[services[code].contract], code))
    return {code: known[services[code].contract] for code in reported}


def _contract(number: int, row: list[str]) -> Contract:
    """The contract of one row."""
    if len(row) != len(HEADER):
        raise ContractsError(f"contracts.csv row {number}: {len(row)} cells, not {len(HEADER)}")
    contract = Contract(*row)
    for column, cell, allowed in unfit(contract):
        raise ContractsError(_told(number, column, f"{cell!r} is not allowed", allowed))
    return contract


def unfit(contract: Contract) -> Iterator[tuple[str, str, str]]:
    """Each column of ``contract`` that is not as it may be, what is in it, and what may be."""
    for column, cell in zip(HEADER, contract.cells(), strict=True):
        if not cell or cell != cell.strip() or not cell.isprintable():
            yield column, cell, "words, with no space before or behind them"
    if not re.fullmatch(CODE, contract.contract_code):
        yield "contract_code", contract.contract_code, CODE_ALLOWED


def _told(number: int, column: str, wrong: str, allowed: str) -> str:
    return f"contracts.csv row {number}, column {column}: {wrong}; allowed: {allowed}"
