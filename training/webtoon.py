"""Train the webtoon stylizer: `python -m training.webtoon [--config FILE] [--minutes N] [--device cuda] [--fresh]`.

The student copies its teacher on pairs that `training.webtoon_pairs` made: pixels (L1), local structure (SSIM), edges,
and what the first stages of our face encoder see, so that a face stays the face it was.
"""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.command import Options, command
from training.face_net import of_weights
from training.faces import Crops
from training.muon import muon_optimizer
from training.paths import CONFIGS, var_dir
from training.run import Run, begin_from, kept_weights
from training.webtoon_net import WebtoonNet
from training.webtoon_pairs import cache_pairs, load_pairs

FACE_WEIGHTS = CONFIGS.parent / "checkpoints" / "face.pt"


@dataclasses.dataclass(frozen=True)
class Phase:
    """One stretch of training."""

    name: str
    minutes: float
    lr: float
    batch: int
    side: int
    """Pixels of the patches."""


@dataclasses.dataclass(frozen=True)
class Weights:
    """How much each part of the loss counts beside the L1 distance."""

    structure: float
    edges: float
    face: float
    smooth: float


@dataclasses.dataclass(frozen=True)
class WebtoonConfig:
    """Everything that decides the outcome, read from TOML."""

    name: str
    seed: int
    teacher: str
    """`whitebox` (needs the extra `train`) or a style of toonify such as `cel`."""
    widths: tuple[int, ...]
    blocks: tuple[int, ...]
    weight_decay: float
    average: float
    checkpoint_minutes: float
    loss: Weights
    phases: tuple[Phase, ...]


def read_config(path: Path) -> WebtoonConfig:
    """The config of a TOML file."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    phases = tuple(Phase(**phase) for phase in data.pop("phases"))
    data["widths"], data["blocks"] = tuple(data["widths"]), tuple(data["blocks"])
    return WebtoonConfig(**{**data, "loss": Weights(**data["loss"])}, phases=phases)


def build(config: WebtoonConfig) -> WebtoonNet:
    """An untrained stylizer of the config's shape."""
    return WebtoonNet(config.widths, config.blocks)


def structure(one: Tensor, other: Tensor) -> Tensor:
    """Mean SSIM of the luminance of pictures [n, 3, h, w] in -1..1 (Wang et al. 2004; Gaussian window of 1.5 px)."""
    axis = torch.arange(11, device=one.device, dtype=one.dtype) - 5
    window = torch.exp(-(axis**2) / (2 * 1.5**2))
    window = window / window.sum()
    weights = one.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)

    def blurred(x: Tensor) -> Tensor:
        return F.conv2d(F.conv2d(x, window.view(1, 1, 1, 11)), window.view(1, 1, 11, 1))

    x, y = (((picture + 1) / 2 * weights).sum(1, keepdim=True) for picture in (one, other))
    mean_x, mean_y, xx, yy, xy = blurred(torch.cat([x, y, x * x, y * y, x * y])).chunk(5)
    both, square_x, square_y = mean_x * mean_y, mean_x**2, mean_y**2
    c1, c2 = 0.01**2, 0.03**2
    scores = (2 * both + c1) * (2 * (xy - both) + c2)
    return (scores / ((square_x + square_y + c1) * (xx - square_x + yy - square_y + c2))).mean()


def steps_of(x: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of neighbouring pixels, downwards and to the right."""
    return x[..., 1:, :] - x[..., :-1, :], x[..., :, 1:] - x[..., :, :-1]


class FaceFeatures(nn.Module):
    """What the first stages of our face encoder see in a picture of any size, down to an eighth of it."""

    STAGES = 3

    def __init__(self, weights: Path = FACE_WEIGHTS) -> None:
        super().__init__()
        net = of_weights(kept_weights(weights))
        layers = list(net.eval().trunk.requires_grad_(False))
        starts = [at for at, layer in enumerate(layers) if isinstance(layer, nn.Conv2d) and layer.stride == (2, 2)]
        ends = starts[1 : self.STAGES + 1]
        self._stages = [nn.Sequential(*layers[first:end]) for first, end in zip(starts, ends, strict=False)]

    def forward(self, x: Tensor) -> list[Tensor]:
        """The map at the end of each stage."""
        maps = []
        for stage in self._stages:
            x = stage(x)
            maps.append(x)
        return maps

    def distance(self, one: Tensor, other: Tensor) -> Tensor:
        """Mean difference of the maps, each in units of its own mean size."""
        with torch.no_grad():
            goals = self(other)
        pairs = zip(self(one), goals, strict=True)
        return torch.stack([(a - b).abs().mean() / (b.abs().mean() + 1e-6) for a, b in pairs]).mean()


def loss_of(drawn: Tensor, goal: Tensor, features: FaceFeatures, weights: Weights) -> tuple[Tensor, dict[str, float]]:
    """The loss, and its parts for the log."""
    mine, theirs = steps_of(drawn), steps_of(goal)
    parts = {
        "l1": (drawn - goal).abs().mean(),
        "structure": 1 - structure(drawn, goal),
        "edges": torch.stack([(a - b).abs().mean() for a, b in zip(mine, theirs, strict=True)]).mean(),
        "face": features.distance(drawn, goal),
        "smooth": torch.stack([a.abs().mean() for a in mine]).mean(),
    }
    shares = {"l1": 1.0, **dataclasses.asdict(weights)}
    total = torch.stack([shares[name] * part for name, part in parts.items()]).sum()
    return total, {name: float(part.detach()) for name, part in parts.items()}


def to_tensor(pictures: Crops, device: torch.device) -> Tensor:
    """uint8 [n, h, w, 3] -> [n, 3, h, w] in -1..1."""
    x = torch.from_numpy(np.ascontiguousarray(pictures)).to(device)
    return (x.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def patches(rng: np.random.Generator, pairs: tuple[Crops, Crops], count: int, side: int) -> tuple[Crops, Crops]:
    """Random places of random fields, some mirrored: photos and webtoons [count, side, side, 3]."""
    found: tuple[list[Crops], list[Crops]] = ([], [])
    reach = pairs[0].shape[1] - side
    for _ in range(count):
        row, top, left = int(rng.integers(len(pairs[0]))), int(rng.integers(reach + 1)), int(rng.integers(reach + 1))
        turn = -1 if rng.random() < 0.5 else 1
        for pictures, kept in zip(pairs, found, strict=True):
            kept.append(pictures[row, top : top + side, left : left + side][:, ::turn])
    return np.stack(found[0]), np.stack(found[1])


@torch.no_grad()
def figures(
    net: nn.Module, pairs: tuple[Crops, Crops], features: FaceFeatures, device: torch.device
) -> dict[str, float]:
    """SSIM with the teacher, face features' distance, and as `score` the one less a tenth of the other."""
    found = []
    for photo, goal in zip(*pairs, strict=True):
        x, y = to_tensor(photo[None], device), to_tensor(goal[None], device)
        drawn = net(x)
        found.append([float(structure(drawn, y)), float((drawn - y).abs().mean()), float(features.distance(drawn, y))])
    ssim, l1, face = np.mean(found, axis=0).tolist()
    return {"ssim": ssim, "l1": l1, "face": face, "score": ssim - 0.1 * face}


def train(config: WebtoonConfig, options: Options) -> Path:
    """Run all phases, or go on with them; returns the checkpoint that the held-out fields liked best."""
    torch.manual_seed(config.seed)
    device = options.device
    for part in ("val", "train"):
        cache_pairs(part, config.teacher)
    pairs, held_out = load_pairs("train", config.teacher), load_pairs("val", config.teacher)
    features = FaceFeatures().to(device)
    net = build(config).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start is not None:
        begin_from(net, options.start)
    run = Run(
        var_dir("webtoon", options.name or config.name),
        net,
        muon_optimizer(net, config.weight_decay),
        lambda mean_net: figures(mean_net, held_out, features, device),
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name},
        options.fresh,
    )
    rng = np.random.default_rng(config.seed + run.state["seen"])
    for phase in run.steps(config.phases, options.minutes):
        photos, webtoons = patches(rng, pairs, phase.batch, phase.side)
        loss, parts = loss_of(net(to_tensor(photos, device)), to_tensor(webtoons, device), features, config.loss)
        run.step(loss, phase.batch, 5.0, parts)
    return run.best


if __name__ == "__main__":
    command(__doc__, "webtoon.toml", read_config, train)
