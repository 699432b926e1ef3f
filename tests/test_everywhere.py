"""Every live postcode of Great Britain and the islands, by writing and by keys, to its service.

1,769,852 postcodes and the 382,355 key strings they make; run whole, on both cores' time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache

from ivr import postcode
from ivr.call import Call, Cover
from ivr.finding import NONE_OF_THESE, which
from ivr.prompts import LONGEST, seconds
from ivr.whereabouts import Found
from tests import shipped

LIVE = 1_769_852
Services = tuple[str, str]


def services(cover: Cover) -> Services:
    return cover.adult, cover.under_18


@cache
def by_keys() -> dict[str, Counter[Services]]:
    """How many postcodes of each service every key string stands for."""
    cover = shipped.whereabouts().answers.cover
    found: defaultdict[str, Counter[Services]] = defaultdict(Counter)
    for whole, place, live in shipped.directory().every():
        if live:
            found[postcode.keys(whole)][services(cover(place, whole))] += 1
    return dict(found)


def test_every_live_postcode_routes_to_a_service() -> None:
    table = shipped.table()
    totals: Counter[Services] = Counter()
    for found in by_keys().values():
        totals += found
    assert totals.total() == LIVE
    assert {code for pair in totals for code in pair} <= set(table.services)
    fallback = totals[table.line.fallback, table.line.fallback]
    print(f"{fallback} of {LIVE} live postcodes lie in no district and ring the fallback")
    assert fallback < 1_219, "the fallback is for the English postcodes without a district"


@dataclass
class Asked:
    """What the line makes of the keys of every live postcode."""

    settled: int = 0
    """Postcodes whose keys tell their service."""
    asked: int = 0
    """Those about which one question is asked."""
    crowded: int = 0
    """Those whose keys fit more services than can be asked about."""
    never_offered: list[str] = field(default_factory=list)
    longest: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(shipped.catalogues(), 0)
    )
    """Seconds that the longest question takes, by language."""

    def count(self, keys: str, own: Counter[Services], found: Found) -> None:
        offered = {services(option.cover) for option in found.options}
        if not (own.keys() <= offered or found.more):
            self.never_offered.append(keys)
        self.settled += own.total() if found.sure else 0
        self.asked += 0 if found.sure or found.more else own.total()
        self.crowded += own.total() if found.more else 0

    def time(self, found: Found) -> None:
        more = (NONE_OF_THESE,) if found.more else ()
        question = which(Call("which", options=(*found.options, *more)), shipped.world())
        for code, catalogue in shipped.catalogues().items():
            said = seconds(" ".join(map(catalogue.text, question.lines)))
            self.longest[code] = max(self.longest[code], said)


@cache
def of_all() -> Asked:
    """What the line asks about every string of keys there is; each is looked up once."""
    keyed, all_ = shipped.whereabouts().keyed, Asked()
    for keys, own in by_keys().items():
        found = keyed(keys)
        all_.count(keys, own, found)
        if len(found.options) > 1:
            all_.time(found)
    return all_


def test_the_keys_of_every_live_postcode_lead_to_its_own_service() -> None:
    found = of_all()
    assert found.never_offered == []
    assert found.settled + found.asked + found.crowded == LIVE
    print(
        f"settled by keys alone {found.settled / LIVE:.2%}; one question {found.asked / LIVE:.2%}; "
        f"fits more than four services {found.crowded / LIVE:.2%}"
    )
    assert found.settled > 0.67 * LIVE
    assert found.crowded < 0.006 * LIVE


def test_no_question_about_keys_runs_over_twenty_seconds() -> None:
    print(f"the longest question by language: {of_all().longest} s")
    assert max(of_all().longest.values()) <= LONGEST
