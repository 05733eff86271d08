"""`cartoongan`: comic colours and lines.

Chen, Lai & Liu, "CartoonGAN: Generative Adversarial Networks for Photo Cartoonization" (2018). Files: `<variant>.npz`
with the 94 arrays of the published generator (`hayao`, `hosoda`, `paprika`, `shinkai`), or its `<variant>.pth`.
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

    from toonify.networks.cartoongan import Generator

PUBLISHED = ("hayao", "hosoda", "paprika", "shinkai")
SUFFIXES = (".npz", ".pth", ".pt", ".safetensors")


@dataclass(frozen=True)
class CartoonGANParameters:
    """What a person may change about CartoonGAN."""

    strength: float = slider(1.0, 0, 1, title="Strength", help="Mixes the photo back in.")
    keep_colour: bool = switch(False, title="Keep colours", help="The photo's colours; the style's own run to red.")


def weights(folder: Path) -> dict[str, Path]:
    """Style -> file; a name may go on after the style, as in `cartoongan_paprika_fp16.npz`."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix in SUFFIXES:
            known = next((style for style in PUBLISHED if style in path.stem.lower()), path.stem)
            found.setdefault(known, path)
    return found


def load_network(path: Path) -> Generator:
    """The generator of one style."""
    from toonify.checkpoints import fill, read_checkpoint, tensors_of
    from toonify.networks.cartoongan import Generator

    network = Generator()
    fill(network, tensors_of(read_checkpoint(path), "state_dict"), path, "cartoongan")
    return network


def open_style(request: StyleRequest) -> Stylizer:
    """Open `cartoongan:<variant>`."""
    from toonify.colour import with_colours_of
    from toonify.fitting import Fit
    from toonify.torch_stylizer import TorchStylizer, mixed, to_pictures, to_tensor

    chosen: CartoonGANParameters = request.parameters
    path = weights(request.folder).get(request.variant, request.folder / f"{request.variant}.npz")

    def run(network: Generator, faces: Sequence[RGB], device: torch.device) -> list[RGB]:
        photos = to_tensor(faces, device)
        made = to_pictures(mixed(network(photos.flip(1)).flip(1), photos, chosen.strength))
        return [with_colours_of(f, m) for f, m in zip(faces, made, strict=True)] if chosen.keep_colour else made

    return TorchStylizer(
        f"cartoongan:{request.variant}",
        "cartoongan-1",
        request,
        [path],
        load=lambda: load_network(path),
        run=run,
        fit=Fit(multiple=4, smallest=32, largest=1024),
        cost=2200,
    )


def variants(folder: Path) -> list[Variant]:
    """One style a file."""
    found = [Variant(name, f"CartoonGAN: {name}") for name in weights(folder)]
    return found or [Variant(name, f"CartoonGAN: {name}", (folder / f"{name}.npz",)) for name in PUBLISHED]


ENGINE = Engine(
    name="cartoongan",
    title="Comic (CartoonGAN)",
    licence="weights by the CartoonGAN authors, for research",
    commercial_use=False,
    moves_features=False,
    parameters=CartoonGANParameters,
    variants=variants,
    open=open_style,
)
