"""A map of the cast: actors who look alike lie side by side, and drawn characters lie among those they resemble.

Distances on a map are a picture of neighbourhoods, not a measure: what is near is alike, what is far says little. A
map is computed once for an index version and kept in the library's cache, which forgetting an actor deletes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from casting.castings import characters
from casting.curation.records import ActorRecord, actor_records
from casting.engine import Engine
from casting.library import Library
from casting.mapping.layout import between, lay_out, unit, without_mean
from casting.mapping.tsne import STEPS
from casting.progress import Progress, Silent
from casting.ranking import check_contracts, query_vector
from casting.rebuilding import owner_key
from casting.spaces import Space
from castoon.errors import CastoonError, InputError
from castoon.files import atomic_writer, sha256_file, short_hash
from castoon.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from index import FaissIndex

Floats = npt.NDArray[np.float32]
METHOD = "tsne-1"
"""Changes whenever the same vectors would be laid out otherwise."""
NEAREST = 3
ENOUGH_DRAWINGS = 8
"""From so many drawings on, what all drawings have in common is known, and taken away before placing them."""


@dataclass(frozen=True, eq=False)
class CastMap:
    """Places of all actors of one index version in one space."""

    version: str
    space: str
    owners: tuple[str, ...]
    places: Floats
    """[owners, 2], within a circle of radius 1."""
    complete: bool = True
    """False where somebody stopped the layout early; such a map is not kept."""


@dataclass(frozen=True)
class Placed:
    """Something on a map."""

    kind: str
    """`actor` or `character`."""
    name: str
    x: float
    y: float
    picture: str
    """File relative to the library; empty where there is none."""
    box: tuple[float, float, float, float] | None
    facts: dict[str, Any]
    """Of an actor: what filters may ask. Of a character: production."""
    nearest: tuple[str, ...] = ()
    """Of a character: the actors it resembles most in this space."""


def spaces_for_maps(library: Library, index: FaissIndex) -> list[str]:
    """Spaces of an index, the one that weighs most first."""
    weights = library.settings.spaces
    return sorted(index.spaces, key=lambda name: (-weights.get(name, 0.0), name))


def known_map(library: Library, index: FaissIndex, space: str) -> CastMap | None:
    """The map of an index version, if it was computed before."""
    try:
        with np.load(_file(library, index.version, space), allow_pickle=False) as kept:
            owners, places = tuple(str(one) for one in kept["owners"]), np.asarray(kept["places"], np.float32)
    except (OSError, ValueError, KeyError):
        return None
    if owners != tuple(index.space(space).owners) or places.shape != (len(owners), 2):
        return None
    return CastMap(index.version, space, owners, places)


def cast_map(
    library: Library, space: str = "", progress: Progress | None = None, index: FaissIndex | None = None
) -> CastMap:
    """The map of the live index (or of one at hand) in a space; computed where it is not known yet."""
    live = index or library.index.open()
    name = space or spaces_for_maps(library, live)[0]
    if name not in live.spaces:
        raise InputError(
            Words("space {name}", name=name),
            "the index does not hold it.",
            Words("It holds {names}.", names=", ".join(live.spaces)),
        )
    known = known_map(library, live, name)
    if known is not None:
        return known
    watcher = progress or Silent()
    data = live.space(name)
    watcher.begin("map", STEPS)

    def step(steps: int) -> bool:
        watcher.advance(steps)
        return not watcher.stopped

    places = lay_out(np.asarray(data.centroids, np.float32), step)
    drawn = CastMap(live.version, name, tuple(data.owners), places, not watcher.stopped)
    if drawn.complete:
        _keep(library, drawn)
    return drawn


def place_actors(library: Library, drawn: CastMap) -> list[Placed]:
    """The actors of a map whom the catalog still knows, with their facts."""
    known: dict[str, ActorRecord] = {owner_key(row.id): row for row in actor_records(library)}
    return [
        Placed("actor", row.name, float(x), float(y), row.portrait, row.portrait_box, dict(row.facts))
        for owner, (x, y) in zip(drawn.owners, drawn.places, strict=True)
        if (row := known.get(owner)) is not None
    ]


def place_characters(
    library: Library, engine: Engine, drawn: CastMap, index: FaissIndex, progress: Progress | None = None
) -> list[Placed]:
    """Saved characters among the actors they resemble; one whose pictures show no face is left out."""
    check_contracts(index, engine, [drawn.space])
    watcher = progress or Silent()
    everybody = characters.every(library)
    vectors = _character_vectors(library, engine, everybody, drawn.space, watcher)
    placed = [one for one in everybody if one.name in vectors]
    if not placed or not drawn.owners:
        return []
    data = index.space(drawn.space)
    centroids = np.asarray(data.centroids, np.float32)
    queries = np.stack([vectors[one.name] for one in placed])
    alike = without_mean(queries) if len(queries) >= ENOUGH_DRAWINGS else unit(queries - centroids.mean(axis=0))
    places = between(drawn.places, without_mean(centroids), alike)
    cosines = queries @ centroids.T
    names = [str(index.facts.get(owner, {}).get("name", "")) for owner in data.owners]
    return [
        Placed(
            "character", one.name, float(x), float(y), one.images[0] if one.images else "",
            one.faces[0].box if one.faces else None, {"production": one.production},
            tuple(names[place] for place in np.argsort(-row)[:NEAREST]),
        )
        for one, (x, y), row in zip(placed, places, cosines, strict=True)
    ]  # fmt: skip


def frame(placed: Sequence[Placed]) -> pd.DataFrame:
    """One row a point: kind, name, x, y, nearest and one column a fact."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "kind": one.kind, "name": one.name, "x": one.x, "y": one.y, "nearest": "; ".join(one.nearest),
                **{key: "; ".join(value) if isinstance(value, tuple) else value
                   for key, value in one.facts.items() if key != "name"},
            }
            for one in placed
        ]
    )  # fmt: skip


def _character_vectors(
    library: Library, engine: Engine, everybody: Sequence[characters.SavedCharacter], space: str, progress: Progress
) -> dict[str, Floats]:
    """Unit vector of each character that shows a face; kept by pictures, chosen faces and models."""
    folder = library.cache / "maps" / "characters"
    contract = f"{engine.finder.contract}/{engine.contract(Space.parse(space))}"
    found: dict[str, Floats] = {}
    progress.begin("characters", len(everybody))
    for one in everybody:
        if progress.stopped:
            break
        try:
            marks = [sha256_file(library.folder / image) for image in one.images]
            file = folder / f"{short_hash(contract, space, *marks, repr(one.faces))}.npy"
            vector = _read_vector(file)
            if vector is None:
                vector = query_vector(engine, Space.parse(space), characters.face_pictures(library, engine, one))[0]
                with atomic_writer(file) as handle:
                    np.save(handle, vector)
            found[one.name] = vector
        except (CastoonError, OSError):
            continue
        finally:
            progress.advance()
    return found


def _read_vector(file: Path) -> Floats | None:
    try:
        return np.asarray(np.load(file, allow_pickle=False), np.float32)
    except (OSError, ValueError):
        return None


def _file(library: Library, version: str, space: str) -> Path:
    return library.cache / "maps" / f"{version}-{short_hash(space, METHOD)}.npz"


def _keep(library: Library, drawn: CastMap) -> None:
    """Keep a map; those of versions that are gone are deleted."""
    file = _file(library, drawn.version, drawn.space)
    kept = set(library.index.names())
    for old in file.parent.glob("*.npz"):
        if old.name.rpartition("-")[0] not in kept:
            old.unlink(missing_ok=True)
    with atomic_writer(file) as handle:
        np.savez(handle, owners=np.array(drawn.owners, dtype="U32"), places=drawn.places)
