"""How people prove who they are: a password, and the six digits of an authenticator.

Passwords are kept as argon2 writes them (RFC 9106) and an authenticator's secret sealed. Whether a
login is known, has no password yet or gave a wrong one takes the same work and is told alike.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.sealing import Seal, SealError
from ivr.store import Operator, People

SHORTEST, LONGEST = 12, 200
"""Characters of a password: NIST SP 800-63B asks for a length, and for nothing odd within it."""

STEP = timedelta(seconds=30)
"""For how long an authenticator shows one code (RFC 6238)."""

ISSUER = "Press Two"
"""What an authenticator calls the codes it shows for us."""

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody typed to sign in."""

    login: str
    password: str
    code: str


def wrong_password(password: str, login: str) -> str:
    """Why ``password`` may not be chosen by whoever signs in as ``login``; "" if it may."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Choose a password of {SHORTEST} to {LONGEST} characters"
    if len(set(password)) < SHORTEST // 3 or password.lower() in login or login in password.lower():
        return "Choose a password that is harder to guess: a few words that belong to nothing"
    return ""


def kept_password(password: str) -> str:
    """``password`` as it is kept."""
    return _hasher.hash(password)


def new_secret() -> str:
    """A fresh secret for an authenticator."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """What an authenticator is set up by, as a picture or typed."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def sealed(seal: Seal, secret: str, used: int = 0) -> str:
    """An authenticator's secret as it is kept, with the newest step whose code was used."""
    return seal.seal(json.dumps([secret, used]).encode()).decode()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which step's code ``code`` is: this one's or a neighbour's, for clocks differ. None: wrong.

    Spaces, with which many authenticators show it, are let pass.
    """
    digits = "".join(code.split())
    totp, here = pyotp.TOTP(secret), int(now.timestamp() // STEP.total_seconds())
    for step in (here, here - 1, here + 1):
        if pyotp.utils.strings_equal(totp.generate_otp(step), digits):
            return step
    return None


def proven(
    people: People, seal: Seal, given: Given, now: datetime, *, both: bool
) -> Operator | None:
    """Who signs in so, or None. With ``both`` they need an authenticator's code as well.

    A person who has an authenticator needs its code everywhere.
    """
    operator = people.by_login(given.login)
    known = _verified(operator.password if operator else None, given.password)
    if operator is None or not known or operator.disabled:
        return None
    if operator.totp is None:
        return None if both else operator
    return operator if _code_used(people, seal, operator, given.code, now) else None


def _verified(kept: str | None, password: str) -> bool:
    """Whether ``password`` is the one that is kept; the same work where none is."""
    try:
        _hasher.verify(kept or _nobodys(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def _code_used(people: People, seal: Seal, operator: Operator, code: str, now: datetime) -> bool:
    """Whether ``code`` is right and was not used before; from now on it was."""
    try:
        secret, used = json.loads(seal.open((operator.totp or "").encode()))
    except (SealError, ValueError):
        return False
    step = step_of(secret, code, now)
    if step is None or step <= used:
        return False
    return people.swap(operator.id, (operator.totp or "", sealed(seal, secret, step)))


@cache
def _nobodys() -> str:
    return _hasher.hash(new_secret())
