"""Checks a table's rows against one another: what no single cell can say.

That services and take-overs exist and lead somewhere, that no number leads back to the line,
that nobody is kept ringing for too long, and that no area is promised to two services at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ivr import numbers
from ivr.hours import Opening
from ivr.routing.sheet import Row
from ivr.routing.table import Limits, LineSettings, Route, Service, taken_over


@dataclass(frozen=True)
class Draft:
    """A table as it was read, not yet known to be sound; each value with the row it came from."""

    services: Sequence[tuple[Row, Service]]
    routes: Sequence[tuple[Row, Route]]
    hours: Sequence[tuple[Row, Opening]]
    whole: bool
    """Whether all of services.csv could be read, so that what is not in it is nowhere."""
    line: tuple[Row, LineSettings] | None
    """None where there is no line.toml that can be read at all."""

    def check(self) -> None:
        """Notes in each row what is wrong with it beside the others."""
        sound = all(row.sound for row, _ in self.services)
        self._check_line()
        for row, service in self.services:
            if service.code in self._rung:
                self._check_once(row, service)
                self._check_numbers(row, service)
                self._check_own_number(row, service)
                self._check_chain(row, service)
        self._check_all_known(sound=sound)
        self._check_overlaps()
        self._check_hours()

    # -- what the rows say together --------------------------------------------------------

    @cached_property
    def _rung(self) -> dict[str, Service]:
        """The services whose code and numbers could be read."""
        readable = (service for _, service in self.services if service.code and service.numbers)
        return {service.code: service for service in readable}

    @cached_property
    def _rows(self) -> dict[str, int]:
        """The first row of each service, whether it is sound or not."""
        rows: dict[str, int] = {}
        for row, service in self.services:
            rows.setdefault(service.code, row.number)
        return rows

    @cached_property
    def _ours(self) -> set[str]:
        """The numbers that lead to this line."""
        ours = {service.own_number for _, service in self.services}
        if self.line:
            ours |= {self.line[1].number, self.line[1].caller_id}
        return ours - {""}

    @property
    def _fallback(self) -> str:
        return self.line[1].fallback if self.line else ""

    @property
    def _test_line(self) -> bool:
        """Whether drama numbers may stand; where that cannot be read, they are not the trouble."""
        return self.line[1].test_line if self.line else True

    def _check_all_known(self, *, sound: bool) -> None:
        """Notes the rows for services that are nowhere.

        Where services.csv is not ``sound`` itself that is likely to be why, and one row of each
        file stands for all: the mistake itself would be lost among them.
        """
        routes = [(row, route.service) for row, route in self.routes]
        hours = [(row, row.cells["service"]) for row, _ in self.hours]
        for named in (routes, hours) if self.whole else ():
            lost = [(row, code) for row, code in named if code and code not in self._rows]
            for row, code in lost if sound else lost[:1]:
                more = "" if sound or len(lost) == 1 else _and_more([code for _, code in lost])
                trouble = f"{code!r} is not a service{more}"
                row.wrong("service", trouble, "a service of services.csv")

    def _check_known(self, row: Row, column: str, service: str) -> None:
        if self.whole and service and service not in self._rows:
            row.wrong(column, f"{service!r} is not a service", "a service of services.csv")

    # -- the line --------------------------------------------------------------------------

    def _check_line(self) -> None:
        if not self.line:
            return
        row, line = self.line
        self._check_known(row, "fallback", line.fallback)
        self._check_known(row, "adviser", line.adviser)
        for place, service in enumerate(line.test_calls, 1):
            self._check_known(row, f"test_calls.{place}", service)
        for column, number in (("number", line.number), ("caller_id", line.caller_id)):
            if number:
                self._check_telephone(row, column, number, "")

    def _check_telephone(self, row: Row, column: str, number: str, nation: str) -> None:
        """Notes a number that cannot be one of the line's own."""
        reason = numbers.allowed_to_ring(number, self._test_line, nation)
        if numbers.kind(number) == numbers.SIP:
            reason = f"{number} is not a telephone number"
        if reason:
            row.wrong(column, reason, "a telephone number of the United Kingdom, written +44...")

    # -- services --------------------------------------------------------------------------

    def _check_once(self, row: Row, service: Service) -> None:
        first = self._rows[service.code]
        if first != row.number:
            row.wrong("service", f"{service.code} is in row {first} already", "each service once")

    def _check_numbers(self, row: Row, service: Service) -> None:
        for number in service.numbers:
            reason = numbers.allowed_to_ring(number.value, self._test_line, service.nation)
            if reason:
                row.wrong("numbers", reason, numbers.ALLOWED)
            elif number.value in self._ours:
                row.wrong("numbers", f"{number.value} leads back to this line", "another number")
        if service.code == self._fallback and numbers.kind(service.numbers[0].value) == numbers.SIP:
            allowed = "a telephone number first, for it is read out to callers"
            row.wrong("numbers", "the fallback's first number is a SIP address", allowed)

    def _check_own_number(self, row: Row, service: Service) -> None:
        number = service.own_number
        if not number:
            return
        self._check_telephone(row, "own_number", number, service.nation)
        owners = [other for other in self._rung.values() if other.own_number == number]
        line_number = self.line[1].number if self.line else ""
        if len(owners) > 1 or number == line_number:
            row.wrong("own_number", f"{number} leads elsewhere too", "a number of its own, or none")

    def _check_chain(self, row: Row, service: Service) -> None:
        self._check_known(row, "take_over", service.take_over)
        if service.take_over and self._fallback in {service.code, service.take_over}:
            row.wrong("take_over", "the fallback takes part", "empty: it stands behind everyone")
            return
        chain = taken_over(service.code, self._rung)
        last = self._rung.get(chain[-1])
        if last and last.take_over == service.code:
            row.wrong("take_over", f"{_told(chain)} lead round in a ring", "a chain that ends")
        rung = [number for code in chain for number in self._rung[code].numbers]
        limits = self.line[1].limits if self.line else Limits()
        if len(rung) > limits.numbers:
            self._too_long(row, chain, f"{len(rung)} numbers ring", f"{limits.numbers}")
        seconds = sum(number.seconds for number in rung)
        if seconds > limits.seconds:
            self._too_long(row, chain, f"they ring for {seconds} s", f"{limits.seconds} s")

    def _too_long(self, row: Row, chain: Sequence[str], trouble: str, most: str) -> None:
        column = "take_over" if len(chain) > 1 else "numbers"
        row.wrong(column, f"for {_told(chain)}, {trouble}", f"at most {most} in line.toml")

    # -- routes ----------------------------------------------------------------------------

    def _check_overlaps(self) -> None:
        for rows in self._alike():
            last_row, last = rows[0]
            for row, route in rows[1:]:
                if route.valid_from <= last.valid_to:
                    trouble = (
                        f"{route.area} is in row {last_row.number} already for some of the days"
                    )
                    row.wrong("area", trouble, "one service for an area and audience on any day")
                if route.valid_to >= last.valid_to:
                    last_row, last = row, route

    def _alike(self) -> Iterator[Sequence[tuple[Row, Route]]]:
        """The sound routes for the same area and audience together, by the day they begin."""
        alike: defaultdict[tuple[str, str, str], list[tuple[Row, Route]]] = defaultdict(list)
        for row, route in self.routes:
            if route.valid_to < route.valid_from:
                row.wrong("valid_to", "is before valid_from", "the last day, itself included")
            elif row.sound:
                alike[route.area_type, route.area, route.audience].append((row, route))
        for rows in alike.values():
            yield sorted(rows, key=lambda found: found[1].valid_from)

    # -- hours -----------------------------------------------------------------------------

    def _check_hours(self) -> None:
        dated: defaultdict[tuple[str, object], list[tuple[Row, Opening]]] = defaultdict(list)
        for row, opening in self.hours:
            service = row.cells["service"]
            if service and service == self._fallback:
                row.wrong("service", "the fallback has hours", "no row: the fallback never closes")
            if opening.date:
                dated[service, opening.date].append((row, opening))
        for rows in dated.values():
            closed = [opening.opens == opening.closes for _, opening in rows]
            if any(closed) and not all(closed):
                rows[-1][0].wrong("date", "that day is both closed and open", "one or the other")


def _told(chain: Sequence[str]) -> str:
    """A chain of services in words, its middle left out if it is long."""
    return ", then ".join([*chain[:3], "others", chain[-1]] if len(chain) > 5 else chain)  # noqa: PLR2004


def _and_more(codes: Sequence[str]) -> str:
    """What is said of the first of several rows that name services that are nowhere."""
    others = len(set(codes)) - 1
    nor = f", nor {'is 1 other' if others == 1 else f'are {others:,} others'}" if others else ""
    return f"{nor}, in {len(codes):,} rows: mend services.csv first"
