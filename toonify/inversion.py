"""From a photo to the codes of a generator: the pSp encoder's answer, and polishing it step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from castoon.errors import NotReadyError
from toonify.checkpoints import fill, fitting_engine, read_checkpoint, tensors_of
from toonify.networks.psp import BackboneEncoder, GradualStyleEncoder
from toonify.networks.stylegan2 import Generator

G = TypeVar("G", bound=nn.Module)

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all; raises to stop."""

ENCODER_SIZE = 256


class Inverter(nn.Module):
    """A pSp encoder with the average code that its answers are relative to."""

    mean: Tensor

    def __init__(self, encoder: GradualStyleEncoder | BackboneEncoder, mean: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.register_buffer("mean", mean)

    def forward(self, faces: Tensor) -> Tensor:
        """Aligned faces [b, 3, h, w] in -1..1 -> codes [b, styles, 512]."""
        if faces.shape[-1] != ENCODER_SIZE:
            faces = F.adaptive_avg_pool2d(faces, ENCODER_SIZE)
        codes: Tensor = self.encoder(faces)
        return codes + self.mean


def read_inverter(path: Path, styles: int, engine: str) -> Inverter:
    """The encoder of a pSp or DualStyleGAN `encoder.pt`, for a generator that takes `styles` codes."""
    content = read_checkpoint(path)
    tensors = tensors_of(content, "state_dict", prefix="encoder.") or tensors_of(content, "state_dict")
    kind = BackboneEncoder if "output_layer_2.3.weight" in tensors else GradualStyleEncoder
    held = _styles_held(tensors)
    if held and held != styles:
        raise NotReadyError(
            str(path), f"it gives {held} codes, but the generator takes {styles}.", "Use the encoder of this generator."
        )
    if not held:
        raise NotReadyError(str(path), "it holds no pSp encoder.", fitting_engine(tensors_of(content, "state_dict")))
    encoder = kind(styles)
    fill(encoder, tensors, path, engine)
    mean = content.get("latent_avg")
    centre = torch.zeros(1, styles, 512)
    if _option(content.get("opts"), "start_from_latent_avg", isinstance(mean, Tensor)):
        if not isinstance(mean, Tensor):
            raise NotReadyError(str(path), "its codes are relative to `latent_avg`, which is missing.", "Get it again.")
        centre = mean.float().reshape(-1, 512).expand(styles, -1)[None].clone()
    return Inverter(encoder, centre)


class InvertingGenerator(nn.Module, Generic[G]):
    """A generator together with the encoder that gives its codes."""

    generator: G
    inverter: Inverter
    photographic: Generator | None
    """The generator that the encoder was trained with, for refinement."""

    def __init__(self, generator: G, inverter: Inverter, photographic: Generator | None = None) -> None:
        super().__init__()
        self.generator = generator
        self.inverter = inverter
        self.photographic = photographic


def refine(
    generator: Generator,
    faces: Tensor,
    codes: Tensor,
    steps: int,
    *,
    rate: float = 0.05,
    keep: float = 0.05,
    step_done: Progress | None = None,
) -> Tensor:
    """W+ codes [b, n, 512] moved so that the generator's picture resembles the faces more; never a worse result.

    Adam on the squared difference over a pyramid of sizes (whole face down to 32 px), with a pull of strength `keep`
    towards where it began, because codes far from it stop looking like a face in another style. What comes back is the
    best codes seen for each face.
    """
    side = min(ENCODER_SIZE, faces.shape[-1], generator.shape.size)
    with torch.inference_mode(False), torch.enable_grad():
        begun, target = codes.detach().clone(), _pyramid(faces.detach().clone(), side)
        moving = begun.clone().requires_grad_(True)
        optimiser = torch.optim.Adam([moving], lr=rate)
        best, least = begun.clone(), torch.full((begun.shape[0],), torch.inf, device=begun.device)
        for step in range(steps + 1):
            pairs = zip(_pyramid(generator(moving), side), target, strict=True)
            losses = torch.stack([(made - wanted).square().mean((1, 2, 3)) for made, wanted in pairs]).sum(0)
            better = losses.detach() < least
            best[better], least[better] = moving.detach()[better], losses.detach()[better]
            if step == steps:
                break
            optimiser.zero_grad()
            torch.autograd.backward((losses + keep * (moving - begun).square().mean((1, 2))).sum())
            optimiser.step()
            if step_done is not None:
                step_done(step + 1, steps)
    return best


def _pyramid(pictures: Tensor, side: int) -> list[Tensor]:
    top = F.adaptive_avg_pool2d(pictures, side)
    levels = [top]
    while levels[-1].shape[-1] > 32:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


def _styles_held(tensors: Mapping[str, Tensor]) -> int:
    if "linear.weight" in tensors and "output_layer_2.3.weight" in tensors:
        return tensors["linear.weight"].shape[0] // 512
    return sum(1 for name in tensors if name.startswith("styles.") and name.endswith(".linear.weight"))


def _option(options: Any, name: str, otherwise: bool) -> bool:
    value = options.get(name, otherwise) if isinstance(options, Mapping) else getattr(options, name, otherwise)
    return bool(value)
