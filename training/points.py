"""Train the second look at faces: `python -m training.points [--config FILE] [--minutes N] [--device D] [--fresh]`."""

from __future__ import annotations

import argparse
import dataclasses
import queue
import threading
import tomllib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.augment import drawn_look
from training.detector_labels import load_labelled
from training.muon import muon_optimizer
from training.paths import CONFIGS, shared_dir, var_dir
from training.points_data import Lesson, Lessons, OffConfig
from training.points_net import PointsNet
from training.run import Run, begin_from, rate


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


class Feeder:
    """Makes crops in a thread of its own, so that the network need not wait for them."""

    def __init__(self, lessons: Lessons, batch: int) -> None:
        self._queue: queue.Queue[list[Lesson]] = queue.Queue(maxsize=4)
        self._lessons, self._batch = lessons, batch
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._queue.put([self._lessons.one() for _ in range(self._batch)])

    def next(self) -> list[Lesson]:
        """The next batch."""
        return self._queue.get()


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


def train(
    config: PointsConfig, device: torch.device, minutes: float | None, fresh: bool, name: str, start: Path | None = None
) -> Path:
    """Train, or go on; returns the best checkpoint by validation."""
    torch.manual_seed(config.seed)
    labelled = load_labelled()
    source = Lessons(labelled, "val", config.off, seed=98)
    held_out = [source.one() for _ in range(600)]
    net = PointsNet(config.widths).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start is not None:
        begin_from(net, start)
    run = Run(
        var_dir("points", name),
        net,
        muon_optimizer(net, config.weight_decay),
        lambda mean_net: figures(mean_net, held_out, device),
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name},
        fresh,
    )
    feeder = Feeder(Lessons(labelled, "train", config.off, config.seed + 1 + run.state["seen"]), config.batch)
    stretch = 1.0 if minutes is None else minutes / sum(phase.minutes for phase in config.phases)
    net.train()
    while run.state["phase"] < len(config.phases):
        phase = config.phases[run.state["phase"]]
        budget = phase.minutes * 60 * stretch
        while run.elapsed < budget:
            x, moves, face = tensors(feeder.next(), device)
            pick = torch.rand(len(x), device=device) < config.drawn_look
            if pick.any():
                x[pick] = drawn_look(x[pick])
            for group in run.optimizer.param_groups:
                group["lr"] = phase.lr * rate(run.elapsed / budget)
            found, logits = net(x)
            points = (point_errors(found, moves) * face).sum() / face.sum().clamp(min=1)
            doubt = F.binary_cross_entropy_with_logits(logits[:, 0], face)
            run.step(4 * points + doubt, len(x), clip=5.0)
            run.tell(phase.name, budget, {"points": float(points.detach()), "doubt": float(doubt.detach())})
        run.next_phase(choose=True)
    return run.best


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=CONFIGS / "points.toml")
    parser.add_argument("--minutes", type=float, help="instead of the config's")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--name", help="folder of the checkpoints; the config's name unless given")
    parser.add_argument("--fresh", action="store_true", help="start again instead of going on")
    parser.add_argument("--start", type=Path, help="weights to begin from, such as those in training/checkpoints")
    given = parser.parse_args()
    shared_dir()
    torch.set_num_threads(given.threads)
    cv2.setNumThreads(1)
    config = read_config(given.config)
    best = train(config, torch.device(given.device), given.minutes, given.fresh, given.name or config.name, given.start)
    print(f"best checkpoint: {best}")


if __name__ == "__main__":
    main()
