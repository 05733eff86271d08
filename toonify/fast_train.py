"""Training a `fast` style from one picture: what `castoon style train` runs.

Johnson, Alahi & Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution" (2016), with the
features of the published VGG-19. The state of the work is saved as it goes and taken up again where it stopped: same
photos in the same order, so that an interrupted run ends with the same network as an undisturbed one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from castoon.errors import InputError, NotReadyError
from castoon.files import atomic_writer, sha256_file
from castoon.images import SUFFIXES, read
from toonify.checkpoints import read_checkpoint
from toonify.contract import RGB
from toonify.engines.gatys import load_network
from toonify.engines.pictures import read_style
from toonify.networks.fast import TransformerNet
from toonify.networks.vgg import CONTENT, STYLE, VGG19, gram
from toonify.torch_stylizer import to_tensor

Watch = Callable[[int, int, float], bool]
"""Called with steps done, steps in all and the loss; answers whether to go on."""


@dataclass(frozen=True)
class TrainingPlan:
    """What decides the outcome of a training."""

    steps: int = 4000
    batch: int = 4
    size: int = 256
    """Side of the square photos, in pixels; a multiple of 4."""
    rate: float = 1e-3
    content: float = 1.0
    style: float = 1e5
    smooth: float = 1e-3
    style_size: int = 384
    seed: int = 0


def train_style(
    style: Path,
    photos: Path,
    vgg: Path,
    target: Path,
    plan: TrainingPlan | None = None,
    *,
    device: str = "cpu",
    save_every: int = 200,
    watch: Watch | None = None,
) -> Path:
    """Train a network that paints photos like the picture `style`, and write it to `target` (`fast/<name>.pth`).

    `photos` is a folder of pictures of any kind, `vgg` the published `vgg19.pth`. Every `save_every` steps, and when
    `watch` answers False, the state is saved beside the target as `<name>.training`; calling again goes on from there.
    The target appears when the plan is fulfilled.
    """
    plan = plan or TrainingPlan()
    files = sorted(path for path in photos.rglob("*") if path.suffix.lower() in SUFFIXES)
    if len(files) < plan.batch:
        raise InputError(str(photos), f"it holds {len(files)} pictures.", f"Give a folder of at least {plan.batch}.")
    features = load_network(vgg).to(device)
    wanted = _style_grams(features, read_style(style, plan.style_size), device)
    torch.manual_seed(plan.seed)
    network = TransformerNet().to(device)
    optimiser = torch.optim.Adam(network.parameters(), lr=plan.rate)
    state_file = target.with_suffix(".training")
    identity = {"plan": asdict(plan), "style": sha256_file(style), "photos": len(files)}
    done = _resumed(state_file, identity, network, optimiser)
    while done < plan.steps:
        content = to_tensor(_photos(files, done, plan), torch.device(device), 0, 1)
        loss = _loss(network, features, content, wanted, plan)
        if not torch.isfinite(loss):
            raise NotReadyError(
                "training", f"the loss became {float(loss.detach())} at step {done}.", "Lower the rate."
            )
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        done += 1
        stopped = watch is not None and not watch(done, plan.steps, float(loss.detach()))
        if done % save_every == 0 or stopped:
            _save(
                state_file,
                {**identity, "done": done, "model": network.state_dict(), "optimiser": optimiser.state_dict()},
            )
        if stopped:
            return state_file
    _save(target, {"model": network.cpu().state_dict(), "recipe": identity})
    state_file.unlink(missing_ok=True)
    return target


def _loss(
    network: TransformerNet, features: VGG19, content: Tensor, wanted: dict[str, Tensor], plan: TrainingPlan
) -> Tensor:
    made = network(content * 255) / 255
    with torch.no_grad():
        before = features(content, [CONTENT])[CONTENT]
    after = features(made, [CONTENT, *STYLE])
    styles = torch.stack([(gram(after[name]) - wanted[name]).square().sum((1, 2)).mean() for name in STYLE])
    rough = made.diff(dim=2).abs().mean() + made.diff(dim=3).abs().mean()
    total: Tensor = plan.content * F.mse_loss(after[CONTENT], before) + plan.style * styles.mean() + plan.smooth * rough
    return total


def _style_grams(features: VGG19, picture: RGB, device: str) -> dict[str, Tensor]:
    with torch.no_grad():
        found = features(to_tensor([picture], torch.device(device), 0, 1), STYLE)
        return {name: gram(layer) for name, layer in found.items()}


def _photos(files: Sequence[Path], step: int, plan: TrainingPlan) -> list[RGB]:
    """The photos of one step: drawn by seed and step alone, so that a resumed run sees the same ones."""
    draw = np.random.default_rng([plan.seed, step])
    chosen: list[RGB] = []
    while len(chosen) < plan.batch:
        try:
            chosen.append(_square(read(files[int(draw.integers(len(files)))]).pixels, plan.size, draw))
        except InputError:
            if draw.integers(1000) == 0:
                raise
    return chosen


def _square(picture: RGB, size: int, draw: np.random.Generator) -> RGB:
    side = min(picture.shape[:2])
    top, left = (int(draw.integers(length - side + 1)) for length in picture.shape[:2])
    part = picture[top : top + side, left : left + side]
    how = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    small = cv2.resize(part, (size, size), interpolation=how)
    return np.asarray(small[:, ::-1] if draw.integers(2) else small, dtype=np.uint8)


def _resumed(path: Path, identity: dict[str, Any], network: TransformerNet, optimiser: torch.optim.Optimizer) -> int:
    if not path.is_file():
        return 0
    state = read_checkpoint(path)
    if any(state.get(key) != value for key, value in identity.items()):
        raise InputError(
            str(path), "it belongs to another plan or picture.", "Delete it to begin anew, or use its plan."
        )
    network.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["done"])


def _save(path: Path, content: dict[str, Any]) -> None:
    with atomic_writer(path) as handle:
        torch.save(content, handle)
