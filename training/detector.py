"""Train the face detector: `python -m training.detector [--config FILE] [--minutes N] [--device cuda] [--fresh]`."""

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
from torch import Tensor, nn

from training.augment import drawn_look
from training.detector_labels import Labelled, load_labelled
from training.detector_loss import Grid, detector_loss, read_faces
from training.detector_net import DetectorNet
from training.muon import muon_optimizer
from training.paths import CONFIGS, shared_dir, var_dir
from training.run import Run, begin_from, rate
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


class Feeder:
    """Makes scenes in a thread of its own, so that the network need not wait for them."""

    def __init__(self, scenes: Scenes, batch: int) -> None:
        self._queue: queue.Queue[list[Scene]] = queue.Queue(maxsize=4)
        self._scenes, self._batch = scenes, batch
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._queue.put([self._scenes.one() for _ in range(self._batch)])

    def next(self) -> list[Scene]:
        """The next batch."""
        return self._queue.get()


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


def train(
    config: DetectorConfig,
    device: torch.device,
    minutes: float | None,
    fresh: bool,
    name: str,
    start: Path | None = None,
) -> Path:
    """Train, or go on; returns the best checkpoint by validation."""
    torch.manual_seed(config.seed)
    labelled = load_labelled()
    held_out = validation_scenes(labelled, config.scenes)
    net = DetectorNet(config.widths, config.neck).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start is not None:
        begin_from(net, start)
    run = Run(
        var_dir("detector", name),
        net,
        muon_optimizer(net, config.weight_decay),
        lambda mean_net: figures(mean_net, held_out, device),
        config.average,
        config.checkpoint_minutes * 60,
        {"config": config.name},
        fresh,
    )
    feeder = Feeder(Scenes(labelled, "train", config.scenes, config.seed + 1 + run.state["seen"]), config.batch)
    grid = Grid(config.scenes.side, config.scenes.side)
    stretch = 1.0 if minutes is None else minutes / sum(phase.minutes for phase in config.phases)
    net.train()
    while run.state["phase"] < len(config.phases):
        phase = config.phases[run.state["phase"]]
        budget = phase.minutes * 60 * stretch
        while run.elapsed < budget:
            scenes = feeder.next()
            x = to_input([scene[0] for scene in scenes], device)
            drawn = torch.rand(len(x), device=device) < config.drawn_look
            if drawn.any():
                x[drawn] = drawn_look(x[drawn])
            for group in run.optimizer.param_groups:
                group["lr"] = phase.lr * rate(run.elapsed / budget)
            goals = [grid.goal(boxes, points) for _, boxes, points in scenes]
            loss, parts = detector_loss(net(x), goals, grid, phase.points_weight)
            run.step(loss, len(scenes), clip=10.0)
            run.tell(phase.name, budget, parts)
        run.next_phase(choose=True)
    return run.best


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=CONFIGS / "detector.toml")
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
