"""The rebuild job: finds what is missing, computes only that, and publishes a new index version.

Vectors are kept by photo, face, rendering and contract, so a stopped or killed rebuild loses at most one batch, and the
next one goes on where it was. The live version answers until the new one has been written, verified and switched to.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from casting.catalog import Actor, Photo, PhotoFace, touch
from casting.engine import Engine
from casting.library import Library
from casting.photo_faces import face_of, face_row
from casting.progress import Progress, Silent
from casting.runs import logged_run
from casting.spaces import Space
from castoon.errors import CastoonError, InputError, NotReadyError
from castoon.images import read
from index import Facts, SpaceData

if TYPE_CHECKING:
    from embeddings import FacePicture, VectorKey


@dataclass(frozen=True)
class Need:
    """One vector that an index wants: a photo's face in a space."""

    space: Space
    photo_id: int
    owner: str
    source: str
    key: VectorKey


@dataclass
class RebuildReport:
    """What a rebuild found and did."""

    version: str | None = None
    published: bool = False
    photos: int = 0
    wanted: int = 0
    computed: int = 0
    failed: list[InputError] = field(default_factory=list)
    stopped: bool = False
    took_s: float = 0.0
    spaces: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "failed": [error.as_dict() for error in self.failed], "took_s": round(self.took_s, 2)}


def owner_key(actor_id: int) -> str:
    """How an actor is called inside an index; names stay in the catalog."""
    return f"a{actor_id:08d}"


def rebuild(
    library: Library,
    engine: Engine,
    progress: Progress | None = None,
    *,
    spaces: Sequence[str] | None = None,
    full: bool = False,
    dry_run: bool = False,
    max_minutes: float | None = None,
) -> RebuildReport:
    """Bring vectors and index up to date; see `RebuildReport` for the answer.

    `spaces` limits the computing (not the publishing) to some spaces, `full` computes everything anew, `dry_run` only
    counts, `max_minutes` stops after a while as a person would.
    """
    with (
        library.writing("castoon rebuild"),
        logged_run(library.database, "rebuild", progress or Silent()) as log,
        _stops_gently() as asked,
    ):
        ends = None if max_minutes is None else time.monotonic() + max_minutes * 60
        job = _Rebuild(library, engine, log, lambda: asked() or log.stopped or (ends or 1e18) < time.monotonic())
        report = job.run([Space.parse(name) for name in spaces or engine.spaces], full, dry_run)
        log.detail |= {"computed": report.computed, "failed": len(report.failed), "version": report.version}
    return report


@contextmanager
def _stops_gently() -> Iterator[Callable[[], bool]]:
    """Turn SIGTERM and SIGINT into a wish to stop, where this thread may; a second one ends at once."""
    asked = False

    def ask(_signal: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    try:
        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    except ValueError:
        before = {}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Rebuild:
    def __init__(self, library: Library, engine: Engine, progress: Progress, stopped: Callable[[], bool]) -> None:
        self.library = library
        self.engine = engine
        self.progress = progress
        self.stopped = stopped
        self.report = RebuildReport()

    def run(self, compute: Sequence[Space], full: bool, dry_run: bool) -> RebuildReport:
        began = time.monotonic()
        wanted = sorted({Space.parse(name) for name in self.engine.spaces} | set(compute))
        contracts = {space: self.engine.contract(space) for space in wanted}
        revision = self.library.database.revision()
        if not dry_run:
            self._find_missing_faces()
        needs = self._needs(wanted)
        computable = [need for need in needs if need.space in compute]
        missing = computable if full else self._missing(computable)
        self.report.photos = len({need.photo_id for need in needs})
        self.report.wanted = len(missing)
        if not dry_run:
            if full:
                for contract in {need.key.contract for need in missing}:
                    self.library.vectors.drop(contract)
            self._compute(missing)
            if self.stopped():
                self.report.stopped = True
            else:
                self._publish(needs, contracts, revision)
        self.report.version = self.library.index.live
        self.report.took_s = time.monotonic() - began
        return self.report

    def _find_missing_faces(self) -> None:
        """Look again at photos whose face was found by another finder, or not at all."""
        contract = self.engine.finder.contract
        with self.library.database.session() as session:
            known = select(PhotoFace.photo_id).where(PhotoFace.contract == contract)
            todo = session.execute(select(Photo.id, Photo.file).where(Photo.id.not_in(known))).all()
        if not todo:
            return
        self.progress.begin("find faces", len(todo))
        for photo_id, file in todo:
            if self.stopped():
                return
            with self.library.database.transaction() as session:
                self._find_face(session, photo_id, file, contract)
            self.progress.advance()

    def _find_face(self, session: Session, photo_id: int, file: str, contract: str) -> None:
        photo = session.get_one(Photo, photo_id)
        try:
            finding = self.engine.finder.find(read(self.library.folder / file).pixels, "photo")
            if not finding.faces:
                raise InputError(file, finding.reason, finding.next_step)
        except InputError as error:
            self._fail(session, photo_id, error)
            return
        session.add(face_row(finding.faces[0], contract, len(finding.faces) - 1, photo))
        photo.failure = None
        touch(session)

    def _needs(self, spaces: Sequence[Space]) -> list[Need]:
        from embeddings import VectorKey

        parts = {space: (self.engine.encoder(space.encoder).contract, self.engine.rendering(space)) for space in spaces}
        with self.library.database.session() as session:
            rows = session.execute(
                select(Photo.id, Photo.actor_id, Photo.sha256, PhotoFace)
                .join(PhotoFace)
                .where(PhotoFace.contract == self.engine.finder.contract)
                .order_by(Photo.id)
            ).all()
        needs = []
        for photo_id, actor_id, sha256, row in rows:
            face = face_of(row).key
            for space, (contract, rendering) in parts.items():
                key = VectorKey(sha256, face, rendering.fingerprint, contract)
                needs.append(Need(space, photo_id, owner_key(actor_id), sha256, key))
        return needs

    def _missing(self, needs: Sequence[Need]) -> list[Need]:
        there = self.library.vectors.get_many([need.key for need in needs])
        return [need for need in needs if need.key not in there]

    def _compute(self, missing: Sequence[Need]) -> None:
        by_photo: dict[int, list[Need]] = {}
        for need in missing:
            by_photo.setdefault(need.photo_id, []).append(need)
        self.progress.begin("embed", len(by_photo))
        photos = list(by_photo)
        for start in range(0, len(photos), self.library.settings.batch):
            if self.stopped():
                return
            chunk = photos[start : start + self.library.settings.batch]
            self._compute_batch(chunk, {photo: by_photo[photo] for photo in chunk})
            self.progress.advance(len(chunk))

    def _compute_batch(self, photos: Sequence[int], needs: dict[int, list[Need]]) -> None:
        from embeddings import FacePicture

        pictures: dict[int, FacePicture] = {}
        with self.library.database.transaction() as session:
            rows = session.scalars(select(Photo).where(Photo.id.in_(photos)).options(selectinload(Photo.faces)))
            for photo in rows:
                face = next(face for face in photo.faces if face.contract == self.engine.finder.contract)
                try:
                    pictures[photo.id] = FacePicture(read(self.library.folder / photo.file).pixels, face_of(face))
                except InputError as error:
                    self._fail(session, photo.id, error)
        vectors: dict[VectorKey, npt.NDArray[np.float32]] = {}
        for space in sorted({need.space for photo in pictures for need in needs[photo]}):
            batch = [need for photo in pictures for need in needs[photo] if need.space == space]
            encoded = self.engine.encode_gallery(space, [pictures[need.photo_id] for need in batch])
            vectors |= {need.key: vector for need, vector in zip(batch, encoded, strict=True)}
        self.library.vectors.add(vectors)
        self.report.computed += len(vectors)
        with self.library.database.transaction() as session:
            recovered = (Photo.id.in_(list(pictures)), Photo.failure.is_not(None))
            session.execute(update(Photo).where(*recovered).values(failure=None))

    def _fail(self, session: Session, photo_id: int, error: CastoonError) -> None:
        self.report.failed.append(InputError(error.thing, error.reason, error.next_step))
        session.execute(update(Photo).where(Photo.id == photo_id).values(failure=str(error.reason)))

    def _publish(self, needs: Sequence[Need], contracts: dict[Space, str], revision: int) -> None:
        library = self.library
        vectors = library.vectors.get_many([need.key for need in needs])
        spaces = []
        for space, contract in contracts.items():
            items = [(need.owner, need.source, vectors[need.key]) for need in needs
                     if need.space == space and need.key in vectors]  # fmt: skip
            dim = self.engine.encoder(space.encoder).dim
            spaces.append(SpaceData.build(str(space), contract, dim, items))
        if not any(data.sources for data in spaces):
            raise NotReadyError(
                str(library.folder), "no photo could be embedded, so there is nothing to index.",
                "Import photos with `castoon import SOURCE --library DIR`, and see the refusals.",
            )  # fmt: skip
        facts = index_facts(library)
        self.report.spaces = {data.name: asdict(data.info) for data in spaces}
        if self._is_live(spaces, facts):
            return
        self.progress.begin("publish", None)
        manifest = library.index.publish(spaces, facts, revision, "castoon rebuild", library.settings.keep_versions)
        self.report.published, self.report.version = True, manifest.version

    def _is_live(self, spaces: Sequence[SpaceData], facts: dict[str, Facts]) -> bool:
        """Whether the live version holds exactly this already."""
        try:
            live = self.library.index.open()
        except NotReadyError:
            return False
        return live.holds(spaces, facts)


def index_facts(library: Library) -> dict[str, Facts]:
    """What filters may ask, by owner."""
    with library.database.session() as session:
        return {
            owner_key(actor.id): {
                "name": actor.name,
                "aliases": tuple(actor.aliases),
                "gender": actor.gender,
                "birth_year": actor.birth_year,
                "agency": actor.agency,
                "height_cm": actor.height_cm,
                "availability": actor.availability,
                "tags": tuple(actor.tags),
            }
            for actor in session.scalars(select(Actor).order_by(Actor.id))
        }
