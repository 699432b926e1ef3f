"""Finds real postcodes from which callers are put through to a service, asked for keys alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from ivr import postcode
from ivr.call import ADULT, UNDER_18, Cover
from ivr.directory import Match
from ivr.whereabouts import Whereabouts

ENOUGH = 60
"""Postcodes kept for a service."""

AT_ONCE = 6
"""The most of them that are looked for in one postcode district, so that they are not all alike."""

DIGITS, LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller is: a postcode by its keys, and who it leads to."""

    keys: str
    cover: Cover
    young: bool
    """Whether the caller rings for somebody under 18."""
    plain: bool
    """Whether nothing is asked beside the postcode."""


def places(where: Whereabouts, wanted: Collection[str], seed: str) -> Mapping[str, list[Place]]:
    """Places that lead to each of the services ``wanted``; the same ones for the same ``seed``.

    A service that no postcode leads to has none.
    """
    chance = Random(seed)  # noqa: S311 - the same callers each time
    outwards = sorted(where.directory.outwards())
    chance.shuffle(outwards)
    found: dict[str, list[Place]] = {service: [] for service in wanted}
    wants = set(wanted)
    for outward in outwards:
        here = _services(where, outward) & wants
        if here:
            for service, place in _in_district(where, outward, here, chance):
                found[service].append(place)
            wants -= {service for service in here if len(found[service]) >= ENOUGH}
    return found


def _services(where: Whereabouts, outward: str) -> set[str]:
    """The services that some postcode of a district leads to."""
    covers = (where.answers.cover(place, outward) for place in where.directory.near(outward))
    return {service for cover in covers for service in (cover.adult, cover.under_18)}


def _in_district(
    where: Whereabouts, outward: str, wants: Collection[str], chance: Random
) -> Iterator[tuple[str, Place]]:
    """Some places in a district that lead to the services it ``wants``, each with its service."""
    matches = where.directory.fitting([outward], DIGITS, LETTERS, LETTERS)
    live = [match for match in matches if match.live and len(match.inward) > 1]
    lacking = dict.fromkeys(wants, AT_ONCE)
    for match in chance.sample(live, len(live)):
        for service, place in _leading(where, match):
            if lacking.get(service, 0):
                lacking[service] -= 1
                yield service, place
        if not any(lacking.values()):
            return


def _leading(where: Whereabouts, match: Match) -> Iterator[tuple[str, Place]]:
    """The services that a postcode leads to, its keys alone being known."""
    keys = postcode.keys(match.outward + match.inward)
    cover = where.answers.cover(match.place, match.outward + match.inward)
    asked = where.keyed(keys)
    if all(cover != option.cover for option in asked.options):
        return
    plain = asked.sure and not cover.by_age
    for audience in (ADULT, UNDER_18) if cover.by_age else (ADULT,):
        yield cover.service(audience), Place(keys, cover, audience == UNDER_18, plain)
