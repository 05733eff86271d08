"""Training photos as webtoon styles draw them, made once and kept in `var/`; each must land where its photo does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import torch

from training.faces import SIDE, Crops, FaceSet
from training.paths import CONFIGS, shared_dir, small, var_dir
from training.run import begin_from

Draw = Callable[[Crops], Crops]
"""Crops [n, 160, 160, 3] -> the same faces in a style."""

LOOKS = 4000
"""Photos of each style."""
DRAWN_SIDE = 256
"""Pixels at which styles draw."""
ANIME = "weights/stylizers/AnimeGANv3_tiny_Cute.onnx"


@dataclass(frozen=True, eq=False)
class Looks:
    """Crops [n, 160, 160, 3] of training photos in a style, and the row of the face set that each one shows."""

    crops: Crops
    rows: npt.NDArray[np.int64]


def _resized(crops: Crops, side: int) -> Crops:
    method = cv2.INTER_AREA if side < crops.shape[1] else cv2.INTER_CUBIC
    return np.stack([np.asarray(cv2.resize(crop, (side, side), interpolation=method), np.uint8) for crop in crops])


def _cel() -> Draw:
    import toonify

    style = toonify.load("cel")
    return lambda crops: _resized(np.stack(style.stylize(list(_resized(crops, DRAWN_SIDE)))), SIDE)


def _anime() -> Draw:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(shared_dir() / ANIME), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def draw(crops: Crops) -> Crops:
        faces = _resized(crops, DRAWN_SIDE).astype(np.float32) / 127.5 - 1
        drawn = np.concatenate([session.run(None, {name: face[None]})[0] for face in faces])
        return _resized(np.clip((drawn + 1) * 127.5, 0, 255).astype(np.uint8), SIDE)

    return draw


def _webtoon() -> Draw:
    from training import webtoon

    net = webtoon.build(webtoon.read_config(CONFIGS / "webtoon.toml")).eval()
    begin_from(net, CONFIGS.parent / "checkpoints" / "webtoon.pt")

    @torch.no_grad()
    def draw(crops: Crops) -> Crops:
        x = net(webtoon.to_tensor(crops, torch.device("cpu")))
        return np.asarray(((x.permute(0, 2, 3, 1) + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy())

    return draw


STYLES: dict[str, Callable[[], Draw]] = {"cel": _cel, "anime": _anime, "webtoon": _webtoon}


def load_looks(faces: FaceSet) -> Looks:
    """Some training photos in every style."""
    crops, rows = [], []
    for number, (style, opened) in enumerate(STYLES.items()):
        path = var_dir("cache") / f"look_{style}.npz"
        if not path.is_file():
            train = faces.rows("train")
            count = LOOKS // 30 if small() else LOOKS
            chosen = np.sort(np.random.default_rng([17, number]).permutation(train)[:count])
            draw = opened()
            drawn = [draw(np.asarray(faces.crops[chosen[start : start + 16]])) for start in range(0, len(chosen), 16)]
            np.savez(path, crops=np.concatenate(drawn), rows=chosen)
        with np.load(path, allow_pickle=False) as data:
            crops.append(data["crops"])
            rows.append(data["rows"])
    return Looks(np.concatenate(crops), np.concatenate(rows))
