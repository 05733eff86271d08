"""Deterministic stand-ins for finder and encoders: no weights needed, and like pictures get like vectors."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from castoon.files import short_hash
from embeddings.alignment import align
from embeddings.contract import AS_GALLERY, RGB, Face, FaceKind, FacePicture, FindHint, Finding, Vectors
from embeddings.manual import manual_face

Doubles = npt.NDArray[np.float64]

_THUMB = 16


class FakeFinder:
    """Says that the middle of every picture is a face; a picture of one colour has none."""

    @property
    def contract(self) -> str:
        """Constant: the rule never changes."""
        return short_hash("fake finder", "1")

    def find(self, image: RGB, hint: FindHint = "auto") -> Finding:
        """One face in the middle, or a finding with a reason where the picture has no variance."""
        if not np.ptp(image.reshape(-1, 3), axis=0).any():
            return Finding((), "the picture is of one colour.", "Draw a box around the face.", ("whole picture",))
        height, width = image.shape[:2]
        side = 0.8 * min(height, width)
        x1, y1 = (width - side) / 2, (height - side) / 2
        seen = manual_face(image, (x1, y1, x1 + side, y1 + side))
        kind: FaceKind = "drawn" if hint == "drawn" else "photo"
        return Finding((Face(seen.box, seen.points, 0.9, kind, seen.quality),), tried=("whole picture",))


class FakeEncoder:
    """A fixed random projection of a small grey thumbnail of the aligned face; also embeds text, by its letters."""

    def __init__(self, name: str, dim: int = 64, seed: int = 0) -> None:
        self._name, self._dim, self._seed = name, dim, seed
        self._projection = np.random.Generator(np.random.PCG64(seed)).standard_normal((_THUMB * _THUMB, dim))

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def dim(self) -> int:
        """As given."""
        return self._dim

    @property
    def contract(self) -> str:
        """Hash over name, length and seed."""
        return short_hash("fake encoder", self._name, str(self._dim), str(self._seed))

    @property
    def query_contract(self) -> str:
        """Read like the gallery."""
        return AS_GALLERY

    def encode_gallery(self, faces: Sequence[FacePicture]) -> Vectors:
        """Unit vectors [n, dim]."""
        return _unit(np.array([self._thumbnail(face) for face in faces]).reshape(-1, _THUMB**2) @ self._projection)

    def encode_query(self, faces: Sequence[FacePicture], *, once: bool = False) -> Vectors:
        """The same as for the gallery."""
        return self.encode_gallery(faces)

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors [n, dim] seeded by the letters."""
        seeds = [zlib.crc32(text.encode()) ^ self._seed for text in texts]
        rows = [np.random.Generator(np.random.PCG64(seed)).standard_normal(self._dim) for seed in seeds]
        return _unit(np.array(rows).reshape(-1, self._dim))

    def _thumbnail(self, face: FacePicture) -> Doubles:
        crop = align(face.image, face.face.points).astype(np.float64).mean(axis=2)
        cell = crop.shape[0] // _THUMB
        grey = crop.reshape(_THUMB, cell, _THUMB, cell).mean(axis=(1, 3)).ravel()
        flat: Doubles = grey - grey.mean() + 1e-6
        return flat


def _unit(rows: Doubles) -> Vectors:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = (rows / np.maximum(length, 1e-12)).astype(np.float32)
    return scaled
