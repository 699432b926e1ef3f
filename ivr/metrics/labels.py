"""Bounds what a label may say, and how many different sets of labels there may be.

A label that grew with callers would tell of them, and would fill the files that programs share.
"""

from __future__ import annotations

import re

OTHER = "other"
"""What stands for a word that is none, and for every set of labels beyond the most."""

_WORD = re.compile(r"(?!.*\d{9})[a-z0-9_-]{0,40}")


class Known:
    """The sets of labels that one metric has had, at most ``most`` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[tuple[str, ...]] = set()

    def __call__(self, *words: str) -> tuple[str, ...]:
        """``words`` as labels: as they are, or with :data:`OTHER` in the place of what may not be.

        Two threads may overstep the most by one each; the files have room for that.
        """
        labels = tuple(word if _WORD.fullmatch(word) else OTHER for word in words)
        if labels not in self._known:
            if len(self._known) >= self._most:
                return (OTHER,) * len(labels)
            self._known.add(labels)
        return labels
