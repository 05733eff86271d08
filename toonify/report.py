"""What a style did to faces: identity, structure, look, time and memory, for each style, with a contact sheet.

This stage knows no face recognition; the caller hands in `embed`, which turns pictures into unit vectors.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from castoon.errors import InputError
from toonify.contract import RGB, Stylizer
from toonify.report_sheet import grid
from toonify.style_distance import ssim, style_distance

Vectors = npt.NDArray[np.float32]
Embed = Callable[[Sequence[RGB]], Vectors]
"""Portrait crops -> vectors [n, dim] of unit length; a row of NaN where it sees no face."""


@dataclass(frozen=True)
class StyleRow:
    """One style's line of the report; means over all photos."""

    style: str
    fingerprint: str
    photos: int
    identity: float
    """Cosine between a photo and its stylized version."""
    found: float
    """How often the stylized photo's nearest owner, among all owners' other photos, is its own; 0 to 1."""
    found_photo: float
    """The same for the unchanged photo: what `found` could be at best."""
    face_lost: float
    """Share of the stylized photos in which `embed` saw no face; they count as not found."""
    structure: float
    """SSIM between photo and stylized version."""
    style_distance: float
    """Gram distance between photo and stylized version; see `toonify.style_distance`."""
    seconds: float
    """Per photo, the first batch not counted where there are more."""
    peak_mb: float
    """Resident memory added while stylizing, sampled."""


@dataclass(frozen=True, eq=False)
class StyleReport:
    """All rows, and the sheet to look at."""

    rows: tuple[StyleRow, ...]
    sheet: RGB
    """One row a photo (the first few owners), one column a style after the photo."""

    def as_dicts(self) -> list[dict[str, Any]]:
        """Rows for a table or JSON."""
        return [asdict(row) for row in self.rows]


def report(
    photos: Sequence[RGB],
    styles: Sequence[Stylizer],
    embed: Embed,
    *,
    owners: Sequence[str] | None = None,
    batch: int = 16,
    sheet_rows: int = 12,
    progress: Callable[[str, int, int], None] | None = None,
) -> StyleReport:
    """Stylize photos (aligned portrait crops of one size) in every style and measure what happened.

    `owners` says who is on each photo; without it every photo is its own owner and is looked for among all photos.
    `progress` is called with style, photos done and photos in all.
    """
    if not photos:
        raise InputError("report", "there are no photos.", "Hand in portrait crops.")
    names = list(owners) if owners is not None else [str(index) for index in range(len(photos))]
    if len(names) != len(photos):
        raise InputError("report", f"{len(names)} owners for {len(photos)} photos.", "Give one owner for each photo.")
    vectors = embed(photos)
    baseline = float(np.mean(_found(vectors, vectors, names)))
    rows, columns = [], [list(photos)]
    for stylizer in styles:
        made, seconds, peak = _stylized(photos, stylizer, batch, progress)
        moved = embed(made)
        cosines = (vectors * moved).sum(1)
        rows.append(
            StyleRow(
                style=stylizer.name,
                fingerprint=stylizer.fingerprint,
                photos=len(photos),
                identity=float(np.nanmean(cosines)) if np.isfinite(cosines).any() else float("nan"),
                found=float(np.mean(_found(moved, vectors, names))),
                found_photo=baseline,
                face_lost=float(np.isnan(moved).any(1).mean()),
                structure=float(np.mean([ssim(a, b) for a, b in zip(photos, made, strict=True)])),
                style_distance=float(np.mean([style_distance(a, b) for a, b in zip(photos, made, strict=True)])),
                seconds=seconds,
                peak_mb=peak,
            )
        )
        columns.append(made)
    shown = _spread(names, sheet_rows)
    sheet = grid([[c[i] for c in columns] for i in shown], 192, head=["photo", *(s.name for s in styles)])
    return StyleReport(tuple(rows), sheet)


def _found(queries: Vectors, gallery: Vectors, names: Sequence[str]) -> list[bool]:
    """Whether each query's nearest photo belongs to its owner; its own photo counts only for owners with no other."""
    cosines = np.nan_to_num(queries @ gallery.T, nan=-2.0)
    owners = np.asarray(names)
    alone = {name for name in names if names.count(name) == 1}
    for index, name in enumerate(names):
        if name not in alone:
            cosines[index, index] = -2.0
    best = cosines.argmax(1)
    return [bool(owners[best[i]] == owners[i] and cosines[i, best[i]] > -2.0) for i in range(len(names))]


def _stylized(
    photos: Sequence[RGB], stylizer: Stylizer, batch: int, progress: Callable[[str, int, int], None] | None
) -> tuple[list[RGB], float, float]:
    made: list[RGB] = []
    times: list[float] = []
    with _PeakMemory() as memory:
        for first in range(0, len(photos), batch):
            part = photos[first : first + batch]
            start = time.perf_counter()
            made += stylizer.stylize(part)
            times.append((time.perf_counter() - start) / len(part))
            if progress is not None:
                progress(stylizer.name, len(made), len(photos))
    return made, float(np.median(times[1:] or times)), memory.mb


def _spread(names: Sequence[str], count: int) -> list[int]:
    """Indexes of the first photo of owners spread evenly over all of them, so that nobody picks the best ones."""
    firsts = [index for index, name in enumerate(names) if name not in names[:index]]
    return [firsts[int(i)] for i in np.linspace(0, len(firsts) - 1, min(count, len(firsts))).round()]


class _PeakMemory:
    """Resident memory above that at the start, sampled every 10 ms; 0 where the system does not tell."""

    mb = 0.0

    def __enter__(self) -> _PeakMemory:
        self._done = threading.Event()
        self._base = self._now()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.mb = max(self.mb, (self._now() - self._base) / 2**20)
            if self._done.wait(0.01):
                return

    @staticmethod
    def _now() -> int:
        try:
            return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            return 0
