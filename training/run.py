"""What every training run needs: averaged weights, a clock, checkpoints that survive a kill, a log."""

from __future__ import annotations

import copy
import io
import json
import math
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from torch import nn

PAUSE = 20.0
"""Seconds: a step that took longer stood still (the process was stopped for a while) and is not counted as training."""


def rate(progress: float) -> float:
    """One-cycle: a warm-up over the first tenth, then a cosine to almost nothing."""
    if progress < 0.1:
        return 0.1 + 0.9 * progress / 0.1
    return 0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - 0.1) / 0.9)))


def keep_weights(saved: dict[str, Any], path: Path) -> None:
    """Store the averaged weights of a checkpoint in half precision, to begin another run from."""
    half = {name: v.half() if v.dtype == torch.float32 else v for name, v in saved["net"].items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    _save_small(half, path)


def _save_small(weights: dict[str, torch.Tensor], path: Path) -> None:
    """Save as `torch.save` does, but compressed; `torch.load` reads both."""
    stored = io.BytesIO()
    torch.save(weights, stored)
    with zipfile.ZipFile(stored) as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as small:
        for one in plain.infolist():
            small.writestr(zipfile.ZipInfo(one.filename), plain.read(one), zipfile.ZIP_DEFLATED, 9)


def kept_weights(path: Path) -> dict[str, torch.Tensor]:
    """Weights kept by `keep_weights`, in full precision."""
    half = torch.load(path, map_location="cpu", weights_only=True)
    return {name: v.float() if v.dtype == torch.float16 else v for name, v in half.items()}


def begin_from(net: nn.Module, path: Path) -> None:
    """Load weights kept by `keep_weights`; a network that is wider than theirs begins by answering the same."""
    weights = kept_weights(path)
    into = net.state_dict()
    if into.keys() != weights.keys() or any(
        old.ndim != into[name].ndim or any(a > b for a, b in zip(old.shape, into[name].shape, strict=True))
        for name, old in weights.items()
    ):
        raise ValueError(f"{path} holds weights of a network of another shape than the config asks for.")
    take_over(net, weights)


@torch.no_grad()
def take_over(larger: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Copy each tensor to the beginning of its namesake; what reads more channels than it did reads zero of the new.

    These are seen already, and count as soon as the weights that read them have moved away from zero.
    """
    into = larger.state_dict()
    for name, old in weights.items():
        if old.ndim > 1:
            into[name][: len(old), old.shape[1] :] = 0
        into[name][tuple(slice(side) for side in old.shape)] = old


@torch.no_grad()
def follow(mean_net: nn.Module, net: nn.Module, decay: float) -> None:
    """Move the averaged weights (and batch-norm statistics) towards the live ones."""
    for mean, live in zip(mean_net.state_dict().values(), net.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(live, 1 - decay)
        else:
            mean.copy_(live)


class Stretch(Protocol):
    """A phase of a config, as far as the clock knows it."""

    @property
    def name(self) -> str:
        """For the log."""
        ...

    @property
    def minutes(self) -> float:
        """How long."""
        ...

    @property
    def lr(self) -> float:
        """Highest learning rate."""
        ...


Phase = TypeVar("Phase", bound=Stretch)


class Run:
    """One training run in one folder: `latest.pt` to go on from, `best.pt` as validation chose, `log.jsonl`.

    `judge` measures the averaged network and names its overall figure `score`.
    """

    def __init__(
        self,
        folder: Path,
        net: nn.Module,
        optimizer: torch.optim.Optimizer,
        judge: Callable[[nn.Module], dict[str, float]],
        average: float,
        save_every: float,
        extra: dict[str, Any],
        fresh: bool,
    ) -> None:
        self.net, self.mean_net, self.optimizer = net, copy.deepcopy(net).eval(), optimizer
        self.folder = folder
        self.latest, self.best = folder / "latest.pt", folder / "best.pt"
        self._judge, self._average, self._save_every, self._extra = judge, average, save_every, extra
        self.state: dict[str, Any] = {"phase": 0, "elapsed": 0.0, "seen": 0, "best": -1.0}
        self.parts: dict[str, float] = {}
        self._words, self._budget, self._may_choose = "", 0.0, True
        if fresh:
            self.best.unlink(missing_ok=True)
        elif self.latest.is_file():
            self._load()
        self._saved_at = self._said_at = self.state["elapsed"]
        self._mark = time.monotonic()

    def _load(self) -> None:
        device = next(self.net.parameters()).device
        saved = torch.load(self.latest, map_location=device, weights_only=True)
        self.net.load_state_dict(saved["live"])
        self.mean_net.load_state_dict(saved["net"])
        try:
            self.optimizer.load_state_dict(saved["optimizer"])
        except ValueError:
            print("the optimizer has changed since this checkpoint; its memory starts empty", flush=True)
        self.state = saved["state"]

    @property
    def elapsed(self) -> float:
        """Seconds of training in this phase, over all starts."""
        return float(self.state["elapsed"])

    def steps(self, phases: Sequence[Phase], minutes: float | None, choose: str = "always") -> Iterator[Phase]:
        """The phase of every step to come, its learning rate set.

        With `minutes` the whole run takes that long, phases in proportion. The best checkpoint is chosen `always`, or
        only in the `last` phase.
        """
        whole = sum(phase.minutes for phase in phases)
        while self.state["phase"] < len(phases):
            phase = phases[self.state["phase"]]
            self._budget = phase.minutes * 60 * (1.0 if minutes is None else minutes / whole)
            self._words = phase.name
            self._may_choose = choose == "always" or self.state["phase"] == len(phases) - 1
            while self.elapsed < self._budget:
                for group in self.optimizer.param_groups:
                    group["lr"] = phase.lr * rate(self.elapsed / self._budget)
                yield phase
            self.next_phase(self._may_choose)

    def step(self, loss: torch.Tensor, seen: int, clip: float, parts: dict[str, float] | None = None) -> None:
        """One step of the optimizer, the average and the clock; says how the parts of the loss are doing."""
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), clip)
        self.optimizer.step()
        self.state["steps"] = self.state.get("steps", 0) + 1
        follow(self.mean_net, self.net, min(self._average, 1 - 1 / (1 + self.state["steps"])))
        now = time.monotonic()
        if now - self._mark < PAUSE:
            self.state["elapsed"] += now - self._mark
        self._mark = now
        self.state["seen"] += seen
        if parts is not None:
            self.tell(self._words, self._budget, parts, self._may_choose)

    def tell(self, words: str, budget: float, parts: dict[str, float], choose: bool = True) -> None:
        """Say how far it is now and then, and save when it is time."""
        self.parts = {key: 0.97 * self.parts.get(key, value) + 0.03 * value for key, value in parts.items()}
        if self.elapsed - self._said_at > 20:
            self._said_at = self.elapsed
            losses = "  ".join(f"{key} {value:.3f}" for key, value in self.parts.items())
            print(f"{words} {self.elapsed:.0f}/{budget:.0f} s  seen {self.state['seen']}  {losses}", flush=True)
        if self.elapsed - self._saved_at > self._save_every:
            self.save(choose)

    def next_phase(self, choose: bool) -> None:
        """Close a phase, measure and save, then begin the next at second 0."""
        self.state["phase"] += 1
        self.state["elapsed"] = 0.0
        self.save(choose)
        self._said_at = 0.0

    def save(self, choose: bool = True) -> None:
        """Measure, keep the latest, keep the best when `choose` allows and it is the best."""
        figures = self._judge(self.mean_net)
        done = {**self._extra, "net": self.mean_net.state_dict(), "figures": figures, "state": dict(self.state)}
        if choose and figures["score"] > self.state["best"]:
            self.state["best"] = done["state"]["best"] = figures["score"]
            torch.save(done, self.best)
        partial = self.latest.with_suffix(".partial")
        live = {"live": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save({**done, **live}, partial)
        partial.rename(self.latest)
        line = json.dumps({**self.state, **figures, **self.parts})
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        print(line, flush=True)
        self._saved_at, self._mark = self.elapsed, time.monotonic()
