"""How a library's own drawings are drawn, learnt from the drawings themselves (`embeddings.manner`).

A pack reads drawings as it was taught on other artists' drawings. A studio's webtoon has a hand of its own, and eight
faces show most of it. Finding it needs no names, so nothing about who resembles whom can leak into it; the faces should
be of different characters, though, or what one of them looks like is taken for the style.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from sqlalchemy import select

from casting.catalog import Photo, PhotoFace
from casting.engine import Engine
from casting.library import Library
from casting.photo_faces import face_of
from casting.progress import Progress, Silent
from casting.spaces import PHOTO, Space
from casting.tuning.active import library_tuning
from castoon.errors import CastoonError, InputError
from castoon.images import RGB, SUFFIXES, decode, read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import Face
    from embeddings.arcface import ArcFaceEncoder
    from embeddings.manner import Manner

Item = TypeVar("Item")
Drawing = Path | bytes
"""A picture file, or what one holds."""

ENOUGH = 8
"""Drawn faces with less than which no manner is looked for; forty are hardly better."""
ENOUGH_PHOTOS = 40
"""Photos with less than which the pack says what photos look like, where it can."""
AT_MOST = 400
"""Photos, and drawings, that are looked at; more change nothing."""
SHOWN = 24
"""Faces that are kept for people to see what was learnt from."""


@dataclass(frozen=True, eq=False)
class Learnt:
    """A style, as each face network is to read it, and what it was learnt from."""

    manners: Mapping[str, Manner]
    """Role of a face network -> manner; empty with too few faces to tell."""
    drawings: int
    """Drawn faces that were found."""
    photos: int
    shown: tuple[RGB, ...] = ()
    """Some of the drawn faces."""


def drop(library: Library) -> bool:
    """Go back to what the pack was fitted on; says whether the library had a tuning or a manner of its own."""
    there = library_tuning(library).is_file() or library.manners.is_dir()
    library_tuning(library).unlink(missing_ok=True)
    shutil.rmtree(library.manners, ignore_errors=True)
    return there


def keep(library: Library, manners: Mapping[str, Manner]) -> None:
    """Read drawings so from now on; with none, as the pack says."""
    shutil.rmtree(library.manners, ignore_errors=True)
    for role, manner in manners.items():
        manner.save(library.manners / f"{role}.npz")


def learnt_from(library: Library, engine: Engine) -> int:
    """From how many drawn faces the manner in use was found, where it is the library's own and fits; 0 else."""
    from embeddings.arcface import networks
    from embeddings.manner import Manner

    faces = Space("arcface", PHOTO)
    if not library.manners.is_dir() or not engine.has(faces):
        return 0
    own = []
    for part in networks(engine.encoder(faces.encoder)):
        path = library.manners / f"{part.name}.npz"
        if part.manner is not None and path.is_file() and Manner.load(path).contract == part.manner.contract:
            own.append(part.manner.drawings)
    return max(own, default=0)


def learn(
    library: Library, engine: Engine, drawings: Sequence[Drawing] | None = None, progress: Progress | None = None
) -> Learnt:
    """Read drawings from now on as these are drawn, by default the library's saved characters; no names are needed.

    Every face of every picture counts, so whole pages will do. Stopped, nothing changes. What tunings were fitted on
    was read in another way: they stay, and are left aside until castings are fitted again.
    """
    from embeddings.arcface import networks

    if not networks(engine.encoder("arcface")):
        raise InputError(
            Words("model pack {pack}", pack=engine.pack.name),
            "it has no face network that could learn how drawings are drawn.",
            "Choose another pack.",
        )
    watcher = progress or Silent()
    given = list(drawings) if drawings is not None else characters_pictures(library)
    found = find_manners(library, engine, _all_faces(engine, given), watcher)
    if watcher.stopped:
        return replace(found, manners={})
    if found.drawings < ENOUGH:
        raise InputError(
            Words("{count} drawings", count=len(given)),
            Words(
                "{found} drawn faces are too few to learn from; {count} are needed.", found=found.drawings, count=ENOUGH
            ),
            "Give more pictures in this style, of different characters.",
        )
    if not found.manners:
        raise InputError(
            Words("{count} photos", count=found.photos),
            Words("too few to say what photos look like to this model pack; {count} are needed.", count=ENOUGH_PHOTOS),
            "Import more photos.",
        )
    with library.writing("castoon bridge learn"):
        keep(library, found.manners)
    return found


def characters_pictures(library: Library) -> list[Drawing]:
    """The pictures of the library's saved characters."""
    return [one for images in library.characters().values() for one in images]


def pictures_in(folder: Path) -> list[Drawing]:
    """All pictures in a folder and below, by path."""
    if not folder.is_dir():
        raise InputError(str(folder), "there is no such folder.", "Name the folder that holds the drawings.")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def find_manners(
    library: Library, engine: Engine, drawn: Iterable[tuple[RGB, Face]], progress: Progress | None = None
) -> Learnt:
    """How each face network is to read these drawn faces, beside what the pack knows of drawings."""
    from embeddings.arcface import networks
    from embeddings.manner_fit import find_manner

    watcher = progress or Silent()
    parts = networks(engine.reading_by(None).encoder("arcface"))
    if not parts:
        return Learnt({}, 0, 0)
    watcher.begin("look for drawn faces", None)
    drawings = _cut_out(parts, drawn, watcher)
    watcher.begin("look at photos", None)
    photos = _cut_out(parts, _photo_faces(library, engine), watcher)
    count, usual = len(drawings[0]), len(photos[0])
    told_by_pack = usual < ENOUGH_PHOTOS and all(part.manner is not None for part in parts)
    if count < ENOUGH or watcher.stopped or (usual < ENOUGH_PHOTOS and not told_by_pack):
        return Learnt({}, count, usual)
    if told_by_pack:
        photos = [[] for _ in parts]
    watcher.begin("learn how the drawings are drawn", sum(part.convolutions for part in parts))
    found = {}
    for part, here, seen in zip(parts, photos, drawings, strict=True):
        found[part.name] = find_manner(
            part.network, part.feeding, here, seen, prior=part.manner, threads=engine.settings.threads,
            told=lambda done, of: watcher.advance(),
        )  # fmt: skip
    return Learnt(found, count, usual, tuple(drawings[0][:SHOWN]))


def _cut_out(parts: Sequence[ArcFaceEncoder], faces: Iterable[tuple[RGB, Face]], progress: Progress) -> list[list[RGB]]:
    """For each network the aligned faces; whole pictures are not kept."""
    cut: list[list[RGB]] = [[] for _ in parts]
    for image, face in faces:
        for crops, part in zip(cut, parts, strict=True):
            crops.append(part.cut_out(image, face))
        progress.advance()
        if progress.stopped:
            break
    return cut


def _all_faces(engine: Engine, drawings: Sequence[Drawing]) -> Iterator[tuple[RGB, Face]]:
    """Every drawn face of every picture; what cannot be read is passed over."""
    left = AT_MOST
    for drawing in some(drawings):
        try:
            pixels = (decode(drawing) if isinstance(drawing, bytes) else read(drawing)).pixels
            faces = engine.finder.find(pixels, "drawn").faces[:left]
        except CastoonError:
            continue
        left -= len(faces)
        yield from ((pixels, face) for face in faces)


def _photo_faces(library: Library, engine: Engine) -> Iterator[tuple[RGB, Face]]:
    with library.database.session() as session:
        rows = session.execute(
            select(PhotoFace, Photo.file).join(PhotoFace.photo).where(PhotoFace.contract == engine.finder.contract)
            .order_by(PhotoFace.id)
        ).all()  # fmt: skip
        picked = [(library.folder / file, face_of(row)) for row, file in some(rows)]
    for path, face in picked:
        try:
            yield read(path).pixels, face
        except CastoonError:
            continue


def some(items: Sequence[Item]) -> list[Item]:
    """At most `AT_MOST` of them, drawn with a fixed seed."""
    picked = np.sort(np.random.default_rng(11).permutation(len(items))[:AT_MOST])
    return [items[place] for place in picked]
