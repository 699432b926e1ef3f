"""Writes what is said, asked and rung in Twilio's XML.

Nothing that XML 1.0 forbids is let through, every Gather answers silence as well, every voice
comes with its language, and the last resort needs nothing of ours once it has been written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from ivr.call import Ask, Finish, Join, Line, Reply, Ring
from ivr.prompts import Catalogue

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Every character outside XML 1.0's ``Char`` (https://www.w3.org/TR/xml/#charsets)."""

EMPTY = str(VoiceResponse())
"""Nothing more to do: on the called side of a ring, the two sides are joined."""


@dataclass(frozen=True, slots=True)
class Script:
    """How one call's replies are spoken: its language's catalogue among all the line has."""

    language: str
    catalogues: Mapping[str, Catalogue]

    def catalogue(self, line: Line | None = None) -> Catalogue:
        """The catalogue of ``line``, which may have a language of its own."""
        code = line.language if line and line.language else self.language
        return self.catalogues[code]


@dataclass(frozen=True, slots=True)
class Links:
    """Where Twilio comes back to: with the answer, and from the side that is rung."""

    action: str
    whisper: str = ""
    caller_id: str = ""
    status: str = ""
    """Where Twilio tells that whoever is rung has answered, and that their side is over."""


def clean(text: str) -> str:
    """``text`` without the characters XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def write(reply: Reply, script: Script, links: Links) -> str:
    """The TwiML document that says and does ``reply``."""
    response = VoiceResponse()
    if isinstance(reply, Ask):
        response.append(_gather(reply, script, links))
        # Should a Gather ever fall through, silence is answered all the same.
        response.redirect(links.action, method="POST")
    elif isinstance(reply, Ring):
        _say(response, reply.lines, script)
        response.append(_dial(reply, links))
    elif isinstance(reply, Join):
        _join(response, reply, script)
    else:
        _finish(response, reply, script)
    return str(response)


def _finish(response: VoiceResponse, reply: Finish, script: Script) -> None:
    _say(response, reply.lines, script)
    response.hangup()


def _join(response: VoiceResponse, reply: Join, script: Script) -> None:
    """Meet in a room that ends as soon as one of the two leaves; nothing is recorded there."""
    _say(response, reply.lines, script)
    dial = Dial()
    dial.conference(
        reply.room, beep=False, start_conference_on_enter=True, end_conference_on_exit=True
    )
    response.append(dial)
    _say(response, reply.after, script)
    response.hangup()


def _gather(ask: Ask, script: Script, links: Links) -> Gather:
    only_keys = {"num_digits": ask.keys} if ask.keys else {}
    speech = {"speech_timeout": "auto", "language": script.catalogue().hears} if ask.speech else {}
    gather = Gather(
        input="dtmf speech" if ask.speech else "dtmf",
        action=links.action,
        method="POST",
        timeout=ask.wait,
        finish_on_key="#",
        action_on_empty_result=True,
        barge_in=True,
        **only_keys,
        **speech,
    )
    _say(gather, ask.lines, script)
    return gather


def _dial(ring: Ring, links: Links) -> Dial:
    dial = Dial(
        action=links.action,
        method="POST",
        timeout=ring.seconds,
        caller_id=links.caller_id,
        answer_on_bridge=True,
    )
    add = dial.sip if ring.number.startswith("sip:") else dial.number
    add(ring.number, url=links.whisper, method="POST", **_tidings(links))
    return dial


def _tidings(links: Links) -> Mapping[str, str]:
    """What a leg is given so that Twilio tells how it is doing."""
    if not links.status:
        return {}
    return {
        "status_callback": links.status,
        "status_callback_event": "answered completed",
        "status_callback_method": "POST",
    }


def _say(inside: VoiceResponse | Gather, lines: Iterable[Line], script: Script) -> None:
    """Say ``lines``: what one voice says together in one breath, and recordings as they come."""
    for (code, file), together in groupby(lines, key=lambda line: _spoken_by(line, script)):
        catalogue = script.catalogues[code]
        if file:
            inside.play(file)
        else:
            text = " ".join(catalogue.text(line) for line in together)
            inside.say(clean(text), voice=catalogue.voice, language=catalogue.language)


def _spoken_by(line: Line, script: Script) -> tuple[str, str]:
    """The catalogue that speaks a line, and its recording if it has one."""
    catalogue = script.catalogue(line)
    return catalogue.code, catalogue.prompts[line.prompt].file


def whisper(lines: tuple[Line, ...], script: Script, accept: str) -> str:
    """What whoever answers hears before they are joined to the caller.

    ``accept`` is where the 1 they press goes; "" joins them without asking.
    """
    response = VoiceResponse()
    if accept:
        response.append(_gather(Ask(lines, wait=5), script, Links(accept)))
        response.hangup()
    else:
        _say(response, lines, script)
    return str(response)


def decline() -> str:
    """The called side did not press 1: let it go, so that the next number rings."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def last_resort(number: str, aloud: str, caller_id: str = "") -> str:
    """What a caller gets when all else of ours has failed: the fallback, and then its number.

    ``number`` is E.164 and ``aloud`` the same as it is read out. There is no action URL, so this
    cannot lead back to what has failed; the voice is Twilio's own, in case ours is what failed.
    """
    response = VoiceResponse()
    response.say("Please stay on the line.", language="en-GB", voice="alice")
    response.dial(number, timeout=60, answer_on_bridge=True, **({"caller_id": caller_id} if caller_id else {}))  # fmt: skip  # noqa: E501
    response.say(
        f"If you still need help, please ring {aloud}. I will say that again: {aloud}. "
        "If life is in danger, hang up and dial 9 9 9.",
        language="en-GB",
        voice="alice",
    )
    return str(response)
