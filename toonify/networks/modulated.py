"""The layers that StyleGAN2 is made of, arranged so that a CPU runs them fast.

Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020). The published code builds one weight
tensor for each sample and convolves in groups. Here the smaller side is scaled instead: activations where the picture
is small; weights, one sample at a time, where it is large. Demodulation needs only the sum of squares of each kernel;
gain, demodulation and bias ride on convolutions that run anyway. Blurring runs as a depthwise convolution on
channels-last memory. Same numbers, fewer passes over large tensors.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GAIN = math.sqrt(2.0)
SLOPE = 0.2
TAPS = (1.0, 3.0, 3.0, 1.0)


def blur_kernel(gain: float = 1.0) -> Tensor:
    """The 4 x 4 binomial kernel, its sum being `gain`."""
    taps = torch.tensor(TAPS)
    kernel = taps[:, None] * taps[None, :]
    return kernel / kernel.sum() * gain


class Kernel(nn.Module):
    """Holds a blur kernel under the name that checkpoints give it."""

    kernel: Tensor

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.register_buffer("kernel", blur_kernel(gain))


def upsample_twice(x: Tensor, kernel: Tensor) -> Tensor:
    """Twice the size: zeros between the pixels, then the 4 x 4 `kernel`; [b, c, h, w] -> [b, c, 2h, 2w].

    Every output pixel meets only 2 x 2 pixels that are not zero, so each of the four phases is a 2 x 2 convolution of
    the small picture.
    """
    channels = x.shape[1]
    flipped = kernel.flip(0, 1)
    phases = torch.stack([flipped[1 - row :: 2, 1 - column :: 2] for row in (0, 1) for column in (0, 1)])
    weight = phases[:, None].repeat(channels, 1, 1, 1)
    mixed = F.pixel_shuffle(F.conv2d(x, weight, padding=1, groups=channels), 2)
    return mixed[:, :, 1:-1, 1:-1]


class PixelNorm(nn.Module):
    """Codes of unit mean square."""

    def forward(self, codes: Tensor) -> Tensor:
        """[..., d] -> [..., d]."""
        return codes * torch.rsqrt(codes.square().mean(-1, keepdim=True) + 1e-8)


class EqualLinear(nn.Module):
    """A linear layer with equalized learning rate, optionally followed by the scaled leaky ReLU."""

    def __init__(
        self, inputs: int, outputs: int, *, rate: float = 1.0, start: float = 0.0, activate: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), float(start)))
        self.scale = rate / math.sqrt(inputs)
        self.rate = rate
        self.activate = activate

    def forward(self, x: Tensor) -> Tensor:
        """[..., inputs] -> [..., outputs]."""
        out = F.linear(x, self.weight * self.scale, self.bias * self.rate)
        return F.leaky_relu(out, SLOPE) * GAIN if self.activate else out


class ModulatedConv(nn.Module):
    """A convolution whose input channels are scaled by a style, and whose outputs are brought back to unit variance."""

    def __init__(
        self, inputs: int, outputs: int, size: int, style_dim: int, *, demodulate: bool = True, upsample: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, size, size))
        self.modulation = EqualLinear(style_dim, inputs, start=1.0)
        self.scale = 1 / math.sqrt(inputs * size * size)
        self.padding = size // 2
        self.demodulate = demodulate
        self.upsample = upsample
        if upsample:
            self.blur = Kernel(4.0)

    def forward(self, x: Tensor, style: Tensor, gain: float = 1.0, bias: Tensor | None = None) -> Tensor:
        """[b, inputs, h, w] and [b, style_dim] -> [b, outputs, h', w'], times `gain`, plus `bias` (one per output)."""
        scales = self.modulation(style) * self.scale
        outs = torch.full((x.shape[0], self.weight.shape[1]), gain, dtype=x.dtype, device=x.device)
        if self.demodulate:
            energy = self.weight[0].square().sum((2, 3))
            outs = gain * torch.rsqrt(F.linear(scales.square(), energy) + 1e-8)
        if x.is_cuda or x.shape[2] * x.shape[3] < self.weight[0, 0].numel() * 2:
            return self._scale_activations(x, scales, outs, bias)
        samples = [self._scale_weights(x[i : i + 1], scales[i], outs[i], bias) for i in range(x.shape[0])]
        return samples[0] if len(samples) == 1 else torch.cat(samples)

    def _scale_activations(self, x: Tensor, scales: Tensor, outs: Tensor, bias: Tensor | None) -> Tensor:
        x = x * scales[:, :, None, None]
        weight = self.weight[0]
        if self.upsample:
            x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
            kernel = self.blur.kernel.flip(0, 1).repeat(x.shape[1], 1, 1, 1)
            x = F.conv2d(x, kernel, padding=1, groups=x.shape[1])
        else:
            x = F.conv2d(x, weight, padding=self.padding)
        x = x.mul_(outs[:, :, None, None]) if not x.requires_grad else x * outs[:, :, None, None]
        return x if bias is None else x + bias[None, :, None, None]

    def _scale_weights(self, x: Tensor, scales: Tensor, outs: Tensor, bias: Tensor | None) -> Tensor:
        weight = self.weight[0] * scales[None, :, None, None]
        if not self.upsample:
            return F.conv2d(x, weight * outs[:, None, None, None], bias, padding=self.padding)
        x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2).contiguous(memory_format=torch.channels_last)
        kernel = self.blur.kernel.flip(0, 1)[None, None] * outs[:, None, None, None]
        return F.conv2d(x, kernel, bias, padding=1, groups=x.shape[1])


class Strength(nn.Module):
    """Holds the learned strength of the noise of a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))


class Bias(nn.Module):
    """Holds the bias of an activation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))


class StyledConv(nn.Module):
    """Modulated convolution, noise, bias and leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, style_dim: int, *, upsample: bool = False) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, style_dim, upsample=upsample)
        self.noise = Strength()
        self.activate = Bias(outputs)

    def forward(self, x: Tensor, style: Tensor, noise: Tensor | None) -> Tensor:
        """[b, inputs, h, w] -> [b, outputs, h or 2h, w or 2w]; `noise` is [1 or b, 1, h', w'].

        The activation's gain is applied before it, which is the same because it is homogeneous.
        """
        out: Tensor = self.conv(x, style, GAIN, self.activate.bias * GAIN)
        if noise is not None:
            out = (
                out + noise * (self.noise.weight * GAIN)
                if out.requires_grad
                else out.add_(noise * (self.noise.weight * GAIN))
            )
        return F.leaky_relu(out, SLOPE) if out.requires_grad else F.leaky_relu_(out, SLOPE)


class ToRGB(nn.Module):
    """Adds a layer's colours to the picture so far."""

    def __init__(self, inputs: int, style_dim: int, *, upsample: bool = True) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, 3, 1, style_dim, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))
        if upsample:
            self.upsample = Kernel(4.0)

    def forward(self, x: Tensor, style: Tensor, skip: Tensor | None = None) -> Tensor:
        """[b, inputs, h, w] and the picture at half the size -> [b, 3, h, w]."""
        out: Tensor = self.conv(x, style, 1.0, self.bias.reshape(3))
        return out if skip is None else out + upsample_twice(skip, self.upsample.kernel)
