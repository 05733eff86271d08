"""The webtoon stylizer: a small U-shaped network that works at half resolution and below.

The photo is folded 2x2 into channels, so that no convolution ever runs at full size; most of the work is done at an
eighth, where strokes are planned, and the answer is a correction of the photo, so that detail costs nothing. Without
norms: the look of a place must not depend on the rest of the picture, and any size works.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

MULTIPLE = 8
"""Sides must be divisible by this."""


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


class Residual(nn.Module):
    """x + conv(act(conv(x))); begins as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.act, self.second = _conv(width, width), nn.LeakyReLU(0.1), _conv(width, width)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """[n, width, h, w] -> the same shape."""
        y: Tensor = x + self.second(self.act(self.first(x)))
        return y


class _Up(nn.Module):
    """Twice the size, fewer channels, with what the way down kept at that size."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(before, width, 1)
        self.join = Residual(width)

    def forward(self, x: Tensor, kept: Tensor) -> Tensor:
        x = nn.functional.interpolate(self.narrow(x), scale_factor=2.0, mode="bilinear", align_corners=False)
        y: Tensor = self.join(x + kept)
        return y


class WebtoonNet(nn.Module):
    """RGB photos [n, 3, h, w] in -1..1 -> webtoons of the same shape and range; h and w divisible by 8."""

    def __init__(self, widths: Sequence[int] = (24, 48, 96), blocks: Sequence[int] = (0, 1, 3)) -> None:
        super().__init__()
        half, quarter, eighth = widths

        def stage(before: int, width: int, stride: int, count: int) -> nn.Sequential:
            return nn.Sequential(
                _conv(before, width, stride), nn.LeakyReLU(0.1), *(Residual(width) for _ in range(count))
            )

        self.fold, self.unfold = nn.PixelUnshuffle(2), nn.PixelShuffle(2)
        self.at_half = stage(12, half, 1, blocks[0])
        self.at_quarter = stage(half, quarter, 2, blocks[1])
        self.at_eighth = stage(quarter, eighth, 2, blocks[2])
        self.up_quarter, self.up_half = _Up(eighth, quarter), _Up(quarter, half)
        correction = _conv(half, 12)
        nn.init.zeros_(correction.weight)
        nn.init.zeros_(correction.bias)  # type: ignore[arg-type]
        self.last = nn.Sequential(nn.LeakyReLU(0.1), correction)

    def forward(self, photo: Tensor) -> Tensor:
        """See the class."""
        half = self.at_half(self.fold(photo))
        quarter = self.at_quarter(half)
        x = self.up_half(self.up_quarter(self.at_eighth(quarter), quarter), half)
        return torch.clamp(photo + self.unfold(self.last(x)), -1, 1)
