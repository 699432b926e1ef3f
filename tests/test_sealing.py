from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.sealing import Seal, SealError

OLD, NEW, OTHER = (urlsafe_b64encode(bytes([n]) * 16 + bytes(16)).decode() for n in (1, 2, 3))
NUMBER = "+447700900123"
DRAMA = [f"+447700900{n:03}" for n in range(1000)]


@given(st.binary())
def test_what_was_sealed_is_opened_as_it_was(content: bytes) -> None:
    sealed = Seal([NEW]).seal(content)
    assert Seal([NEW]).open(sealed) == content


def test_what_is_sealed_shows_nothing_of_what_is_in_it_and_is_never_sealed_alike() -> None:
    seal = Seal([NEW])
    first, second = seal.seal(NUMBER.encode() * 10), seal.seal(NUMBER.encode() * 10)
    assert first != second
    assert NUMBER.encode() not in first


def test_keys_are_rotated_the_newest_seals_and_the_older_still_open() -> None:
    before = Seal([OLD]).seal(b"before")
    rotating = Seal([NEW, OLD])
    assert rotating.open(before) == b"before"
    after = rotating.seal(b"after")
    assert Seal([NEW]).open(after) == b"after"
    with pytest.raises(SealError):
        Seal([OLD]).open(after)
    with pytest.raises(SealError):
        Seal([NEW]).open(before)


@given(st.binary())
def test_what_nobody_sealed_is_refused(content: bytes) -> None:
    with pytest.raises(SealError):
        Seal([NEW]).open(content)


def test_what_was_changed_on_the_way_is_refused_wherever_it_was_changed() -> None:
    sealed = Seal([NEW]).seal(b"whole")
    for place in range(len(sealed)):
        spoilt = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealError, match="SEALING_KEYS"):
            Seal([NEW, OLD]).open(spoilt)


@pytest.mark.parametrize("keys", [[], [""], ["short"], [NEW, "not a key"]])
def test_without_a_key_that_is_one_nothing_can_be_sealed(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        Seal(keys)


def test_a_caller_has_one_name_for_one_purpose_and_one_key() -> None:
    seal = Seal([NEW, OLD])
    name = seal.pseudonym(NUMBER, "caller")
    assert len(name) == 32
    assert int(name, 16)
    assert Seal([NEW]).pseudonym(NUMBER, "caller") == name, "older keys make no difference"
    others = {
        seal.pseudonym(NUMBER, "callback"),
        seal.pseudonym("+447700900124", "caller"),
        Seal([OLD, NEW]).pseudonym(NUMBER, "caller"),
    }
    assert len(others | {name}) == 4


def test_the_names_by_older_keys_are_known_newest_first() -> None:
    both = Seal([NEW, OLD]).pseudonyms(NUMBER, "callback")
    assert both == tuple(Seal([key]).pseudonym(NUMBER, "callback") for key in (NEW, OLD))
    assert Seal([NEW, OLD]).pseudonym(NUMBER, "callback") == both[0]
    assert Seal([NEW]).pseudonyms("", "callback") == ()


def test_a_withheld_number_has_no_name() -> None:
    assert not Seal([NEW]).pseudonym("", "caller")


def test_trying_every_number_undoes_no_name_without_the_key() -> None:
    names = {Seal([NEW]).pseudonym(number, "caller") for number in DRAMA}
    assert len(names) == len(DRAMA)
    for number in DRAMA:
        for digest in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            assert digest(number.encode()).hexdigest()[:32] not in names
        assert Seal([OTHER]).pseudonym(number, "caller") not in names
