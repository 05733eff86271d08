"""The StyleGAN2 generator in the PyTorch layout that Toonify, pSp and DualStyleGAN checkpoints use.

Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020), arXiv:1912.04958.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from toonify.networks.modulated import EqualLinear, PixelNorm, StyledConv, ToRGB


@dataclass(frozen=True)
class Shape:
    """The measures in which StyleGAN2 generators differ."""

    size: int = 1024
    """Side of the picture in pixels."""
    style_dim: int = 512
    mapping_layers: int = 8
    multiplier: int = 2
    """How many more feature maps than the smallest configuration has, from 64 px upwards."""
    widest: int = 512
    """Feature maps of the coarse layers."""

    @property
    def levels(self) -> int:
        """Power of two of the size."""
        return self.size.bit_length() - 1

    @property
    def layers(self) -> int:
        """Codes that one picture takes."""
        return self.levels * 2 - 2

    def width(self, resolution: int) -> int:
        """Feature maps of the layers that work at this resolution."""
        return self.widest if resolution <= 32 else min(self.widest, self.widest * 32 * self.multiplier // resolution)


class Start(nn.Module):
    """The learned 4 x 4 constant that every picture grows from."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, width, 4, 4))


class Noises(nn.Module):
    """The fixed noise of every layer, so that a code always gives the same picture."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        for index in range(layers):
            side = 2 ** ((index + 5) // 2)
            self.register_buffer(f"noise_{index}", torch.randn(1, 1, side, side))

    def __getitem__(self, index: int) -> Tensor:
        noise = getattr(self, f"noise_{index}")
        assert isinstance(noise, Tensor)
        return noise


class Generator(nn.Module):
    """Codes -> pictures in -1..1.

    Codes are z [b, 512], w [b, 512] or one code a layer: Z+ or W+ [b, n_latent, 512].
    """

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or Shape()
        self.n_latent = shape.layers
        dim = shape.style_dim
        mapping = [EqualLinear(dim, dim, rate=0.01, activate=True) for _ in range(shape.mapping_layers)]
        self.style = nn.Sequential(PixelNorm(), *mapping)
        self.input = Start(shape.width(4))
        self.conv1 = StyledConv(shape.width(4), shape.width(4), dim)
        self.to_rgb1 = ToRGB(shape.width(4), dim, upsample=False)
        self.convs = nn.ModuleList()
        self.to_rgbs = nn.ModuleList()
        self.noises = Noises(shape.layers - 1)
        for level in range(3, shape.levels + 1):
            before, width = shape.width(2 ** (level - 1)), shape.width(2**level)
            self.convs.append(StyledConv(before, width, dim, upsample=True))
            self.convs.append(StyledConv(width, width, dim))
            self.to_rgbs.append(ToRGB(width, dim))

    def map(self, z: Tensor) -> Tensor:
        """Z -> W, or Z+ -> W+, whatever the leading dimensions."""
        mapped: Tensor = self.style(z)
        return mapped

    def mean_w(self, samples: int = 4096, seed: int = 0) -> Tensor:
        """The centre of W, [1, 512], from `samples` draws."""
        draws = torch.randn(samples, self.shape.style_dim, generator=torch.Generator().manual_seed(seed))
        return self.map(draws.to(self.input.input.device)).mean(0, keepdim=True)

    def spread(self, w: Tensor) -> Tensor:
        """W or W+ -> W+: [b, 512] or [b, n_latent, 512] -> [b, n_latent, 512]."""
        return w if w.ndim == 3 else w[:, None].expand(-1, self.n_latent, -1)

    def begin(self, batch: int) -> Tensor:
        """The constant for a batch, laid out channels-last."""
        return self.input.input.expand(batch, -1, -1, -1).contiguous(memory_format=torch.channels_last)

    def forward(self, w: Tensor, noise: Sequence[Tensor] | Noises | None = None) -> Tensor:
        """W [b, 512] or W+ [b, n_latent, 512] -> [b, 3, size, size]; noise from the registered buffers by default."""
        codes = self.spread(w)
        noise = self.noises if noise is None else noise
        out = self.conv1(self.begin(codes.shape[0]), codes[:, 0], noise[0])
        picture: Tensor = self.to_rgb1(out, codes[:, 1])
        for level, to_rgb in enumerate(self.to_rgbs):
            first = 2 * level + 1
            out = self.convs[2 * level](out, codes[:, first], noise[first])
            out = self.convs[2 * level + 1](out, codes[:, first + 1], noise[first + 1])
            picture = to_rgb(out, codes[:, first + 2], picture)
        return picture


def truncated(w: Tensor, amount: float, centre: Tensor | float = 0.0) -> Tensor:
    """Codes drawn towards `centre`: `amount` 1 leaves them, 0 gives the centre itself."""
    return centre + amount * (w - centre)


def shape_of(tensors: Mapping[str, Tensor]) -> Shape:
    """The shape of the generator that a state dict belongs to; the standard one where it does not tell."""
    convolutions = [t for name, t in tensors.items() if name.startswith("convs.") and name.endswith(".conv.weight")]
    mapping = [t for name, t in tensors.items() if name.startswith("style.") and name.endswith(".weight")]
    first = tensors.get("conv1.conv.weight")
    if not convolutions or not mapping or first is None or len(convolutions) > 20:
        return Shape()
    size, widest = 2 ** (len(convolutions) // 2 + 2), first.shape[1]
    finest = min(tensor.shape[1] for tensor in convolutions)
    for multiplier in (2, 1, 4):
        shape = Shape(size, mapping[0].shape[0], len(mapping), multiplier, widest)
        if shape.width(size) == finest:
            return shape
    return Shape(size, mapping[0].shape[0], len(mapping), 2, widest)
