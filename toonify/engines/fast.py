"""`fast`: one small network for each style, quick enough for whole libraries.

Johnson, Alahi & Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution" (2016).
Files: `<variant>.pth` as published with the PyTorch examples, or as written by `castoon style train`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.contract import RGB, Stylizer
from toonify.engine import Engine, StyleRequest, Variant
from toonify.parameters import slider

if TYPE_CHECKING:
    import torch

    from toonify.networks.fast import TransformerNet

_OBSOLETE = re.compile(r"in\d+\.running_(mean|var)$")
"""Statistics that early PyTorch kept for instance normalization and never used."""


@dataclass(frozen=True)
class FastParameters:
    """What a person may change about a feed-forward style."""

    strength: float = slider(1.0, 0, 1, title="Strength", help="Mixes the photo back in.")


def model_file(folder: Path, variant: str) -> Path:
    """Where the network of a style lies."""
    nested = folder / variant / "model.pth"
    return nested if nested.is_file() else folder / f"{variant}.pth"


def load_network(path: Path) -> TransformerNet:
    """The network of one style."""
    from toonify.checkpoints import fill, read_checkpoint, tensors_of
    from toonify.networks.fast import TransformerNet

    tensors = tensors_of(read_checkpoint(path), "model", "state_dict")
    network = TransformerNet()
    fill(network, {name: tensor for name, tensor in tensors.items() if not _OBSOLETE.search(name)}, path, "fast")
    return network


def open_style(request: StyleRequest) -> Stylizer:
    """Open `fast:<variant>`."""
    from toonify.fitting import Fit
    from toonify.torch_stylizer import TorchStylizer, mixed, to_pictures, to_tensor

    path = model_file(request.folder, request.variant)

    def run(network: TransformerNet, faces: Sequence[RGB], device: torch.device) -> list[RGB]:
        photos = to_tensor(faces, device, 0, 255)
        return to_pictures(mixed(network(photos), photos, request.parameters.strength), 0, 255)

    return TorchStylizer(
        f"fast:{request.variant}",
        "fast-1",
        request,
        [path],
        load=lambda: load_network(path),
        run=run,
        fit=Fit(multiple=4, smallest=32, largest=1536),
        cost=1300,
    )


def variants(folder: Path) -> list[Variant]:
    """One style a file."""
    names = [path.stem for path in folder.glob("*.pth")] + [path.parent.name for path in folder.glob("*/model.pth")]
    found = [Variant(name, f"Fast style: {name}") for name in sorted(set(names))]
    published = ("candy", "mosaic", "rain_princess", "udnie")
    return found or [Variant(name, f"Fast style: {name}", (folder / f"{name}.pth",)) for name in published]


ENGINE = Engine(
    name="fast",
    title="Trained artwork (fast neural style)",
    licence="BSD-3-Clause (PyTorch examples); for styles trained here, that of the picture",
    commercial_use=True,
    moves_features=False,
    parameters=FastParameters,
    variants=variants,
    open=open_style,
)
