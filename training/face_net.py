"""The face encoder: a small residual network of plain convolutions, fast to train and to run on an ordinary CPU.

Idea and proportions follow the usual face networks: 3x3 convolutions with PReLU, batch norm, resolution halved four
times, and a depthwise 7x7 convolution instead of pooling as the head: each place of the face keeps its own weight.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from training.run import take_over

HEAD = 7
"""Side of the last map at 112 pixels."""


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)


class Residual(nn.Module):
    """x + conv(PReLU(conv(x))), each convolution with its batch norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(width, width), nn.BatchNorm2d(width), nn.PReLU(width), _conv(width, width), nn.BatchNorm2d(width)
        )
        self.act = nn.PReLU(width)

    def forward(self, x: Tensor) -> Tensor:
        """[n, width, h, w] -> the same shape."""
        y: Tensor = self.act(x + self.body(x))
        return y


class FaceNet(nn.Module):
    """RGB faces [n, 3, 112, 112] in -1..1 -> vectors [n, dim], not yet of unit length."""

    def __init__(
        self, dim: int = 256, widths: Sequence[int] = (32, 64, 128, 192), blocks: Sequence[int] = (0, 1, 2, 2)
    ):
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for width, count in zip(widths, blocks, strict=True):  # 56, 28, 14, 7
            layers += [_conv(before, width, 2), nn.BatchNorm2d(width), nn.PReLU(width)]
            layers += [Residual(width) for _ in range(count)]
            before = width
        head = 2 * dim
        layers += [nn.Conv2d(before, head, 1, bias=False), nn.BatchNorm2d(head), nn.PReLU(head)]
        self.trunk = nn.Sequential(*layers)
        self.pool = nn.Sequential(nn.Conv2d(head, head, HEAD, groups=head, bias=False), nn.BatchNorm2d(head))
        self.out = nn.Sequential(nn.Linear(head, dim, bias=False), nn.BatchNorm1d(dim))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", a=0.25)

    def forward(self, x: Tensor) -> Tensor:
        """[n, 3, 112, 112] -> [n, dim]; a smaller side is for cheap early training, its map is stretched to 7x7."""
        x = self.trunk(x)
        if x.shape[-1] != HEAD:
            x = nn.functional.interpolate(x, size=(HEAD, HEAD), mode="bilinear")
        vectors: Tensor = self.out(self.pool(x).flatten(1))
        return vectors


def of_weights(weights: Mapping[str, Tensor]) -> FaceNet:
    """The network that these weights were kept of; they say what shape it had."""
    widths: list[int] = []
    blocks: list[int] = []
    for name, value in weights.items():
        if re.fullmatch(r"trunk\.\d+\.weight", name) and value.shape[2:] == (3, 3):
            widths.append(len(value))
            blocks.append(0)
        elif name.endswith(".body.0.weight"):
            blocks[-1] += 1
    net = FaceNet(len(weights["out.0.weight"]), widths, blocks)
    net.load_state_dict(weights)
    return net


@torch.no_grad()
def grown(net: FaceNet, larger: FaceNet) -> FaceNet:
    """`larger` made to answer what `net` answers: its layers taken over, additional blocks and channels without say.

    An additional block passes through while its second norm scales by zero and its slope is one; additional channels
    are seen already, and count as soon as the weights that read them have moved away from zero.
    """
    given = list(net.trunk)
    for module in larger.trunk:
        if isinstance(module, Residual) and not (given and isinstance(given[0], Residual)):
            module.body[-1].weight.zero_()  # type: ignore[operator]
            module.act.weight.fill_(1.0)
            continue
        if type(given[0]) is not type(module):
            raise ValueError("The weights to begin from have more blocks than the config asks for.")
        take_over(module, given.pop(0).state_dict())
    take_over(larger.pool, net.pool.state_dict())
    take_over(larger.out, net.out.state_dict())
    return larger
