"""What the tests of probes share: a wait that takes no time."""

from __future__ import annotations

from threading import Event


class Told(Event):
    """Waits for nothing, notes how long it was to wait, and is set from the wait ``last`` on.

    Waits are counted from 1, and there is no last one if it is 0.
    """

    def __init__(self, last: int = 0) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._last = last

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it is set by now."""
        self.waits.append(timeout or 0.0)
        return 0 < self._last <= len(self.waits)
