"""What the rest of Castoon may rely on from an actor index: one Protocol and the values it passes.

An index knows owners (actors) and sources (a face in a photo) by opaque strings, and spaces by name. It knows nothing
of pictures or models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""float32, [n, dim], every row of unit length."""

Fact = str | int | float | None | tuple[str, ...]
Facts = Mapping[str, Fact]
"""What filters may ask of an owner: column -> value; a tuple is a set of tags."""

Aggregation = Literal["best", "top3", "centroid"]
"""How an owner's score follows from its sources: best cosine, mean of the best three, or cosine to the mean vector."""


SOURCES_SHOWN = 5
"""Sources that a hit names when not told otherwise."""


SourceHit = tuple[str, float]
"""A vector of an owner that is close to the query: its source and its cosine."""


class OwnerHit(NamedTuple):
    """One owner found by a search."""

    owner: str
    score: float
    """By the aggregation asked for; a cosine, never a probability."""
    sources: tuple[SourceHit, ...]
    """The owner's best sources, best first; as many as were asked for."""


@dataclass(frozen=True)
class SpaceInfo:
    """What an index says of one of its spaces."""

    name: str
    dim: int
    contract: str
    """Contract of the encoder that made the vectors; a query made under another one is refused."""
    vectors: int
    owners: int


@runtime_checkable
class ActorIndex(Protocol):
    """Search over vectors that have owners, answered by owner."""

    @property
    def version(self) -> str:
        """Identity of what is being searched; every answer can be traced to it."""
        ...

    @property
    def spaces(self) -> Mapping[str, SpaceInfo]:
        """The spaces held, by name."""
        ...

    def search(
        self,
        space: str,
        vectors: Vectors,
        k: int,
        where: str = "",
        aggregation: Aggregation = "centroid",
        sources: int = SOURCES_SHOWN,
    ) -> list[list[OwnerHit]]:
        """For each query vector the `k` best owners among those that pass `where`, best first.

        k owners come back whenever k owners pass, and each score is exact. Which owners come is exact too, unless the
        version was published with an approximate back-end, whose measured recall its manifest names. Ties are broken
        by owner name. `sources` says how many sources each hit shall name; 0 is fastest.
        """
        ...

    def rescore(
        self,
        space: str,
        vectors: Vectors,
        owners: Sequence[str],
        aggregation: Aggregation = "centroid",
        sources: int = SOURCES_SHOWN,
    ) -> list[list[OwnerHit | None]]:
        """Exact scores of the owners named, in their order; None for an owner that has no vector in this space.

        Fusion needs it: an owner found in one space must be scored in the others too. See `search` for `sources`.
        """
        ...
