"""Says which telephone numbers the line may ring, and which it may ring back.

A stolen login or a slip of the hand in the table must not make the line ring a premium number,
and "+44" alone proves little: it is shared by Jersey, Guernsey and the Isle of Man, by premium
rate (09, 087) and by personal numbers (070). So a number is rung only if it is of a kind named
here. Numbers that Ofcom keeps for drama reach nobody; they are rung only on a test line.
"""

from __future__ import annotations

import re
from types import MappingProxyType

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

FIXED = "landline"
MOBILE = "mobile"
FREEPHONE = "freephone"
UK_WIDE = "UK-wide"
SHORT = "emergency or short"
SIP = "SIP"
INVALID = "invalid"

ALLOWED = (
    "a landline, mobile, freephone (0800, 0808) or UK-wide (03) number of the United Kingdom, "
    "written +44..., or sip:name@host"
)
"""What may be rung, in the words an operator is told it in."""

_KINDS = MappingProxyType(
    {
        PhoneNumberType.FIXED_LINE: FIXED,
        PhoneNumberType.MOBILE: MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE: FIXED,
        PhoneNumberType.TOLL_FREE: FREEPHONE,
        PhoneNumberType.UAN: UK_WIDE,
        PhoneNumberType.PREMIUM_RATE: "premium-rate",
        PhoneNumberType.SHARED_COST: "shared-cost",
        PhoneNumberType.PERSONAL_NUMBER: "personal",
        PhoneNumberType.VOIP: "internet telephone",
        PhoneNumberType.PAGER: "pager",
        PhoneNumberType.VOICEMAIL: "voicemail",
    }
)

_DRAMA = re.compile(
    r"\+44(?:1632960|7700900|2079460|11[3-8]4960|1[2-6]14960|1914980|2920180|8081570|3069990)\d{3}"
    r"|\+442896496\d{3}"
)
"""Ofcom, "Telephone numbers for use in TV and radio drama programmes"."""

_DRAMA_MOBILE = "+447700900"

_ISLANDS = MappingProxyType({"JE": "Jersey", "GG": "Guernsey", "IM": "Isle of Man"})

_WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""What Twilio puts for a caller without a number: "anonymous", "restricted", "blocked", "unknown"
and "unavailable", spelt on the keys."""

_E164 = re.compile(r"\+[1-9]\d{3,14}")
_SIP = re.compile(r"sip:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LONGEST = 40
_SHORT_DIGITS = 6
"""National numbers up to this long (999, 111, 116 123) are reached by no +44 number."""


def drama(number: str) -> bool:
    """Whether Ofcom keeps this E.164 ``number`` for drama, so that it reaches nobody."""
    return _DRAMA.fullmatch(number) is not None


def kind(number: str) -> str:
    """What kind of number this is: :data:`FIXED`, :data:`MOBILE` and so on, in plain words.

    ``number`` is E.164 or ``sip:name@host``; anything else, or a number nobody can have, is
    :data:`INVALID`. A drama number is of the kind it plays.
    """
    if _SIP.fullmatch(number):
        return SIP
    if not _E164.fullmatch(number):
        return INVALID
    if drama(number):
        return _drama_kind(number)
    if number.startswith("+44") and len(number) - 3 <= _SHORT_DIGITS:
        return SHORT
    try:
        found = _KINDS.get(phonenumbers.number_type(phonenumbers.parse(number)), INVALID)
    except NumberParseException:
        return INVALID
    return "corporate" if found == UK_WIDE and not number.startswith("+443") else found


def _drama_kind(number: str) -> str:
    if number.startswith(_DRAMA_MOBILE):
        return MOBILE
    if number.startswith("+443"):
        return UK_WIDE
    return FREEPHONE if number.startswith("+448") else FIXED


def allowed_to_ring(number: str, test_line: bool, nation: str = "") -> str | None:  # noqa: FBT001 - the line either is a test line or is not
    """Why a service's ``number`` may not be rung, in words for an operator; None if it may.

    A number of Jersey, Guernsey or the Isle of Man may be rung only for a service whose
    ``nation`` is that island, for calls there are priced apart.
    """
    if drama(number):
        return None if test_line else f"{number} is kept for drama and reaches nobody"
    found = kind(number)
    if found == SIP:
        return None
    if found == INVALID:
        return f"{number} is not a telephone number that can exist"
    if found not in {FIXED, MOBILE, FREEPHONE, UK_WIDE}:
        return f"{number} is {'an' if found[0] in 'aeiou' else 'a'} {found} number"
    where = _whereabouts(number, found)
    if where == "abroad":
        return f"{number} is not in the United Kingdom"
    return f"{number} is in {where}, and the service is not" if where not in {"", nation} else None


def _whereabouts(number: str, found: str) -> str:
    """The island a landline or mobile is of, "abroad", or "" for the United Kingdom's numbers.

    The islands come first, for some of their mobiles pass for the mainland's as well; freephone
    and UK-wide numbers are everyone's.
    """
    parsed = phonenumbers.parse(number)
    for region, island in _ISLANDS.items() if found in {FIXED, MOBILE} else ():
        if phonenumbers.is_valid_number_for_region(parsed, region):
            return island
    return "" if phonenumbers.is_valid_number_for_region(parsed, "GB") else "abroad"


def may_ring_back(number: str, test_line: bool, nation: str = "") -> bool:  # noqa: FBT001 - as above
    """Whether a caller who gives ``number`` (E.164) may be promised a call to it.

    Only a landline or a mobile: what else a stranger asks us to ring is not theirs. One of the
    islands' numbers only for the island's own service (``nation``), as for services.
    """
    return kind(number) in {FIXED, MOBILE} and allowed_to_ring(number, test_line, nation) is None


def from_caller(text: str) -> str:
    """The caller's number as E.164, from what the network says of it; "" if it says none.

    Withheld, absent, spelt ("+266696687" is "anonymous" on the keys), a client's or a SIP
    caller's name, or a number that cannot exist: all are "".
    """
    number = text.strip()
    return "" if number in _WITHHELD else _valid(number)


def valid_uk_caller_id(number: str, test_line: bool) -> bool:  # noqa: FBT001 - as above
    """Whether a UK service will take a call shown as coming from ``number`` (E.164 or "").

    Freephone lines refuse foreign and invalid ones, so the line then shows its own. The
    islands' numbers count: they are +44 and real.
    """
    if not number.startswith("+44"):
        return False
    if drama(number):
        return test_line
    return kind(number) in {FIXED, MOBILE, FREEPHONE, UK_WIDE, _KINDS[PhoneNumberType.VOIP]}


def keyed(text: str) -> str:
    """The UK number a caller keyed, as E.164; "" if it is not one.

    ``07700900123``, ``0044...``, ``44...`` and a final ``#`` are all understood, and so is a
    number without its first 0.
    """
    digits = text.strip().removesuffix("#")
    if not digits.isascii() or not digits.isdigit():
        return ""
    for prefix in ("0044", "44", "0", ""):
        if digits.startswith(prefix):
            number = _valid("+44" + digits.removeprefix(prefix).removeprefix("0"))
            if number:
                return number
    return ""


def _valid(text: str) -> str:
    """``text`` as the E.164 of a number that can exist, or that is kept for drama; else ""."""
    if len(text) > _LONGEST or not any(letter.isdigit() for letter in text):
        return ""
    if any(letter.isalpha() for letter in text):
        return ""
    try:
        parsed = phonenumbers.parse(text, "GB")
    except NumberParseException:
        return ""
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return number if drama(number) or phonenumbers.is_valid_number(parsed) else ""


def aloud(number: str) -> str:
    """An E.164 ``number`` as it is read out: in national form, digit by digit, in its groups."""
    national = phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.NATIONAL)
    return ", ".join(" ".join(group) for group in national.split())
