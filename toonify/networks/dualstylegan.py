"""DualStyleGAN: a StyleGAN2 generator with a second, extrinsic path that carries the style of one artwork.

Yang et al., "Pastiche Master: Exemplar-Based High-Resolution Portrait Style Transfer" (2022), arXiv:2203.13248.
Coarse layers add modulative residual blocks (structure), fine layers mix their codes with the exemplar's (colour).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from toonify.networks.modulated import GAIN, SLOPE, Bias, EqualLinear, PixelNorm
from toonify.networks.stylegan2 import Generator, Shape

DEFAULT_WEIGHTS = (0.75,) * 7 + (1.0,) * 11


class EqualConv(nn.Module):
    """A 3 x 3 convolution with equalized learning rate and no bias."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width, width, 3, 3) * 0.01)
        self.scale = 1 / math.sqrt(width * 9)

    def forward(self, x: Tensor) -> Tensor:
        """[b, width, h, w] -> the same shape."""
        return F.conv2d(x, self.weight * self.scale, padding=1)


class ActivatedConv(nn.Sequential):
    """Convolution, bias and scaled leaky ReLU; a Sequential because checkpoints number its parts."""

    def __init__(self, width: int) -> None:
        super().__init__(EqualConv(width), Bias(width))

    def forward(self, x: Tensor) -> Tensor:
        """[b, width, h, w] -> the same shape."""
        bias = self[1].bias
        assert isinstance(bias, Tensor)
        out: Tensor = self[0](x)
        return F.leaky_relu(out + bias[None, :, None, None], SLOPE) * GAIN


class AdaptiveNorm(nn.Module):
    """Instance normalization whose scale and shift come from a style."""

    def __init__(self, width: int, style_dim: int) -> None:
        super().__init__()
        self.style = nn.Linear(style_dim, width * 2)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """[b, width, h, w] and [b, style_dim] -> [b, width, h, w]."""
        scale, shift = self.style(style)[:, :, None, None].chunk(2, 1)
        normal: Tensor = F.instance_norm(x)
        out: Tensor = scale * normal + shift
        return out


class AdaptiveResidual(nn.Module):
    """A modulative residual block: what the exemplar's structure adds to a coarse layer."""

    def __init__(self, width: int, style_dim: int = 512) -> None:
        super().__init__()
        self.conv = ActivatedConv(width)
        self.conv2 = ActivatedConv(width)
        self.norm = AdaptiveNorm(width, style_dim)
        self.norm2 = AdaptiveNorm(width, style_dim)

    def forward(self, x: Tensor, style: Tensor, weight: float) -> Tensor:
        """`x` plus `weight` times the residual."""
        if weight == 0:
            return x
        out: Tensor = self.conv(self.norm(x, style))
        out = self.conv2(self.norm2(out, style))
        return x + out * weight


class DualStyleGAN(nn.Module):
    """Content codes and an exemplar's codes -> pictures in -1..1, [b, 3, size, size]."""

    def __init__(self, shape: Shape | None = None, res_index: int = 6) -> None:
        super().__init__()
        shape = shape or Shape()
        dim = shape.style_dim
        extrinsic = [EqualLinear(dim, dim, rate=0.01, activate=True) for _ in range(shape.mapping_layers - 6)]
        self.style = nn.Sequential(PixelNorm(), *extrinsic)
        self.generator = Generator(shape)
        self.res_index = res_index // 2 * 2
        self.res = nn.ModuleList([AdaptiveResidual(shape.width(4), dim)])
        for level in range(3, shape.levels + 1):
            for _ in range(2):
                if level < 3 + self.res_index // 2:
                    self.res.append(AdaptiveResidual(shape.width(2**level), dim))
                else:
                    self.res.append(EqualLinear(dim, dim))
        self.res.append(EqualLinear(dim, dim))

    def forward(self, w: Tensor, exemplar: Tensor | None, weights: Sequence[float] = DEFAULT_WEIGHTS) -> Tensor:
        """Pictures of the content `w` in the exemplar's style.

        `w` is W+ of the content, [b, n_latent, 512], truncated already; `exemplar` the extrinsic codes, one a layer,
        after the generator's mapping network; None leaves the extrinsic path out. `weights` says, for each layer, how
        far the exemplar counts: the first seven move structure, the others colour.
        """
        net, codes = self.generator, self.generator.spread(w)
        structure = None if exemplar is None else self.style(exemplar)
        out = net.conv1(net.begin(codes.shape[0]), codes[:, 0], net.noises[0])
        out = self._structured(out, structure, 0, weights)
        picture: Tensor = net.to_rgb1(out, codes[:, 1])
        for level, to_rgb in enumerate(net.to_rgbs):
            for index in (2 * level + 1, 2 * level + 2):
                coarse = 2 * level + 1 <= self.res_index
                code = codes[:, index] if coarse else self._coloured(codes, exemplar, index, weights)
                out = net.convs[index - 1](out, code, net.noises[index])
                out = self._structured(out, structure, index, weights) if coarse else out
            index = 2 * level + 3
            fine = 2 * level + 1 >= self.res_index - 1
            code = self._coloured(codes, exemplar, index, weights) if fine else codes[:, index]
            picture = to_rgb(out, code, picture)
        return picture

    def _structured(self, x: Tensor, structure: Tensor | None, index: int, weights: Sequence[float]) -> Tensor:
        if structure is None:
            return x
        added: Tensor = self.res[index](x, structure[:, index], weights[index])
        return added

    def _coloured(self, codes: Tensor, exemplar: Tensor | None, index: int, weights: Sequence[float]) -> Tensor:
        if exemplar is None or weights[index] == 0:
            return codes[:, index]
        mixed: Tensor = weights[index] * self.res[index](exemplar[:, index]) + (1 - weights[index]) * codes[:, index]
        return mixed
