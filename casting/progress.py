"""How long work tells what it is doing and asks whether to go on, whoever is watching."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from castoon.errors import CastoonError


class Progress(Protocol):
    """Something that watches a long job."""

    def begin(self, what: str, total: int | None) -> None:
        """A stage begins; `total` steps when that is known."""
        ...

    def advance(self, steps: int = 1) -> None:
        """So many steps of the stage are done."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether somebody asked for an end; the job finishes its batch, saves and returns."""
        ...


@dataclass
class Silent:
    """Nobody watches; counts all the same, which tests and services use."""

    what: str = ""
    total: int | None = None
    done: int = 0
    stopped: bool = field(default=False)

    def begin(self, what: str, total: int | None) -> None:
        """See `Progress.begin`."""
        self.what, self.total, self.done = what, total, 0

    def advance(self, steps: int = 1) -> None:
        """See `Progress.advance`."""
        self.done += steps


class CancelledError(CastoonError):
    """Somebody asked for an end before the answer was there; nothing is left half done."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "it was cancelled.", "Start it again when the answer is wanted.")
