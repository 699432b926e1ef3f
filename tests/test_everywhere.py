"""Every live postcode of Great Britain and the islands, by writing and by keys, to its service.

1,769,852 postcodes and the 382,355 key strings they make; run whole, on both cores' time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

from ivr import postcode
from ivr.call import Call, Cover
from ivr.finding import NONE_OF_THESE, which
from ivr.prompts import LONGEST, seconds
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


def test_the_keys_of_every_live_postcode_lead_to_its_own_service() -> None:
    keyed = shipped.whereabouts().keyed
    settled = asked = crowded = 0
    for keys, own in by_keys().items():
        found = keyed(keys)
        offered = {services(option.cover) for option in found.options}
        missed = own.keys() - offered
        assert not missed or found.more, f"{keys} never offers {missed}"
        settled += own.total() if found.sure else 0
        asked += 0 if found.sure or found.more else own.total()
        crowded += own.total() if found.more else 0
    assert settled + asked + crowded == LIVE
    print(
        f"settled by keys alone {settled / LIVE:.2%}; one question {asked / LIVE:.2%}; "
        f"fits more than four services {crowded / LIVE:.2%}"
    )
    assert settled > 0.67 * LIVE
    assert crowded < 0.006 * LIVE


def test_no_question_about_keys_runs_over_twenty_seconds() -> None:
    keyed, words = shipped.whereabouts().keyed, shipped.catalogues()
    worst = dict.fromkeys(words, 0.0)
    for found in map(keyed, by_keys()):
        if len(found.options) > 1:
            more = (NONE_OF_THESE,) if found.more else ()
            asked = which(Call("which", options=(*found.options, *more)), shipped.world())
            for code, catalogue in words.items():
                said = seconds(" ".join(map(catalogue.text, asked.lines)))
                worst[code] = max(worst[code], said)
    print(f"the longest question by language: {worst} s")
    assert max(worst.values()) <= LONGEST
