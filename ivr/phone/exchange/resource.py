"""Calls, and what went to and fro on them, as Twilio's API writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime

from ivr.phone.exchange.company import Seen
from ivr.phone.exchange.dialled import Asked

Json = Mapping[str, object]

SUBRESOURCES = (
    "notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions",
    "user_defined_message_subscriptions", "user_defined_messages",
)  # fmt: skip


def account_path(account: str) -> str:
    """Where all that belongs to an account is."""
    return f"/2010-04-01/Accounts/{account}"


def call(seen: Seen, account: str) -> Json:
    """One call."""
    path = f"{account_path(account)}/Calls/{seen.sid}"
    is_done = seen.status == "completed"
    end = seen.began + timedelta(seconds=seen.seconds) if seen.began and is_done else None
    return {
        "sid": seen.sid,
        "account_sid": account,
        "parent_call_sid": seen.parent or None,
        "date_created": _written(seen.asked or seen.began),
        "date_updated": _written(end or seen.began or seen.asked),
        "to": seen.number,
        "to_formatted": seen.number,
        "from": seen.caller,
        "from_formatted": seen.caller,
        "phone_number_sid": None,
        "status": str(seen.status),
        "start_time": _written(seen.began),
        "end_time": _written(end),
        "duration": str(seen.seconds) if is_done else None,
        "price": None,
        "price_unit": "GBP",
        "direction": seen.direction,
        "answered_by": seen.answered_by or None,
        "api_version": "2010-04-01",
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": f"{path}.json",
        "subresource_uris": {
            name: f"{path}/{''.join(word.title() for word in name.split('_'))}.json"
            for name in SUBRESOURCES
        },
    }


def event(asked: Asked) -> Json:
    """One request and what was answered to it."""
    return {
        "request": {"method": "POST", "url": asked.url, "parameters": dict(asked.form)},
        "response": {
            "response_code": asked.status,
            "request_duration": 0,
            "content_type": asked.kind,
            "response_body": asked.body,
            "date_created": _written(asked.at),
        },
    }


def error(status: int, code: int, message: str) -> Json:
    """What is said of a request that was refused."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}


def _written(moment: datetime | None) -> str | None:
    """``moment`` as RFC 2822 writes it."""
    return None if moment is None else format_datetime(moment)
