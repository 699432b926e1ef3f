"""All the calls that a pretend telephone company was asked to make, and how they go on.

Nothing moves but by :meth:`Exchange.play`. What is asked for meanwhile waits for it, so that the
company answers at once however long the line takes over a webhook.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from ivr.phone.exchange.dialled import Asked, Dialled, Order, Status
from ivr.phone.exchange.fates import Fates
from ivr.phone.exchange.journal import Joined, Journal, Rung
from ivr.phone.exchange.rooms import Room, conference
from ivr.phone.exchange.troubles import Troubles
from ivr.phone.people import People
from ivr.phone.playing import Turn
from ivr.phone.posting import Answer, Post
from ivr.phone.telephone import A_TUESDAY, new_sid
from ivr.phone.underway import Number, Underway

ACCOUNT = "AC" + "0" * 32
"""The account of a test line, which is nobody's."""


class Stage(IntEnum):
    """How far calls are played."""

    RINGING = 1
    """Every telephone rings and nobody has answered."""
    JOINED = 2
    """All have answered, and those who meet in a conference talk."""
    OVER = 3
    """The talks are over too."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A call as the company's list of calls has it."""

    sid: str
    caller: str
    number: str
    """Who was rung: for a call that came in, the line's own number."""
    began: datetime | None
    """When it was dialled; None until then."""
    seconds: int = 0
    status: str = Status.COMPLETED
    direction: str = "inbound"
    parent: str = ""
    asked: datetime | None = None
    """When it was asked for; None if nobody of ours did."""
    answered_by: str = ""
    """What Twilio took for answering, if it was to find out."""


class Exchange:
    """A telephone company with one account.

    ``post`` is how the line is reached and ``token`` what its webhooks are signed with; ``people``
    are those who may be rung, :class:`Fates` for one; ``clock`` says when a call begins.
    """

    def __init__(
        self,
        post: Post,
        token: str,
        people: People | None = None,
        clock: Callable[[], datetime] = lambda: A_TUESDAY,
    ) -> None:
        self.post = post
        self.token = token
        self.people: People = people or Fates()
        self.clock = clock
        self.account = ACCOUNT
        self.owned: Collection[str] = ()
        """The numbers that may be shown as ringing; () allows any."""
        self.tells_requests = True
        """Whether what was asked and answered on a call can be read; Twilio is slow with it."""
        self.tells_parameters = True
        """Whether the parameters of what was asked can be read too."""
        self.lists_queued = True
        """Whether a call that has not been dialled is on the list; Twilio may be slow there too."""
        self.journal = Journal()
        self.troubles = Troubles()
        self.calls: dict[str, Dialled] = {}
        self.requests: dict[str, list[Asked]] = {}
        self.came_in: list[Seen] = []
        self.rooms: dict[str, Room] = {}
        self.live: dict[str, Dialled] = {}
        self.changed = threading.Lock()
        """Held while calls are added or listed."""
        self.playing = threading.RLock()
        """Held while they are played."""
        self.stirred = threading.Event()
        """Set when there may be something to play."""

    def place(self, order: Order, asked: Asked) -> Dialled:
        """Queue a call; ``asked`` is the request that it was asked for with."""
        requests = [asked]
        number = Number(order.url, order.shown, account=self.account or ACCOUNT, token=self.token)
        going = Underway(number, self._noting(requests), self.people, self.clock())
        call = Dialled(new_sid(), order, going)
        with self.changed:
            self.requests[call.sid] = requests
            self.journal.told[call.sid] = going.told
            self.journal.called[call.sid] = order.to
            self.calls[call.sid] = self.live[call.sid] = call
        self.stirred.set()
        return call

    def send(self, call: Dialled, url: str) -> None:
        """Let ``call`` go on at ``url`` once it waits."""
        call.redirect = url
        self.stirred.set()

    def hang_up(self, call: Dialled) -> None:
        """Let ``call`` end, whatever it is doing."""
        call.hung_up = True
        self.stirred.set()

    def saw(self, seen: Seen) -> None:
        """Put a call that came in, or one of its legs, on the list of calls."""
        with self.changed:
            self.came_in.append(seen)

    def listed(self) -> list[Seen]:
        """Every call there is, the newest first; one not yet dialled before all others."""
        with self.changed:
            asked_for = [seen(call) for call in reversed(self.calls.values())]
            calls = [*asked_for, *reversed(self.came_in)]
        if not self.lists_queued:
            calls = [call for call in calls if call.status != Status.QUEUED]
        late = datetime.max.replace(tzinfo=UTC)
        return sorted(calls, key=lambda call: call.began or late, reverse=True)

    def find(self, sid: str) -> Seen | None:
        """The call of this name, if there is one."""
        call = self.calls.get(sid)
        return seen(call) if call else next((one for one in self.came_in if one.sid == sid), None)

    @property
    def waiting(self) -> list[str]:
        """The numbers of those who wait in a conference in which nobody hears them."""
        rooms = [room for room in list(self.rooms.values()) if not room.joined]
        return [call.order.to for room in rooms for call in room.inside]

    def play(self, until: Stage = Stage.OVER) -> None:
        """Let everybody do what they do until nothing moves."""
        with self.playing:
            while self._forward(until) or self._meet(until):
                pass

    def ring_off(self, number: str) -> None:
        """Let whoever was rung at ``number`` put the telephone down, if they have answered."""
        with self.playing:
            for call in self._live():
                if call.order.to == number and call.status is Status.IN_PROGRESS:
                    call.catch_up(self.clock())
                    self._leave(call, call.ring_off)
            self._sort()

    def _live(self) -> list[Dialled]:
        with self.changed:
            return list(self.live.values())

    def _forward(self, until: Stage) -> bool:
        """Move every call that can by itself one step on; whether any could."""
        moved = [self._step(call, until) for call in self._live()]
        self._sort()
        return any(moved)

    def _step(self, call: Dialled, until: Stage) -> bool:
        if call.status.is_over:  # since another's end was its own
            return False
        if call.hung_up:
            is_up = call.status is Status.IN_PROGRESS
            call.catch_up(self.clock())
            how = Status.COMPLETED if is_up else Status.CANCELED
            self._leave(call, lambda: call.over(how))
        elif call.redirect and call.waits:
            url, call.redirect = call.redirect, ""
            call.catch_up(self.clock())
            self._leave(call, lambda: call.play(Turn(url, {})))
        elif call.status is Status.QUEUED:
            call.catch_up(self.clock())
            self.journal.rung.append(Rung(call.now, call.order.to, call.order.shown, call.sid))
            call.ring()
        elif call.status is Status.RINGING and until > Stage.RINGING:
            call.settle()
        else:
            return False
        return True

    def _leave(self, call: Dialled, then: Callable[[], None]) -> None:
        """Take ``call`` out of its room, if it is in one, and do with it what comes then."""
        room = next((room for room in self.rooms.values() if call in room.inside), None)
        ends = room is not None and conference(call).ends
        then()
        if room:
            room.tidy(call, ends=ends)

    def _sort(self) -> None:
        """Let those who wait come into their rooms, and forget what is over."""
        inside = {call.sid for room in self.rooms.values() for call in room.inside}
        for call in self._live():
            if call.status.is_over:
                with self.changed:
                    del self.live[call.sid]
            elif call.waits and call.sid not in inside:
                name = conference(call).name
                self.rooms.setdefault(name, Room(name)).inside.append(call)
        self.rooms = {name: room for name, room in self.rooms.items() if room.inside}

    def _meet(self, until: Stage) -> bool:
        """Let those who are together in a room hear each other, or end their talk."""
        ready = [room for room in self.rooms.values() if room.is_ready]
        if until >= Stage.JOINED and ready:
            for room in ready:
                at = room.join()
                numbers = tuple(call.order.to for call in room.joined)
                self.journal.joined.append(Joined(at, room.name, numbers))
            return True
        talking = [room for room in self.rooms.values() if room.joined]
        if until < Stage.OVER or not talking:
            return False
        for room in talking:
            room.end()
        self._sort()
        return True

    def _noting(self, requests: list[Asked]) -> Post:
        """A post that writes down what it posts and what came back."""

        def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
            answer = self.post(url, form, headers)
            body = answer.body.decode("utf-8", "replace")
            requests.append(
                Asked(self.clock(), url, form, answer.status, answer.content_type, body)
            )
            return answer

        return post


def seen(call: Dialled) -> Seen:
    """``call`` as the list of calls has it."""
    order = call.order
    return Seen(
        call.sid,
        order.shown,
        order.to,
        call.began,
        call.seconds,
        call.status,
        "outbound-api",
        asked=call.going.began,
        answered_by=call.side.form.get("AnsweredBy", ""),
    )
