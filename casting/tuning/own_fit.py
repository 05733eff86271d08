"""A library's own tuning, for `castoon bridge fit`.

It is fitted twice, with drawings read as the pack reads them and in their own manner (`casting.tuning.manners`); what
finds actors held out better stays.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casting.engine import Engine
from casting.evaluation.metrics import Metric
from casting.evaluation.queries import QueryCache
from casting.evaluation.truth import Truth
from casting.library import Library
from casting.progress import Progress, Silent
from casting.tuning.active import library_tuning
from casting.tuning.fitting import FitReport, fit_tuning
from casting.tuning.manners import find_manners, keep, some
from castoon.errors import CastoonError
from castoon.images import RGB, read

if TYPE_CHECKING:
    from embeddings import Face
    from embeddings.manner import Manner


@dataclass(frozen=True, eq=False)
class OwnFit:
    """A library's own tuning, and the manners that belong to it."""

    report: FitReport
    manners: Mapping[str, Manner]
    """Role of a face network -> manner; empty where the pack's is as good."""
    without: Metric
    """R@1 on actors held out, with drawings read as the pack reads them."""
    own: Metric | None
    """The same, read in the library's own manner; None where there were too few pictures to find one."""

    def keep(self, library: Library) -> None:
        """Make it what the library ranks with."""
        keep(library, self.manners)
        self.report.tuning.save(library_tuning(library))

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        own = None if self.own is None else self.own.as_dict()
        reading = {"pack": self.without.as_dict(), "own": own, "kept": "own" if self.manners else "pack"}
        return {**self.report.as_dict(), "reading": reading}


def fit_own(
    library: Library,
    engine: Engine,
    truth: Sequence[Truth],
    *,
    spaces: Sequence[str] | None = None,
    unseen: Collection[str] | None = None,
    progress: Progress | None = None,
) -> OwnFit:
    """Fit on known castings; see `fit_tuning` for the arguments. Refuses with too little data."""
    watcher = progress or Silent()
    as_pack = engine.reading_by(None)
    plain = fit_tuning(library, as_pack, truth, spaces=spaces, unseen=unseen, progress=watcher)
    manners: Mapping[str, Manner] = {}
    if not plain.stopped:
        manners = find_manners(library, as_pack, _faces(library, as_pack, truth), watcher).manners
    if not manners:
        return OwnFit(plain, {}, plain.after, None)
    with tempfile.TemporaryDirectory() as folder:
        for role, manner in manners.items():
            manner.save(Path(folder) / f"{role}.npz")
        reader = engine.reading_by(Path(folder))
        own = fit_tuning(library, reader, truth, spaces=spaces, unseen=unseen, progress=watcher)
    if own.after.value > plain.after.value:
        return OwnFit(own, manners, plain.after, own.after)
    return OwnFit(plain, {}, plain.after, own.after)


def _faces(library: Library, engine: Engine, truth: Sequence[Truth]) -> Iterator[tuple[RGB, Face]]:
    """The face of each drawing that is ranked by."""
    cache = QueryCache(library, engine)
    for path in some(sorted({row.image for row in truth})):
        try:
            face = cache.face(path)
            if face is not None:
                yield read(path).pixels, face
        except CastoonError:
            continue
