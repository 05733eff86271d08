"""The feed-forward network of fast neural style, in the layout of the PyTorch examples.

Johnson, Alahi & Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution" (2016).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class PaddedConv(nn.Module):
    """A convolution on the mirrored border, after enlarging by `upsample`."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, upsample: int = 1) -> None:
        super().__init__()
        self.upsample = upsample
        self.padding = size // 2
        self.conv2d = nn.Conv2d(inputs, outputs, size, stride)

    def forward(self, x: Tensor) -> Tensor:
        """[b, inputs, h, w] -> [b, outputs, h * upsample / stride, w * upsample / stride]."""
        if self.upsample > 1:
            x = F.interpolate(x, mode="nearest", scale_factor=self.upsample)
        out: Tensor = self.conv2d(F.pad(x, [self.padding] * 4, mode="reflect"))
        return out


class Residual(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = PaddedConv(width, width, 3)
        self.in1 = nn.InstanceNorm2d(width, affine=True)
        self.conv2 = PaddedConv(width, width, 3)
        self.in2 = nn.InstanceNorm2d(width, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        """[b, width, h, w] -> the same shape."""
        added: Tensor = self.in2(self.conv2(F.relu(self.in1(self.conv1(x))))) + x
        return added


class TransformerNet(nn.Module):
    """Pictures in 0..255 -> stylized pictures in 0..255 (not clipped)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.in1 = PaddedConv(3, 32, 9), nn.InstanceNorm2d(32, affine=True)
        self.conv2, self.in2 = PaddedConv(32, 64, 3, stride=2), nn.InstanceNorm2d(64, affine=True)
        self.conv3, self.in3 = PaddedConv(64, 128, 3, stride=2), nn.InstanceNorm2d(128, affine=True)
        self.res1, self.res2, self.res3 = Residual(128), Residual(128), Residual(128)
        self.res4, self.res5 = Residual(128), Residual(128)
        self.deconv1, self.in4 = PaddedConv(128, 64, 3, upsample=2), nn.InstanceNorm2d(64, affine=True)
        self.deconv2, self.in5 = PaddedConv(64, 32, 3, upsample=2), nn.InstanceNorm2d(32, affine=True)
        self.deconv3 = PaddedConv(32, 3, 9)

    def forward(self, pictures: Tensor) -> Tensor:
        """[b, 3, h, w] -> [b, 3, h, w] where h and w are divisible by 4."""
        x = F.relu(self.in1(self.conv1(pictures)))
        x = F.relu(self.in2(self.conv2(x)))
        x = F.relu(self.in3(self.conv3(x)))
        for block in (self.res1, self.res2, self.res3, self.res4, self.res5):
            x = block(x)
        x = F.relu(self.in4(self.deconv1(x)))
        x = F.relu(self.in5(self.deconv2(x)))
        picture: Tensor = self.deconv3(x)
        return picture
