"""How many faces of drawings and photos each step of the cascade finds, and what it costs.

    python -m bench.find_faces --pack PACK [--every N] [--false-finds]

Runs over the research pictures (`CASTOON_SHARED`, default `../shared`). Every line is cumulative: the cascade cut off
after that step. Times are of this run on this machine; read them as ratios. False finds are counted on the same
drawings with their 24-pixel tiles shuffled, where no face is.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import time
from pathlib import Path

import numpy as np

from castoon.images import read
from embeddings import open_pack
from embeddings.contract import RGB, FindHint
from embeddings.detectors import YunetDetector
from embeddings.finder import CascadeFinder, Rules, load_finder

SHARED = Path(os.environ.get("CASTOON_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shuffled(image: RGB, seed: int, side: int = 24) -> RGB:
    """The picture with its tiles in random order: the same colours and strokes, no face."""
    rows, columns = image.shape[0] // side, image.shape[1] // side
    tiles = image[: rows * side, : columns * side].reshape(rows, side, columns, side, 3).swapaxes(1, 2)
    flat = tiles.reshape(-1, side, side, 3)[np.random.default_rng(seed).permutation(rows * columns)]
    return np.ascontiguousarray(
        flat.reshape(rows, columns, side, side, 3).swapaxes(1, 2).reshape(rows * side, columns * side, 3)
    )


def measure(finder: CascadeFinder, pictures: list[RGB], hint: FindHint) -> tuple[float, float]:
    """Share of pictures with a face, and seconds a picture."""
    start = time.perf_counter()
    found = sum(bool(finder.find(picture, hint).faces) for picture in pictures)
    return found / len(pictures), (time.perf_counter() - start) / len(pictures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default=str(SHARED / "weights" / "insightface-small"))
    parser.add_argument("--second", default=str(SHARED / "weights" / "detection" / "yunet_n_dynamic.onnx"))
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture")
    parser.add_argument("--false-finds", action="store_true")
    parser.add_argument("--whole-only", action="store_true", help="only the whole cascade, not its steps")
    arguments = parser.parse_args()
    base = load_finder(open_pack(arguments.pack))
    assert isinstance(base, CascadeFinder)
    first = base.detectors["first"]
    second = base.detectors.get("second") or (YunetDetector(Path(arguments.second)) if arguments.second else None)
    drawings = [read(path).pixels for path in sorted(SHARED.glob("drawn/drawings/*/*.jpg"))[:: arguments.every]]
    photos = [read(path).pixels for path in sorted(SHARED.glob("drawn/photos/*/*.jpg"))[:: arguments.every]]
    noise = [shuffled(picture, seed) for seed, picture in enumerate(drawings)] if arguments.false_finds else []
    print(f"{len(drawings)} drawings, {len(photos)} photos")
    whole = CascadeFinder(first, second)
    everything = [look for look in Rules().looks if look.detector == "first" or second is not None]
    stages: list[tuple[str, CascadeFinder]] = []
    if not arguments.whole_only:
        alone = dataclasses.replace(Rules(), looks=(), enough=0.5)
        stages.append(("detector alone, as it is", CascadeFinder(first, None, alone)))
        for count in range(1, len(everything)):
            rules = dataclasses.replace(Rules(), looks=tuple(everything[:count]))
            look = everything[count - 1]
            stages.append((f"+ {look.detector}: {look.view}", CascadeFinder(first, second, rules)))
    stages.append(("whole cascade", whole))
    print(f"{'step':44}{'drawings':>10}{'ms':>8}" + (f"{'false finds':>14}" if noise else ""))
    for name, finder in stages:
        hint: FindHint = "photo" if name.startswith("detector alone") else "drawn"
        share, seconds = measure(finder, drawings, hint)
        false = f"{measure(finder, noise, hint)[0]:>14.2%}" if noise else ""
        print(f"{name:44}{share:>10.2%}{seconds * 1e3:>8.1f}{false}", flush=True)
    share, seconds = measure(whole, photos, "photo")
    print(f"{'photos, whole cascade':44}{share:>10.2%}{seconds * 1e3:>8.1f}")


if __name__ == "__main__":
    main()
