"""The face detector in insightface's own decoder, and with the second look at what it saw.

    python -m training.evaluate_detector [--model FILE] [--points FILE] [--record]

Test people only: share found (a face whose box overlaps the label's by 0.4) and share with all five points within 8% of
the eye distance on average, for photos, drawings and restyled photos; false finds on faceless pictures; time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from embeddings.detectors import Detections
from embeddings.second_look import SecondLook
from training import card, whitebox
from training.augment import drawn_look
from training.detector import _iou
from training.detector_labels import Labelled, box_of, load_labelled
from training.export import DETECTOR_FILE, POINTS_FILE
from training.faces import Crops
from training.finders import Points
from training.grounds import ground
from training.paths import PACK, shared_dir

CLOSE = 0.08
"""Mean error of five points, in eye distances, up to which they are close."""


def open_scrfd(path: Path, threads: int = 1) -> Any:
    """An exported detector in insightface's SCRFD class."""
    import onnxruntime as ort
    from insightface.model_zoo.scrfd import SCRFD

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    model = SCRFD(str(path), session=session, static_shape_sessions=False)
    model.prepare(-1)
    return model


def padded(image: Crops, share: float) -> tuple[Crops, int]:
    """The picture with a replicated border, and the border's width."""
    pad = round(share * max(image.shape[:2]))
    return np.asarray(cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.uint8), pad


Detect = Callable[[Crops], tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]
"""RGB picture -> boxes [n, 4] and points [n, 5, 2] of what scores a half or more."""


def alone(model: Any, side: int) -> Detect:
    """The detector as insightface runs it."""

    def detect(image: Crops) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        boxes, places = model.detect(image[..., ::-1], input_size=(side, side), det_thresh=0.5)
        return np.asarray(boxes[:, :4], np.float32), np.asarray(places, np.float32)

    return detect


def looked_at_twice(model: Any, points: Path, side: int) -> Detect:
    """The detector, and the finder's second look at what it saw, once; from `card.SURE` a face is one."""

    class First:
        name, contract = "detector", ""

        def detect(self, image: Crops, threshold: float) -> Detections:
            boxes, places = model.detect(image[..., ::-1], input_size=(side, side), det_thresh=threshold)
            return Detections(boxes[:, :4], places, boxes[:, 4])

    look = SecondLook(First(), points)

    def detect(image: Crops) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        seen = look.detect(image, card.SURE)
        return seen.boxes, seen.points

    return detect


def distance(places: Points, label: Points) -> float:
    """Mean distance of five points in eye distances of the label."""
    return float(np.linalg.norm(places - label, axis=1).mean() / np.linalg.norm(label[1] - label[0]))


def found_in(detect: Detect, image: Crops, points: Points) -> tuple[bool, bool, float]:
    """Whether the face is found, whether its points are close, and their mean error in eye distances."""
    image, pad = padded(image, 0.25)
    points = points + pad
    boxes, places = detect(image)
    if not len(boxes):
        return False, False, float("nan")
    overlap = _iou(box_of(points), boxes)
    best = int(overlap.argmax())
    if overlap[best] < 0.4:
        return False, False, float("nan")
    error = distance(places[best], points)
    return True, error <= CLOSE, error


def restyled(images: Sequence[Crops], seed: int = 4) -> list[Crops]:
    """Flat tones and ink lines made on tensors (the look used in training, on unseen people)."""
    torch.manual_seed(seed)
    out = []
    for image in images:
        x = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 127.5 - 1
        y = (drawn_look(x)[0].permute(1, 2, 0) + 1) * 127.5
        out.append(y.round().clamp(0, 255).to(torch.uint8).numpy())
    return out


def anime(images: Sequence[Crops]) -> list[Crops]:
    """AnimeGANv3 renderings, a stylizer that training never saw."""
    import onnxruntime as ort

    path = shared_dir() / "weights" / "stylizers" / "AnimeGANv3_tiny_Cute.onnx"
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    out = []
    for image in images:
        height, width = image.shape[:2]
        side = np.asarray(cv2.resize(image, (256, 256)), np.float32)[None] / 127.5 - 1
        y = session.run(None, {session.get_inputs()[0].name: side})[0][0]
        back = np.clip((y + 1) * 127.5, 0, 255).astype(np.uint8)
        out.append(np.asarray(cv2.resize(back, (width, height)), np.uint8))
    return out


def faceless(count: int, seed: int = 12345) -> list[Crops]:
    """Made-up pictures without faces, and crops of faceless photographs that come with scikit-image."""
    import skimage.data

    rng = np.random.default_rng(seed)
    names = ("coffee", "brick", "grass", "gravel", "page", "text", "coins", "rocket", "moon", "retina")
    photos = []
    for name in names:
        image = np.asarray(getattr(skimage.data, name)())
        photos.append(np.repeat(image[..., None], 3, 2) if image.ndim == 2 else image[..., :3])
    out = []
    for number in range(count):
        if number % 2:
            out.append(ground(rng, 320))
            continue
        photo = photos[number // 2 % len(photos)]
        side = int(rng.integers(min(photo.shape[:2]) // 2, min(photo.shape[:2])))
        y, x = (int(rng.integers(0, extent - side + 1)) for extent in photo.shape[:2])
        out.append(np.ascontiguousarray(photo[y : y + side, x : x + side]))
    return out


def milliseconds(model: Any, side: int, rounds: int = 30) -> float:
    """Median time of one picture on one thread."""
    image = ground(np.random.default_rng(0), side)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        model.detect(image, input_size=(side, side))
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))


def judged_rows(labelled: Labelled, part: str, most: int) -> dict[str, npt.NDArray[np.int64]]:
    """Photos and drawings that a finder is judged by, at most so many of each."""
    photos = labelled.rows(part, "portrait", "photo", "crop")
    photos = np.random.default_rng(8).permutation(photos)[:most]
    return {"photos": photos, "drawings": labelled.rows(part, "drawing")[:most]}


def evaluate(detect: Detect, labelled: Labelled, most: int, words: str, part: str) -> dict[str, float]:
    """All figures, printed as they come; their names begin with `words`."""
    judged = judged_rows(labelled, part, most)
    portraits = labelled.rows(part, "portrait")[:200]
    sets: dict[str, tuple[list[Crops], list[Points]]] = {
        name: ([labelled.picture(row) for row in rows], [labelled.points[row] for row in rows])
        for name, rows in judged.items()
    }
    looks, points = [labelled.picture(row) for row in portraits], [labelled.points[row] for row in portraits]
    sets["restyled photos"] = (restyled(looks), points)
    sets["AnimeGANv3 photos"] = (anime(looks), points)
    drawn_by_whitebox = whitebox.cached()
    if drawn_by_whitebox is not None and part == "test":
        sets["White-box photos"] = (drawn_by_whitebox[0], list(drawn_by_whitebox[1]))
    figures: dict[str, float] = {}
    for name, (images, labels) in sets.items():
        answers = [found_in(detect, image, five) for image, five in zip(images, labels, strict=True)]
        found, close = np.mean([a[0] for a in answers]), np.mean([a[1] for a in answers])
        error = np.nanmedian([a[2] for a in answers]) if found else float("nan")
        print(
            f"{name:18s} n {len(images):4d}  found {100 * found:.1f}%  points within 8% {100 * close:.1f}%  "
            f"median error {100 * error:.1f}% of the eye distance",
            flush=True,
        )
        figures[f"{words}: found, {name}"] = float(found)
        figures[f"{words}: points within 8%, {name}"] = float(close)
    empty = faceless(200)
    finds = [len(detect(image)[0]) for image in empty]
    print(f"false finds: {sum(finds)} in {sum(f > 0 for f in finds)} of {len(empty)} faceless pictures")
    figures[f"{words}: faceless pictures with a find, of 200"] = float(sum(f > 0 for f in finds))
    return figures


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=PACK / DETECTOR_FILE)
    parser.add_argument("--points", type=Path, default=PACK / POINTS_FILE, help="the second look")
    parser.add_argument("--part", choices=("val", "test"), default="test", help="people to measure on")
    parser.add_argument("--side", type=int, default=320)
    parser.add_argument("--most", type=int, default=400, help="pictures a set")
    parser.add_argument("--record", action="store_true", help="write the figures into pack.toml")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    model, labelled = open_scrfd(given.model), load_labelled()
    print("detector alone, as insightface runs it")
    figures = evaluate(alone(model, given.side), labelled, given.most, "detector", given.part)
    figures["detector: ms at 320 on one core"] = milliseconds(model, 320)
    print(f"time at 320: {figures['detector: ms at 320 on one core']:.1f} ms on one core")
    if given.points.is_file():
        print("with the second look")
        figures |= evaluate(
            looked_at_twice(model, given.points, given.side), labelled, given.most, "points", given.part
        )
    if given.record:
        if given.part != "test":
            parser.error("only figures of the test people are recorded")
        card.record(given.model.parent, figures)


if __name__ == "__main__":
    main()
