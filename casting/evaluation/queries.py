"""Drawings of known actors as vectors, embedded once and kept: later evaluations, ablations and fits re-use them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from casting.engine import Engine
from casting.evaluation.truth import Truth
from casting.library import Library
from casting.progress import Progress
from casting.spaces import Space
from castoon.errors import InputError
from castoon.files import sha256_file, write_atomic
from castoon.images import read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import Face, VectorKey

Vectors = npt.NDArray[np.float32]
BATCH = 16


@dataclass(frozen=True, eq=False)
class Queries:
    """Drawings that could be read, and their vectors."""

    truth: tuple[Truth, ...]
    found: npt.NDArray[np.bool_]
    """[n], whether a face was found; where not, the vectors are zero."""
    vectors: Mapping[str, Vectors]
    """Space -> [n, dim]; spaces of one encoder share their vectors."""
    flags: tuple[tuple[str, ...], ...]
    """[n] of quality flags."""
    refused: tuple[InputError, ...]
    stopped: bool = False

    def only(self, keep: npt.NDArray[np.bool_]) -> Queries:
        """Some of the drawings."""
        at = np.flatnonzero(keep)
        return Queries(
            tuple(self.truth[i] for i in at), self.found[at], {name: rows[at] for name, rows in self.vectors.items()},
            tuple(self.flags[i] for i in at), self.refused, self.stopped,
        )  # fmt: skip

    @property
    def actors(self) -> npt.NDArray[np.str_]:
        """[n] names of the right actors."""
        return np.array([row.actor for row in self.truth])


class QueryCache:
    """Faces and vectors of drawings in a library's cache; may be deleted at any time."""

    def __init__(self, library: Library, engine: Engine) -> None:
        from embeddings import VectorStore

        self._engine = engine
        self._folder = library.cache / "queries"
        self._faces_file = self._folder / f"faces-{engine.finder.contract}.json"
        self._store = VectorStore(self._folder / "vectors")
        self._faces: dict[str, Any] = _read_json(self._faces_file)

    def collect(self, truth: Sequence[Truth], spaces: Sequence[str], progress: Progress) -> Queries:
        """Vectors of all drawings in the spaces; what cannot be read is refused alone."""
        encoders = {name: Space.parse(name).encoder for name in spaces}
        progress.begin("drawings", len(truth))
        rows: list[tuple[Truth, str, Face | None]] = []
        refused: list[InputError] = []
        missing: list[tuple[Truth, str, Face]] = []
        for start in range(0, len(truth), BATCH):
            if progress.stopped:
                break
            for row in truth[start : start + BATCH]:
                try:
                    sha, face = self._face(row.image)
                    rows.append((row, sha, face))
                    missing += [(row, sha, face)] if face is not None else []
                except InputError as error:
                    refused.append(error)
                progress.advance()
            self._embed(missing, sorted(set(encoders.values())))
            missing = []
        self._save_faces()
        found = np.array([face is not None for _, _, face in rows], np.bool_)
        by_encoder = {name: self._vectors(rows, name) for name in set(encoders.values())}
        return Queries(
            tuple(row for row, _, _ in rows),
            found,
            {name: by_encoder[encoder] for name, encoder in encoders.items()},
            tuple(tuple(face.quality.flags) if face and face.quality else () for _, _, face in rows),
            tuple(refused),
            progress.stopped,
        )

    def face(self, image: Path) -> Face | None:
        """The face of one drawing; None where none was found."""
        return self._face(image)[1]

    def _face(self, image: Path) -> tuple[str, Face | None]:
        try:
            sha = sha256_file(image)
        except OSError as error:
            raise InputError(
                str(image), Words("it cannot be read ({why}).", why=error.strerror), "Check the path."
            ) from error
        if sha not in self._faces:
            finding = self._engine.finder.find(read(image).pixels, "drawn")
            self._faces[sha] = _face_entry(finding.faces[0]) if finding.faces else None
        entry = self._faces[sha]
        return sha, None if entry is None else _face_of(entry)

    def _embed(self, rows: Sequence[tuple[Truth, str, Face]], encoders: Sequence[str]) -> None:
        from embeddings import FacePicture

        for encoder in encoders:
            keys = [self._key(sha, face, encoder) for _, sha, face in rows]
            there = self._store.get_many(keys)
            todo = [at for at, key in enumerate(keys) if key not in there]
            if not todo:
                continue
            faces = [FacePicture(read(rows[at][0].image).pixels, rows[at][2]) for at in todo]
            made = self._engine.encode_query(Space(encoder, "photo"), faces)
            self._store.add({keys[at]: vector for at, vector in zip(todo, made, strict=True)})

    def _key(self, sha: str, face: Face, encoder: str) -> VectorKey:
        from embeddings import VectorKey

        reader = self._engine.encoder(encoder)
        return VectorKey(sha, face.key, f"drawing {reader.query_contract}", reader.contract)

    def _vectors(self, rows: Sequence[tuple[Truth, str, Face | None]], encoder: str) -> Vectors:
        keys = {at: self._key(sha, face, encoder) for at, (_, sha, face) in enumerate(rows) if face is not None}
        there = self._store.get_many(keys.values())
        made = np.zeros((len(rows), self._engine.encoder(encoder).dim), np.float32)
        for at, key in keys.items():
            made[at] = there[key]
        return made

    def _save_faces(self) -> None:
        write_atomic(self._faces_file, json.dumps(self._faces).encode())


def _read_json(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _face_entry(face: Face) -> dict[str, Any]:
    flags = list(face.quality.flags) if face.quality else []
    return {"box": [float(v) for v in face.box], "points": np.asarray(face.points, np.float64).tolist(),
            "score": float(face.score), "flags": flags}  # fmt: skip


def _face_of(entry: Mapping[str, Any]) -> Face:
    from embeddings import Face, Quality

    x1, y1, x2, y2 = entry["box"]
    nothing = float("nan")
    quality = Quality(nothing, nothing, nothing, nothing, nothing, nothing, tuple(entry["flags"]))
    return Face((x1, y1, x2, y2), np.array(entry["points"], np.float32), float(entry["score"]), "drawn", quality)
