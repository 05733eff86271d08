"""What the training commands have in common: their options, and a model's checkpoint folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import cv2
import torch

from training.paths import CONFIGS, shared_dir


class Named(Protocol):
    """A config that names its run."""

    @property
    def name(self) -> str:
        """Folder of the checkpoints, unless the command line says another."""
        ...


Config = TypeVar("Config", bound=Named)


@dataclass(frozen=True)
class Options:
    """How one run differs from what the config says."""

    device: torch.device
    minutes: float | None = None
    """The whole run in this time, phases in proportion."""
    fresh: bool = False
    """Start again instead of going on from the latest checkpoint."""
    name: str | None = None
    """Folder of the checkpoints; the config's name unless given."""
    start: Path | None = None
    """Weights to begin from."""
    half: bool = False
    """Compute in bfloat16: twice as fast on processors that multiply matrices in it (AMX), and on GPUs."""


def command(
    words: str | None,
    config: str,
    read_config: Callable[[Path], Config],
    train: Callable[[Config, Options], Path],
    half: bool = False,
) -> None:
    """Read the command line of `python -m training.MODEL` and train; `half` says that `train` heeds `Options.half`."""
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--config", type=Path, default=CONFIGS / config)
    parser.add_argument("--minutes", type=float, help="whole run in this time, phases in proportion")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--name", help="folder of the checkpoints; the config's name unless given")
    parser.add_argument("--fresh", action="store_true", help="start again instead of going on")
    parser.add_argument("--start", type=Path, help="weights to begin from, such as those in training/checkpoints")
    if half:
        parser.add_argument("--half", action="store_true", help="compute in bfloat16, for GPUs and processors with AMX")
    given = parser.parse_args()
    shared_dir()
    torch.set_num_threads(given.threads)
    cv2.setNumThreads(1)
    options = Options(
        torch.device(given.device), given.minutes, given.fresh, given.name, given.start, half and given.half
    )
    print(f"best checkpoint: {train(read_config(given.config), options)}")
