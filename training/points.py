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
from training.detector_labels import Labelled, load_labelled
from training.feeder import Feeder
from training.muon import muon_optimizer
from training.paths import var_dir
from training.points_bent import Recipe, bent
from training.points_data import Lesson, Lessons, OffConfig, Source
from training.points_more import in_styles, joined, of_labelled, often_asked
from training.points_net import PointsNet
from training.run import Run, begin_from


@dataclasses.dataclass(frozen=True)
class Phase:
    """One stretch of training."""

    name: str
    minutes: float
    lr: float


BENT_DRAWINGS = [Recipe("drawings", 7_000, mixed=0.5, pull=0.3, seed=seed) for seed in (67, 83, 101, 103)]
BENT_LOOKS = [Recipe("looks", 4_000, seed=101)]
BENT_PHOTOS = [Recipe("photos", 8_000, size=0.05, pull=0.0, seed=137)]
"""What is made of drawings, of photos in styles and of photos, to be read anew by the makers of the labels."""


@dataclasses.dataclass(frozen=True)
class Shares:
    """How often a crop comes from each source, and what share of the first three's crops is bent."""

    photos: float = 0.4
    drawings: float = 0.4
    looks: float = 0.2
    """Photos that a webtoon style has drawn."""
    reread: float = 0.0
    """Drawings that were bent, half of them mixed with another, and then read; see `training.points_bent`."""
    reread_looks: float = 0.0
    """Looks that were bent and then read."""
    reread_photos: float = 0.0
    """Photos that were bent a little and then read, all of them as actors' photos are."""
    bend: float = 0.4
    """As a caricaturist would; the points are carried along."""


@dataclasses.dataclass(frozen=True)
class PointsConfig:
    """Everything that decides the outcome, read from TOML."""

    name: str
    seed: int
    widths: tuple[int, ...]
    neck: int
    batch: int
    weight_decay: float
    drawn_look: float
    """Share of crops that are given flat tones and ink lines."""
    average: float
    checkpoint_minutes: float
    phases: tuple[Phase, ...]
    shares: Shares
    off: OffConfig


def read_config(path: Path) -> PointsConfig:
    """The config of a TOML file."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    data["widths"] = tuple(data["widths"])
    data["phases"] = tuple(Phase(**phase) for phase in data["phases"])
    return PointsConfig(**{**data, "shares": Shares(**data["shares"]), "off": OffConfig(**data.get("off", {}))})


def tensors(lessons: list[Lesson], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Crops [n, 3, 80, 80] in -1..1, moves [n, 10], which points are known [n, 5]."""
    x = torch.from_numpy(np.stack([lesson.crop for lesson in lessons])).to(device).permute(0, 3, 1, 2).float()
    moves = torch.from_numpy(np.stack([lesson.moves for lesson in lessons])).to(device)
    known = torch.from_numpy(np.stack([lesson.known for lesson in lessons])).to(device)
    return x.div(127.5).sub(1).contiguous(memory_format=torch.channels_last), moves, known


def point_errors(found: Tensor, moves: Tensor, known: Tensor) -> Tensor:
    """Mean distance of the known points in eye distances, [n]; 0 where none is."""
    far: Tensor = (found - moves).reshape(-1, 5, 2).norm(dim=2) * known
    return far.sum(1) / known.sum(1).clamp(min=1)


@torch.no_grad()
def figures(net: nn.Module, lessons: dict[str, list[Lesson]], device: torch.device) -> dict[str, float]:
    """Of photos and drawings: share of points within 8% of the eye distance; accuracy of face or not; their mean."""
    net.eval()
    out, rights = {}, []
    for kind, some in lessons.items():
        x, moves, known = tensors(some, device)
        face = known.any(1)
        found, logits = net(x)
        error = point_errors(found, moves, known)[face]
        out[f"close_{kind}"], out[f"error_{kind}"] = float((error <= 0.08).float().mean()), float(error.median())
        rights.append(float(((logits[:, 0] > 0) == face).float().mean()))
    out["face_or_not"] = sum(rights) / len(rights)
    return {**out, "score": (sum(out[f"close_{kind}"] for kind in lessons) + out["face_or_not"]) / (len(lessons) + 1)}


def held_out(labelled: Labelled, config: OffConfig) -> dict[str, list[Lesson]]:
    """What a run is judged by: crops of the validation people, bent by nobody."""
    photos, drawings = (
        of_labelled(labelled, labelled.rows("val", *kinds)) for kinds in (("portrait", "photo", "crop"), ("drawing",))
    )
    config = dataclasses.replace(config, empty=0.2)
    judges = {"photos": Lessons([Source(photos)], config, 98), "drawings": Lessons([Source(drawings)], config, 99)}
    return {kind: [judge.one() for _ in range(400)] for kind, judge in judges.items()}


def taught(labelled: Labelled, shares: Shares) -> list[Source]:
    """What a run learns from: see `Shares`."""
    often = often_asked()
    whole = of_labelled(labelled, labelled.rows("train", "portrait", "crop"))
    photos, drawings, looks = joined(whole, often["photos"]), often["drawings"], in_styles(labelled)
    bend = shares.bend
    return [
        Source(photos, shares.photos, bend),
        Source(drawings, shares.drawings, bend),
        Source(looks, shares.looks, bend),
        Source(bent(BENT_DRAWINGS, drawings), shares.reread),
        Source(bent(BENT_LOOKS, looks), shares.reread_looks),
        Source(bent(BENT_PHOTOS, photos), shares.reread_photos),
    ]


def train(config: PointsConfig, options: Options) -> Path:
    """Train, or go on; returns the best checkpoint by validation."""
    torch.manual_seed(config.seed)
    labelled, device = load_labelled(), options.device
    judged_by = held_out(labelled, config.off)
    net = PointsNet(config.widths, config.neck).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start is not None:
        begin_from(net, options.start)
    run = Run(
        var_dir("points", options.name or config.name),
        net,
        muon_optimizer(net, config.weight_decay),
        lambda mean_net: figures(mean_net, judged_by, device),
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name},
        options.fresh,
    )
    lessons = Lessons(taught(labelled, config.shares), config.off, config.seed + 1 + run.state["seen"])
    net.train()
    with Feeder(lessons.one, config.batch) as feeder:
        for _ in run.steps(config.phases, options.minutes):
            x, moves, known = tensors(feeder.next(), device)
            face = known.any(1).float()
            pick = torch.rand(len(x), device=device) < config.drawn_look
            if pick.any():
                x[pick] = drawn_look(x[pick])
            with torch.autocast(device.type, torch.bfloat16, enabled=options.half):
                found, logits = net(x)
            points = point_errors(found, moves, known).sum() / face.sum().clamp(min=1)
            doubt = F.binary_cross_entropy_with_logits(logits[:, 0].float(), face)
            parts = {"points": float(points.detach()), "doubt": float(doubt.detach())}
            run.step(4 * points + doubt, len(x), 5.0, parts)
    return run.best


if __name__ == "__main__":
    command(__doc__, "points.toml", read_config, train, half=True)
