"""Train the second look at faces: `python -m training.points [--config FILE] [--minutes N] [--device D] [--fresh]`."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.augment import drawn_look
from training.command import Options, command
from training.detector_labels import load_labelled
from training.feeder import Feeder
from training.muon import muon_optimizer
from training.paths import var_dir
from training.points_data import Lesson, Lessons, OffConfig
from training.points_net import PointsNet
from training.run import Run, begin_from


@dataclasses.dataclass(frozen=True)
class Phase:
    """One stretch of training."""

    name: str
    minutes: float
    lr: float


@dataclasses.dataclass(frozen=True)
class PointsConfig:
    """Everything that decides the outcome, read from TOML."""

    name: str
    seed: int
    widths: tuple[int, ...]
    batch: int
    weight_decay: float
    drawn_look: float
    """Share of crops that are given flat tones and ink lines."""
    average: float
    checkpoint_minutes: float
    phases: tuple[Phase, ...]
    off: OffConfig


def read_config(path: Path) -> PointsConfig:
    """The config of a TOML file."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    data["widths"] = tuple(data["widths"])
    data["phases"] = tuple(Phase(**phase) for phase in data["phases"])
    return PointsConfig(**{**data, "off": OffConfig(**data.get("off", {}))})


def tensors(lessons: list[Lesson], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Crops [n, 3, 72, 72] in -1..1, moves [n, 10], 1 for a face [n]."""
    x = torch.from_numpy(np.stack([crop for crop, _, _ in lessons])).to(device).permute(0, 3, 1, 2).float()
    moves = torch.from_numpy(np.stack([moves for _, moves, _ in lessons])).to(device)
    face = torch.tensor([float(face) for _, _, face in lessons], device=device)
    return x.div(127.5).sub(1).contiguous(memory_format=torch.channels_last), moves, face


def point_errors(found: Tensor, moves: Tensor) -> Tensor:
    """Mean distance of the five points in eye distances, [n]."""
    error: Tensor = (found - moves).reshape(-1, 5, 2).norm(dim=2).mean(1)
    return error


@torch.no_grad()
def figures(net: nn.Module, lessons: list[Lesson], device: torch.device) -> dict[str, float]:
    """Share of points within 8% of the eye distance, accuracy of face or not, and their mean as `score`."""
    net.eval()
    x, moves, face = tensors(lessons, device)
    found, logits = net(x)
    error = point_errors(found, moves)[face > 0]
    close = float((error <= 0.08).float().mean())
    right = float(((logits[:, 0] > 0) == (face > 0)).float().mean())
    return {"close": close, "error": float(error.median()), "face_or_not": right, "score": (close + right) / 2}


def train(config: PointsConfig, options: Options) -> Path:
    """Train, or go on; returns the best checkpoint by validation."""
    torch.manual_seed(config.seed)
    labelled, device = load_labelled(), options.device
    source = Lessons(labelled, "val", config.off, seed=98)
    held_out = [source.one() for _ in range(600)]
    net = PointsNet(config.widths).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start is not None:
        begin_from(net, options.start)
    run = Run(
        var_dir("points", options.name or config.name),
        net,
        muon_optimizer(net, config.weight_decay),
        lambda mean_net: figures(mean_net, held_out, device),
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name},
        options.fresh,
    )
    lessons = Lessons(labelled, "train", config.off, config.seed + 1 + run.state["seen"])
    net.train()
    with Feeder(lessons.one, config.batch) as feeder:
        for _ in run.steps(config.phases, options.minutes):
            x, moves, face = tensors(feeder.next(), device)
            pick = torch.rand(len(x), device=device) < config.drawn_look
            if pick.any():
                x[pick] = drawn_look(x[pick])
            found, logits = net(x)
            points = (point_errors(found, moves) * face).sum() / face.sum().clamp(min=1)
            doubt = F.binary_cross_entropy_with_logits(logits[:, 0], face)
            parts = {"points": float(points.detach()), "doubt": float(doubt.detach())}
            run.step(4 * points + doubt, len(x), 5.0, parts)
    return run.best


if __name__ == "__main__":
    command(__doc__, "points.toml", read_config, train)
