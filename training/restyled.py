"""Training crops as our own webtoon stylizer draws them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from training.faces import Crops, FaceSet
from training.paths import CONFIGS, small, var_dir
from training.run import begin_from

COUNT = 2000


def load_restyled(faces: FaceSet) -> tuple[npt.NDArray[np.int64], Crops]:
    """Rows of some training faces with attributes, and their crops [n, 160, 160, 3] as webtoons; drawn once."""
    from training import webtoon

    path = var_dir("cache") / "restyled.npz"
    if not path.is_file():
        net = webtoon.build(webtoon.read_config(CONFIGS / "webtoon.toml")).eval()
        weights = CONFIGS.parent / "checkpoints" / "webtoon.pt"
        if not weights.is_file():  # nothing to draw with yet
            return np.zeros(0, np.int64), np.zeros((0, 160, 160, 3), np.uint8)
        begin_from(net, weights)
        rows = faces.rows("train")
        rows = rows[faces.table["attributes"].notna().to_numpy()[rows]]
        rows = np.sort(np.random.default_rng(13).permutation(rows)[: COUNT // 30 if small() else COUNT])
        drawn = []
        with torch.no_grad():
            for start in range(0, len(rows), 16):
                x = net(webtoon.to_tensor(faces.crops[rows[start : start + 16]], torch.device("cpu")))
                drawn.append(((x.permute(0, 2, 3, 1) + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy())
        np.savez(path, rows=rows, crops=np.concatenate(drawn))
    with np.load(path, allow_pickle=False) as data:
        return data["rows"], data["crops"]
