"""From a character's picture to a ranking: per space, per actor, fused, with everything needed to explain it.

Spaces are fused actor by actor by a weighted mean of cosines. Candidates come from one grouped search a space; because
a weighted mean cannot exceed the largest of its parts, the search widens until no unseen actor could still enter the
ranking, which makes the answer exact.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from casting.engine import Engine
from casting.library import Library
from casting.results import RankedActor, Ranking
from casting.spaces import Space
from castoon.errors import ContractMismatchError, InputError, NotReadyError
from castoon.images import RGB
from index import ActorIndex, Aggregation, OwnerHit, SourceHit

if TYPE_CHECKING:
    from embeddings import Face, FacePicture, Finding
    from embeddings.contract import Vectors
    from index import FlatIndex

FIRST_CANDIDATES = 200
CLOSE_MARGIN = 0.01
"""Two actors whose scores differ by less cannot be told apart by them."""


@dataclass(frozen=True)
class Fused:
    """An owner's weighted score and its hit in every space that knows it."""

    owner: str
    score: float
    hits: Mapping[str, OwnerHit]


def find_faces(engine: Engine, image: RGB) -> Finding:
    """Faces of a character's picture, largest and most central first."""
    return engine.finder.find(image, "drawn")


def pick_face(finding: Finding, number: int, thing: str) -> Face:
    """The face that a person chose by its number, counted from 0."""
    if not finding.faces:
        raise InputError(thing, finding.reason or "no face was found.", finding.next_step or "Give a box by hand.")
    if not 0 <= number < len(finding.faces):
        last = len(finding.faces) - 1
        raise InputError(thing, f"there is no face {number}.", f"Faces are numbered 0 to {last}, largest first.")
    return finding.faces[number]


def rank_faces(
    library: Library,
    engine: Engine,
    faces: Sequence[FacePicture],
    *,
    k: int = 20,
    where: str = "",
    weights: Mapping[str, float] | None = None,
    index: FlatIndex | None = None,
    label: str = "character",
) -> Ranking:
    """Rank actors for one character shown in one or more faces, whose vectors are averaged."""
    began = time.perf_counter()
    live = index or library.index.open()
    chosen = {name: weight for name, weight in (weights or library.settings.spaces).items() if weight > 0}
    check_contracts(live, engine, list(chosen))
    opened = time.perf_counter()
    queries = {name: query_vector(engine, Space.parse(name), faces) for name in chosen}
    encoded = time.perf_counter()
    fused = fuse(live, queries, chosen, k + 1, where=where, how=library.settings.aggregation)
    searched = time.perf_counter()
    return Ranking(
        character={"picture": label},
        results=_describe(library, live, fused, k, chosen),
        index_version=live.version,
        model_contracts={name: live.spaces[name].contract for name in chosen},
        weights=chosen,
        pack=engine.pack.name,
        pack_licence=engine.pack.licence,
        fake=engine.pack.fake,
        where=where,
        gallery_actors=max((live.spaces[name].owners for name in chosen), default=0),
        took_ms={
            "open": 1000 * (opened - began),
            "encode": 1000 * (encoded - opened),
            "search": 1000 * (searched - encoded),
            "describe": 1000 * (time.perf_counter() - searched),
        },
    )


def rank_image(
    library: Library, engine: Engine, image: RGB, *, face: int = 0, label: str = "picture", k: int = 20,
    where: str = "", weights: Mapping[str, float] | None = None, index: FlatIndex | None = None,
) -> Ranking:  # fmt: skip
    """Rank actors for the character in a picture; `face` picks one of several."""
    from embeddings import FacePicture

    began = time.perf_counter()
    finding = find_faces(engine, image)
    chosen = pick_face(finding, face, label)
    took = 1000 * (time.perf_counter() - began)
    ranking = rank_faces(
        library, engine, [FacePicture(image, chosen)], k=k, where=where, weights=weights, index=index, label=label
    )
    box = [round(value, 1) for value in chosen.box]
    return ranking.found_in({"faces": len(finding.faces), "face": face, "box": box}, took)


def check_contracts(index: FlatIndex, engine: Engine, names: Sequence[str]) -> None:
    """Refuse to compare vectors of different models: no ranking is better than a wrong one."""
    for name in names:
        if name not in index.spaces:
            raise NotReadyError(
                f"space {name}",
                f"the live index does not hold it; it holds {', '.join(index.spaces)}.",
                "Run `castoon rebuild` with this space among the settings, or choose one that it holds.",
            )
        current = engine.contract(Space.parse(name))
        if index.spaces[name].contract != current:
            step = "Run `castoon rebuild` to embed the photos with the model in use, or set the pack used before."
            raise ContractMismatchError(name, index.spaces[name].contract, current, step)


def query_vector(engine: Engine, space: Space, faces: Sequence[FacePicture]) -> Vectors:
    """Unit mean vector of a character's faces in a space, [1, dim]."""
    mean = engine.encode_query(space, faces).mean(axis=0, keepdims=True)
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12), np.float32)


def fuse(
    index: ActorIndex,
    queries: Mapping[str, Vectors],
    weights: Mapping[str, float],
    k: int,
    *,
    where: str = "",
    how: Aggregation = "centroid",
) -> list[Fused]:
    """The `k` best owners by the weighted mean of their scores in the spaces that know them; exact, best first."""
    asked = max(FIRST_CANDIDATES, 10 * k)
    while True:
        found = {name: index.search(name, query, asked, where, how)[0] for name, query in queries.items()}
        owners = sorted({hit.owner for hits in found.values() for hit in hits})
        scored = {name: index.rescore(name, query, owners, how)[0] for name, query in queries.items()}
        fused = sorted(
            (_fused(owner, {name: scored[name][place] for name in queries}, weights)
             for place, owner in enumerate(owners)),
            key=lambda one: (-one.score, one.owner),
        )[:k]  # fmt: skip
        unseen = [hits[-1].score for hits in found.values() if len(hits) == asked]
        if not unseen or (len(fused) == k and fused[-1].score >= max(unseen)):
            return fused
        asked *= 4


def _fused(owner: str, hits: Mapping[str, OwnerHit | None], weights: Mapping[str, float]) -> Fused:
    """Weighted mean over the spaces that know the owner; a space that does not is left out, not counted as zero."""
    known = {name: hit for name, hit in hits.items() if hit is not None}
    total = sum(weights[name] for name in known)
    score = sum(weights[name] * hit.score for name, hit in known.items()) / total
    return Fused(owner, score, known)


def _describe(
    library: Library, index: FlatIndex, fused: Sequence[Fused], k: int, weights: Mapping[str, float]
) -> tuple[RankedActor, ...]:
    shown = fused[:k]
    matched = [_matched_photo(one, weights) for one in shown]
    photos = library.photos([match.source for match in matched])
    rows = []
    for place, one in enumerate(shown):
        following = fused[place + 1].score if place + 1 < len(fused) else None
        facts = index.facts[one.owner]
        total = sum(weights[name] for name in one.hits)
        photo = photos.get(matched[place].source)
        margin = None if following is None else one.score - following
        flags = list(photo.flags if photo else ("photo_gone",))
        if margin is not None and margin < CLOSE_MARGIN:
            flags.append("close_to_next")
        if set(one.hits) != set(weights):
            flags.append("space_missing")
        rows.append(
            RankedActor(
                rank=place + 1,
                actor=str(facts["name"]),
                actor_id=int(one.owner[1:]),
                score=one.score,
                spaces={name: hit.score for name, hit in one.hits.items()},
                contributions={name: weights[name] * hit.score / total for name, hit in one.hits.items()},
                photo=photo.file if photo else "",
                photo_name=photo.original if photo else "",
                photo_box=photo.box if photo else None,
                photo_cosine=matched[place].cosine,
                margin=margin,
                flags=tuple(flags),
                facts={key: value for key, value in facts.items() if key != "name" and value not in (None, ())},
            )
        )
    return tuple(rows)


def _matched_photo(one: Fused, weights: Mapping[str, float]) -> SourceHit:
    """The photo that matched best in the space that weighs most."""
    space = max(one.hits, key=lambda name: (weights[name], name))
    return one.hits[space].sources[0]
