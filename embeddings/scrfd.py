"""SCRFD as insightface runs it, with less work around the network: the same boxes, points and scores to the last bit.

insightface turns all 16,800 anchors of a picture into boxes and points and then keeps a handful; here only the few
that score enough are turned into boxes and points. `forward` takes the place of its method of that name. The network's
input, five megabytes, is written into the same memory again and again: fresh memory costs as much as filling it.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.blob import Scaling
from embeddings.contract import RGB

Floats = npt.NDArray[np.float32]


def quicken(model: Any) -> None:
    """Give an `insightface.model_zoo.scrfd.SCRFD` the `forward` of this module; other detectors stay as they are."""
    from insightface.model_zoo.scrfd import SCRFD

    model._prepare_input_blob = Feeder(model)
    if type(model) is SCRFD and model.use_kps:
        model.forward = lambda bgr, threshold: forward(model, bgr, threshold)


class Feeder:
    """Pixels -> the network's input, in memory that each thread keeps for its next picture of that size."""

    def __init__(self, model: Any) -> None:
        self._scaling = Scaling((model.input_mean,) * 3, (model.input_std,) * 3, "bgr")
        self._kind = getattr(model, "input_dtype", np.float32)
        self._kept = _Kept()

    def __call__(self, bgr: RGB, size: tuple[int, int]) -> npt.NDArray[Any]:
        """[1, 3, h, w]; good until the same thread asks again."""
        kept = self._kept.inputs
        if size not in kept:
            kept[size] = np.empty((1, 3, size[1], size[0]), np.float32)
        return self._scaling.blob([bgr], kept[size]).astype(self._kind, copy=False)


class _Kept(threading.local):
    """What one thread keeps: by width and height, the memory of the network's input."""

    def __init__(self) -> None:
        self.inputs: dict[tuple[int, int], Floats] = {}


def forward(model: Any, bgr: RGB, threshold: float) -> tuple[list[Floats], list[Floats], list[Floats]]:
    """Scores [n, 1], boxes [n, 4] and points [n, 5, 2] of anchors that score `threshold` or more, by level."""
    height, width = bgr.shape[:2]
    blob = model._prepare_input_blob(bgr, (width, height))
    outputs = model._session_for_input_size((width, height)).run(model.output_names, {model.input_name: blob})
    if model.batched:
        outputs = [output[0] for output in outputs]
    scores, boxes, points = [], [], []
    for level, stride in enumerate(model._feat_stride_fpn):
        score, away, offsets = outputs[level :: model.fmc][:3]
        at = np.where(score >= threshold)[0]
        cell, columns = at // model._num_anchors, width // stride
        centre = np.stack([cell % columns, cell // columns], axis=1).astype(np.float32) * stride
        sides = away[at] * stride
        scores.append(score[at])
        boxes.append(np.concatenate([centre - sides[:, :2], centre + sides[:, 2:]], axis=1))
        points.append(centre[:, None] + (offsets[at] * stride).reshape(len(at), 5, 2))
    return scores, boxes, points
