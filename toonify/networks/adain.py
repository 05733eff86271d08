"""AdaIN: arbitrary style transfer by moving channel statistics, with the published VGG encoder and decoder.

Huang & Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization" (2017), arXiv:1703.06868.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

ENCODER_LAYERS = 31
"""Layers of the VGG up to relu4_1."""


def normalised_vgg() -> nn.Sequential:
    """The VGG-19 of the published `vgg_normalised.pth`; the encoder is its first `ENCODER_LAYERS` layers."""
    layers: list[nn.Module] = [nn.Conv2d(3, 3, 1)]
    before = 3
    for stage, (width, convolutions) in enumerate([(64, 2), (128, 2), (256, 4), (512, 4), (512, 4)]):
        if stage:
            layers.append(nn.MaxPool2d(2, 2, ceil_mode=True))
        for _ in range(convolutions):
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(before, width, 3), nn.ReLU()]
            before = width
    return nn.Sequential(*layers)


def decoder() -> nn.Sequential:
    """Features of relu4_1 -> a picture; the layout of the published `decoder.pth`."""
    layers: list[nn.Module] = []
    plan: list[tuple[int, int] | None] = [
        *[(512, 256), None, (256, 256), (256, 256), (256, 256), (256, 128)],
        *[None, (128, 128), (128, 64), None, (64, 64), (64, 3)],
    ]
    for step in plan:
        if step is None:
            layers.append(nn.Upsample(scale_factor=2, mode="nearest"))
        else:
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(*step, 3), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel, [b, c, 1, 1]."""
    flat = features.flatten(2)
    mean = flat.mean(2)[:, :, None, None]
    return mean, (flat.var(2) + 1e-5).sqrt()[:, :, None, None]


def adapt(content: Tensor, styles: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """Content features with the channel statistics of the styles, mixed by `shares` that sum to one."""
    mean, deviation = statistics(content)
    normal = (content - mean) / deviation
    mixed = torch.zeros_like(content)
    for style, share in zip(styles, shares, strict=True):
        style_mean, style_deviation = statistics(style)
        mixed = mixed + share * (normal * style_deviation + style_mean)
    return mixed


class AdaIN(nn.Module):
    """Encoder and decoder; content and styles are pictures in 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.vgg = normalised_vgg()
        self.decoder = decoder()

    def encode(self, pictures: Tensor) -> Tensor:
        """[b, 3, h, w] -> features of relu4_1, [b, 512, h / 8, w / 8]."""
        for layer in self.vgg[:ENCODER_LAYERS]:
            pictures = layer(pictures)
        return pictures

    def forward(self, content: Tensor, styles: Sequence[Tensor], shares: Sequence[float], alpha: float) -> Tensor:
        """`content` pictures in the mix of the styles' features ([1, 512, h, w] each); `alpha` 0 keeps the content."""
        features = self.encode(content)
        mixed = alpha * adapt(features, styles, shares) + (1 - alpha) * features
        picture: Tensor = self.decoder(mixed)
        return picture
