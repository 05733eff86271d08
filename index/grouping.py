"""From cosines of sources to the score of an owner: the arithmetic that every back-end shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from index.contract import Aggregation, OwnerHit, SourceHit
from index.spaces import SpaceData

SOURCES_SHOWN = 5
Cosines = npt.NDArray[np.float32]


def owner_score(cosines: Cosines, centroid_cosine: float, aggregation: Aggregation) -> float:
    """Score of one owner from the cosines of all its sources and of its centroid."""
    match aggregation:
        case "best":
            return float(cosines.max())
        case "top3":
            return float(np.sort(cosines)[-3:].mean())
        case "centroid":
            return centroid_cosine


def owner_hit(data: SpaceData, owner: int, query: npt.NDArray[np.float32], aggregation: Aggregation) -> OwnerHit:
    """Exact hit of the owner at place `owner` for one query vector [dim]."""
    rows = data.rows(owner)
    cosines = np.asarray(data.vectors[rows] @ query, np.float32)
    names = data.sources[rows]
    best = sorted(range(len(names)), key=lambda i: (-float(cosines[i]), names[i]))[:SOURCES_SHOWN]
    score = owner_score(cosines, float(data.centroids[owner] @ query), aggregation)
    return OwnerHit(data.owners[owner], score, tuple(SourceHit(names[i], float(cosines[i])) for i in best))
