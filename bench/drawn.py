"""From a drawing to its actor: R@1, R@5 and MRR of a model pack on the research pictures.

    python -m bench.drawn --pack PACK [--join FILE.onnx ...] [--second FILE.onnx] [--mirror] [--all-looks]

Gallery: the centroid (mean of unit vectors, made unit again) of each actor's photos, for all 150 actors. Queries: the
drawings of the dev-test actors (actors sorted by name, every third one from the first). All drawings count: where
no face is found, the actor ranks last. Intervals are 95%, by drawing actors again and again.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from castoon.images import read
from embeddings import FacePicture, open_pack
from embeddings.arcface import ArcFaceEncoder, Feeding
from embeddings.concat import ConcatEncoder
from embeddings.contract import Encoder, FaceFinder, FindHint, Vectors
from embeddings.detectors import YunetDetector
from embeddings.encoders import load_encoders
from embeddings.finder import CascadeFinder, Rules, load_finder

SHARED = Path(os.environ.get("CASTOON_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def dev_test(actors: Sequence[str]) -> list[str]:
    """The actors that nothing was ever fitted on."""
    return sorted(actors)[::3]


def embed(
    folder: Path, actors: Sequence[str], finder: FaceFinder, encoder: Encoder, hint: FindHint
) -> dict[str, list[Vectors | None]]:
    """One vector [dim] a picture, None where no face is found; of several faces the first."""
    result: dict[str, list[Vectors | None]] = {}
    for actor in actors:
        faces: list[FacePicture | None] = []
        for path in sorted((folder / actor).glob("*.jpg")):
            image = read(path).pixels
            found = finder.find(image, hint).faces
            faces.append(FacePicture(image, found[0]) if found else None)
        known = [face for face in faces if face is not None]
        encode = encoder.encode_query if hint == "drawn" else encoder.encode_gallery
        vectors = iter(encode(known))
        result[actor] = [None if face is None else next(vectors) for face in faces]
    return result


def ranks(
    gallery: Mapping[str, Sequence[Vectors | None]], queries: Mapping[str, Sequence[Vectors | None]]
) -> dict[str, npt.NDArray[np.float64]]:
    """Rank of the right actor for every query, by actor."""
    names = sorted(gallery)
    centroids = np.stack([np.mean([v for v in gallery[name] if v is not None], axis=0) for name in names])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    found: dict[str, npt.NDArray[np.float64]] = {}
    for actor, vectors in queries.items():
        own = names.index(actor)
        places = []
        for vector in vectors:
            scores = np.full(len(names), -1.0) if vector is None else centroids @ vector
            places.append(len(names) if vector is None else 1.0 + float((scores > scores[own]).sum()))
        found[actor] = np.array(places)
    return found


def figures(places: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """R@1, R@5, MRR."""
    return float((places <= 1).mean()), float((places <= 5).mean()), float((1 / places).mean())


def report(name: str, by_actor: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """One line with 95% intervals over actors."""
    actors = sorted(by_actor)
    whole = figures(np.concatenate([by_actor[a] for a in actors]))
    rng = np.random.default_rng(0)
    drawn = [
        figures(np.concatenate([by_actor[actors[i]] for i in rng.integers(0, len(actors), len(actors))]))
        for _ in range(1000)
    ]
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    cells = [f"{100 * w:5.1f} ({100 * a:.1f}-{100 * b:.1f})" for w, a, b in zip(whole, low, high, strict=True)]
    print(f"{name:34} R@1 {cells[0]}  R@5 {cells[1]}  MRR {cells[2]}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default=str(SHARED / "weights" / "insightface-small"))
    parser.add_argument("--join", type=Path, action="append", default=[], help="face model joined to the pack's")
    parser.add_argument("--second", type=Path, help="YuNet as second detector, when the pack has none")
    parser.add_argument("--mirror", action="store_true")
    parser.add_argument("--all-looks", action="store_true", help="take every look of the cascade for every drawing")
    arguments = parser.parse_args()
    pack = open_pack(arguments.pack)
    finder = load_finder(pack)
    assert isinstance(finder, CascadeFinder)
    detectors = finder.detectors
    second = detectors.get("second") or (YunetDetector(arguments.second) if arguments.second else None)
    finder = CascadeFinder(detectors["first"], second)
    drawings_finder = CascadeFinder(detectors["first"], second, Rules(sure=2.0)) if arguments.all_looks else finder
    encoders: list[Encoder] = [load_encoders(pack, mirror=arguments.mirror)["arcface"]]
    encoders += [ArcFaceEncoder(path, Feeding(), name=path.stem, mirror=arguments.mirror) for path in arguments.join]
    joined = ConcatEncoder("arcface", encoders)
    actors = sorted(path.name for path in (SHARED / "drawn" / "photos").iterdir())
    tested = dev_test(actors)
    gallery = embed(SHARED / "drawn" / "photos", actors, finder, joined, "photo")
    queries = embed(SHARED / "drawn" / "drawings", tested, drawings_finder, joined, "drawn")
    photos = [vector for vectors in gallery.values() for vector in vectors]
    drawings = [vector for vectors in queries.values() for vector in vectors]
    print(
        f"gallery: {len(actors)} actors, {len(photos)} photos ({sum(v is None for v in photos)} without a face); "
        f"queries: {len(drawings)} drawings of {len(tested)} dev-test actors "
        f"({sum(v is None for v in drawings)} without a face, counted as last)"
    )
    start = 0
    for encoder in encoders if len(encoders) > 1 else []:
        part = slice(start, start + encoder.dim)
        start = part.stop
        cut = [
            {a: [None if v is None else v[part] / np.linalg.norm(v[part]) for v in vs] for a, vs in side.items()}
            for side in (gallery, queries)
        ]
        report(f"{encoder.name} alone", ranks(cut[0], cut[1]))
    report("joined" if len(encoders) > 1 else pack.name, ranks(gallery, queries))


if __name__ == "__main__":
    main()
