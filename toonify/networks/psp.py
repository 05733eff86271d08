"""The pSp encoders: an aligned face of 256 px -> one StyleGAN2 code a layer.

Richardson et al., "Encoding in Style: a StyleGAN Encoder for Image-to-Image Translation" (2021),
arXiv:2008.00951, on the IR-SE-50 backbone of Deng et al., "ArcFace" (2019).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from toonify.networks.modulated import EqualLinear

STAGES = ((64, 64, 3), (64, 128, 4), (128, 256, 14), (256, 512, 3))
"""Input channels, output channels and units of the four stages of IR-SE-50."""


class SqueezeExcite(nn.Module):
    """Weighs channels by what the whole picture holds."""

    def __init__(self, width: int, reduction: int = 16) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(width, width // reduction, 1, bias=False)
        self.fc2 = nn.Conv2d(width // reduction, width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, width, h, w] -> the same shape."""
        pooled = F.relu(self.fc1(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.fc2(pooled))


class Unit(nn.Module):
    """One improved-residual unit with squeeze-and-excitation."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.shortcut_layer: nn.Module = (
            nn.MaxPool2d(1, stride)
            if inputs == outputs
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False),
            nn.PReLU(outputs),
            nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            SqueezeExcite(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs, h, w] -> [b, outputs, h / stride, w / stride]."""
        added: Tensor = self.res_layer(x) + self.shortcut_layer(x)
        return added


def backbone() -> nn.Sequential:
    """The 24 units of IR-SE-50."""
    return nn.Sequential(
        *(
            Unit(inputs if unit == 0 else outputs, outputs, 2 if unit == 0 else 1)
            for inputs, outputs, units in STAGES
            for unit in range(units)
        )
    )


def stem() -> nn.Sequential:
    """Colours -> 64 channels at full size."""
    return nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64))


class StyleHead(nn.Module):
    """Shrinks a feature map to a single code."""

    def __init__(self, width: int, side: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(int(math.log2(side))):
            layers += [nn.Conv2d(width, width, 3, 2, 1), nn.LeakyReLU()]
        self.convs = nn.Sequential(*layers)
        self.linear = EqualLinear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """[b, 512, side, side] -> [b, 512]."""
        code: Tensor = self.linear(self.convs(x).flatten(1))
        return code


class GradualStyleEncoder(nn.Module):
    """Codes from a feature pyramid: coarse ones from 16 px, middle ones from 32 px, fine ones from 64 px."""

    COARSE, MIDDLE = 3, 7
    FINE_UNIT, MIDDLE_UNIT, COARSE_UNIT = 6, 20, 23

    def __init__(self, styles: int = 18) -> None:
        super().__init__()
        self.input_layer = stem()
        self.body = backbone()
        sides = [16 if i < self.COARSE else 32 if i < self.MIDDLE else 64 for i in range(styles)]
        self.styles = nn.ModuleList([StyleHead(512, side) for side in sides])
        self.latlayer1 = nn.Conv2d(256, 512, 1)
        self.latlayer2 = nn.Conv2d(128, 512, 1)

    def forward(self, faces: Tensor) -> Tensor:
        """[b, 3, 256, 256] in -1..1 -> [b, styles, 512]."""
        levels: dict[int, Tensor] = {}
        x = self.input_layer(faces)
        for index, unit in enumerate(self.body):
            x = unit(x)
            if index in {self.FINE_UNIT, self.MIDDLE_UNIT}:
                levels[index] = x
        middle = _enlarged_sum(x, self.latlayer1(levels[self.MIDDLE_UNIT]))
        fine = _enlarged_sum(middle, self.latlayer2(levels[self.FINE_UNIT]))
        sources = [x if i < self.COARSE else middle if i < self.MIDDLE else fine for i in range(len(self.styles))]
        return torch.stack([head(source) for head, source in zip(self.styles, sources, strict=True)], dim=1)


class BackboneEncoder(nn.Module):
    """All codes from the last layer of the backbone (`BackboneEncoderUsingLastLayerIntoWPlus`)."""

    def __init__(self, styles: int = 18) -> None:
        super().__init__()
        self.input_layer = stem()
        self.body = backbone()
        self.output_layer_2 = nn.Sequential(
            nn.BatchNorm2d(512), nn.AdaptiveAvgPool2d((7, 7)), nn.Flatten(), nn.Linear(512 * 49, 512)
        )
        self.linear = EqualLinear(512, 512 * styles)

    def forward(self, faces: Tensor) -> Tensor:
        """[b, 3, 256, 256] in -1..1 -> [b, styles, 512]."""
        codes: Tensor = self.linear(self.output_layer_2(self.body(self.input_layer(faces))))
        return codes.view(codes.shape[0], -1, 512)


def _enlarged_sum(small: Tensor, large: Tensor) -> Tensor:
    return F.interpolate(small, size=large.shape[2:], mode="bilinear", align_corners=True) + large
