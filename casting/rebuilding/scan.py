"""What belongs into the index, read from the catalog in one go, and how it differs from the live version.

Each row of an index carries a stamp: a hash over all that its vector was made from besides the space's contract. Rows
whose stamp, photo and actor are as before have not changed, and nothing more is asked about them; so finding ten
changed photos among a hundred thousand takes no longer than reading a list of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sqlalchemy import String, cast, select

from casting.catalog import Actor, Photo, PhotoFace
from casting.engine import Engine
from casting.library import Library
from casting.photo_faces import face_of
from casting.spaces import Space
from index import Facts, FaissIndex, Names, SpaceData

if TYPE_CHECKING:
    from embeddings import VectorKey, VectorStore

KEYS_AT_A_TIME = 4096
Held = tuple[bytes, bytes, int]
"""Source, owner and stamp of a row."""


def owner_key(actor_id: int) -> str:
    """How an actor is called inside an index; names stay in the catalog."""
    return f"a{actor_id:08d}"


@dataclass(frozen=True)
class Target:
    """A space to build, and all that identifies its vectors."""

    space: Space
    encoder: str
    """The encoder's contract."""
    rendering: str
    """The rendering's fingerprint."""
    contract: str
    """Of the space: both of them."""
    dim: int

    @classmethod
    def of(cls, engine: Engine, space: Space) -> Target:
        """From the models in use."""
        encoder = engine.encoder(space.encoder)
        rendering = engine.rendering(space).fingerprint
        return cls(space, encoder.contract, rendering, engine.contract(space), encoder.dim)

    def key(self, photo: str, face: str) -> VectorKey:
        """Where the vector of a photo's face is kept."""
        from embeddings import VectorKey

        return VectorKey(photo, face, self.rendering, self.encoder)


@dataclass(frozen=True, eq=False)
class Scan:
    """All faces that belong into the index: one row a photo, in order of photos."""

    photo_ids: Sequence[int]
    face_ids: Sequence[int]
    owners: Sequence[bytes]
    sources: Sequence[bytes]
    stamps: Sequence[int]

    @classmethod
    def of(cls, library: Library, finder: str) -> Scan:
        """Read them from the catalog; where a photo has several faces of this finder, the latest counts."""
        columns = (Photo.id, PhotoFace.id, Photo.actor_id, Photo.sha256, cast(PhotoFace.box, String),
                   cast(PhotoFace.points, String))  # fmt: skip
        wanted = select(*columns).join(PhotoFace).where(PhotoFace.contract == finder).order_by(PhotoFace.id)
        with library.database.session() as session:
            latest = {row[0]: row for row in session.execute(wanted)}
        rows = [latest[photo] for photo in sorted(latest)]
        stamps = [
            int.from_bytes(blake2b(f"{finder}|{box}|{points}".encode(), digest_size=8).digest(), "little")
            for *_, box, points in rows
        ]
        return cls(
            [row[0] for row in rows], [row[1] for row in rows], [owner_key(row[2]).encode() for row in rows],
            [row[3].encode() for row in rows], stamps,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.photo_ids)

    @cached_property
    def held(self) -> Sequence[Held]:
        """Each row as `Held`."""
        return list(zip(self.sources, self.owners, self.stamps, strict=True))

    def differing(self, live: set[Held], without: Collection[int] = ()) -> tuple[list[int], set[bytes]]:
        """Rows to be put into the index, and owners to be taken out, to make of the live rows the rows of this scan.

        Owners change as a whole: when one of their photos does, all their rows are returned. `without` names rows that
        have no vector and so cannot be in the index.
        """
        lacking = set(without)
        mine = {held for row, held in enumerate(self.held) if row not in lacking} if lacking else set(self.held)
        affected = {owner for _, owner, _ in mine ^ live}
        rows = [row for row, owner in enumerate(self.owners) if owner in affected and row not in lacking]
        return rows, affected - {self.owners[row] for row in rows}

    def keys(self, library: Library, target: Target, rows: Iterable[int]) -> Iterator[tuple[int, VectorKey]]:
        """The place in the vector store of each of these rows."""
        listed = list(rows)
        for start in range(0, len(listed), KEYS_AT_A_TIME):
            part = listed[start : start + KEYS_AT_A_TIME]
            with library.database.session() as session:
                wanted = select(PhotoFace).where(PhotoFace.id.in_([self.face_ids[row] for row in part]))
                faces = {face.id: face_of(face).key for face in session.scalars(wanted)}
            for row in part:
                if self.face_ids[row] in faces:
                    yield row, target.key(self.sources[row].decode(), faces[self.face_ids[row]])


def rows_of(live: FaissIndex | None, target: Target) -> set[Held]:
    """The rows that the live version holds of a space; none where it was made under another contract."""
    name = str(target.space)
    if live is None or name not in live.layered or live.layered[name].contract != target.contract:
        return set()
    held: set[Held] = set()
    for layer in live.layered[name].layers:
        data = layer.data
        alive = np.ones(len(data.sources), np.bool_) if layer.alive is None else layer.alive[data.owner_of]
        owners = data.owners.encoded[data.owner_of[alive]]
        held.update(
            zip(data.sources.encoded[alive].tolist(), owners.tolist(), data.stamps[alive].tolist(), strict=True)
        )
    return held


def stored(store: VectorStore, keys: Iterable[tuple[int, VectorKey]]) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
    """The rows among these whose vectors are stored, with them."""
    listed = list(keys)
    for start in range(0, len(listed), KEYS_AT_A_TIME):
        part = listed[start : start + KEYS_AT_A_TIME]
        there = store.get_many([key for _, key in part])
        for row, key in part:
            if key in there:
                yield row, there[key]


def gathered(scan: Scan, target: Target, store: VectorStore, keys: Sequence[tuple[int, VectorKey]]) -> SpaceData:
    """The content of a space, of those rows whose vectors are stored."""
    matrix = np.empty((len(keys), target.dim), np.float32)
    rows: list[int] = []
    for row, vector in stored(store, keys):
        matrix[len(rows)] = vector
        rows.append(row)
    return SpaceData.of_arrays(
        str(target.space), target.contract, matrix[: len(rows)],
        Names(np.array([scan.owners[row] for row in rows], dtype="S9" if not rows else None)),
        Names(np.array([scan.sources[row] for row in rows], dtype="S64" if not rows else None)),
        np.array([scan.stamps[row] for row in rows], np.uint64),
    )  # fmt: skip


def index_facts(library: Library) -> dict[str, Facts]:
    """What filters may ask, by owner."""
    columns = (Actor.id, Actor.name, cast(Actor.aliases, String).label("aliases"), Actor.gender, Actor.birth_year,
               Actor.agency, Actor.height_cm, Actor.availability, cast(Actor.tags, String).label("tags"))  # fmt: skip
    lists: dict[str, tuple[str, ...]] = {}

    def read(text: str) -> tuple[str, ...]:
        """Lists of words are alike for many actors, and are read once."""
        if text not in lists:
            lists[text] = tuple(json.loads(text))
        return lists[text]

    with library.database.session() as session:
        return {
            owner_key(row.id): {
                "name": row.name,
                "aliases": read(row.aliases),
                "gender": row.gender,
                "birth_year": row.birth_year,
                "agency": row.agency,
                "height_cm": row.height_cm,
                "availability": row.availability,
                "tags": read(row.tags),
            }
            for row in session.execute(select(*columns).order_by(Actor.id))
        }
