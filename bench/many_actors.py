"""A library of many actors and characters, made from a small one: what the dashboard is measured on.

    .venv/bin/python -m bench.many_actors --from DIR --to DIR [--actors 10000] [--characters 480]

Every new actor has two photos: files of the small library under new names, faces as found there, and vectors a step
away from theirs, put into the product's own store. Nothing is embedded again; the product's own rebuild publishes the
index. Every new character is a drawing of the small library in another light and another crop, so that no cache
knows it. `answers.json` holds what the engine itself ranks for each character, to be compared with what pages show.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance
from sqlalchemy import select

from casting import Engine, Library, rank_image, rebuild
from casting.catalog import Actor, Character, Photo, PhotoFace
from casting.photo_faces import face_of
from casting.rebuilding.scan import Target
from casting.spaces import Space
from castoon.images import decode, read
from embeddings import VectorKey

PHOTOS = 2
STEP = 1.0
"""Length of the random step that makes a new actor's centre from somebody's vector, before it is made unit again."""
NEAR = 0.35
"""The same for each photo around its actor's centre."""
BATCH = 1000
CARDS = 12
GENDERS, AGENCIES = ("female", "male"), tuple(f"Agency {number:02}" for number in range(24))


def grow(library: Library, engine: Engine, actors: int, rng: np.random.Generator) -> None:
    """Add actors until the library has that many."""
    targets = [Target.of(engine, space) for space in map(Space.parse, engine.spaces_to_build)]
    with library.database.session() as session:
        present = len(session.scalars(select(Actor.id)).all())
    if present >= actors:
        return
    known = _known(library, targets)
    for start in range(present, actors, BATCH):
        vectors: dict[VectorKey, Any] = {}
        with library.database.transaction() as session:
            for number in range(start, min(start + BATCH, actors)):
                actor = _actor(number)
                session.add(actor)
                (lead, *_) = picked = [known[int(at)] for at in rng.integers(0, len(known), PHOTOS)]
                centres = [_stepped(vector, STEP, rng) for vector in lead[1]]
                for take, (row, _) in enumerate(picked):
                    photo = _photo(library, actor, number, take, row)
                    session.add(photo)
                    for target, centre in zip(targets, centres, strict=True):
                        key = target.key(photo.sha256, face_of(photo.faces[0]).key)
                        vectors[key] = _stepped(centre, NEAR, rng)
        library.vectors.add(vectors)
        print(f"{min(start + BATCH, actors):,} actors", flush=True)


def _known(library: Library, targets: list[Target]) -> list[tuple[Photo, list[Any]]]:
    """Photos of the small library that have a vector in every space."""
    with library.database.session() as session:
        photos = list(session.scalars(select(Photo).order_by(Photo.id)))
        faces = {photo.id: photo.faces[-1] for photo in photos if photo.faces}
        session.expunge_all()
    found = []
    for photo in photos:
        if photo.id not in faces:
            continue
        keys = [target.key(photo.sha256, face_of(faces[photo.id]).key) for target in targets]
        vectors = library.vectors.get_many(keys)
        if len(vectors) == len(keys):
            found.append((photo, [vectors[key] for key in keys]))
    return found


def _stepped(vector: Any, length: float, rng: np.random.Generator) -> Any:
    step = rng.standard_normal(vector.shape[-1])
    moved = np.asarray(vector, np.float64).ravel() + length * step / np.linalg.norm(step)
    return (moved / np.linalg.norm(moved)).astype(np.float32)


def _actor(number: int) -> Actor:
    return Actor(
        name=f"Person {number:05}", gender=GENDERS[number % 2], birth_year=1950 + number % 55,
        agency=AGENCIES[number % len(AGENCIES)], height_cm=150.0 + number % 45, tags=["drama"] if number % 3 else [],
    )  # fmt: skip


def _photo(library: Library, actor: Actor, number: int, take: int, row: Photo) -> Photo:
    """Another photo of the same file and face, under a name and hash of its own."""
    file = f"photos/many/{number // 1000:02}/{number:05}-{take}{Path(row.file).suffix}"
    target = library.folder / file
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        os.link(library.folder / row.file, target)
    (face,) = row.faces[-1:]
    photo = Photo(
        sha256=_hash("photo", number, take), pixels=_hash("pixels", number, take), file=file, original=file,
        width=row.width, height=row.height, format=row.format, actor=actor, consent="signed",
    )  # fmt: skip
    PhotoFace(
        contract=face.contract, box=face.box, points=face.points, score=face.score, kind=face.kind,
        quality=face.quality, others=face.others, photo=photo,
    )  # fmt: skip
    return photo


def _hash(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def add_characters(library: Library, count: int, rng: np.random.Generator) -> int:
    """Add characters until the library has that many new ones; answers of how many drawings they are variants."""
    with library.database.session() as session:
        drawings = sorted({image for row in session.scalars(select(Character)) for image in row.images
                           if not Path(image).name.startswith("many")})  # fmt: skip
        present = {row.name for row in session.scalars(select(Character))}
    for start in range(0, count, BATCH):
        with library.database.transaction() as session:
            for number in range(start, min(start + BATCH, count)):
                name = f"Hero {number:04}"
                if name in present:
                    continue
                content = _relit(library.folder / drawings[number % len(drawings)], rng)
                image = f"characters/many-{number:04}.webp"
                (library.folder / image).write_bytes(content)
                session.add(Character(name=name, images=[image]))
    return len(drawings)


def _relit(drawing: Path, rng: np.random.Generator) -> bytes:
    """The drawing a little lighter or darker, with up to 4% cut off each side."""
    image = Image.fromarray(read(drawing).pixels)
    width, height = image.size
    left, top, right, bottom = (rng.uniform(0, 0.04, 4) * (width, height, width, height)).round().astype(int)
    cut = image.crop((int(left), int(top), width - int(right), height - int(bottom)))
    buffer = io.BytesIO()
    ImageEnhance.Brightness(cut).enhance(float(rng.uniform(0.85, 1.15))).save(buffer, "WEBP", quality=90)
    return buffer.getvalue()


def answers(library: Library, engine: Engine, count: int) -> Iterator[tuple[str, list[str] | None]]:
    """What the engine ranks for each new character; None where no face is found."""
    from castoon.errors import InputError

    live = library.index.open()
    for number in range(count):
        content = (library.folder / f"characters/many-{number:04}.webp").read_bytes()
        try:
            ranking = rank_image(library, engine, decode(content).pixels, k=CARDS, index=live)
        except InputError:
            yield f"Hero {number:04}", None
        else:
            yield f"Hero {number:04}", [row.actor for row in ranking.results]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--actors", type=int, default=10_000)
    parser.add_argument("--characters", type=int, default=480)
    asked = parser.parse_args()
    if not asked.to.exists():
        shutil.copytree(asked.source, asked.to)
    library = Library.open(asked.to)
    engine = Engine.of(library)
    rng = np.random.default_rng(8)
    grow(library, engine, asked.actors, rng)
    drawings = add_characters(library, asked.characters, rng)
    print(f"{asked.characters:,} characters", flush=True)
    print(rebuild(library, engine).published, flush=True)
    known = dict(answers(library, engine, asked.characters))
    told = {"index": library.index.live, "drawings": drawings, "cards": known}
    (asked.to / "answers.json").write_text(json.dumps(told, indent=1), "utf-8")
    print(f"{sum(one is not None for one in known.values())} of {len(known)} characters have an answer")


if __name__ == "__main__":
    main()
