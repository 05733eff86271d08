"""Train the face detector: `python -m training.detector [--config FILE] [--minutes N] [--device cuda] [--fresh]`."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.augment import drawn_look
from training.command import Options, command
from training.detector_labels import Labelled, load_labelled
from training.detector_loss import Grid, detector_loss, read_faces
from training.detector_net import DetectorNet
from training.feeder import Feeder
from training.muon import muon_optimizer
from training.paths import var_dir
from training.run import Run, begin_from
from training.scenes import Scene, SceneConfig, Scenes


@dataclasses.dataclass(frozen=True)
class Phase:
    """One stretch of training."""

    name: str
    minutes: float
    lr: float
    points_weight: float = 1.5


@dataclasses.dataclass(frozen=True)
class DetectorConfig:
    """Everything that decides the outcome, read from TOML."""

    name: str
    seed: int
    widths: tuple[int, ...]
    neck: int
    batch: int
    weight_decay: float
    drawn_look: float
    """Share of batches' pictures that are given flat tones and ink lines as a whole."""
    average: float
    checkpoint_minutes: float
    phases: tuple[Phase, ...]
    scenes: SceneConfig


def read_config(path: Path) -> DetectorConfig:
    """The config of a TOML file."""
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    data["widths"] = tuple(data["widths"])
    data["phases"] = tuple(Phase(**phase) for phase in data["phases"])
    return DetectorConfig(**{**data, "scenes": SceneConfig(**data.get("scenes", {}))})


def to_input(images: list[np.ndarray[Any, Any]], device: torch.device) -> Tensor:
    """RGB uint8 pictures of one size -> [n, 3, h, w], (pixel - 127.5) / 128."""
    x = torch.from_numpy(np.stack(images)).to(device).permute(0, 3, 1, 2).float()
    return ((x - 127.5) / 128).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def figures(net: nn.Module, scenes: list[Scene], device: torch.device) -> dict[str, float]:
    """Shares of faces found and with points within 8% of the eye distance, false finds a scene; their F1 as score."""
    side = scenes[0][0].shape[0]
    grid = Grid(side, side)
    net.eval()
    total = close = boxed = false = 0
    for start in range(0, len(scenes), 16):
        part = scenes[start : start + 16]
        answers = read_faces(net(to_input([scene[0] for scene in part], device)), grid)
        for (_, boxes, points), (_, found, places) in zip(part, answers, strict=True):
            total += len(boxes)
            free = np.ones(len(found), bool)
            for box, five in zip(boxes, points, strict=True):
                overlap = _iou(box, found) * free
                if not len(found) or overlap.max() < 0.4:
                    continue
                best = int(overlap.argmax())
                free[best] = False
                boxed += 1
                eyes = float(np.linalg.norm(five[1] - five[0]))
                close += bool(np.linalg.norm(places[best] - five, axis=1).mean() <= 0.08 * eyes)
            false += int(free.sum())
    recall = (boxed + close) / (2 * max(1, total))
    precision = boxed / max(1, boxed + false)
    score = 2 * recall * precision / max(1e-6, recall + precision)
    found_share, close_share = boxed / max(1, total), close / max(1, total)
    return {"found": found_share, "points_close": close_share, "false": false / len(scenes), "score": score}


def _iou(box: np.ndarray[Any, Any], others: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if not len(others):
        return np.zeros(0)
    inner = np.clip(np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), 0, None).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1) + (box[2:] - box[:2]).prod() - inner
    return np.asarray(inner / np.maximum(areas, 1e-6))


def validation_scenes(labelled: Labelled, config: SceneConfig, count: int = 160) -> list[Scene]:
    """The same scenes every time, of people held out to choose the checkpoint."""
    source = Scenes(labelled, "val", config, seed=99)
    return [source.one() for _ in range(count)]


def train(config: DetectorConfig, options: Options) -> Path:
    """Train, or go on; returns the best checkpoint by validation."""
    torch.manual_seed(config.seed)
    labelled, device = load_labelled(), options.device
    held_out = validation_scenes(labelled, config.scenes)
    net = DetectorNet(config.widths, config.neck).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start is not None:
        begin_from(net, options.start)
    run = Run(
        var_dir("detector", options.name or config.name),
        net,
        muon_optimizer(net, config.weight_decay),
        lambda mean_net: figures(mean_net, held_out, device),
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name},
        options.fresh,
    )
    source = Scenes(labelled, "train", config.scenes, config.seed + 1 + run.state["seen"])
    grid = Grid(config.scenes.side, config.scenes.side)
    net.train()
    with Feeder(source.one, config.batch) as feeder:
        for phase in run.steps(config.phases, options.minutes):
            scenes = feeder.next()
            x = to_input([scene[0] for scene in scenes], device)
            drawn = torch.rand(len(x), device=device) < config.drawn_look
            if drawn.any():
                x[drawn] = drawn_look(x[drawn])
            goals = [grid.goal(boxes, points) for _, boxes, points in scenes]
            loss, parts = detector_loss(net(x), goals, grid, phase.points_weight)
            run.step(loss, len(scenes), 10.0, parts)
    return run.best


if __name__ == "__main__":
    command(__doc__, "detector.toml", read_config, train)
