"""What an import did: what came in, what was there already, and what was refused, why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from castoon.errors import InputError


@dataclass
class ImportReport:
    """Counts, and one row for everything refused."""

    photos: int = 0
    actors: int = 0
    present: int = 0
    """Photos that the library held already, by content."""
    refused: list[InputError] = field(default_factory=list)
    took_s: float = 0.0
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: refusals as `{"file", "reason", "next_step"}`."""
        return {
            "photos": self.photos,
            "actors": self.actors,
            "present": self.present,
            "refused": [
                {"file": error.thing, "reason": error.reason, "next_step": error.next_step} for error in self.refused
            ],
            "took_s": round(self.took_s, 2),
            "stopped": self.stopped,
        }
