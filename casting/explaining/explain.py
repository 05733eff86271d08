"""From a character and an actor to an explanation, within seconds and stopped between batches when asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from casting.engine import Engine
from casting.explaining.explanation import Explanation, PartShare, SpaceShare, StyleChange, ViewRank
from casting.explaining.occlusion import SIDE, Check, PairScorer, Portrait, heat_map, occluded
from casting.explaining.parts import PARTS, part_masks, patch_masks
from casting.library import Library, PhotoRef
from casting.matching import Judged, judge_match
from casting.progress import CancelledError, Progress, Silent
from casting.ranking import Query, check_contracts, encoded, is_close
from casting.rebuilding import owner_key
from casting.scoring import Fused, fuse
from casting.spaces import PHOTO, Space
from casting.tuning.active import plan, space_weights
from castoon.errors import CastoonError, InputError, NotReadyError
from castoon.images import read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import FacePicture
    from embeddings.contract import Vectors
    from index import FlatIndex, OwnerHit

CELLS = 8
"""Places hidden in a row and in a column for the heat maps."""
SHOWN_STYLE = "cel"
"""The style whose effect is shown where none takes part in the ranking."""


@dataclass(frozen=True, eq=False)
class _Place:
    """Where an actor stands for a query."""

    owner: str
    rank: int
    similarity: float
    following: float | None
    contributions: Mapping[str, float]
    hits: Mapping[str, OwnerHit]
    """By the encoder's own cosines, for the spaces that know the actor."""


def explain(
    library: Library,
    engine: Engine,
    pictures: FacePicture | Sequence[FacePicture],
    actor_id: int,
    *,
    shown: int = 0,
    vectors: Mapping[str, Vectors] | None = None,
    index: FlatIndex | None = None,
    weights: Mapping[str, float] | None = None,
    where: str = "",
    style: str = "",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Explanation:
    """Why the actor stands where they stand for this character, shown in one picture or in several.

    Place, spaces and verdict are by the mean of all pictures, as `rank_faces` ranks; heat maps and parts are of the one
    `shown`, counted from 0. `vectors` (space -> [n, dim]) are those of the pictures where they are known already.

    `style` names the stylizer whose effect is shown; by default one that ranks, else `cel`. `cancelled` is asked
    between batches; when it answers True, or when `progress` is stopped, `CancelledError` is raised.
    """
    began = time.perf_counter()
    watcher = progress or Silent()
    watcher.begin("explain", 2 * (CELLS * CELLS + len(PARTS)))

    def check(steps: int = 0) -> None:
        watcher.advance(steps)
        if watcher.stopped or (cancelled is not None and cancelled()):
            raise CancelledError(Words("explanation"))

    live = index or library.index.open()
    chosen = {name: w for name, w in (weights or space_weights(library, engine)).items() if w > 0}
    check_contracts(live, engine, list(chosen))
    planned = plan(library, engine, chosen)
    faces = list(pictures) if isinstance(pictures, Sequence) else [pictures]
    face_picture = _shown(faces, shown)
    query = Query.of("character", encoded(engine, chosen, faces, vectors), planned)
    fused = fuse(live, query.carried, planned.recipe, where=where, how=library.settings.aggregation)
    check()
    place = _place(library, live, fused, query, owner_key(actor_id))
    matched, _ = place.hits[max(place.hits, key=lambda name: (chosen[name], name))].sources[0]
    refs = library.photos([hit.sources[0][0] for hit in place.hits.values()])
    if matched not in refs:
        raise NotReadyError(Words("the matched photo"), "it is not in the library any more.", "Run `castoon rebuild`.")
    shot_face = library.photo_face(refs[matched].file)
    assert shot_face is not None
    drawing = Portrait.of(face_picture.image, face_picture.face)
    photo = Portrait.of(read(library.folder / refs[matched].file).pixels, shot_face)
    compared = {name: w for name, w in chosen.items() if Space.parse(name).rendering == PHOTO} or chosen
    scorer = PairScorer(engine, compared, planned.bridges)
    cells = patch_masks(SIDE, CELLS)
    drawing_heat = heat_map(cells, occluded(scorer, drawing, photo, cells, "drawing", check))
    photo_heat = heat_map(cells, occluded(scorer, drawing, photo, cells, "photo", check))
    pair = scorer.cosine(scorer.drawings([drawing.picture()]), scorer.photos([photo.picture()]))
    styles = [Space.parse(name).rendering for name in chosen if Space.parse(name).rendering != PHOTO]
    judged = judge_match(fused, planned, query.pictures)
    at, calibration = np.array([place.similarity]), planned.calibration
    score = place.similarity if calibration is None else 100 * float(calibration.probabilities(at, fused.passing)[0])
    explanation = Explanation(
        actor_id=actor_id,
        actor=str(live.facts[place.owner]["name"]),
        rank=place.rank,
        gallery_actors=fused.passing,
        score=score,
        similarity=place.similarity,
        margin=None if place.following is None else place.similarity - place.following,
        calibrated=calibration is not None,
        match=judged.state,
        match_reason=judged.reason,
        spaces=_space_shares(place, chosen, refs),
        views=_view_ranks(
            library, engine, live, query, place.owner, max(compared, key=lambda name: (compared[name], name)), where
        ),
        photo=refs[matched].file,
        photo_name=refs[matched].original,
        pair_cosine=float(pair[0]),
        parts=_part_shares(scorer, drawing, photo, check),
        drawing_crop=drawing.crop,
        photo_crop=photo.crop,
        drawing_heat=drawing_heat,
        photo_heat=photo_heat,
        style=_style_change(engine, scorer, drawing, photo, style or next(iter(styles), SHOWN_STYLE), bool(styles)),
        warnings=_warnings(face_picture, refs[matched], place, query, judged, fused.passing),
        took_s=time.perf_counter() - began,
    )
    check()
    return explanation


def _shown(faces: Sequence[FacePicture], number: int) -> FacePicture:
    if not 0 <= number < len(faces):
        raise InputError(
            Words("picture {number}", number=number),
            Words("the character has {count}.", count=len(faces)),
            "Count from 0.",
        )
    return faces[number]


def _place(library: Library, index: FlatIndex, fused: Fused, query: Query, owner: str) -> _Place:
    order = fused.best(fused.passing)
    names = fused.owners.take(order)
    if owner not in names:
        step = "Rebuild the index, or ask without the filter."
        raise InputError(Words("actor {owner}", owner=owner), "the live index does not compare this actor.", step)
    rank = names.index(owner)
    how = library.settings.aggregation
    hits = {name: index.rescore(name, row, [owner], how, 1)[0][0] for name, row in query.plain.items()}
    return _Place(
        owner,
        rank + 1,
        float(fused.similarity[order[rank]]),
        float(fused.similarity[order[rank + 1]]) if rank + 1 < len(order) else None,
        {name: float(shares[order[rank]]) for name, shares in fused.shares.items()},
        {name: hit for name, hit in hits.items() if hit is not None},
    )


def _view_ranks(
    library: Library, engine: Engine, index: FlatIndex, query: Query, owner: str, space: str, where: str
) -> tuple[ViewRank, ...]:
    """Ranks of the actor, among those who pass the filter, by each view of the face alone, over the bridge."""
    from embeddings.hiding import only, views

    encoder = engine.encoder(Space.parse(space).encoder)
    found = []
    for view in views(encoder):
        seen = only(view, encoder, query.carried[space])
        scores = index.scores(space, seen, where, library.settings.aggregation)[0]
        own = scores[index.owners.index(owner)]
        if not np.isnan(own):
            found.append(ViewRank(view, 1 + int((scores > own).sum())))
    return tuple(found)


def _space_shares(place: _Place, weights: Mapping[str, float], refs: Mapping[str, PhotoRef]) -> tuple[SpaceShare, ...]:
    shares = []
    for name, weight in weights.items():
        hit = place.hits.get(name)
        source, cosine = hit.sources[0] if hit else ("", None)
        ref = refs.get(source)
        shares.append(
            SpaceShare(
                space=name,
                weight=weight,
                cosine=hit.score if hit else None,
                contribution=place.contributions[name] if hit else 0.0,
                photo=ref.file if ref else "",
                photo_cosine=cosine,
            )
        )
    return tuple(sorted(shares, key=lambda share: -share.contribution))


def _part_shares(scorer: PairScorer, drawing: Portrait, photo: Portrait, check: Check) -> tuple[PartShare, ...]:
    masks = {side: part_masks(one.face.points, SIDE) for side, one in (("drawing", drawing), ("photo", photo))}
    drops = {
        side: occluded(scorer, drawing, photo, [found[part] for part in PARTS], side, check)
        for side, found in masks.items()
    }
    both = np.maximum((drops["drawing"] + drops["photo"]) / 2, 0.0)
    shares = both / max(float(both.sum()), 1e-9)
    rows = [
        PartShare(part, float(shares[at]), float(drops["drawing"][at]), float(drops["photo"][at]))
        for at, part in enumerate(PARTS)
    ]
    return tuple(sorted(rows, key=lambda row: -row.share))


def _style_change(
    engine: Engine, scorer: PairScorer, drawing: Portrait, photo: Portrait, style: str, ranks: bool
) -> StyleChange | None:
    """What the style does to the photo; None where it is not installed."""
    try:
        (drawn,) = engine.stylizer(style).stylize([photo.crop])
    except CastoonError:
        return None
    plain, styled = scorer.photos([photo.picture()]), scorer.photos([photo.picture(drawn)])
    towards = scorer.drawings([drawing.picture()])
    kept = float(scorer.cosine(plain, styled)[0])
    gained = float(scorer.cosine(towards, styled)[0] - scorer.cosine(towards, plain)[0])
    change = np.abs(drawn.astype(np.float32) - photo.crop).mean(axis=2)
    return StyleChange(style, drawn, kept, gained, change / max(float(change.max()), 1.0), ranks)


def _warnings(
    face_picture: FacePicture, ref: PhotoRef, place: _Place, query: Query, judged: Judged, actors: int
) -> tuple[str, ...]:
    quality = face_picture.face.quality
    calibration = query.plan.calibration
    words = [f"drawing:{flag}" for flag in (quality.flags if quality else ())]
    words += [f"photo:{flag}" for flag in ref.flags]
    if place.following is not None and is_close(query.plan, place.similarity, place.following, actors):
        words.append("close_to_next")
    words += ["space_missing"] if set(place.hits) != set(query.plain) else []
    words += ["no_match"] if judged.state == "none" else []
    return (*words, *(["not_calibrated"] if calibration is None else []))
