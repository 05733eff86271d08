"""What stylizing does to faces: the report over actors of the research data, a contact sheet, and the speed of `cel`.

    python bench/stylize.py [--actors 50] [--photos 2] [--styles cel onnx:animegan3_tiny] [--out folder]

Identity is measured by the small ArcFace of the research data, on what its detector finds. Every style sees the same
photos; actors are the first ones by name. The sheet shows actors spread evenly over them, not chosen ones.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

import toonify
from castoon.images import read
from toonify.align import portrait_crop
from toonify.contract import RGB
from toonify.engines.cel import CelStylizer
from toonify.report import report

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("CASTOON_SHARED", ROOT.parent / "shared"))
CARD = """title = "AnimeGANv3 tiny, cute"
layout = "NHWC"
multiple = 16
largest = 512
licence = "non-commercial"
moves_features = true
"""


def models_folder(folder: Path) -> Path:
    """A models folder that points at the weights of the research data."""
    source = SHARED / "weights" / "stylizers"
    for engine in ("cartoongan", "onnx"):
        (folder / "stylizers" / engine).mkdir(parents=True)
    (folder / "stylizers" / "cartoongan" / "paprika.npz").symlink_to(source / "cartoongan_paprika_fp16.npz")
    (folder / "stylizers" / "onnx" / "animegan3_tiny.onnx").symlink_to(source / "AnimeGANv3_tiny_Cute.onnx")
    (folder / "stylizers" / "onnx" / "animegan3_tiny.toml").write_text(CARD)
    return folder


class Faces:
    """The detector and the ArcFace of the research data."""

    def __init__(self) -> None:
        from insightface.app import FaceAnalysis

        folder = SHARED / "weights" / "insightface-small"
        self.app = FaceAnalysis(name=str(folder), providers=["CPUExecutionProvider"])
        self.app.prepare(ctx_id=-1, det_thresh=0.3, det_size=(320, 320))
        self.points: list[np.ndarray] = []

    def largest(self, picture: RGB, border: int) -> Any:
        """The largest face, in coordinates of the picture; the border helps with tight crops."""
        padded = cv2.copyMakeBorder(picture, border, border, border, border, cv2.BORDER_CONSTANT)
        found = self.app.get(padded[..., ::-1])
        if not found:
            return None
        face = max(found, key=lambda one: one.bbox[2] - one.bbox[0])
        face.kps = face.kps - border
        return face

    def embed(self, pictures: Sequence[RGB]) -> np.ndarray:
        """Unit vectors of the faces at the photos' points; NaN where the detector sees no face any more."""
        from insightface.app.common import Face

        rows = []
        for picture, points in zip(pictures, self.points, strict=True):
            face = Face(kps=points)
            self.app.models["recognition"].get(np.ascontiguousarray(picture[..., ::-1]), face)
            seen = self.largest(picture, 48) is not None
            rows.append(face.normed_embedding if seen else np.full(len(face.embedding), np.nan))
        return np.stack(rows).astype(np.float32)


def portraits(faces: Faces, actors: int, photos: int) -> tuple[list[RGB], list[str], int]:
    """Portrait crops with their owners, and how many photos showed no face."""
    crops, owners, without = [], [], 0
    for folder in sorted((SHARED / "drawn" / "photos").iterdir())[:actors]:
        for path in sorted(folder.glob("*.jpg"))[:photos]:
            picture = read(path).pixels
            face = faces.largest(picture, 48)
            if face is None:
                without += 1
                continue
            crop = portrait_crop(picture, face.kps)
            crops.append(crop.image)
            faces.points.append(crop.points)
            owners.append(folder.name)
    return crops, owners, without


def speed(crops: Sequence[RGB]) -> float:
    """Median milliseconds of `cel` for one 256 px face on one core, in CPU time of this process."""
    cv2.setNumThreads(1)
    stylizer, times = CelStylizer(), []
    stylizer.stylize(crops[:2])
    for crop in crops[:40]:
        start = time.process_time()
        stylizer.stylize([crop])
        times.append((time.process_time() - start) * 1e3)
    return float(np.median(times))


def show(style: str, done: int, of: int) -> None:
    """One line of progress a style."""
    print(f"\r{style}: {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actors", type=int, default=50)
    parser.add_argument("--photos", type=int, default=2)
    parser.add_argument("--styles", nargs="+", default=["cel", "onnx:animegan3_tiny", "cartoongan:paprika"])
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "castoon-stylize")
    given = parser.parse_args()
    if not (SHARED / "drawn").is_dir():
        raise SystemExit(f"no research data at {SHARED}; set CASTOON_SHARED")
    given.out.mkdir(parents=True, exist_ok=True)
    faces = Faces()
    crops, owners, without = portraits(faces, given.actors, given.photos)
    print(f"{len(crops)} photos of {len(set(owners))} actors; {without} photos without a face left out")
    print(f"cel: {speed(crops):.1f} ms of CPU time for a 256 px face, one thread")
    with tempfile.TemporaryDirectory() as folder:
        models = models_folder(Path(folder))
        styles = [toonify.load(name, models=models) for name in given.styles]
        made = report(crops, styles, faces.embed, owners=owners, progress=show)
    (given.out / "report.json").write_text(json.dumps(made.as_dicts(), indent=1))
    Image.fromarray(made.sheet).save(given.out / "sheet.png")
    for row in made.rows:
        print(
            f"{row.style:22s} identity {row.identity:.3f}  found {row.found:.2f} (photos {row.found_photo:.2f})  "
            f"no face {row.face_lost:.2f}  SSIM {row.structure:.3f}  Gram {row.style_distance:.3f}  "
            f"{row.seconds * 1e3:.0f} ms  +{row.peak_mb:.0f} MiB"
        )
    print(f"sheet and figures in {given.out}")


if __name__ == "__main__":
    main()
