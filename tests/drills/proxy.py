"""Stands between our programs and Redis and misbehaves on demand, over unix sockets."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path

TICK = 0.02
"""Seconds after which a change of mode is noticed."""
HANDSHAKE = (b"HELLO", b"CLIENT", b"AUTH", b"SELECT")
"""What a client says before its first command; these are answered even while replies are cut."""


class Mode(Enum):
    """How the proxy treats what it carries."""

    PASS = auto()
    DOWN = auto()
    """Close every connection at once, new ones too."""
    RESET = auto()
    """The same, as a machine does that has forgotten about them (RST, where there is one)."""
    BLACKHOLE = auto()
    """Take everything, pass on nothing, answer nothing."""
    CUT = auto()
    """Pass requests on, and instead of some of the replies close the connection."""


class FaultProxy:
    """Carries connections made to the socket ``path`` on to the socket ``upstream``."""

    def __init__(self, path: Path, upstream: Path) -> None:
        self.url = f"unix://{path}?db=0"
        self.mode = Mode.PASS
        self.which: Callable[[int, bytes], bool] = lambda *_: True
        """Which replies are cut off in that mode, by their count from 1 and their request."""
        self.cut = 0
        """How many replies were cut off after their request was carried out."""
        self._upstream = upstream
        self._replies = 0
        self._over = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(64)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._over.set()
        self._listener.close()
        for each in self._threads:
            each.join()

    def _accept(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                if select.select([self._listener], [], [], TICK)[0]:
                    client, _ = self._listener.accept()
                    carrier = threading.Thread(target=self._carry, args=(client,), daemon=True)
                    self._threads.append(carrier)
                    carrier.start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            if self.mode is Mode.BLACKHOLE:
                self._swallow(client)
                return
            with suppress(OSError):  # either side has gone, and so the other is let go
                server.connect(str(self._upstream))
                self._between(client, server)
            if self.mode is Mode.RESET:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _between(self, client: socket.socket, server: socket.socket) -> None:
        asked = b""
        while not self._over.is_set() and self.mode not in {Mode.DOWN, Mode.RESET}:
            ready, _, _ = select.select([client, server], [], [], TICK)
            if self.mode is Mode.BLACKHOLE:
                self._swallow(client)
                return
            if client in ready:
                asked = client.recv(1 << 20)
                if not asked:
                    return
                server.sendall(asked)
            if server in ready:
                reply = server.recv(1 << 20)
                if not reply or self._is_cut(asked):
                    return
                client.sendall(reply)

    def _is_cut(self, asked: bytes) -> bool:
        if self.mode is not Mode.CUT or any(word in asked for word in HANDSHAKE):
            return False
        self._replies += 1
        cut = self.which(self._replies, asked)
        self.cut += cut
        return cut

    def _swallow(self, client: socket.socket) -> None:
        """Take what comes until the mode changes or the client gives up."""
        while self.mode is Mode.BLACKHOLE and not self._over.is_set():
            with suppress(OSError):
                if select.select([client], [], [], TICK)[0] and not client.recv(1 << 20):
                    return


@contextmanager
def between(path: Path, upstream: Path) -> Iterator[FaultProxy]:
    """A proxy at ``path`` before the server at ``upstream``."""
    proxy = FaultProxy(path, upstream)
    try:
        yield proxy
    finally:
        proxy.close()
