"""The AnimeGANv2 generator in its published PyTorch layout.

Chen, Liu & Chen, "AnimeGAN: A Novel Lightweight GAN for Photo Animation" (2020), second version.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


def conv_norm(
    inputs: int,
    outputs: int,
    size: int = 3,
    *,
    stride: int = 1,
    padding: int | tuple[int, int, int, int] = 1,
    depthwise: bool = False,
) -> nn.Sequential:
    """Mirrored border, convolution, layer normalization and leaky ReLU."""
    groups = inputs if depthwise else 1
    return nn.Sequential(
        nn.ReflectionPad2d(padding),
        nn.Conv2d(inputs, outputs, size, stride, groups=groups, bias=depthwise),
        nn.GroupNorm(1, outputs),
        nn.LeakyReLU(0.2, inplace=True),
    )


class InvertedResidual(nn.Module):
    """Widen, convolve depthwise, narrow; with a shortcut where the widths agree."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.shortcut = inputs == outputs
        wide = inputs * 2
        self.layers = nn.Sequential(
            conv_norm(inputs, wide, 1, padding=0),
            conv_norm(wide, wide, depthwise=True),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.GroupNorm(1, outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs, h, w] -> [b, outputs, h, w]."""
        out: Tensor = self.layers(x)
        return x + out if self.shortcut else out


class Generator(nn.Module):
    """Pictures in -1..1 -> anime pictures in -1..1."""

    def __init__(self) -> None:
        super().__init__()
        self.block_a = nn.Sequential(
            conv_norm(3, 32, 7, padding=3), conv_norm(32, 64, stride=2, padding=(0, 1, 0, 1)), conv_norm(64, 64)
        )
        self.block_b = nn.Sequential(conv_norm(64, 128, stride=2, padding=(0, 1, 0, 1)), conv_norm(128, 128))
        self.block_c = nn.Sequential(
            conv_norm(128, 128),
            InvertedResidual(128, 256),
            *(InvertedResidual(256, 256) for _ in range(3)),
            conv_norm(256, 128),
        )
        self.block_d = nn.Sequential(conv_norm(128, 128), conv_norm(128, 128))
        self.block_e = nn.Sequential(conv_norm(128, 64), conv_norm(64, 64), conv_norm(64, 32, 7, padding=3))
        self.out_layer = nn.Sequential(nn.Conv2d(32, 3, 1, bias=False), nn.Tanh())

    def forward(self, pictures: Tensor, align_corners: bool = True) -> Tensor:
        """[b, 3, h, w] -> [b, 3, h, w]; without `align_corners` the sides have to be divisible by 4."""
        half = self.block_a(pictures)
        x = self.block_c(self.block_b(half))
        x = self.block_d(_enlarged(x, half, align_corners))
        x = self.block_e(_enlarged(x, pictures, align_corners))
        out: Tensor = self.out_layer(x)
        return out


def _enlarged(x: Tensor, like: Tensor, align_corners: bool) -> Tensor:
    if align_corners:
        return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=True)
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
