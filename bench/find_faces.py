"""How many faces of drawings and photos each step of the cascade finds, and what it costs.

    python -m bench.find_faces [--pack PACK] [--alone | --second FILE.onnx] [--every N] [--false-finds]

Runs over the research pictures (`CASTOON_SHARED`, default `../shared`). Every line is cumulative: the cascade cut off
after that step; "dev-test" are the drawings of the actors that nothing was ever chosen on (`training.splits`). Looks
that several lines share are taken once, and their time is counted in each line. Times are of this run on this machine
(processor time, so that neighbours disturb little); read them as ratios. False finds are counted on the same drawings
with their 24-pixel tiles shuffled, where no face is.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from castoon.images import read
from embeddings import open_pack
from embeddings.contract import RGB, FindHint
from embeddings.detectors import Detections, Detector, YunetDetector
from embeddings.finder import CascadeFinder, Rules, load_finder
from training.splits import actor_parts

SHARED = Path(os.environ.get("CASTOON_SHARED", Path(__file__).resolve().parents[2] / "shared"))
YUNET = SHARED / "weights" / "detection" / "yunet_n_dynamic.onnx"


def shuffled(image: RGB, seed: int, side: int = 24) -> RGB:
    """The picture with its tiles in random order: the same colours and strokes, no face."""
    rows, columns = image.shape[0] // side, image.shape[1] // side
    tiles = image[: rows * side, : columns * side].reshape(rows, side, columns, side, 3).swapaxes(1, 2)
    flat = tiles.reshape(-1, side, side, 3)[np.random.default_rng(seed).permutation(rows * columns)]
    return np.ascontiguousarray(
        flat.reshape(rows, columns, side, side, 3).swapaxes(1, 2).reshape(rows * side, columns * side, 3)
    )


class Remembering:
    """A detector that looks at the same pixels once, and remembers what it saw and how long that took."""

    def __init__(self, detector: Detector) -> None:
        self.detector, self.name, self.contract = detector, detector.name, detector.contract
        self.spent = self.inside = 0.0
        self._seen: dict[tuple[bytes, float], tuple[Detections, float]] = {}

    def detect(self, image: RGB, threshold: float) -> Detections:
        """As the detector does; `spent` grows by what the look took when it was taken, `inside` by what it took now."""
        began = time.process_time()
        key = hashlib.blake2b(image.tobytes(), digest_size=16, key=str(image.shape).encode()).digest(), threshold
        if key not in self._seen:
            start = time.process_time()
            seen = self.detector.detect(image, threshold)
            self._seen[key] = seen, time.process_time() - start
        seen, took = self._seen[key]
        self.spent += took
        self.inside += time.process_time() - began
        return seen


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a finder did with many pictures: faces of each, and processor seconds a picture."""

    faces: Sequence[int]
    seconds: float

    def share(self, places: Sequence[int] | None = None) -> float:
        """Share of pictures (all, or those at `places`) with a face."""
        chosen = self.faces if places is None else [self.faces[at] for at in places]
        return float(np.mean([count > 0 for count in chosen]))


def measure(finder: CascadeFinder, pictures: Sequence[RGB], hint: FindHint) -> Outcome:
    """Look for faces in every picture."""
    detectors = [one for one in finder.detectors.values() if isinstance(one, Remembering)]
    before = sum(one.spent - one.inside for one in detectors)
    start = time.process_time()
    faces = [len(finder.find(picture, hint).faces) for picture in pictures]
    seconds = time.process_time() - start + sum(one.spent - one.inside for one in detectors) - before
    return Outcome(faces, seconds / max(1, len(pictures)))


def stages(first: Detector, second: Detector | None, usual: Rules) -> list[tuple[str, CascadeFinder, FindHint]]:
    """The detector alone, then the cascade cut off after every look."""
    alone = dataclasses.replace(usual, looks=(), enough=usual.photo)
    looks = [look for look in usual.looks if look.detector == "first" or second is not None]
    found: list[tuple[str, CascadeFinder, FindHint]] = [
        ("detector alone, as it is", CascadeFinder(first, None, alone), "photo")
    ]
    for count, look in enumerate(looks, 1):
        detector = first if look.detector == "first" or second is None else second
        rules = dataclasses.replace(usual, looks=tuple(looks[:count]))
        found.append((f"+ {detector.name}: {look.view}", CascadeFinder(first, second, rules), "drawn"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default=str(SHARED / "weights" / "insightface-small"))
    parser.add_argument("--second", type=Path, default=YUNET, help="second detector, when the pack has none")
    parser.add_argument("--alone", action="store_true", help="the pack as it is, without a second detector of ours")
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture")
    parser.add_argument("--false-finds", action="store_true")
    arguments = parser.parse_args()
    base = load_finder(open_pack(arguments.pack))
    assert isinstance(base, CascadeFinder)
    second = base.detectors.get("second") or (None if arguments.alone else YunetDetector(arguments.second))
    seeing, other = Remembering(base.detectors["first"]), None if second is None else Remembering(second)
    drawn = sorted(SHARED.glob("drawn/drawings/*/*.jpg"))[:: arguments.every]
    parts = actor_parts([folder.name for folder in (SHARED / "drawn" / "drawings").iterdir()])
    tested = [at for at, path in enumerate(drawn) if parts[path.parent.name] == "test"]
    drawings = [read(path).pixels for path in drawn]
    photos = [read(path).pixels for path in sorted(SHARED.glob("drawn/photos/*/*.jpg"))[:: arguments.every]]
    noise = [shuffled(picture, seed) for seed, picture in enumerate(drawings)] if arguments.false_finds else []
    print(f"{arguments.pack}: {len(drawings)} drawings, {len(tested)} of them of dev-test actors; {len(photos)} photos")
    print(f"{'step':42}{'drawings':>9}{'dev-test':>9}{'ms':>7}{'false':>8}")
    for name, finder, hint in stages(seeing, other, base.rules):
        whole = measure(finder, drawings, hint)
        false = f"{measure(finder, noise, hint).share():8.2%}" if noise else ""
        print(
            f"{name:42}{whole.share():9.2%}{whole.share(tested):9.2%}{whole.seconds * 1e3:7.1f}{false}",
            flush=True,
        )
    print(
        f"missed: {sum(not count for count in whole.faces)} of {len(drawings)} drawings, "
        f"{sum(not whole.faces[at] for at in tested)} of {len(tested)} of dev-test actors; "
        f"more than one face in {sum(count > 1 for count in whole.faces)}"
    )
    shown = measure(CascadeFinder(seeing, other, base.rules), photos, "photo")
    print(
        f"photos: {shown.share():.2%} ({sum(not count for count in shown.faces)} of {len(photos)} missed, "
        f"more than one face in {sum(count > 1 for count in shown.faces)}), {shown.seconds * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
