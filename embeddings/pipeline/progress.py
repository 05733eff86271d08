"""How far a run is, how fast it goes and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One report of a running pipeline."""

    done: int
    """Pictures finished: stored, skipped or failed."""
    total: int
    failed: int
    rate: float
    """Pictures a second, over the last half minute."""

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None before there is one."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


class Meter:
    """Counts finished pictures and remembers the recent past to tell the rate."""

    WINDOW_S = 30.0

    def __init__(self, total: int) -> None:
        self.total, self.done, self.failed = total, 0, 0
        self._past = deque([(time.monotonic(), 0)])

    def add(self, done: int, failed: int = 0) -> Progress:
        """More pictures are finished."""
        self.done += done
        self.failed += failed
        now = time.monotonic()
        self._past.append((now, self.done))
        while len(self._past) > 2 and now - self._past[0][0] > self.WINDOW_S:
            self._past.popleft()
        began, before = self._past[0]
        rate = (self.done - before) / (now - began) if now > began else 0.0
        return Progress(self.done, self.total, self.failed, rate)
