"""`dualstylegan`: the style of one artwork out of hundreds, structure and colour apart.

Yang et al., "Pastiche Master: Exemplar-Based High-Resolution Portrait Style Transfer" (2022), arXiv:2203.13248.
Official files of a collection such as `cartoon`: `generator.pt` (under `g_ema`), `encoder.pt` (its own, or one beside
the collections), and `refined_exstyle_code.npy` or `exstyle_code.npy`. `dualstylegan:cartoon/53` is its style 53.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from castoon.errors import InputError, NotReadyError
from castoon.words import Words
from toonify.array_pickle import Arrays, read_array_dictionary
from toonify.contract import RGB, Stylizer
from toonify.engine import Engine, StyleRequest, Variant
from toonify.engines.stylegan2 import encoder_file
from toonify.parameters import choice, slider, switch

if TYPE_CHECKING:
    import torch

    from toonify.networks.dualstylegan import DualStyleGAN

CODE_FILES = ("refined_exstyle_code.npy", "exstyle_code.npy")
COLOUR_FROM = 7
"""First layer that carries colour rather than structure."""


@dataclass(frozen=True)
class DualStyleGANParameters:
    """What a person may change about DualStyleGAN."""

    structure: float = slider(
        0.75, 0, 1, title="Structure", help="How far shapes follow the artwork; less keeps identity."
    )
    colour: float = slider(1.0, 0, 1, title="Colour", help="How far colours follow the artwork.")
    truncation: float = slider(0.75, 0, 1, title="Truncation", help="Below 1, faces are drawn towards the average.")
    keep_colour: bool = switch(False, title="Keep colours", help="Copy the photo's colour codes.")
    path: str = choice("z+", ("z+", "w+"), title="Space of the codes", help="w+ for encoders that answer in W+.")


def code_file(folder: Path, collection: str) -> Path:
    """The style codes of a collection, refined ones first."""
    files = [folder / collection / name for name in CODE_FILES]
    return next((path for path in files if path.is_file()), files[0])


def style_codes(path: Path) -> Arrays:
    """Name of the artwork -> its z+ code [1, n_latent, 512]."""
    facts = path.stat() if path.is_file() else None
    return _codes(path, facts.st_size if facts else 0, facts.st_mtime_ns if facts else 0)


@lru_cache(maxsize=8)
def _codes(path: Path, size: int, changed: int) -> Arrays:
    return read_array_dictionary(path)


def chosen_code(folder: Path, variant: str) -> tuple[str, np.ndarray]:
    """Name and code of `cartoon/53`, or of `cartoon/<file name>`."""
    collection, _, which = variant.partition("/")
    codes = style_codes(code_file(folder, collection))
    names = list(codes)
    if which in codes:
        return which, codes[which]
    if which.isdigit() and int(which) < len(names):
        return names[int(which)], codes[names[int(which)]]
    raise InputError(
        Words("style dualstylegan:{variant}", variant=variant),
        Words("there is no style `{which}`.", which=which),
        Words("Choose {collection}/0 to {last}.", collection=collection, last=len(names) - 1),
    )


def layer_weights(structure: float, colour: float, layers: int) -> list[float]:
    """One weight a layer: seven for structure, the others for colour."""
    return [structure if index < COLOUR_FROM else colour for index in range(layers)]


def load_network(path: Path) -> DualStyleGAN:
    """The generator of a collection, of whatever size its file holds."""
    from toonify.checkpoints import fill, read_checkpoint, tensors_of
    from toonify.networks.dualstylegan import DualStyleGAN
    from toonify.networks.stylegan2 import shape_of

    tensors = tensors_of(read_checkpoint(path), "g_ema")
    inner = {
        name.removeprefix("generator."): tensor for name, tensor in tensors.items() if name.startswith("generator.")
    }
    structural = sum(1 for name in tensors if name.startswith("res.") and name.endswith(".conv.0.weight"))
    network = DualStyleGAN(shape_of(inner), max(structural - 1, 0))
    fill(network, tensors, path, "dualstylegan")
    return network


def transfer(
    network: DualStyleGAN, content: torch.Tensor, code: torch.Tensor, chosen: DualStyleGANParameters
) -> torch.Tensor:
    """Pictures in -1..1 of content codes [b, n, 512] in the style of a z+ code [1, n, 512]."""
    from toonify.networks.stylegan2 import truncated

    exemplar = code.expand(content.shape[0], -1, -1)
    if chosen.path == "z+":
        if chosen.keep_colour:
            exemplar = _with_tail(exemplar, content)
        exemplar, w = network.generator.map(exemplar), network.generator.map(content)
    else:
        exemplar, w = network.generator.map(exemplar), content
        if chosen.keep_colour:
            exemplar = _with_tail(exemplar, content)
    weights = layer_weights(chosen.structure, chosen.colour, content.shape[1])
    pictures: torch.Tensor = network(truncated(w, chosen.truncation), exemplar, weights)
    return pictures


def _with_tail(exemplar: torch.Tensor, content: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.cat([exemplar[:, :COLOUR_FROM], content[:, COLOUR_FROM:]], dim=1)


def open_style(request: StyleRequest) -> Stylizer:
    """Open `dualstylegan:<collection>/<style>`."""
    import torch

    from toonify.fitting import Fit
    from toonify.inversion import InvertingGenerator, read_inverter
    from toonify.torch_stylizer import TorchStylizer, to_pictures, to_tensor

    collection = request.variant.partition("/")[0]
    name, code = chosen_code(request.folder, request.variant)
    generator_path = request.folder / collection / "generator.pt"
    encoder_path = encoder_file(request.folder, collection)

    def load() -> InvertingGenerator[DualStyleGAN]:
        network = load_network(generator_path)
        layers = network.generator.n_latent
        if code.shape != (1, layers, 512):
            raise InputError(
                Words("style {name}", name=name),
                Words("its code has the shape {shape}.", shape=code.shape),
                Words("Expected (1, {layers}, 512).", layers=layers),
            )
        return InvertingGenerator(network, read_inverter(encoder_path, layers, "dualstylegan"))

    def run(parts: InvertingGenerator[DualStyleGAN], faces: Sequence[RGB], device: torch.device) -> list[RGB]:
        content = parts.inverter(to_tensor(faces, device))
        return to_pictures(transfer(parts.generator, content, torch.from_numpy(code).to(device), request.parameters))

    return TorchStylizer(
        f"dualstylegan:{request.variant}",
        "dualstylegan-1",
        request,
        [generator_path, encoder_path, code_file(request.folder, collection)],
        load=load,
        run=run,
        fit=Fit(square=256),
        cost=12_000,
    )


def variants(folder: Path) -> list[Variant]:
    """One style for each artwork of each collection."""
    collections = sorted(path.name for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    found: list[Variant] = []
    for collection in collections or ["cartoon"]:
        needed = (folder / collection / "generator.pt", encoder_file(folder, collection), code_file(folder, collection))
        missing = tuple(path for path in needed if not path.is_file())
        names: list[str] = []
        problem: NotReadyError | None = None
        if needed[2] not in missing:
            try:
                names = list(style_codes(needed[2]))
            except NotReadyError as error:
                problem = error
        found += [Variant(f"{collection}/{i}", f"{collection} {i} ({name})", missing) for i, name in enumerate(names)]
        if not names:
            found.append(Variant(f"{collection}/0", f"DualStyleGAN {collection}", missing, problem=problem))
    return found


def style_sheet(folder: Path, collection: str, first: int = 0, count: int = 24, columns: int = 6) -> RGB:
    """Thumbnails of styles `first`.. of a collection, in rows: what the generator makes of each artwork's own code."""
    import torch

    from toonify.report_sheet import grid
    from toonify.torch_stylizer import cached_network, to_pictures

    path = folder / collection / "generator.pt"
    network = cached_network("dualstylegan-sheet", [path], torch.device("cpu"), lambda: load_network(path))
    codes = list(style_codes(code_file(folder, collection)).values())[first : first + count]
    with torch.inference_mode():
        pictures = [to_pictures(network(network.generator.map(torch.from_numpy(code)), None))[0] for code in codes]
    labels = [str(first + index) for index in range(len(pictures))]
    return grid([pictures[i : i + columns] for i in range(0, len(pictures), columns)], 160, labels=labels)


ENGINE = Engine(
    name="dualstylegan",
    title="One artwork's style (DualStyleGAN)",
    licence="S-Lab Licence 1.0, non-commercial",
    commercial_use=False,
    moves_features=True,
    parameters=DualStyleGANParameters,
    variants=variants,
    open=open_style,
)
