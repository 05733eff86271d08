"""`stylegan2` and `toonify`: a photo's codes through a StyleGAN2 generator, plain or blended with a cartoon one.

Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020); Pinkney & Adler, "Resolution
Dependent GAN Interpolation" (2020); Richardson et al., "Encoding in Style" (2021) for the codes.

Files of a variant: `generator.pt` (for `toonify` as written by `toonify.blend.blend_checkpoints`) and `encoder.pt`, a
pSp checkpoint; an `encoder.pt` beside the variants' folders serves all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.contract import RGB, Stylizer
from toonify.engine import Engine, StyleRequest, Variant
from toonify.parameters import slider

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class InversionParameters:
    """What a person may change about a style that goes through a generator."""

    truncation: float = slider(1.0, 0, 1, title="Truncation", help="Below 1, faces are drawn towards the average.")
    refine_steps: int = slider(0, 0, 500, title="Refinement", help="Steps that bring the face closer; slow.", step=10)


def encoder_file(folder: Path, variant: str) -> Path:
    """The encoder of a variant: its own, or the one that the engine's variants share."""
    own = folder / variant / "encoder.pt"
    return own if own.is_file() or not (folder / "encoder.pt").is_file() else folder / "encoder.pt"


def open_style(request: StyleRequest, engine: str = "toonify") -> Stylizer:
    """Open `toonify:<variant>` or `stylegan2:<variant>`."""
    from toonify.blend import generator_tensors, read_generator
    from toonify.checkpoints import fill, read_checkpoint
    from toonify.fitting import Fit
    from toonify.inversion import InvertingGenerator, read_inverter, refine
    from toonify.networks.stylegan2 import Generator, truncated
    from toonify.torch_stylizer import TorchStylizer, to_pictures, to_tensor

    generator_path = request.folder / request.variant / "generator.pt"
    encoder_path = encoder_file(request.folder, request.variant)
    chosen: InversionParameters = request.parameters
    name = f"{engine}:{request.variant}"

    def load() -> InvertingGenerator[Generator]:
        generator = read_generator(generator_path, engine)
        inverter = read_inverter(encoder_path, generator.n_latent, engine)
        tensors = generator_tensors(read_checkpoint(encoder_path)) if chosen.refine_steps else {}
        if not tensors:
            return InvertingGenerator(generator, inverter)
        photographic = Generator(generator.shape)
        fill(photographic, tensors, encoder_path, engine)
        return InvertingGenerator(generator, inverter, photographic)

    def run(parts: InvertingGenerator[Generator], faces: Sequence[RGB], device: torch.device) -> list[RGB]:
        photos = to_tensor(faces, device)
        codes = parts.inverter(photos)
        if chosen.refine_steps:
            source = parts.photographic or parts.generator
            codes = refine(source, photos, codes, chosen.refine_steps, step_done=partial(request.runtime.step, name))
        return to_pictures(parts.generator(truncated(codes, chosen.truncation, parts.inverter.mean)))

    return TorchStylizer(
        name,
        f"{engine}-1{'-refining' if chosen.refine_steps else ''}",
        request,
        [generator_path, encoder_path],
        load=load,
        run=run,
        fit=Fit(square=256),
        cost=12_000,
    )


def variants(folder: Path, example: str) -> list[Variant]:
    """One style a folder."""
    found = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    names = [path.name for path in found] or [example]
    return [
        Variant(
            name,
            f"{name} (StyleGAN2)",
            tuple(p for p in (folder / name / "generator.pt", encoder_file(folder, name)) if not p.is_file()),
        )
        for name in names
    ]


STYLEGAN2 = Engine(
    name="stylegan2",
    title="Reconstruction (StyleGAN2)",
    licence="NVIDIA Source Code Licence, non-commercial",
    commercial_use=False,
    moves_features=True,
    parameters=InversionParameters,
    variants=lambda folder: variants(folder, "ffhq"),
    open=lambda request: open_style(request, "stylegan2"),
)
TOONIFY = Engine(
    name="toonify",
    title="Cartoon film (Toonify)",
    licence="NVIDIA Source Code Licence, non-commercial",
    commercial_use=False,
    moves_features=True,
    parameters=InversionParameters,
    variants=lambda folder: variants(folder, "cartoon"),
    open=lambda request: open_style(request, "toonify"),
)
