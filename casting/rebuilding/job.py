"""The rebuild job from lock to publication, and its report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from casting.engine import Engine
from casting.library import Library
from casting.progress import Progress, Silent
from casting.rebuilding.embedding import Embedder, photos_without_face
from casting.rebuilding.scan import Held, Scan, Target, gathered, index_facts, rows_of, stored
from casting.rebuilding.signals import stops_gently
from casting.runs import logged_run
from casting.spaces import Space
from castoon.errors import InputError, NotReadyError
from index import Change, FaissIndex, SpaceData

if TYPE_CHECKING:
    from embeddings import VectorKey

    Changed = Mapping[Target, Sequence[tuple[int, VectorKey]]]
    """Rows of a scan that may have changed, by space, each with the place of its vector."""


@dataclass
class RebuildReport:
    """What a rebuild found and did."""

    version: str | None = None
    """The live version afterwards."""
    published: bool = False
    photos: int = 0
    """Photos with a face."""
    wanted: int = 0
    """Vectors that were missing."""
    computed: int = 0
    failed: list[InputError] = field(default_factory=list)
    stopped: bool = False
    mended: str = ""
    """What was wrong with the version before, where it was damaged and has been written anew."""
    took_s: float = 0.0
    publish_s: float = 0.0
    """Time from the last vector to the switched pointer."""
    spaces: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        times = {"took_s": round(self.took_s, 2), "publish_s": round(self.publish_s, 2)}
        return {**asdict(self), "failed": [error.as_dict() for error in self.failed], **times}


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
        stops_gently() as asked,
    ):
        ends = None if max_minutes is None else time.monotonic() + max_minutes * 60
        job = _Rebuild(
            library, engine.for_workers, log, lambda: asked() or log.stopped or (ends or 1e18) < time.monotonic()
        )
        report = job.run([Space.parse(name) for name in spaces or engine.spaces_to_build], full, dry_run)
        if report.stopped:
            log.note_stop()
        log.detail |= {"computed": report.computed, "failed": len(report.failed), "version": report.version}
    return report


class _Rebuild:
    def __init__(self, library: Library, engine: Engine, progress: Progress, stopped: Callable[[], bool]) -> None:
        self.library = library
        self.engine = engine
        self.progress = progress
        self.stopped = stopped
        self.report = RebuildReport()
        self._before: dict[Target, set[Held]] = {}
        """Rows of the live version."""
        self._differing: dict[Target, tuple[list[int], set[bytes]]] = {}
        """Rows to put in and owners to take out to make the live version what it should be."""

    def run(self, compute: Sequence[Space], full: bool, dry_run: bool) -> RebuildReport:
        began = time.monotonic()
        built = sorted({Space.parse(name) for name in self.engine.spaces_to_build} | set(compute))
        targets = [Target.of(self.engine, space) for space in built]
        self.progress.begin("look for changes", None)
        live = self._sound_live()
        self._before = {target: rows_of(live, target) for target in targets}
        revision, scan, changed = self._look(targets, compute, full)
        missing = self._missing(scan, changed, full, compute)
        self.report.wanted = sum(missing.values())
        if not dry_run:
            if self._embed(missing, compute, full):
                revision, scan, changed = self._look(targets, compute, full)
            if self.stopped():
                self.report.stopped = True
            else:
                ready = time.monotonic()
                self._publish(scan, changed, live, full, revision)
                self.report.publish_s = time.monotonic() - ready
        self.report.version = self.library.index.live
        self.report.took_s = time.monotonic() - began
        return self.report

    def _look(self, targets: Sequence[Target], compute: Sequence[Space], full: bool) -> tuple[int, Scan, Changed]:
        """The catalog's revision, what belongs into the index, and the rows of each space that may have changed."""
        revision = self.library.database.revision()
        scan = Scan.of(self.library, self.engine.finder.contract)
        self.report.photos = len(scan)
        self._differing = {target: scan.differing(before) for target, before in self._before.items()}
        rows = {target: self._rows(scan, target, full, compute) for target in targets}
        return revision, scan, {target: list(scan.keys(self.library, target, rows[target])) for target in targets}

    def _sound_live(self) -> FaissIndex | None:
        """The live version, if every byte of it is as it was written; otherwise all is published anew."""
        if self.library.index.live is None:
            return None
        try:
            self.library.index.verify()
            return self.library.index.open()
        except NotReadyError as error:
            self.report.mended = f"{error.thing}: {error.reason}"
            return None

    def _rows(self, scan: Scan, target: Target, full: bool, compute: Sequence[Space]) -> Sequence[int]:
        return range(len(scan)) if full and target.space in compute else self._differing[target][0]

    def _missing(self, scan: Scan, changed: Changed, full: bool, compute: Sequence[Space]) -> dict[int, int]:
        """Photos with a face that lack vectors, and how many."""
        missing: Counter[int] = Counter()
        for target, keys in changed.items():
            if target.space in compute:
                there = set() if full else {row for row, _ in stored(self.library.vectors, keys)}
                missing.update(scan.photo_ids[row] for row, _ in keys if row not in there)
        return missing

    def _embed(self, missing: Collection[int], compute: Sequence[Space], full: bool) -> bool:
        """Compute what is missing; answers whether faces were found that the scan does not know."""
        finder = self.engine.finder.contract
        embedder = Embedder(self.library, self.engine, self.progress, self.stopped, sorted(set(compute)), full)
        photos = sorted({*missing, *photos_without_face(self.library, finder)})
        if not photos:
            return False
        try:
            embedder.run(photos)
        finally:
            self.report.computed = embedder.computed
            self.report.wanted += embedder.of_new_faces
            self.report.failed += embedder.failed
        return embedder.new_faces > 0

    def _publish(self, scan: Scan, changed: Changed, live: FaissIndex | None, full: bool, revision: int) -> None:
        index, settings = self.library.index, self.library.settings
        facts = index_facts(self.library)
        self.progress.begin("publish", None)
        if live is None:
            manifest = index.publish(
                self._whole(scan, changed), facts, revision, "castoon rebuild", settings.keep_versions
            )
        else:
            changes = {str(target.space): change for target, keys in changed.items()
                       if (change := self._change(scan, target, keys, live, full)) is not None}  # fmt: skip
            dropped = set(live.layered) - {str(target.space) for target in changed}
            self._report_spaces(live.spaces)
            if not changes and not dropped and facts == live.facts and not index.outgrown():
                return
            manifest = index.amend(changes, facts, revision, "castoon rebuild", settings.keep_versions, dropped)
        self._report_spaces({info.name: info for info in manifest.spaces})
        self.report.published, self.report.version = True, manifest.version

    def _whole(self, scan: Scan, changed: Changed) -> Iterator[SpaceData]:
        """Every space anew, one in memory at a time."""
        store = self.library.vectors
        if not any(next(stored(store, keys), None) is not None for keys in changed.values()):
            raise NotReadyError(
                str(self.library.folder), "no photo could be embedded, so there is nothing to index.",
                "Import photos with `castoon import SOURCE --library DIR`, and see the refusals.",
            )  # fmt: skip
        return (gathered(scan, target, store, keys) for target, keys in changed.items())

    def _change(
        self, scan: Scan, target: Target, keys: Sequence[tuple[int, VectorKey]], live: FaissIndex, full: bool
    ) -> Change | None:
        """What of this space differs from the live version now that everything possible has been computed."""
        there = {row for row, _ in stored(self.library.vectors, keys)}
        lacking = {row for row, _ in keys} - there
        rows, removed = scan.differing(self._before[target], lacking) if lacking else self._differing[target]
        listed = set(rows)
        recomputed = [(row, key) for row, key in keys if row in there and (full or row in listed)]
        same_contract = target.contract == getattr(live.layered.get(str(target.space)), "contract", None)
        if not recomputed and not removed and same_contract:
            return None
        data = gathered(scan, target, self.library.vectors, recomputed)
        return Change(data, {owner.decode() for owner in removed})

    def _report_spaces(self, infos: Mapping[str, Any]) -> None:
        self.report.spaces = {name: asdict(info) for name, info in infos.items()}
