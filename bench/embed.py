"""Batched ArcFace against insightface's own, and the whole photo pipeline against its models' raw time.

    python -m bench.embed [--pack PACK] [--faces 200] [--photos 120] [--rounds 5] [--threads 2]

Everything is measured within one run, the sides taking turns, and read as ratios: the best round of each counts. On a
busy machine processor time says more than wall time. insightface runs twice, with ONNX Runtime's own settings and with
ours; the faster one is compared with. The raw time of the pipeline's models is what ONNX Runtime takes to run the very
inputs that the pipeline fed them, with nothing around it, in the better of two ways: as many runs side by side as there
are threads, or one run after another, each on all threads.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from castoon.files import sha256_file
from castoon.images import RGB, read
from embeddings import FacePicture, Pack, VectorStore, open_pack
from embeddings.arcface import networks, unit
from embeddings.concat import parts_of
from embeddings.contract import FaceFinder
from embeddings.detectors import InsightfaceDetector
from embeddings.encoders import load_encoders
from embeddings.finder import CascadeFinder, load_finder
from embeddings.pipeline import Lane, Source, run
from embeddings.runtime import open_session

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
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX

    from embeddings.runtime import open_analysis

    finder, encoder = load_finder(pack, threads), load_encoders(pack, threads, hide=False)["arcface"]
    tuned = open_analysis(pack.folder, ("detection", "recognition"), threads).models["recognition"]
    models = {"insightface": ArcFaceONNX(tuned.model_file), "insightface, our settings": tuned}
    faces: list[FacePicture] = []
    for path in paths:
        image = read(path).pixels
        faces += [FacePicture(image, face) for face in finder.find(image, "photo").faces]
        if len(faces) >= count:
            break
    bgr = [np.ascontiguousarray(face.image[..., ::-1]) for face in faces]

    def theirs(model: Any) -> list[Any]:
        found = [TheirFace(kps=face.face.points) for face in faces]
        for image, face in zip(bgr, found, strict=True):
            model.get(image, face)
        return found

    ours = encoder.encode_gallery(faces)
    last = unit(ours[:, : parts_of(encoder)[0]])  # insightface knows nothing of earlier layers
    cosines = [float(face.normed_embedding @ row) for face, row in zip(theirs(tuned), last, strict=True)]
    sides: dict[str, Callable[[], object]] = {name: partial(theirs, model) for name, model in models.items()}
    best = fastest({**sides, "batched": lambda: encoder.encode_gallery(faces)}, rounds)
    wall, processor = (min(best[name][at] for name in models) for at in (0, 1))
    speeds = ", ".join(f"{name} {len(faces) / took:.1f}" for name, (took, _) in best.items())
    print(
        f"{len(faces)} faces, {threads} threads: lowest cosine with insightface {min(cosines):.7f}; "
        f"faces/s: {speeds}: {wall / best['batched'][0]:.2f}x "
        f"(processor time {processor / best['batched'][1]:.2f}x)",
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
        self.fed.append((names, {name: value.copy() for name, value in feeds.items()}))
        return self.session.run(names, feeds)

    def replay(self, session: Any, side_by_side: int) -> None:
        """Run all that was fed once more, in `session`."""
        with ThreadPoolExecutor(side_by_side) as pool:
            list(pool.map(lambda fed: session.run(*fed), self.fed))


def _pixels(path: Path) -> RGB:
    return read(path).pixels


def pipeline(pack: Pack, paths: list[Path], rounds: int, threads: int) -> None:
    """Wall time of the pipeline, from files to stored vectors, over the raw time of its models."""
    finder, encoder = load_finder(pack), load_encoders(pack)["arcface"]
    (network,) = networks(encoder)
    sources = [Source(sha256_file(path), partial(_pixels, path)) for path in paths]

    def whole() -> None:
        with tempfile.TemporaryDirectory() as folder:
            report = run(sources, finder, [Lane(encoder)], VectorStore(Path(folder)), threads=threads)
            assert report.vectors >= 0.9 * len(paths)

    detector = _detection(finder)
    at_size, embedding = detector._session_for_input_size, network._session
    looks: dict[tuple[int, int], Recorder] = {}
    detector._session_for_input_size = lambda size: looks.setdefault(size, Recorder(at_size(size)))
    network._session = rows = Recorder(embedding)
    whole()
    detector._session_for_input_size, network._session = at_size, embedding
    wide_look = _detection(load_finder(pack, threads))._session_for_input_size
    wide_rows = open_session(network.network, threads)

    def side_by_side() -> None:
        for recorder in (*looks.values(), rows):
            recorder.replay(recorder.session, threads)

    def in_turn() -> None:
        for size, recorder in looks.items():
            recorder.replay(wide_look(size), 1)
        rows.replay(wide_rows, 1)

    sides: dict[str, Callable[[], object]] = {"raw, side by side": side_by_side, "pipeline": whole}
    if threads > 1:
        sides["raw, in turn"] = in_turn
    best = fastest(sides, rounds)
    raw = min(took for name, (took, _) in best.items() if name != "pipeline")
    processor = min(took for name, (_, took) in best.items() if name != "pipeline")
    runs = sum(len(recorder.fed) for recorder in (*looks.values(), rows))
    each = ", ".join(f"{name} {took * 1e3 / len(paths):.1f}" for name, (took, _) in best.items())
    print(
        f"{len(paths)} photos, {threads} threads, {runs} model runs, ms a photo: {each}: "
        f"{best['pipeline'][0] / raw:.3f} of raw (processor time {best['pipeline'][1] / processor:.3f})",
        flush=True,
    )


def _detection(finder: FaceFinder) -> Any:
    """insightface's own detection model within a finder."""
    assert isinstance(finder, CascadeFinder)
    detector = finder.detectors["first"]
    assert isinstance(detector, InsightfaceDetector), "a pack whose detector is not followed by a second look"
    return detector.model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default=str(SHARED / "weights" / "insightface-small"))
    parser.add_argument("--faces", type=int, default=200)
    parser.add_argument("--photos", type=int, default=120)
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
