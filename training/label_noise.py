"""How well the makers of the labels agree with themselves: `python -m training.label_noise [--part val]`.

The detector's five points are judged by what two published detectors say of the same picture. They say something else
of it mirrored, moved or smaller, though the face is the same. This asks them six times of every picture, and says how
often such an answer lies within 8% of the label, which is the first of them; and how often the pack's finder does, of
the label and of the mean of all answers, in which the chance of a single one is smaller. Half of that mean is mirrored,
as is half of what the finder sees.
"""

from __future__ import annotations

import argparse

import cv2
import numpy as np
import numpy.typing as npt
import torch

from training import card
from training.asking import ways
from training.detector_labels import Labelled, label_of, load_labelled
from training.evaluate_detector import CLOSE, Detect, distance, found_in, judged_rows, looked_at_twice, open_scrfd
from training.export import DETECTOR_FILE, POINTS_FILE
from training.finders import Points, label_makers
from training.paths import PACK, shared_dir

MIRRORED = "as it is, mirrored"
"""The way of asking that no detector should mind, and both do."""


def answers(labelled: Labelled, rows: npt.NDArray[np.int64]) -> list[dict[str, Points]]:
    """For each picture what both makers agree on, by the way of asking; a way is missing where they do not agree."""
    scrfd, yunet = label_makers(shared_dir())
    return [
        {
            asked.way: asked.back(said)
            for asked in ways(labelled.picture(row))
            if (said := label_of(asked.image, str(labelled.kind[row]), scrfd, yunet)) is not None
        }
        for row in rows
    ]


def measure(name: str, labelled: Labelled, rows: npt.NDArray[np.int64], detect: Detect) -> dict[str, float]:
    """Figures of some pictures, printed as they come."""
    said, labels = answers(labelled, rows), [labelled.points[row] for row in rows]
    pictures = [labelled.picture(row) for row in rows]
    figures: dict[str, float] = {}
    print(f"{name}, {len(rows)} pictures; within 8% of the label, and how far (median):", flush=True)
    for way in dict.fromkeys(way for one in said for way in one):
        far = np.array([distance(one[way], label) for one, label in zip(said, labels, strict=True) if way in one])
        close = float(np.mean(far <= CLOSE))
        words = f"{100 * len(far) / len(rows):5.1f}%, of these {100 * close:5.1f}%  {100 * np.median(far):.1f}%"
        print(f"  makers, {way:18s} agree on {words}")
        if way == MIRRORED:
            figures[f"points: labels' makers within 8% of themselves, mirrored {name}"] = close
    means = [np.mean(list(one.values()), axis=0) for one in said]
    for words, truths in (("the label", labels), ("the mean of all", means)):
        found = [found_in(detect, image, truth) for image, truth in zip(pictures, truths, strict=True)]
        right = sum(one[1] for one in found)
        median = float(np.nanmedian([one[2] for one in found]))
        print(f"  finder, of {words:16s} {right} of {len(rows)}: {right / len(rows):.2%}  {median:.1%}", flush=True)
    figures[f"points: points within 8% of the mean of six answers, {name}"] = right / len(rows)
    return figures


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("val", "test"), default="test", help="people to measure on")
    parser.add_argument("--most", type=int, default=400, help="pictures a set")
    parser.add_argument("--record", action="store_true", help="write the figures into pack.toml")
    given = parser.parse_args()
    if given.record and given.part != "test":
        parser.error("only figures of the test people are recorded")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    labelled = load_labelled()
    detect = looked_at_twice(open_scrfd(PACK / DETECTOR_FILE), PACK / POINTS_FILE, 320)
    figures: dict[str, float] = {}
    for name, rows in judged_rows(labelled, given.part, given.most).items():
        figures |= measure(name, labelled, rows, detect)
    if given.record:
        card.record(PACK, figures)


if __name__ == "__main__":
    main()
