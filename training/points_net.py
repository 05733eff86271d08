"""The second look at a face: five points to a fraction of a pixel, and whether it is a face at all.

A detector reads points from one coarse cell of a whole picture; a face ranked by them is aligned a few pixels off. This
network sees the face alone, brought upright by the detector's points, and says where the points really are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from training.blocks import Residual, block
from training.finders import TEMPLATE

SIDE = 72
"""Pixels of the crop."""
MARGIN = 16.0
"""Pixels of the 112x112 template that the crop shows beyond it on every side."""
FRAME = ((TEMPLATE + np.float32(MARGIN)) * np.float32(SIDE / (112 + 2 * MARGIN))).astype(np.float32)
"""Where the five points of an average face lie in the crop, [5, 2]."""
EYES = float(np.linalg.norm(FRAME[1] - FRAME[0]))
"""Their eye distance in pixels; the unit of the network's answers."""


class PointsNet(nn.Module):
    """RGB crops [n, 3, 72, 72] in -1..1 -> moves [n, 10] in eye distances from `FRAME`, logits [n, 1]."""

    def __init__(self, widths: Sequence[int] = (16, 32, 64, 96)) -> None:
        super().__init__()
        a, b, c, d = widths
        self.trunk = nn.Sequential(
            block(3, a, 2), block(a, b, 2), Residual(b), block(b, c, 2), Residual(c), block(c, d, 2), Residual(d)
        )
        side = -(-SIDE // 16)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(d * side * side, 128), nn.ReLU(True))
        self.moves, self.face = nn.Linear(128, 10), nn.Linear(128, 1)
        nn.init.zeros_(self.moves.weight)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Moves and logits."""
        y = self.head(self.trunk(x))
        return self.moves(y), self.face(y)


class Answer(nn.Module):
    """What is exported: points [n, 5, 2] in pixels of the crop, and the confidence [n] that it is a face."""

    def __init__(self, net: PointsNet) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("frame", torch.from_numpy(FRAME))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Points and confidence."""
        moves, logits = self.net(x)
        return self.frame + moves.reshape(-1, 5, 2) * EYES, torch.sigmoid(logits[:, 0])
