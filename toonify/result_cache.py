"""Stylized pictures on disk, found again by the photo's hash and the stylizer's fingerprint."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from castoon.errors import InputError
from castoon.files import PARTIAL, write_atomic
from castoon.images import decode
from toonify.contract import RGB, Stylizer

SWEEP_EVERY = 200
"""Writes between two looks at how much the folder holds."""


def picture_hash(picture: RGB) -> str:
    """Hex SHA-256 of a picture's size and pixels."""
    digest = hashlib.sha256(f"{picture.shape[0]}x{picture.shape[1]}:".encode())
    digest.update(np.ascontiguousarray(picture).tobytes())
    return digest.hexdigest()


class CachedStylizer:
    """A stylizer that remembers on disk; processes may share the folder.

    Pictures are kept without loss as `<folder>/<fingerprint>/<hash>.png`. Those not used for longest go first once the
    folder holds more than `limit_mb`. A damaged entry counts as missing.
    """

    def __init__(self, stylizer: Stylizer, folder: Path, limit_mb: int = 4096) -> None:
        self.stylizer = stylizer
        self.name = stylizer.name
        self.fingerprint = stylizer.fingerprint
        self.folder = folder
        self.limit = limit_mb * 2**20
        self.hits = 0
        self.misses = 0
        self._writes = 0

    def stylize(self, faces: Sequence[RGB]) -> list[RGB]:
        """Stylized pictures, computed only where they are not known; equal photos are computed once."""
        keys = [picture_hash(face) for face in faces]
        known = {key: found for key in dict.fromkeys(keys) if (found := self._read(key)) is not None}
        self.hits += sum(key in known for key in keys)
        wanted = {key: face for key, face in zip(keys, faces, strict=True) if key not in known}
        self.misses += len(wanted)
        if wanted:
            made = self.stylizer.stylize(list(wanted.values()))
            for key, picture in zip(wanted, made, strict=True):
                known[key] = picture
                self._write(key, picture)
        return [known[key].copy() for key in keys]

    def sweep(self) -> int:
        """Delete what was not used for longest until the folder is within its limit; answers how many files went."""
        facts = [(path, path.stat()) for path in self.folder.glob("*/*.png")]
        total, gone = sum(fact.st_size for _, fact in facts), 0
        for path, fact in sorted(facts, key=lambda item: item[1].st_mtime_ns):
            if total <= self.limit:
                break
            path.unlink(missing_ok=True)
            total -= fact.st_size
            gone += 1
        for partial in self.folder.glob(f"*/.*{PARTIAL}"):
            partial.unlink(missing_ok=True)
        return gone

    def _path(self, key: str) -> Path:
        return self.folder / self.fingerprint / f"{key}.png"

    def _read(self, key: str) -> RGB | None:
        path = self._path(key)
        try:
            content = path.read_bytes()
            picture = decode(content, path.name).pixels
            os.utime(path)
        except (OSError, InputError):
            return None
        return picture

    def _write(self, key: str, picture: RGB) -> None:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
        write_atomic(self._path(key), buffer.getvalue())
        self._writes += 1
        if self._writes % SWEEP_EVERY == 0:
            self.sweep()
