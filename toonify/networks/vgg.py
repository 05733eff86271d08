"""VGG-19 features for losses of style transfer, in the layout of the published torchvision weights.

Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

WIDTHS = (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512, 0)
"""Channels of the convolutions in turn; 0 stands for pooling."""

CONTENT = "relu4_2"
STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


class VGG19(nn.Module):
    """The convolutional part; pictures are RGB in 0..1."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        self.names: dict[int, str] = {}
        before, stage, number = 3, 1, 1
        for width in WIDTHS:
            if width == 0:
                layers.append(nn.MaxPool2d(2, 2))
                stage, number = stage + 1, 1
                continue
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
            self.names[len(layers) - 1] = f"relu{stage}_{number}"
            before, number = width, number + 1
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
        """[b, 3, h, w] -> the features of the layers `wanted`, by name."""
        found: dict[str, Tensor] = {}
        x = (pictures - self.mean) / self.deviation
        for index, layer in enumerate(self.features):
            x = layer(x)
            name = self.names.get(index)
            if name in wanted and name is not None:
                found[name] = x
                if len(found) == len(set(wanted)):
                    break
        return found


def gram(features: Tensor) -> Tensor:
    """How channels go together: [b, c, h, w] -> [b, c, c], free of the picture's size."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / (flat.shape[1] * flat.shape[2])


def convolutional_part(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The `features.` of a whole published VGG-19, without its classifier."""
    return {name: tensor for name, tensor in tensors.items() if not name.startswith("classifier.")}
