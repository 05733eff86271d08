"""Forgetting an actor for good: catalog, photos, vectors, every index version; and proving that nothing is left."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from casting.catalog import Actor, Run, touch
from casting.library import Library
from casting.rebuilding import index_facts, owner_key
from casting.traces import Traces
from castoon.errors import InputError, NotReadyError
from castoon.words import Words


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
    """Erase an actor and everything derived from their photos, then search the whole library for what is left.

    The catalog comes last, so that a forgetting that was killed can be asked for again under the same name.
    """
    with library.writing("castoon forget") as killed:
        with library.database.session() as session:
            actor = session.scalar(select(Actor).where(Actor.name == name))
            if actor is None:
                if killed is not None:
                    library.database.scrub()
                close = _similar(name, list(session.scalars(select(Actor.name))))
                hint = Words("Did you mean {close}?", close=close) if close else "Names are compared exactly."
                raise InputError(Words("actor `{name}`", name=name), "the library does not know this name.", hint)
            owner = owner_key(actor.id)
            photos = [(photo.sha256, photo.pixels, photo.file) for photo in actor.photos]
            texts = [name, *actor.aliases]
        traces = _traces(library, owner, texts, photos)
        version = _unpublish(library, owner)
        vectors = library.vectors.forget([sha256 for sha256, _, _ in photos])
        for _, _, file in photos:
            (library.folder / file).unlink(missing_ok=True)
        shutil.rmtree(library.cache, ignore_errors=True)
        with library.database.transaction() as session:
            session.delete(session.scalars(select(Actor).where(Actor.name == name)).one())
            for run in session.scalars(select(Run)):
                run.detail = {key: value for key, value in run.detail.items() if key not in {"reason", "next_step"}}
            touch(session)
        library.database.scrub()
    left, searched = traces.left_in(library.folder)
    where = tuple(str(path.relative_to(library.folder)) for path in left)
    return ForgetReport(name, len(photos), vectors, version, searched, where)


def _traces(library: Library, owner: str, texts: Sequence[str], photos: Sequence[tuple[str, str, str]]) -> Traces:
    """What must not be found afterwards. A name that is part of another actor's tells nothing."""
    with library.database.session() as session:
        others = [text for row in session.scalars(select(Actor)) for text in (row.name, *row.aliases)
                  if owner_key(row.id) != owner]  # fmt: skip
    own = tuple(text for text in texts if not any(text in other for other in others))
    hashes = tuple(part for sha256, pixels, _ in photos for part in (sha256, pixels))
    try:
        live = library.index.open()
    except NotReadyError:
        return Traces(own, hashes, ())
    rows: list[bytes] = []
    for name in live.spaces:
        for layer in live.layered[name].layers:
            place = layer.data.position.get(owner)
            if place is not None:
                mine = layer.data.vectors[layer.data.rows(place)]
                middle = layer.data.centroids[place : place + 1]
                rows += [vector.tobytes() for vector in (*mine, *middle)]
                for searched, vectors in ((layer.rows("best"), mine), (layer.rows("centroid"), middle)):
                    if searched.rounded is not None:
                        rows += [codes.tobytes() for codes in searched.rounded.stored(vectors)]
    return Traces(own, hashes, tuple(rows))


def _unpublish(library: Library, owner: str) -> str | None:
    """Publish the live index without an owner, and delete every version that still holds it.

    Search is exact at first: an approximate structure holds its vectors rounded and would have to be built anew, which
    the next rebuild does. An index that is damaged is deleted as a whole; it can be rebuilt.
    """
    try:
        live = library.index.open()
    except NotReadyError:
        library.index.delete()
        return None
    facts = {key: known for key, known in index_facts(library).items() if key != owner}
    spaces = (space.data.only(~space.data.places([owner])) for space in live.layered.values())
    exact = replace(library.index.tuning, backend="flat")
    revision = library.database.revision()
    manifest = library.index.publish(spaces, facts, revision, "castoon forget", keep=1, tuning=exact)
    library.index.drop_all_but_live()
    return manifest.version


def _similar(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    return ", ".join(f"`{match}`" for match in get_close_matches(name, names, 3, 0.6))
