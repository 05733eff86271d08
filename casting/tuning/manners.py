"""How a library's own drawings are drawn, learnt from the drawings themselves (`embeddings.manner`).

A pack reads drawings as it was taught on other artists' drawings. A studio's webtoon has a hand of its own: fitted on
past castings, each face network gets a manner of its own beside the bridge, and keeps it if actors held out are found
better with it. Finding it needs no names, so nothing about who resembles whom can leak into it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sqlalchemy import select

from casting.catalog import Photo, PhotoFace
from casting.engine import Engine
from casting.evaluation.metrics import Metric
from casting.evaluation.queries import QueryCache
from casting.evaluation.truth import Truth
from casting.library import Library
from casting.photo_faces import face_of
from casting.progress import Progress, Silent
from casting.spaces import PHOTO, Space
from casting.tuning.active import library_tuning
from casting.tuning.fitting import FitReport, fit_tuning
from castoon.errors import CastoonError, InputError
from castoon.images import RGB, SUFFIXES, read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import Face
    from embeddings.arcface import ArcFaceEncoder
    from embeddings.manner import Manner

Item = TypeVar("Item")

ENOUGH = 40
"""Faces of either kind with less than which no manner is looked for."""
AT_MOST = 400
"""Photos, and drawings, that are looked at; more change nothing."""


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
        _keep(library, self.manners)
        self.report.tuning.save(library_tuning(library))

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        own = None if self.own is None else self.own.as_dict()
        reading = {"pack": self.without.as_dict(), "own": own, "kept": "own" if self.manners else "pack"}
        return {**self.report.as_dict(), "reading": reading}


def drop(library: Library) -> bool:
    """Go back to what the pack was fitted on; says whether the library had a tuning or a manner of its own."""
    there = library_tuning(library).is_file() or library.manners.is_dir()
    library_tuning(library).unlink(missing_ok=True)
    shutil.rmtree(library.manners, ignore_errors=True)
    return there


def reads_own(library: Library, engine: Engine) -> bool:
    """Whether drawings are read in a manner of the library's own that fits the models in use."""
    faces = Space("arcface", PHOTO)
    if not library.manners.is_dir() or not engine.has(faces):
        return False
    return engine.reading(faces) != engine.reading_by(None).reading(faces)


def _keep(library: Library, manners: Mapping[str, Manner]) -> None:
    shutil.rmtree(library.manners, ignore_errors=True)
    for role, manner in manners.items():
        manner.save(library.manners / f"{role}.npz")


def learn(
    library: Library, engine: Engine, drawings: Sequence[Path] | None = None, progress: Progress | None = None
) -> dict[str, Manner]:
    """Read drawings from now on as these are drawn, by default the library's saved characters; no names are needed.

    What tunings were fitted on was read in another way: they stay, and are left aside until castings are fitted again.
    """
    given = [one for images in library.characters().values() for one in images] if drawings is None else drawings
    found = find_manners(library, engine, given, progress)
    if not found:
        raise InputError(
            Words("{count} drawings", count=len(given)),
            Words("too few to learn from: {count} faces of drawings and of photos are needed.", count=ENOUGH),
            "Give a folder with more pictures in this style, of any characters; keep more photos in the library.",
        )
    with library.writing("castoon bridge learn"):
        _keep(library, found)
    return found


def pictures_in(folder: Path) -> list[Path]:
    """All pictures in a folder and below, by path."""
    if not folder.is_dir():
        raise InputError(str(folder), "there is no such folder.", "Name the folder that holds the drawings.")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def fit_own(
    library: Library,
    engine: Engine,
    truth: Sequence[Truth],
    *,
    spaces: Sequence[str] | None = None,
    unseen: Collection[str] | None = None,
    progress: Progress | None = None,
) -> OwnFit:
    """Fit on known castings twice, with drawings read as the pack reads them and in their own manner; the better stays.

    See `fit_tuning` for the arguments; it refuses with too little data.
    """
    watcher = progress or Silent()
    plain = fit_tuning(library, engine.reading_by(None), truth, spaces=spaces, unseen=unseen, progress=watcher)
    manners = {} if plain.stopped else find_manners(library, engine, [row.image for row in truth], watcher)
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


def find_manners(
    library: Library, engine: Engine, drawings: Sequence[Path], progress: Progress | None = None
) -> dict[str, Manner]:
    """Role of each face network -> how these drawings are to be read by it; empty with too few faces to tell."""
    from embeddings.arcface import networks
    from embeddings.manner_fit import find_manner

    watcher = progress or Silent()
    parts = networks(engine.encoder("arcface"))
    if not parts or len(set(drawings)) < ENOUGH:
        return {}
    drawn = _cut_out(parts, _drawn_faces(library, engine, drawings))
    photos = _cut_out(parts, _photo_faces(library, engine))
    if min(len(drawn[0]), len(photos[0])) < ENOUGH:
        return {}
    watcher.begin("learn how the drawings are drawn", sum(part.convolutions for part in parts))
    found = {}
    for part, usual, seen in zip(parts, photos, drawn, strict=True):
        found[part.name] = find_manner(
            part.network, part.feeding, usual, seen, threads=engine.settings.threads,
            told=lambda done, of: watcher.advance(),
        )  # fmt: skip
    return found


def _cut_out(parts: Sequence[ArcFaceEncoder], faces: Iterator[tuple[RGB, Face]]) -> list[list[RGB]]:
    """For each network the aligned faces; whole pictures are not kept."""
    cut: list[list[RGB]] = [[] for _ in parts]
    for image, face in faces:
        for crops, part in zip(cut, parts, strict=True):
            crops.append(part.cut_out(image, face))
    return cut


def _drawn_faces(library: Library, engine: Engine, drawings: Sequence[Path]) -> Iterator[tuple[RGB, Face]]:
    cache = QueryCache(library, engine)
    for path in _some(sorted(set(drawings))):
        try:
            face = cache.face(path)
            if face is not None:
                yield read(path).pixels, face
        except CastoonError:
            continue


def _photo_faces(library: Library, engine: Engine) -> Iterator[tuple[RGB, Face]]:
    with library.database.session() as session:
        rows = session.execute(
            select(PhotoFace, Photo.file).join(PhotoFace.photo).where(PhotoFace.contract == engine.finder.contract)
            .order_by(PhotoFace.id)
        ).all()  # fmt: skip
        picked = [(library.folder / file, face_of(row)) for row, file in _some(rows)]
    for path, face in picked:
        try:
            yield read(path).pixels, face
        except CastoonError:
            continue


def _some(items: Sequence[Item]) -> list[Item]:
    """At most `AT_MOST` of them, drawn with a fixed seed."""
    picked = np.sort(np.random.default_rng(11).permutation(len(items))[:AT_MOST])
    return [items[place] for place in picked]
