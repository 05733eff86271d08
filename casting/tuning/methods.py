"""Ways to fit a bridge on pairs (drawings, photos) of the same actors; cross-validation chooses among them.

All take unit vectors. `means` only takes the drawings' mean away. `whitening` also divides by the scatter within
actors, shrunk towards a multiple of the identity: the less data, the more. `discriminant` is a two-covariance model (a
probabilistic LDA): it also asks in which directions actors differ. `correlation` is a regularised canonical
correlation analysis between drawings and the mean photos of their actors.

Where a space joins several networks, or views of a face, `whitening .. by network` looks at the scatter of each by
itself and lets each count as it does in the space: what two have in common is learnt badly from some hundred drawings.
`whitening of earlier layers` leaves the vectors themselves alone: an encoder that has learnt the drawings by heart
shows neither scatter nor shift at its end, and has both before its last layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from casting.tuning.bridge import Bridge, Vectors

Doubles = npt.NDArray[np.float64]
EARLIER_SHRINKAGE = 0.2
"""Of what is read before a network's last layers, which has been weighed by people already."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """What is fitted on: for each actor the vectors of drawings [n, dim] and of photos [m, dim], none of them empty."""

    drawings: Mapping[str, Vectors]
    photos: Mapping[str, Vectors]
    networks: tuple[int, ...] = ()
    """Lengths of the vectors of the networks that the space joins; empty where it is one network's."""
    earlier: tuple[bool, ...] = ()
    """Which of them are of earlier layers (`embeddings.earlier`); empty where none is."""

    @property
    def blocks(self) -> list[slice]:
        """Where the vectors of each network lie."""
        ends = np.cumsum(self.networks).tolist()
        return [slice(end - length, end) for end, length in zip(ends, self.networks, strict=True)]

    @property
    def actors(self) -> tuple[str, ...]:
        """Sorted."""
        return tuple(sorted(self.drawings))

    @property
    def count(self) -> int:
        """Number of drawings."""
        return sum(len(rows) for rows in self.drawings.values())

    def only(self, actors: Sequence[str]) -> Pairs:
        """Some of the actors."""
        drawings, photos = ({a: rows[a] for a in actors} for rows in (self.drawings, self.photos))
        return Pairs(drawings, photos, self.networks, self.earlier)


class Method(Protocol):
    """A way to fit a bridge."""

    @property
    def name(self) -> str:
        """What people call it, with its strength."""
        ...

    def fit(self, pairs: Pairs) -> Bridge:
        """The bridge of these pairs."""
        ...


@dataclass(frozen=True)
class Means:
    """Take the drawings' mean away, and nothing else."""

    name: str = "means"

    def fit(self, pairs: Pairs) -> Bridge:
        """See `Method.fit`."""
        _, mean = _means(pairs)
        return Bridge(self.name, _floats(mean), np.eye(len(mean), dtype=np.float32))


@dataclass(frozen=True)
class Whitening:
    """Divide by the scatter within actors, shrunk."""

    shrinkage: float

    @property
    def name(self) -> str:
        """See `Method.name`."""
        return f"whitening {self.shrinkage:g}"

    def fit(self, pairs: Pairs) -> Bridge:
        """See `Method.fit`."""
        photo_mean, mean = _means(pairs)
        within = _shrunk(_within(pairs, photo_mean, mean), self.shrinkage)
        return _bridge(self.name, mean, np.asarray(np.linalg.inv(within), np.float64))


@dataclass(frozen=True)
class WhiteningByNetwork:
    """Divide by the scatter within actors, of each network (and view) of a joined space by itself."""

    shrinkage: float | None
    """Of the vectors; None leaves them alone, and only earlier layers are carried."""

    @property
    def name(self) -> str:
        """See `Method.name`."""
        return "whitening of earlier layers" if self.shrinkage is None else f"whitening {self.shrinkage:g} by network"

    def fit(self, pairs: Pairs) -> Bridge:
        """See `Method.fit`; the same as plain whitening where there is one network."""
        photo_mean, mean = _means(pairs)
        within = _within(pairs, photo_mean, mean)
        drawings = np.concatenate([pairs.drawings[a] for a in pairs.actors])
        matrix = np.eye(len(mean))
        blocks = pairs.blocks or [slice(0, len(mean))]
        for block, earlier in zip(blocks, pairs.earlier or [False] * len(blocks), strict=True):
            shrinkage = EARLIER_SHRINKAGE if earlier else self.shrinkage
            if shrinkage is None:
                mean[block] = 0.0
                continue
            own = np.asarray(within[block, block], np.float64)
            inverse = np.asarray(np.linalg.inv(_shrunk(own, shrinkage)), np.float64)
            before = np.linalg.norm(drawings[:, block], axis=1).mean()
            after = np.linalg.norm((drawings - mean)[:, block] @ inverse, axis=1).mean()
            matrix[block, block] = inverse * (float(before) / max(float(after), 1e-12))
        return _bridge(self.name, mean, matrix)


@dataclass(frozen=True)
class Discriminant:
    """Two covariances, within and between actors: the part of the log likelihood ratio that joins both sides."""

    shrinkage: float

    @property
    def name(self) -> str:
        """See `Method.name`."""
        return f"discriminant {self.shrinkage:g}"

    def fit(self, pairs: Pairs) -> Bridge:
        """See `Method.fit`."""
        photo_mean, mean = _means(pairs)
        within = _shrunk(_within(pairs, photo_mean, mean), self.shrinkage)
        centres = np.stack(
            [(pairs.photos[a].mean(0) - photo_mean + pairs.drawings[a].mean(0) - mean) / 2 for a in pairs.actors]
        )
        between = _shrunk(np.asarray(centres.T @ centres / len(centres), np.float64), max(self.shrinkage, 0.5))
        joined = np.linalg.solve(within, between) @ np.linalg.inv(within + 2 * between)
        return _bridge(self.name, mean, (joined + joined.T) / 2)


@dataclass(frozen=True)
class Correlation:
    """Regularised canonical correlation between drawings and the mean photo of their actor."""

    ridge: float

    @property
    def name(self) -> str:
        """See `Method.name`."""
        return f"correlation {self.ridge:g}"

    def fit(self, pairs: Pairs) -> Bridge:
        """See `Method.fit`."""
        photo_mean, mean = _means(pairs)
        x = np.concatenate([(pairs.drawings[a] - mean) / np.sqrt(len(pairs.drawings[a])) for a in pairs.actors])
        y = np.concatenate(
            [
                np.repeat((pairs.photos[a].mean(0) - photo_mean)[None], n, 0) / np.sqrt(n)
                for a in pairs.actors
                for n in [len(pairs.drawings[a])]
            ]
        )
        across = np.asarray(y.T @ x / len(pairs.actors), np.float64)
        in_drawings, in_photos = (
            _ridged(np.asarray(m.T @ m / len(pairs.actors), np.float64), self.ridge) for m in (x, y)
        )
        return _bridge(self.name, mean, np.linalg.solve(in_photos, across) @ np.linalg.inv(in_drawings))


METHODS: tuple[Method, ...] = (
    Means(),
    *(Whitening(strength) for strength in (0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 0.95)),
    Discriminant(0.8),
    Correlation(10.0),
)
BY_NETWORK: tuple[Method, ...] = (
    Means(),
    *(WhiteningByNetwork(strength) for strength in (0.2, 0.3, 0.4, 0.5, 0.7, 0.85)),
)
"""Tried instead where a space joins several networks or views."""
OF_EARLIER = WhiteningByNetwork(None)
"""Tried as well where some of these are of earlier layers."""


def methods_for(networks: Sequence[int], earlier: Sequence[bool]) -> tuple[Method, ...]:
    """What is tried for a space that joins vectors of these lengths."""
    if len(networks) < 2:
        return METHODS
    return (*BY_NETWORK, OF_EARLIER) if any(earlier) else BY_NETWORK


def _means(pairs: Pairs) -> tuple[Doubles, Doubles]:
    """Mean of photos and mean of drawings; every actor counts the same."""
    photos = np.mean([pairs.photos[a].mean(0, dtype=np.float64) for a in pairs.actors], axis=0)
    drawings = np.mean([pairs.drawings[a].mean(0, dtype=np.float64) for a in pairs.actors], axis=0)
    return np.asarray(photos, np.float64), np.asarray(drawings, np.float64)


def _within(pairs: Pairs, photo_mean: Doubles, mean: Doubles) -> Doubles:
    """Scatter of an actor's pictures of both domains around their common middle, averaged over actors, [dim, dim]."""
    rows = []
    for actor in pairs.actors:
        photos, drawings = pairs.photos[actor] - photo_mean, pairs.drawings[actor] - mean
        middle = (photos.mean(0) + drawings.mean(0)) / 2
        rows += [(side - middle) / np.sqrt(2 * len(side)) for side in (photos, drawings)]
    stacked = np.concatenate(rows)
    return np.asarray(stacked.T @ stacked / len(pairs.actors), np.float64)


def _shrunk(scatter: Doubles, strength: float) -> Doubles:
    """Mixed with the multiple of the identity that has the same trace."""
    size = len(scatter)
    return np.asarray((1 - strength) * scatter + strength * (np.trace(scatter) / size) * np.eye(size), np.float64)


def _ridged(scatter: Doubles, strength: float) -> Doubles:
    return np.asarray(scatter + strength * (np.trace(scatter) / len(scatter)) * np.eye(len(scatter)), np.float64)


def _bridge(name: str, mean: Doubles, matrix: Doubles) -> Bridge:
    """Scaled so that half precision holds the matrix well."""
    scale = max(float(np.abs(matrix).max()), 1e-12)
    return Bridge(name, _floats(mean), _floats(matrix / scale))


def _floats(values: Doubles) -> Vectors:
    return np.asarray(values, np.float32)
