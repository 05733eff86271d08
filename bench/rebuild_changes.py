"""What a rebuild costs when ten photos among many have changed, beside a rebuild of ten photos alone.

    python -m bench.index --rebuild 100000

The large library is made up: actors and photos in the catalog, their vectors in the store, no picture files; then ten
pictures are imported like any others. An encoder that costs nothing gives 512 numbers a photo, so that what
is measured is the job itself: looking for changes, embedding ten, publishing.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import insert, select

from casting import Engine, Library, import_cast, rebuild
from casting.catalog import Actor, Photo, PhotoFace, now
from casting.photo_faces import face_of
from casting.rebuilding.scan import Target
from casting.spaces import Space
from embeddings import FacePicture
from embeddings.contract import Encoder, Vectors

EACH, BLOCK, CHANGED = 5, 20_000, 10


class Wide:
    """An encoder that costs nothing and gives vectors as long as real ones."""

    name, dim, contract, query_contract = "arcface", 512, "wide-1", ""

    def encode_gallery(self, faces: Sequence[FacePicture]) -> Vectors:
        seeds = [int(face.image.sum()) for face in faces]
        drawn = np.stack([np.random.default_rng(seed).standard_normal(self.dim) for seed in seeds])
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)

    def encode_query(self, faces: Sequence[FacePicture], *, once: bool = False) -> Vectors:
        return self.encode_gallery(faces)


class WideEngine(Engine):
    """An engine with that encoder alone."""

    def _all_encoders(self) -> Mapping[str, Encoder]:
        return {"arcface": Wide()}


def picture(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def fill(library: Library, engine: Engine, photos: int) -> None:
    """Actors and photos that were embedded long ago."""
    contract = engine.finder.contract
    rng = np.random.default_rng(0)
    with library.database.transaction() as session:
        session.execute(insert(Actor), [
            {"name": f"Actor {n}", "aliases": [], "gender": "female" if n % 2 else "male", "birth_year": 1950 + n % 60,
             "tags": ["drama"], "created": now()} for n in range(photos // EACH)
        ])  # fmt: skip
        for start in range(0, photos, BLOCK):
            span = range(start, min(start + BLOCK, photos))
            rows = [{"actor_id": 1 + n // EACH, "sha256": hashlib.sha256(b"%d" % n).hexdigest(),
                     "pixels": hashlib.sha256(b"p%d" % n).hexdigest(), "file": f"photos/{n}", "original": f"{n}.jpg",
                     "width": 64, "height": 64, "format": "JPEG", "added": now()} for n in span]  # fmt: skip
            session.execute(insert(Photo), rows)
            session.execute(insert(PhotoFace), [
                {"photo_id": 1 + n, "contract": contract, "box": [1.0, 2.0, 50.0 + n % 9, 60.0],
                 "points": [[20.0, 30.0 + n % 7], [40.0, 30.0], [30.0, 40.0], [22.0, 50.0], [38.0, 50.0]],
                 "score": 1.0, "kind": "photo", "quality": {}, "others": 0} for n in span
            ])  # fmt: skip
    targets = [Target.of(engine, Space.parse(name)) for name in engine.spaces]
    with library.database.session() as session:
        for start in range(0, photos, BLOCK):
            wanted = select(Photo.sha256, PhotoFace).join(PhotoFace).where(Photo.id > start, Photo.id <= start + BLOCK)
            faces = [(sha256, face_of(face).key) for sha256, face in session.execute(wanted)]
            for target in targets:
                vectors = rng.standard_normal((len(faces), target.dim)).astype(np.float32)
                vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
                library.vectors.add({target.key(*face): row for face, row in zip(faces, vectors, strict=True)})


def measure(photos: int, folder: Path) -> None:
    """Print what each rebuild took."""
    small, large = (
        Library.create(folder / name, pack="fake", spaces={"arcface:photo": 1.0}) for name in ("small", "large")
    )
    engine = WideEngine(large.settings)
    fill(large, engine, photos)
    timed("first rebuild of the large library, vectors ready", large, engine)
    for turn in range(3):
        cast = folder / f"ten-{turn}" / "somebody new"
        cast.mkdir(parents=True)
        for number in range(CHANGED):
            (cast / f"{number}.png").write_bytes(picture(100 * turn + number))
        for library in (small, large):
            import_cast(library, cast.parent, engine.finder)
        timed("ten photos, alone", small, engine)
        timed(f"ten photos among {photos}", large, engine)
    timed("nothing changed", large, engine)


def timed(what: str, library: Library, engine: Engine) -> None:
    cpu, clock = time.process_time(), time.perf_counter()
    report = rebuild(library, engine)
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    print(
        f"{what}: {report.computed} computed, {clock:.2f} s ({cpu:.2f} s of processor), of it publishing "
        f"{report.publish_s:.2f} s; {report.spaces}", flush=True,
    )  # fmt: skip
