"""Toonify: a new generator from two of one lineage, coarse layers from one and fine layers from the other.

Pinkney & Adler, "Resolution Dependent GAN Interpolation for Controllable Image Synthesis Between Domains" (2020).
Structure comes from the low-resolution layers, texture from the high-resolution ones. Positions are counted from the
4 x 4 block, two a resolution: the layer that enlarges (level 0), then the one that follows and the colours (level 1).
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from castoon.errors import InputError, NotReadyError
from castoon.files import atomic_writer, short_hash
from toonify.checkpoints import Tensors, file_hash, fill, read_checkpoint, tensors_of
from toonify.networks.stylegan2 import Generator, shape_of


def generator_tensors(content: dict[str, Any]) -> Tensors:
    """The generator of a checkpoint: `g_ema` of a training run, or the `decoder.` of a pSp checkpoint."""
    if "g_ema" not in content and isinstance(content.get("state_dict"), dict):
        return tensors_of(content, "state_dict", prefix="decoder.")
    return tensors_of(content, "g_ema")


def read_generator(path: Path, engine: str = "stylegan2") -> Generator:
    """A generator of whatever size its file holds."""
    tensors = generator_tensors(read_checkpoint(path))
    network = Generator(shape_of(tensors))
    fill(network, tensors, path, engine)
    return network


def position(name: str) -> int | None:
    """Where a tensor stands, counted from the 4 x 4 block; None for the mapping network and the noise."""
    if name.startswith("input."):
        return 0
    if name.startswith(("conv1.", "to_rgb1.")):
        return 1
    match = re.match(r"(convs|to_rgbs)\.(\d+)\.", name)
    if match is None:
        return None
    index = int(match[2])
    return index + 2 if match[1] == "convs" else 2 * index + 3


def high_share(distance: float, width: float | None) -> float:
    """Share of the high-resolution network `distance` positions after the chosen layer."""
    if width is None:
        return 1.0 if distance > 1 else 0.0
    return 1 / (1 + math.exp(-distance / width))


def blend(low: Tensors, high: Tensors, resolution: int, level: int = 0, width: float | None = None) -> Tensors:
    """Tensors of the blended generator.

    `low` gives the layers up to `resolution` (4 to 1024) and `level` (0 or 1), the mapping network and the noise;
    `high` the finer ones. `width` None cuts sharply; otherwise the networks pass into each other over about that many
    positions.
    """
    size = shape_of(low).size
    if resolution not in {2**power for power in range(2, size.bit_length())} or level not in {0, 1}:
        raise InputError(
            "blend", f"{resolution} px level {level} is no layer.", f"Choose 4, 8, ... {size} and level 0 or 1."
        )
    if width is not None and not width > 0:
        raise InputError("blend", f"the width is {width}.", "Give a width above 0, or none for a sharp cut.")
    differing = sorted(
        n for n in low.keys() | high.keys() if n not in low or n not in high or low[n].shape != high[n].shape
    )
    if differing:
        raise InputError(
            "blend", f"the networks differ in {', '.join(differing[:5])}.", "Blend two checkpoints of one lineage."
        )
    middle = 2 * (resolution.bit_length() - 3) + level
    blended: dict[str, Tensor] = {}
    for name, tensor in low.items():
        place = position(name)
        share = 0.0 if place is None else high_share(place - middle, width)
        blended[name] = torch.lerp(tensor, high[name], share) if tensor.is_floating_point() else tensor
    return blended


def blend_checkpoints(
    low: Path, high: Path, target: Path, resolution: int = 32, level: int = 0, width: float | None = None
) -> Path:
    """Blend two checkpoints into a new one at `target`, which `read_generator` and the engine `toonify` load."""
    contents = [read_checkpoint(path) for path in (low, high)]
    tensors = blend(generator_tensors(contents[0]), generator_tensors(contents[1]), resolution, level, width)
    if not tensors:
        raise NotReadyError(str(low), "it holds no generator.", "Give a StyleGAN2 checkpoint with `g_ema`.")
    recipe = {
        "low": file_hash(low),
        "high": file_hash(high),
        "resolution": resolution,
        "level": level,
        "width": width or 0.0,
    }
    kept = {"latent_avg": contents[0]["latent_avg"]} if isinstance(contents[0].get("latent_avg"), Tensor) else {}
    with atomic_writer(target) as handle:
        torch.save({"g_ema": tensors, "blend": recipe, "id": short_hash(*map(str, recipe.values())), **kept}, handle)
    return target
