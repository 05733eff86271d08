"""The CartoonGAN generator: the 94 arrays of its authors' published weights.

Chen, Lai & Liu, "CartoonGAN: Generative Adversarial Networks for Photo Cartoonization" (2018).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class InstanceNorm(nn.Module):
    """Instance normalization under the names `scale` and `shift`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """[b, width, h, w] -> the same shape."""
        out: Tensor = F.instance_norm(x, weight=self.scale, bias=self.shift, eps=1e-9)
        return out


class Generator(nn.Module):
    """Pictures in -1..1, **blue first** -> comic-like pictures in -1..1, blue first; sides divisible by 4."""

    RESIDUALS = range(4, 12)

    def __init__(self) -> None:
        super().__init__()
        self.conv01_1, self.in01_1 = nn.Conv2d(3, 64, 7), InstanceNorm(64)
        self.conv02_1, self.conv02_2, self.in02_1 = _down(64, 128), nn.Conv2d(128, 128, 3, 1, 1), InstanceNorm(128)
        self.conv03_1, self.conv03_2, self.in03_1 = _down(128, 256), nn.Conv2d(256, 256, 3, 1, 1), InstanceNorm(256)
        for block in self.RESIDUALS:
            for part in (1, 2):
                self.add_module(f"conv{block:02d}_{part}", nn.Conv2d(256, 256, 3))
                self.add_module(f"in{block:02d}_{part}", InstanceNorm(256))
        self.deconv01_1, self.deconv01_2, self.in12_1 = _up(256, 128), nn.Conv2d(128, 128, 3, 1, 1), InstanceNorm(128)
        self.deconv02_1, self.deconv02_2, self.in13_1 = _up(128, 64), nn.Conv2d(64, 64, 3, 1, 1), InstanceNorm(64)
        self.deconv03_1 = nn.Conv2d(64, 3, 7)

    def forward(self, pictures: Tensor) -> Tensor:
        """[b, 3, h, w] -> [b, 3, h, w]."""
        x = F.relu(self.in01_1(self.conv01_1(_mirrored(pictures, 3))))
        x = F.relu(self.in02_1(self.conv02_2(self.conv02_1(x))))
        x = F.relu(self.in03_1(self.conv03_2(self.conv03_1(x))))
        for block in self.RESIDUALS:
            inner = F.relu(self._part(f"{block:02d}_1", x))
            x = self._part(f"{block:02d}_2", inner) + x
        x = F.relu(self.in12_1(self.deconv01_2(self.deconv01_1(x))))
        x = F.relu(self.in13_1(self.deconv02_2(self.deconv02_1(x))))
        return torch.tanh(self.deconv03_1(_mirrored(x, 3)))

    def _part(self, index: str, x: Tensor) -> Tensor:
        out: Tensor = self.get_submodule(f"in{index}")(self.get_submodule(f"conv{index}")(_mirrored(x, 1)))
        return out


def _mirrored(x: Tensor, border: int) -> Tensor:
    return F.pad(x, [border] * 4, mode="reflect")


def _down(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, 2, 1)


def _up(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, 1)
