"""A stylizer without weights whose output depends on its input and its name only: for tests of everything around it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from castoon.files import short_hash
from toonify.contract import RGB


class FakeStylizer:
    """Tints and posterizes, by a tint drawn from the hash of its name. Counts what it was asked to do."""

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.fingerprint = short_hash("fake-1", name)
        self.calls = 0
        """How often `stylize` was called."""
        self.faces_seen = 0
        """How many faces it stylized, over all calls."""
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
        self._tint = np.random.default_rng(seed).uniform(0.55, 1.0, 3).astype(np.float32)

    def stylize(self, faces: Sequence[RGB]) -> list[RGB]:
        """The same faces in 16 steps of tone under this fake's tint."""
        self.calls += 1
        self.faces_seen += len(faces)
        return [((face & 0xF0).astype(np.float32) * self._tint).astype(np.uint8) for face in faces]
