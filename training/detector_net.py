"""The face detector: a plain convolutional pyramid whose nine outputs are those of SCRFD.

At strides 8, 16 and 32 every cell has two anchors, one for smaller and one for larger faces (see `SLOTS` in
`training.detector_loss`). Per anchor: a score, four distances to the box sides and five points,
both in strides from the cell's corner (x * stride, y * stride), which is the convention of insightface's decoder.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.blocks import Residual, block

STRIDES = (8, 16, 32)
ANCHORS = 2


class DetectorNet(nn.Module):
    """RGB pictures [n, 3, h, w], (pixel - 127.5) / 128, sides divisible by 32 -> per stride score, box and points.

    Scores are logits in training. Every output is [n, cells * 2, 1 | 4 | 10], cells row by row, anchors innermost.
    """

    def __init__(self, widths: Sequence[int] = (16, 24, 48, 80, 96), neck: int = 48) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.stem = nn.Sequential(block(3, a, 2), block(a, b, 2))
        self.p8 = nn.Sequential(block(b, c, 2), Residual(c))
        self.p16 = nn.Sequential(block(c, d, 2), Residual(d))
        self.p32 = nn.Sequential(block(d, e, 2), Residual(e))
        self.lateral = nn.ModuleList(nn.Conv2d(width, neck, 1) for width in (c, d, e))
        self.smooth = nn.ModuleList(block(neck, neck) for _ in STRIDES)
        self.tower = block(neck, neck)
        self.score = nn.Conv2d(neck, ANCHORS, 3, 1, 1)
        self.box = nn.Conv2d(neck, ANCHORS * 4, 3, 1, 1)
        self.points = nn.Conv2d(neck, ANCHORS * 10, 3, 1, 1)
        self.scales = nn.Parameter(torch.ones(len(STRIDES), 2))
        nn.init.constant_(self.score.bias, -4.0)  # type: ignore[arg-type]
        nn.init.constant_(self.box.bias, 2.0)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
        """Scores, boxes and points, a list of three strides each."""
        levels = []
        x = self.stem(x)
        for stage in (self.p8, self.p16, self.p32):
            x = stage(x)
            levels.append(x)
        maps = [lateral(level) for lateral, level in zip(self.lateral, levels, strict=True)]
        for place in (1, 0):
            maps[place] = maps[place] + F.interpolate(maps[place + 1], scale_factor=2.0, mode="nearest")
        scores, boxes, points = [], [], []
        for place, (smooth, one) in enumerate(zip(self.smooth, maps, strict=True)):
            y = self.tower(smooth(one))
            scores.append(_rows(self.score(y), 1))
            boxes.append(_rows(F.softplus(self.box(y)) * self.scales[place, 0], 4))
            points.append(_rows(self.points(y) * self.scales[place, 1], 10))
        return scores, boxes, points


def _rows(x: Tensor, size: int) -> Tensor:
    """[n, anchors * size, h, w] -> [n, h * w * anchors, size]."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, size)


def cell_corners(height: int, width: int, stride: int) -> Tensor:
    """x, y of every anchor's reference point in pixels, [h * w * anchors, 2], in the order of the outputs."""
    y, x = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
    corners = torch.stack([x, y], -1).reshape(-1, 1, 2).expand(-1, ANCHORS, 2).reshape(-1, 2)
    return corners.float() * stride
