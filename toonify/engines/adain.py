"""`adain`: any artwork as a style, at once and mixed with others.

Huang & Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization" (2017), arXiv:1703.06868.
Files: `vgg_normalised.pth` and `decoder.pth` as published, and artworks in `styles/`. `adain:wave` is the style of
`styles/wave.png`; `adain:wave+ink` mixes two in equal parts, `adain:wave*3+ink` three to one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from castoon.errors import InputError
from castoon.words import Words
from toonify.contract import RGB, Stylizer
from toonify.engine import Engine, StyleRequest, Variant
from toonify.engines.pictures import find_style_picture, read_style, style_pictures
from toonify.parameters import slider, switch

if TYPE_CHECKING:
    import torch

    from toonify.networks.adain import AdaIN

VGG, DECODER = "vgg_normalised.pth", "decoder.pth"


@dataclass(frozen=True)
class AdaINParameters:
    """What a person may change about AdaIN."""

    alpha: float = slider(0.8, 0, 1, title="Strength", help="0 keeps the photo, 1 is the artwork's statistics.")
    keep_colour: bool = switch(False, title="Keep colours", help="Paint with the photo's colours.")
    style_size: int = slider(
        512, 128, 1024, title="Scale of strokes", help="Size at which the artwork is read.", step=32
    )


def mixture(variant: str) -> list[tuple[str, float]]:
    """Names and shares (which sum to one) of `wave*3+ink`."""
    parts: list[tuple[str, float]] = []
    for part in variant.split("+"):
        match = re.fullmatch(r"(.+?)(?:\*(\d+(?:\.\d+)?))?", part.strip())
        share = float(match[2] or 1) if match else 0.0
        if match is None or share <= 0:
            raise InputError(
                Words("style adain:{variant}", variant=variant),
                "that is no mixture.",
                "Write `adain:one` or `adain:one*3+two`.",
            )
        parts.append((match[1], share))
    total = sum(share for _, share in parts)
    return [(name, share / total) for name, share in parts]


def load_network(folder: Path) -> AdaIN:
    """The network with its two published files."""
    from toonify.checkpoints import fill, read_checkpoint, tensors_of
    from toonify.networks.adain import AdaIN

    network = AdaIN()
    fill(network.vgg, tensors_of(read_checkpoint(folder / VGG)), folder / VGG, "adain")
    fill(network.decoder, tensors_of(read_checkpoint(folder / DECODER)), folder / DECODER, "adain")
    return network


def open_style(request: StyleRequest) -> Stylizer:
    """Open `adain:<mixture>`."""
    from toonify.colour import with_colours_of
    from toonify.fitting import Fit
    from toonify.torch_stylizer import TorchStylizer, to_pictures, to_tensor

    chosen: AdaINParameters = request.parameters
    parts = mixture(request.variant)
    name = f"adain:{request.variant}"
    artworks = [find_style_picture(request.folder, part, name) for part, _ in parts]
    files = [request.folder / VGG, request.folder / DECODER]
    features: list[torch.Tensor] = []

    def run(network: AdaIN, faces: Sequence[RGB], device: torch.device) -> list[RGB]:
        if not features:
            pictures = [read_style(path, chosen.style_size) for path in artworks]
            features[:] = [network.encode(to_tensor([picture], device, 0, 1)) for picture in pictures]
        content = to_tensor(faces, device, 0, 1)
        made = to_pictures(network(content, features, [share for _, share in parts], chosen.alpha), 0, 1)
        if chosen.keep_colour:
            made = [with_colours_of(face, one) for face, one in zip(faces, made, strict=True)]
        return made

    return TorchStylizer(
        name,
        "adain-1",
        request,
        [*files, *artworks],
        load=lambda: load_network(request.folder),
        run=run,
        fit=Fit(multiple=8, smallest=32, largest=1024),
        cost=2600,
    )


def variants(folder: Path) -> list[Variant]:
    """One style an artwork; without artworks, what it would take."""
    missing = tuple(path for path in (folder / VGG, folder / DECODER) if not path.is_file())
    found = [Variant(name, f"AdaIN: {name}", missing) for name in style_pictures(folder)]
    return found or [Variant("picture", "AdaIN: any artwork", (*missing, folder / "styles" / "picture.png"))]


ENGINE = Engine(
    name="adain",
    title="Any artwork (AdaIN)",
    licence="MIT code; weights trained on MS-COCO and WikiArt, ask before commercial use",
    commercial_use=False,
    moves_features=False,
    parameters=AdaINParameters,
    variants=variants,
    open=open_style,
)
