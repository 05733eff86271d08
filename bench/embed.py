"""Batched ArcFace against insightface's own, and the whole photo pipeline against its models' raw time.

    python -m bench.embed [--pack PACK] [--faces 200] [--photos 60] [--rounds 5] [--threads 2]

Everything is measured within one run, the sides taking turns, and read as ratios: the best round of each counts. On a
busy machine processor time says more than wall time. The raw time of the pipeline's models is what ONNX Runtime takes
to run the very inputs that the pipeline fed them, with nothing around it, as many side by side as the pipeline may.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from castoon.files import sha256_file
from castoon.images import read
from embeddings import FacePicture, Pack, VectorStore, open_pack
from embeddings.arcface import ArcFaceEncoder
from embeddings.encoders import load_encoders
from embeddings.finder import CascadeFinder, load_finder
from embeddings.pipeline import Lane, Source, run

SHARED = Path(os.environ.get("CASTOON_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def fastest(sides: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Best wall and processor seconds of each side over rounds in which all sides take turns."""
    best = dict.fromkeys(sides, (float("inf"), float("inf")))
    for _ in range(rounds):
        for name, work in sides.items():
            wall, processor = time.perf_counter(), time.process_time()
            work()
            took = time.perf_counter() - wall, time.process_time() - processor
            best[name] = (min(best[name][0], took[0]), min(best[name][1], took[1]))
    return best


def batched(pack: Pack, paths: list[Path], count: int, rounds: int, threads: int) -> None:
    """Cosine with insightface's own vectors, and how many times as many faces a second."""
    from insightface.app.common import Face as TheirFace

    from embeddings.runtime import open_analysis

    finder, encoder = load_finder(pack, threads), load_encoders(pack, threads)["arcface"]
    model = open_analysis(pack.folder, ("detection", "recognition"), threads).models["recognition"]
    faces: list[FacePicture] = []
    for path in paths:
        image = read(path).pixels
        faces += [FacePicture(image, face) for face in finder.find(image, "photo").faces]
        if len(faces) >= count:
            break
    bgr = [np.ascontiguousarray(face.image[..., ::-1]) for face in faces]

    def theirs() -> list[Any]:
        found = [TheirFace(kps=face.face.points) for face in faces]
        for image, face in zip(bgr, found, strict=True):
            model.get(image, face)
        return found

    ours = encoder.encode_gallery(faces)
    cosines = [float(face.normed_embedding @ row) for face, row in zip(theirs(), ours, strict=True)]
    best = fastest({"theirs": theirs, "ours": lambda: encoder.encode_gallery(faces)}, rounds)
    print(
        f"{len(faces)} faces, {threads} threads: lowest cosine with insightface {min(cosines):.7f}; "
        f"faces/s: insightface {len(faces) / best['theirs'][0]:.1f}, batched {len(faces) / best['ours'][0]:.1f}, "
        f"{best['theirs'][0] / best['ours'][0]:.2f}x (processor time {best['theirs'][1] / best['ours'][1]:.2f}x)",
        flush=True,
    )


class Recorder:
    """Stands in for a session and remembers what it was fed."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.fed: list[tuple[Any, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def run(self, names: Any, feeds: Any) -> Any:
        self.fed.append((names, feeds))
        return self.session.run(names, feeds)

    def replay(self, side_by_side: int) -> None:
        with ThreadPoolExecutor(side_by_side) as pool:
            list(pool.map(lambda fed: self.session.run(*fed), self.fed))


def pipeline(pack: Pack, paths: list[Path], rounds: int, threads: int) -> None:
    """Wall time of the pipeline, from files to stored vectors, over the raw time of its models."""
    finder, encoder = load_finder(pack), load_encoders(pack, threads)["arcface"]
    assert isinstance(finder, CascadeFinder) and isinstance(encoder, ArcFaceEncoder), "a pack with one face model"
    sources = [Source(sha256_file(path), lambda path=path: read(path).pixels) for path in paths]  # type: ignore[misc]

    def whole() -> None:
        with tempfile.TemporaryDirectory() as folder:
            report = run(sources, finder, [Lane(encoder)], VectorStore(Path(folder)), finders=threads)
            assert report.vectors >= 0.9 * len(paths)

    detector = finder.detectors["first"].model  # type: ignore[attr-defined]
    sessions = detector._session_for_input_size, encoder._session
    tapes: dict[tuple[int, int], Recorder] = {}
    detector._session_for_input_size = lambda size: tapes.setdefault(size, Recorder(sessions[0](size)))
    encoder._session = tape = Recorder(sessions[1])
    whole()
    detector._session_for_input_size, encoder._session = sessions
    recorders = [*tapes.values(), tape]

    def raw() -> None:
        for recorder in recorders:
            recorder.replay(threads)

    best = fastest({"raw": raw, "pipeline": whole}, rounds)
    runs = sum(len(recorder.fed) for recorder in recorders)
    print(
        f"{len(paths)} photos, {threads} threads, {runs} model runs, ms a photo: "
        f"raw {best['raw'][0] * 1e3 / len(paths):.1f}, pipeline {best['pipeline'][0] * 1e3 / len(paths):.1f}: "
        f"{best['pipeline'][0] / best['raw'][0]:.3f} of raw "
        f"(processor time {best['pipeline'][1] / best['raw'][1]:.3f} of raw)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default=str(SHARED / "weights" / "insightface-small"))
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    pack = open_pack(arguments.pack)
    paths = sorted(SHARED.glob("drawn/photos/*/*.jpg"))[::7]
    batched(pack, paths, arguments.faces, arguments.rounds, arguments.threads)
    for threads in sorted({1, arguments.threads}):
        pipeline(pack, paths[: arguments.photos], arguments.rounds, threads)


if __name__ == "__main__":
    main()
