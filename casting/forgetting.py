"""Forgetting an actor for good: catalog, photos, vectors, every index version; and proving that nothing is left."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from casting.catalog import Actor, touch
from casting.library import Library
from casting.rebuilding import index_facts, owner_key
from castoon.errors import InputError, NotReadyError
from index import FlatIndex, SpaceData

CHUNK = 1 << 22
NUMBERS = frozenset({".npy", ".bin", ".jpg", ".png", ".webp", ".avif", ".gif", ".heic"})
"""Files without text, in which a short name could stand by chance; hashes are looked for there all the same."""


@dataclass(frozen=True)
class ForgetReport:
    """What was erased, and what the search for leftovers found."""

    actor: str
    photos: int
    vectors: int
    index_version: str | None
    files_searched: int
    left: tuple[str, ...]
    """Files in which a trace remains; empty when the actor is gone."""

    @property
    def proven(self) -> bool:
        """Whether no trace is left in the library."""
        return not self.left

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "actor": self.actor,
            "photos": self.photos,
            "vectors": self.vectors,
            "index_version": self.index_version,
            "files_searched": self.files_searched,
            "left": list(self.left),
            "proven": self.proven,
        }


def forget(library: Library, name: str) -> ForgetReport:
    """Erase an actor and everything derived from their photos, then search the whole library for what is left."""
    with library.writing("castoon forget"):
        with library.database.session() as session:
            actor = session.scalar(select(Actor).where(Actor.name == name))
            if actor is None:
                close = _similar(name, list(session.scalars(select(Actor.name))))
                hint = f"Did you mean {close}?" if close else "Names are compared exactly."
                raise InputError(f"actor `{name}`", "the library does not know this name.", hint)
            owner = owner_key(actor.id)
            photos = [(photo.sha256, photo.pixels, photo.file) for photo in actor.photos]
            traces = [name, *actor.aliases]
        hashes = [sha256 for sha256, _, _ in photos]
        version = _unpublish(library, owner)
        vectors = library.vectors.forget(hashes)
        with library.database.transaction() as session:
            session.delete(session.scalars(select(Actor).where(Actor.name == name)).one())
            touch(session)
        for _, _, file in photos:
            (library.folder / file).unlink(missing_ok=True)
        shutil.rmtree(library.cache, ignore_errors=True)
        library.database.scrub()
        with library.database.session() as session:
            others = [text for row in session.scalars(select(Actor)) for text in (row.name, *row.aliases)]
    own = [trace for trace in traces if not any(trace in other for other in others)]
    pixels = [pixel for _, pixel, _ in photos]
    files = [path for path in sorted(library.folder.rglob("*")) if path.is_file()]
    names = [text.encode() for text in own]
    marks = [text.encode() for text in (*hashes, *pixels)] + [bytes.fromhex(text) for text in hashes]
    left = [path for path in files if _holds(path, marks if path.suffix in NUMBERS else [*names, *marks])]
    where = tuple(str(path.relative_to(library.folder)) for path in left)
    return ForgetReport(name, len(photos), vectors, version, len(files), where)


def _unpublish(library: Library, owner: str) -> str | None:
    """Publish the live index without an owner, and delete every version that still holds it."""
    try:
        live = library.index.open()
    except NotReadyError:
        return None
    facts = {key: known for key, known in index_facts(library).items() if key != owner}
    spaces = [_without(live, space, owner) for space in live.spaces]
    manifest = library.index.publish(spaces, facts, library.database.revision(), "castoon forget", keep=1)
    library.index.drop_all_but_live()
    return manifest.version


def _without(live: FlatIndex, space: str, owner: str) -> SpaceData:
    data = live.space(space)
    rows = [
        (name, data.sources[row], data.vectors[row])
        for place, name in enumerate(data.owners)
        if name != owner
        for row in range(*data.rows(place).indices(len(data.sources)))
    ]
    return SpaceData.build(space, data.contract, int(data.vectors.shape[1]), rows)


def _holds(path: Path, traces: Sequence[bytes]) -> bool:
    """Whether a file has one of the byte strings in its name or content."""
    longest = max((len(trace) for trace in traces), default=1)
    tail = path.name.encode()
    with path.open("rb") as handle:
        while block := handle.read(CHUNK):
            window = tail + block
            if any(trace in window for trace in traces):
                return True
            tail = window[-longest:]
    return False


def _similar(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(f"`{match}`" for match in get_close_matches(name, names, 3, 0.6))
