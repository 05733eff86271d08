"""SCRFD as insightface runs it, with less work around the network: the same boxes, points and scores to the last bit.

insightface turns all 16,800 anchors of a picture into boxes and points and then keeps a handful; here only the few
that score enough are turned into boxes and points. `detect` takes the place of its method of that name. What a picture
becomes on its way into the network, seven megabytes, is written into the same memory again and again: fresh memory
costs more than filling it.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.blob import Scaling
from embeddings.contract import RGB

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Size = tuple[int, int]
"""Width and height."""


class QuickScrfd:
    """Runs an `insightface.model_zoo.scrfd.SCRFD` with five points; threads may share it."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._scaling = Scaling((model.input_mean,) * 3, (model.input_std,) * 3)
        self._kind = getattr(model, "input_dtype", np.float32)
        self._kept = _Kept()

    @staticmethod
    def can_run(model: Any) -> bool:
        """Whether it is that detector; insightface opens others as well."""
        from insightface.model_zoo.scrfd import SCRFD

        return type(model) is SCRFD and bool(model.use_kps)

    def detect(self, image: RGB, threshold: float) -> tuple[Floats, Floats]:
        """Boxes and scores [n, 5] and points [n, 5, 2] of faces that score `threshold` or more, best first."""
        looks = [self._look(image, (int(w), int(h)), threshold) for w, h in self._model.input_sizes]
        boxes, points = (np.concatenate([look[part] for look in looks]) for part in (0, 1))
        order = np.argsort(-boxes[:, 4], kind="stable")
        boxes, points = boxes[order], points[order]
        kept = self._model.nms(boxes) if len(boxes) > 1 else slice(None)
        return boxes[kept], points[kept]

    def _look(self, image: RGB, size: Size, threshold: float) -> tuple[Floats, Floats]:
        """The picture fitted into the upper left of `size`; what was seen there, in pixels of the picture."""
        shown, scale = fitted(image, size)
        blob = self._kept.input_of(size).filled(image, shown, self._scaling)
        session = self._model._session_for_input_size(size)
        outputs = session.run(self._model.output_names, {self._model.input_name: blob.astype(self._kind, copy=False)})
        scores, boxes, points = self._seen(outputs, size[0], threshold)
        order = np.argsort(-scores, kind="stable")
        found = np.concatenate([boxes / scale, scores[:, None]], axis=1)
        return found[order].astype(np.float32, copy=False), (points / scale)[order].astype(np.float32, copy=False)

    def _seen(self, outputs: list[Any], width: int, threshold: float) -> tuple[Floats, Floats, Floats]:
        """Scores [n], boxes [n, 4] and points [n, 5, 2] of the anchors that score enough, level by level."""
        model = self._model
        levels = []
        for level, stride in enumerate(model._feat_stride_fpn):
            score, away, offsets = (part.reshape(-1, part.shape[-1]) for part in outputs[level :: model.fmc][:3])
            at = np.flatnonzero(score[:, 0] >= threshold)
            if not len(at):
                continue
            cell, columns = at // model._num_anchors, width // stride
            centre = np.stack([cell % columns, cell // columns], axis=1).astype(np.float32) * stride
            sides = away[at] * stride
            box = np.concatenate([centre - sides[:, :2], centre + sides[:, 2:]], axis=1)
            levels.append((score[at, 0], box, centre[:, None] + (offsets[at] * stride).reshape(len(at), 5, 2)))
        if not levels:
            return np.empty(0, np.float32), np.empty((0, 4), np.float32), np.empty((0, 5, 2), np.float32)
        scores, boxes, points = (np.concatenate(part) for part in zip(*levels, strict=True))
        return scores, boxes, points


def fitted(image: RGB, size: Size) -> tuple[Size, float]:
    """Width and height at which a picture just fits into `size`, and the factor to there; rounded as by insightface."""
    height, width = image.shape[:2]
    ratio = height / width
    shown = (int(size[1] / ratio), size[1]) if ratio > size[1] / size[0] else (size[0], int(size[0] * ratio))
    return (max(1, shown[0]), max(1, shown[1])), shown[1] / height


class _Kept(threading.local):
    """What one thread keeps, by the size of the network's input."""

    def __init__(self) -> None:
        self._inputs: dict[Size, Input] = {}

    def input_of(self, size: Size) -> Input:
        """Memory for an input of that size."""
        if size not in self._inputs:
            self._inputs[size] = Input(size)
        return self._inputs[size]


class Input:
    """Memory for one picture on its way into the network, used again for the next one."""

    def __init__(self, size: Size) -> None:
        width, height = size
        self._blob: Floats = np.empty((1, 3, height, width), np.float32)
        self._pixels: Bytes = np.empty(height * width * 3, np.uint8)
        self._channels: Bytes = np.empty((3, height * width), np.uint8)
        self._shown: Size = (0, 0)

    def filled(self, image: RGB, shown: Size, scaling: Scaling) -> Floats:
        """float32 [1, 3, h, w]: the picture at that size in the upper left, black around it; good until the next."""
        import cv2

        width, height = shown
        if shown != self._shown:
            black = scaling.of(0)[:, None, None]
            self._blob[0, :, :height, width:] = black
            self._blob[0, :, height:] = black
            self._shown = shown
        pixels = self._pixels[: width * height * 3].reshape(height, width, 3)
        cv2.resize(image, shown, dst=pixels)
        channels = [channel[: width * height].reshape(height, width) for channel in self._channels]
        cv2.split(pixels, channels)
        scaling.fill(channels, self._blob[0, :, :height, :width])
        return self._blob
