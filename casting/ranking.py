"""From a character's picture, or from words, to a ranking: per space, per actor, fused, calibrated where possible.

The query is encoded once a space, carried over the bridge where there is one, and scored against every actor
(`casting.scoring`). Only the actors that are shown are described: cosines, matched photos, what to be careful of.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from casting.averaging import mean_of
from casting.engine import Engine
from casting.library import Library
from casting.matching import judge_match
from casting.results import RankedActor, Ranking
from casting.scoring import Fused, Recipe, fuse
from casting.spaces import PHOTO, Space
from casting.tuning.active import Plan, plan, space_weights
from castoon.errors import ContractMismatchError, InputError, NotReadyError
from castoon.images import RGB
from castoon.words import Words
from index import OwnerHit, SourceHit

if TYPE_CHECKING:
    from embeddings import Face, FacePicture, Finding
    from embeddings.contract import Vectors
    from index import FlatIndex

CLOSE_SCORE = 5.0
CLOSE_COSINE = 0.01
"""Two actors whose scores (0 to 100), or cosines, differ by less cannot be told apart by them."""


@dataclass(frozen=True, eq=False)
class Query:
    """A character as vectors, and how they are to be compared."""

    label: str
    plain: Mapping[str, Vectors]
    """Space -> unit vector [1, dim], as the encoder gives it."""
    plan: Plan
    pictures: float = 1.0
    """How many pictures by different hands the character's are worth."""

    @classmethod
    def of(cls, label: str, pictures: Mapping[str, Vectors], plan: Plan) -> Query:
        """The mean of a character's pictures, given as unit vectors [n, dim] a space."""
        plain = {name: mean_of(rows[None]) for name, rows in pictures.items()}
        several = max(len(rows) for rows in pictures.values()) > 1
        return cls(label, plain, plan, plan.worth(plan.carried(pictures)) if several else 1.0)

    @property
    def carried(self) -> Mapping[str, Vectors]:
        """Space -> unit vector [1, dim] over the bridge, where there is one."""
        return self.plan.carried(self.plain)


def find_faces(engine: Engine, image: RGB) -> Finding:
    """Faces of a character's picture, largest and most central first."""
    return engine.finder.find(image, "drawn")


def pick_face(finding: Finding, number: int, thing: str) -> Face:
    """The face that a person chose by its number, counted from 0."""
    if not finding.faces:
        raise InputError(thing, finding.reason or "no face was found.", finding.next_step or "Give a box by hand.")
    if not 0 <= number < len(finding.faces):
        last = len(finding.faces) - 1
        raise InputError(
            thing,
            Words("there is no face {number}.", number=number),
            Words("Faces are numbered 0 to {last}, largest first.", last=last),
        )
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
    vectors: Mapping[str, Vectors] | None = None,
) -> Ranking:
    """Rank actors for one character shown in one or more faces, whose vectors are averaged.

    `vectors` (space -> [n, dim]) are those of the faces where they are known already. `weights` (space -> weight)
    replace those that the library or its tuning would use; scores are calibrated only with the weights that the
    calibration was fitted with.
    """
    began = time.perf_counter()
    live = index or library.index.open()
    chosen = {name: weight for name, weight in (weights or space_weights(library, engine)).items() if weight > 0}
    check_contracts(live, engine, list(chosen))
    planned = plan(library, engine, chosen)
    opened = time.perf_counter()
    query = Query.of(label, encoded(engine, chosen, faces, vectors), planned)
    took = {"open": 1000 * (opened - began), "encode": 1000 * (time.perf_counter() - opened)}
    return rank_vectors(library, engine, live, query, k=k, where=where, took_ms=took)


def rank_image(
    library: Library, engine: Engine, image: RGB, *, face: int = 0, label: str = "picture", k: int = 20,
    where: str = "", weights: Mapping[str, float] | None = None, index: FlatIndex | None = None,
) -> Ranking:  # fmt: skip
    """Rank actors for the character in a picture; `face` picks one of several."""
    return rank_images(
        library, engine, [(label, image)], faces=[face], k=k, where=where, weights=weights, index=index
    )  # fmt: skip


def rank_images(
    library: Library, engine: Engine, pictures: Sequence[tuple[str, RGB]], *, faces: Sequence[int] = (), k: int = 20,
    where: str = "", weights: Mapping[str, float] | None = None, index: FlatIndex | None = None,
) -> Ranking:  # fmt: skip
    """Rank actors for a character shown in several pictures (name, pixels), by the mean of its faces.

    `faces` picks one of several in each picture, counted from 0; the largest where it is left out.
    """
    began = time.perf_counter()
    chosen, found = chosen_faces(engine, pictures, faces)
    took = 1000 * (time.perf_counter() - began)
    label = " + ".join(label for label, _ in pictures)
    ranking = rank_faces(library, engine, chosen, k=k, where=where, weights=weights, index=index, label=label)
    return ranking.found_in(found[0] | {"picture": label} if len(found) == 1 else {"pictures": found}, took)


def chosen_faces(
    engine: Engine, pictures: Sequence[tuple[str, RGB]], faces: Sequence[int] = ()
) -> tuple[list[FacePicture], list[dict[str, Any]]]:
    """The face chosen in each picture (name, pixels), as encoders read it, and what rankings say of it."""
    if not pictures:
        raise InputError(Words("character"), "there is no picture.", "Give at least one.")
    if len(faces) > len(pictures):
        raise InputError(
            Words("faces"), "more faces are chosen than there are pictures.", "Choose one a picture, or none."
        )
    chosen, found = [], []
    for place, (label, image) in enumerate(pictures):
        finding, number = find_faces(engine, image), faces[place] if place < len(faces) else 0
        face = pick_face(finding, number, label)
        chosen.append(engine.face_picture(image, face))
        box = [round(value, 1) for value in face.box]
        found.append({"picture": label, "faces": len(finding.faces), "face": number, "box": box})
    return chosen, found


def rank_words(
    library: Library, engine: Engine, words: str, *, k: int = 20, where: str = "", index: FlatIndex | None = None
) -> Ranking:
    """Rank actors for a description such as "short black hair, round glasses", by a model that reads words.

    Pictures and words meet in one space, without a bridge and without a calibration.
    """
    text = " ".join(words.split())
    if not text:
        raise InputError(Words("words"), "nothing was described.", "Write something such as `long red hair, freckles`.")
    began = time.perf_counter()
    live = index or library.index.open()
    space = _text_space(engine, live)
    check_contracts(live, engine, [str(space)])
    row = engine.text_encoder(space.encoder).encode_text([text])
    planned = Plan(Recipe({str(space): 1.0}), {}, None, "words are compared with photos directly.")
    took = {"encode": 1000 * (time.perf_counter() - began)}
    return rank_vectors(library, engine, live, Query(text, {str(space): row}, planned), k=k, where=where, took_ms=took)


def _text_space(engine: Engine, index: FlatIndex) -> Space:
    """The space of photos whose encoder reads words."""
    readers = engine.text_encoders
    if not readers:
        raise NotReadyError(
            Words("model pack {pack}", pack=engine.pack.name),
            "it has no model that reads words.",
            "Use a pack with a CLIP, such as `research` (`castoon models pull research`).",
        )
    space = Space(readers[0], PHOTO)
    if str(space) in index.spaces:
        return space
    raise NotReadyError(
        Words("space {space}", space=space),
        "the live index does not hold it, and words need it.",
        Words("Run `castoon rebuild --only-space {space}`, or add it to the settings' `spaces`.", space=space),
    )


def rank_vectors(
    library: Library, engine: Engine, index: FlatIndex, query: Query, *, k: int = 20, where: str = "",
    took_ms: Mapping[str, float] | None = None,
) -> Ranking:  # fmt: skip
    """Rank actors for a query that is encoded already: everything after the models."""
    began = time.perf_counter()
    fused = fuse(index, query.carried, query.plan.recipe, where=where, how=library.settings.aggregation)
    searched = time.perf_counter()
    judged = judge_match(fused, query.plan, query.pictures)
    names = list(query.plain)
    return Ranking(
        character={"picture": query.label},
        results=_describe(library, index, fused, query, k),
        index_version=index.version,
        model_contracts={name: index.spaces[name].contract for name in names},
        query_contracts={name: engine.reading(Space.parse(name)) for name in names},
        weights=dict(query.plan.recipe.weights),
        pack=engine.pack.name,
        pack_licence=engine.pack.licence,
        fake=engine.pack.fake,
        where=where,
        gallery_actors=max((index.spaces[name].owners for name in names), default=0),
        took_ms={
            **(took_ms or {}),
            "search": 1000 * (searched - began),
            "describe": 1000 * (time.perf_counter() - searched),
        },
        calibrated=query.plan.calibration is not None,
        match=judged.state,
        match_reason=judged.reason,
        strangers=judged.strangers,
        pictures=query.pictures,
    )


def check_contracts(index: FlatIndex, engine: Engine, names: Sequence[str]) -> None:
    """Refuse to compare vectors of different models: no ranking is better than a wrong one."""
    for name in names:
        if name not in index.spaces:
            raise NotReadyError(
                Words("space {name}", name=name),
                Words("the live index does not hold it; it holds {names}.", names=", ".join(index.spaces)),
                "Run `castoon rebuild` with this space among the settings, or choose one that it holds.",
            )
        current = engine.contract(Space.parse(name))
        if index.spaces[name].contract != current:
            step = "Run `castoon rebuild` to embed the photos with the model in use, or set the pack used before."
            raise ContractMismatchError(name, index.spaces[name].contract, current, step)


def encoded(
    engine: Engine, spaces: Iterable[str], faces: Sequence[FacePicture], known: Mapping[str, Vectors] | None = None
) -> dict[str, Vectors]:
    """Space -> vectors of a character's faces [n, dim]; those that are `known` are not computed."""
    there = known or {}
    return {name: there[name] if name in there else engine.encode_query(Space.parse(name), faces) for name in spaces}


def query_vector(engine: Engine, space: Space, faces: Sequence[FacePicture]) -> Vectors:
    """Unit mean vector of a character's faces in a space, [1, dim]."""
    return mean_of(engine.encode_query(space, faces)[None])


def _describe(library: Library, index: FlatIndex, fused: Fused, query: Query, k: int) -> tuple[RankedActor, ...]:
    best = fused.best(k + 1)
    similarity = fused.similarity[best]
    calibration = query.plan.calibration
    scores = similarity if calibration is None else 100 * calibration.probabilities(similarity, fused.passing)
    owners = fused.owners.take(best[:k])
    hits = _plain_hits(library, index, query, owners)
    matched = [_matched_photo(known, query.plan.recipe.weights) for known in hits]
    photos = library.photos([source for source, _ in matched])
    rows = []
    for place, owner in enumerate(owners):
        facts = index.facts[owner]
        source, cosine = matched[place]
        photo = photos.get(source)
        followed = place + 1 < len(best)
        flags = list(photo.flags if photo else ("photo_gone",))
        if followed and is_close(query.plan, similarity[place], similarity[place + 1], fused.passing):
            flags.append("close_to_next")
        if set(hits[place]) != set(query.plain):
            flags.append("space_missing")
        rows.append(
            RankedActor(
                rank=place + 1,
                actor=str(facts["name"]),
                actor_id=int(owner[1:]),
                score=float(scores[place]),
                similarity=float(similarity[place]),
                spaces={name: hit.score for name, hit in hits[place].items()},
                contributions={name: float(fused.shares[name][best[place]]) for name in hits[place]},
                photo=photo.file if photo else "",
                photo_name=photo.original if photo else "",
                photo_box=photo.box if photo else None,
                photo_cosine=cosine,
                margin=float(similarity[place] - similarity[place + 1]) if followed else None,
                flags=tuple(flags),
                facts={key: value for key, value in facts.items() if key != "name" and value not in (None, ())},
            )
        )
    return tuple(rows)


def is_close(plan: Plan, similarity: float, following: float, actors: int) -> bool:
    """Whether an actor and the next cannot be told apart."""
    if plan.calibration is None:
        return similarity - following < CLOSE_COSINE
    chances = plan.calibration.probabilities(np.array([similarity, following]), actors)
    return bool(100 * (chances[0] - chances[1]) < CLOSE_SCORE)


def _plain_hits(library: Library, index: FlatIndex, query: Query, owners: Sequence[str]) -> list[dict[str, OwnerHit]]:
    """Hits of the owners shown in every space that knows them, by the encoder's own cosines."""
    how = library.settings.aggregation
    found = {name: index.rescore(name, row, owners, how, 1)[0] for name, row in query.plain.items()}
    return [{name: hit for name, hits in found.items() if (hit := hits[place])} for place in range(len(owners))]


def _matched_photo(known: Mapping[str, OwnerHit], weights: Mapping[str, float]) -> SourceHit:
    """The photo that matched best in the space that weighs most."""
    return known[max(known, key=lambda name: (weights[name], name))].sources[0]
