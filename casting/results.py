"""A ranking as a value: what people, tables, reports and machines read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Match = Literal["good", "unsure", "none"]
"""Whether the best actor stands out, might, or is no better than what strangers get."""

Verdict = Literal["good", "ahead", "unsure", "none"]
"""What a viewer is told of a match; `ahead`: it might be one, and nobody else comes near."""

AHEAD = 3.0
"""Times the odds of the second actor from which the first is no equal, though a stranger may score like that: 91 and 72
of 100, or 50 and 25."""

SCORE_MEANING = (
    "The score is the visual similarity between the drawing and an actor's photos: a weighted mean of cosines, from -1 "
    "to 1. It is not calibrated and not a probability, and it says nothing about a person's worth or ability."
)
CALIBRATED_MEANING = (
    "The score (synchronization) runs from 0 to 100: of past drawings whose best actor scored like this in a cast of "
    "this size, about so many in a hundred showed that actor. It measures visual similarity to the drawing only; "
    "cosines are not probabilities, and no figure here says anything about a person's worth or ability."
)


@dataclass(frozen=True)
class RankedActor:
    """One row of a ranking."""

    rank: int
    actor: str
    actor_id: int
    score: float
    """0 to 100 in a calibrated ranking (synchronization); otherwise the same as `similarity`."""
    similarity: float
    """What actors are ordered by. Calibrated: how many standard deviations above this query's usual actor, fused over
    the spaces; otherwise a weighted mean of cosines."""
    spaces: Mapping[str, float]
    """Space -> cosine of this actor, as the encoder gives it."""
    contributions: Mapping[str, float]
    """Space -> its share of the similarity; the shares add up to it."""
    photo: str
    """File of the photo that matched best, relative to the library."""
    photo_name: str
    """What that photo was called when it was imported."""
    photo_box: tuple[float, float, float, float] | None
    """The face in that photo, in its pixels."""
    photo_cosine: float
    """Cosine of that photo in the space that weighs most."""
    margin: float | None
    """Distance of the similarity to the next actor's; None for the last one."""
    flags: tuple[str, ...]
    """What to be careful about: quality of the photo, a tie with the next, a space without vectors."""
    facts: Mapping[str, Any]


def in_100(share: float) -> int:
    """A share of past drawings as people read it: none is said to be impossible."""
    return max(1, round(100 * share))


@dataclass(frozen=True)
class Ranking:
    """Actors for one character, best first, and everything needed to know how that came about."""

    character: Mapping[str, Any]
    """`picture`: what it is called; where it was searched for faces also `faces`, `face` and the `box` ranked, or all
    of these for each of several `pictures`."""
    results: tuple[RankedActor, ...]
    index_version: str
    model_contracts: Mapping[str, str]
    """Space -> contract of the vectors of photos."""
    query_contracts: Mapping[str, str]
    """Space -> how what was searched for was read."""
    weights: Mapping[str, float]
    pack: str
    pack_licence: str
    fake: bool
    """Whether stand-ins made the vectors, so that the ranking means nothing."""
    where: str
    gallery_actors: int
    took_ms: Mapping[str, float]
    calibrated: bool = False
    """Whether scores are 0 to 100 and mean something; similarities otherwise."""
    match: Match = "unsure"
    """`none`: no good match, even the best is no better than what a stranger gets."""
    match_reason: str = ""
    """Why, in a sentence; where the ranking is not calibrated, why not."""
    pictures: float = 1.0
    """How many pictures by different hands the character's are worth: by one hand they err alike, and count less."""
    strangers: float | None = None
    """Of drawings whose actor is missing from such a cast, the share whose best actor scores as high as the first here;
    None where that is not known."""

    @property
    def verdict(self) -> Verdict:
        """The state of the match, with an eye on how far the first actor is ahead of the second."""
        first_two = self.results[:2]
        if self.match != "unsure" or not self.calibrated or len(first_two) < 2:
            return self.match
        first, second = (one.score / max(100.0 - one.score, 1e-9) for one in first_two)
        return "ahead" if first >= AHEAD * second else "unsure"

    @property
    def contracts(self) -> dict[str, str]:
        """Space -> both contracts in one; where they are equal, scores of two rankings may be compared."""
        return {name: f"{photos} {self.query_contracts[name]}" for name, photos in self.model_contracts.items()}

    @property
    def score_meaning(self) -> str:
        """What the scores of this ranking say and do not say."""
        return CALIBRATED_MEANING if self.calibrated else SCORE_MEANING

    @property
    def title(self) -> str:
        """What the picture is called."""
        return str(self.character["picture"])

    def found_in(self, found: Mapping[str, Any], milliseconds: float) -> Ranking:
        """The same ranking, with what is known of the face that was searched for."""
        character = {**self.character, **found}
        return replace(self, character=character, took_ms={"find_face": milliseconds, **self.took_ms})

    def as_dict(self) -> dict[str, Any]:
        """For `--json`; see the README for the schema."""
        return {
            "character": dict(self.character),
            "results": [
                {
                    "rank": row.rank,
                    "actor": row.actor,
                    "score": round(row.score, 6),
                    "similarity": round(row.similarity, 6),
                    "spaces": {name: round(cosine, 6) for name, cosine in row.spaces.items()},
                    "contributions": {name: round(share, 6) for name, share in row.contributions.items()},
                    "photo": row.photo,
                    "photo_name": row.photo_name,
                    "photo_cosine": round(row.photo_cosine, 6),
                    "margin": None if row.margin is None else round(row.margin, 6),
                    "flags": list(row.flags),
                    "facts": {key: list(v) if isinstance(v, tuple) else v for key, v in row.facts.items()},
                }
                for row in self.results
            ],
            "model_contracts": dict(self.model_contracts),
            "query_contracts": dict(self.query_contracts),
            "index_version": self.index_version,
            "weights": dict(self.weights),
            "pack": {"name": self.pack, "licence": self.pack_licence, "fake": self.fake},
            "where": self.where,
            "gallery_actors": self.gallery_actors,
            "calibrated": self.calibrated,
            "match": {
                "state": self.match,
                "verdict": self.verdict,
                "reason": self.match_reason,
                "strangers": None if self.strangers is None else round(self.strangers, 3),
                "pictures": round(self.pictures, 2),
            },
            "score_meaning": self.score_meaning,
            "took_ms": {stage: round(value, 1) for stage, value in self.took_ms.items()},
        }

    def frame(self) -> pd.DataFrame:
        """One row an actor, one column a space besides rank, score, margin, photo, flags and facts."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "rank": row.rank,
                    "actor": row.actor,
                    "score": row.score,
                    "similarity": row.similarity,
                    **row.spaces,
                    "margin": row.margin,
                    "photo": row.photo_name,
                    "flags": ", ".join(row.flags),
                    **{key: "; ".join(v) if isinstance(v, tuple) else v for key, v in row.facts.items()},
                }
                for row in self.results
            ]
        )
