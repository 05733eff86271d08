"""`animegan2`: the look of anime films.

Chen, Liu & Chen, "AnimeGAN: A Novel Lightweight GAN for Photo Animation" (2020), second version, in its published
PyTorch layout. Files: `<variant>.pt`, such as `face_paint_512_v2.pt`, `paprika.pt`, `celeba_distill.pt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.contract import RGB, Stylizer
from toonify.engine import Engine, StyleRequest, Variant
from toonify.parameters import slider, switch

if TYPE_CHECKING:
    import torch

    from toonify.networks.animegan2 import Generator

PUBLISHED = ("face_paint_512_v2", "face_paint_512_v1", "celeba_distill", "paprika")


@dataclass(frozen=True)
class AnimeGAN2Parameters:
    """What a person may change about AnimeGANv2."""

    strength: float = slider(1.0, 0, 1, title="Strength", help="Mixes the photo back in.")
    align_corners: bool = switch(False, title="Align corners", help="The upsampling of the first published weights.")


def load_network(path: Path) -> Generator:
    """The generator of one style."""
    from toonify.checkpoints import fill, read_checkpoint, tensors_of
    from toonify.networks.animegan2 import Generator

    network = Generator()
    fill(network, tensors_of(read_checkpoint(path), "state_dict", "g_ema"), path, "animegan2")
    return network


def open_style(request: StyleRequest) -> Stylizer:
    """Open `animegan2:<variant>`."""
    from toonify.fitting import Fit
    from toonify.torch_stylizer import TorchStylizer, mixed, to_pictures, to_tensor

    path = request.folder / f"{request.variant}.pt"
    chosen: AnimeGAN2Parameters = request.parameters

    def run(network: Generator, faces: Sequence[RGB], device: torch.device) -> list[RGB]:
        photos = to_tensor(faces, device)
        return to_pictures(mixed(network(photos, chosen.align_corners), photos, chosen.strength))

    return TorchStylizer(
        f"animegan2:{request.variant}",
        "animegan2-1",
        request,
        [path],
        load=lambda: load_network(path),
        run=run,
        fit=Fit(multiple=32, smallest=64, largest=1024),
        cost=1500,
    )


def variants(folder: Path) -> list[Variant]:
    """One style a file."""
    found = [Variant(path.stem, f"AnimeGANv2: {path.stem}") for path in sorted(folder.glob("*.pt"))]
    return found or [Variant(name, f"AnimeGANv2: {name}", (folder / f"{name}.pt",)) for name in PUBLISHED]


ENGINE = Engine(
    name="animegan2",
    title="Anime film (AnimeGANv2)",
    licence="MIT code; published weights for non-commercial use",
    commercial_use=False,
    moves_features=False,
    parameters=AnimeGAN2Parameters,
    variants=variants,
    open=open_style,
)
