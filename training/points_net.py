"""The second look at a face: five points to a fraction of a pixel, and whether it is a face at all.

A detector reads points from one coarse cell of a whole picture; a face ranked by them is aligned a few pixels off. This
network sees the face alone, brought upright by the detector's points, and says where the points really are: as the
centre of a map each, so that it learns what an eye looks like wherever a caricaturist put it, not where eyes often lie.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.blocks import Residual, block
from training.finders import TEMPLATE

SIDE = 80
"""Pixels of the crop."""
MARGIN = 16.0
"""Pixels of the 112x112 template that the crop shows beyond it on every side."""
FRAME = ((TEMPLATE + np.float32(MARGIN)) * np.float32(SIDE / (112 + 2 * MARGIN))).astype(np.float32)
"""Where the five points of an average face lie in the crop, counted from its corner, [5, 2]."""
EYES = float(np.linalg.norm(FRAME[1] - FRAME[0]))
"""Their eye distance in pixels; the unit of the network's answers."""
DOUBT = 2.0
"""Logit at which the confidence is a half. Training sees more faces that are none than a detector brings in use, and
all too easy ones."""
CELL = 4
"""Pixels of the crop that one cell of a point's map covers."""


class PointsNet(nn.Module):
    """RGB crops [n, 3, 80, 80] in -1..1 -> moves [n, 10] in eye distances from `FRAME`, logits [n, 1]."""

    centres: Tensor
    frame: Tensor

    def __init__(self, widths: Sequence[int] = (16, 32, 64, 96), neck: int = 32) -> None:
        super().__init__()
        a, b, c, d = widths
        self.fine = nn.Sequential(block(3, a, 2), block(a, b, 2), Residual(b))
        self.middle = nn.Sequential(block(b, c, 2), Residual(c))
        self.coarse = nn.Sequential(block(c, d, 2), Residual(d), Residual(d))
        self.sides = nn.ModuleList(nn.Conv2d(width, neck, 1) for width in (b, c, d))
        self.joints = nn.ModuleList(block(neck, neck) for _ in range(2))
        self.maps = nn.Conv2d(neck, 5, 1)
        side = -(-SIDE // 32)
        self.face = nn.Sequential(block(d, 32, 2), nn.Flatten(), nn.Linear(32 * side * side, 1))
        centres = (torch.arange(SIDE // CELL, dtype=torch.float32) + 0.5) * CELL
        self.register_buffer("centres", centres, persistent=False)
        self.register_buffer("frame", torch.from_numpy(FRAME), persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Moves and logits."""
        fine = self.fine(x)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        y = self.sides[2](coarse)
        for joint, side, seen in ((self.joints[0], self.sides[1], middle), (self.joints[1], self.sides[0], fine)):
            y = joint(F.interpolate(y, scale_factor=2.0, mode="nearest") + side(seen))
        maps = self.maps(y).float()  # in half precision a centre would be good to a third of a pixel only
        share = maps.flatten(2).softmax(2).reshape(maps.shape)
        column, row = (share.sum(2) * self.centres).sum(2), (share.sum(3) * self.centres).sum(2)
        moves = (torch.stack([column, row], 2) - self.frame) / EYES
        return moves.flatten(1), self.face(coarse)


class Answer(nn.Module):
    """What is exported: points [n, 5, 2] in pixels of the crop, and the confidence [n] that it is a face."""

    def __init__(self, net: PointsNet) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("frame", torch.from_numpy(FRAME))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Points and confidence."""
        moves, logits = self.net(x)
        return self.frame + moves.reshape(-1, 5, 2) * EYES, torch.sigmoid(logits[:, 0] - DOUBT)
