"""Reading published weights without running what a file might carry, and saying precisely why one does not fit."""

from __future__ import annotations

import argparse
import pickle
import zipfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from castoon.errors import NotReadyError
from castoon.files import sha256_file
from castoon.words import Words

Tensors = dict[str, Tensor]

TELLTALES: dict[str, tuple[str, str]] = {
    "res.0.conv.0.weight": ("dualstylegan", "generator.pt"),
    "latlayer1.weight": ("toonify or dualstylegan", "encoder.pt (gradual pSp encoder)"),
    "output_layer_2.3.weight": ("toonify", "encoder.pt (W+ backbone encoder)"),
    "to_rgb1.conv.weight": ("stylegan2 or toonify", "generator.pt"),
    "deconv3.conv2d.weight": ("fast", "model.pth"),
    "block_a.0.1.weight": ("animegan2", "generator.pt"),
    "conv01_1.weight": ("cartoongan", "generator.npz"),
    "features.0.weight": ("gatys", "vgg19.pth"),
    "51.weight": ("adain", "vgg_normalised.pth"),
    "28.weight": ("adain", "decoder.pth"),
}
"""A tensor that only one kind of checkpoint has -> the engine that the checkpoint fits, and its file name there."""

WRAPPERS = ("encoder.", "decoder.", "generator.", "module.")
SHOWN = 5


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What a `.pt`, `.pth`, `.ckpt`, `.safetensors` or `.npz` file holds; code in it is never run."""
    if not path.is_file():
        raise NotReadyError(str(path), "the file is not there.", "Run `castoon models pull research`, or put it there.")
    try:
        content = _read(path)
    except pickle.UnpicklingError as error:
        if "Unsupported global" in str(error) or "GLOBAL" in str(error) or "weights_only" in str(error).lower():
            raise NotReadyError(
                str(path), "it holds Python objects besides tensors and was not opened.", "Get a file of plain tensors."
            ) from error
        raise _damaged(path, error) from error
    except (
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        KeyError,
        AttributeError,
        zipfile.BadZipFile,
        MemoryError,
    ) as error:
        raise _damaged(path, error) from error
    except Exception as error:
        if type(error).__module__.startswith("safetensors") or type(error).__name__ == "SafetensorError":
            raise _damaged(path, error) from error
        raise
    if not isinstance(content, Mapping):
        raise NotReadyError(
            str(path), Words("it holds a {kind}, no tensors by name.", kind=type(content).__name__), "Get another file."
        )
    return dict(content)


def tensors_of(content: Mapping[str, Any], *nests: str, prefix: str = "") -> Tensors:
    """The tensors below the first of `nests` that is there (or at the top), those under `prefix`, without it."""
    inner: Mapping[str, Any] = content
    for nest in nests:
        if isinstance(content.get(nest), Mapping):
            inner = content[nest]
            break
    return {k.removeprefix(prefix): v for k, v in inner.items() if isinstance(v, Tensor) and k.startswith(prefix)}


def fill(module: nn.Module, tensors: Mapping[str, Tensor], path: Path, engine: str) -> None:
    """Put tensors into a network that has to have exactly these, and make it ready for inference."""
    own = module.state_dict()
    missing = [name for name in own if name not in tensors]
    unexpected = [name for name in tensors if name not in own]
    shaped = [
        f"{name} {list(tensors[name].shape)} instead of {list(own[name].shape)}"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    if missing or unexpected or shaped:
        parts = (("missing", missing), ("unexpected", unexpected), ("of another shape", shaped))
        wrong = "; ".join(f"{len(names)} tensors {word}: {_some(names)}" for word, names in parts if names)
        raise NotReadyError(
            str(path),
            Words("it does not fit the engine {engine}. {wrong}.", engine=engine, wrong=wrong),
            fitting_engine(tensors),
        )
    module.load_state_dict({name: tensor.to(own[name].dtype) for name, tensor in tensors.items()})
    module.eval().requires_grad_(False)


def fitting_engine(tensors: Iterable[str]) -> str:
    """Which engine a checkpoint with these names would fit, in words."""
    names = set(tensors)
    for wrapper in WRAPPERS:
        names |= {name.removeprefix(wrapper) for name in names}
    for telltale, (engine, file) in TELLTALES.items():
        if telltale in names:
            return Words("It looks like one for the engine {engine}, as {file}.", engine=engine, file=file)
    return Words("It fits no engine known here; check where it came from.")


def file_hash(path: Path) -> str:
    """SHA-256 of a file, read once for as long as its size and time stay the same."""
    try:
        facts = path.stat()
    except OSError as error:
        raise NotReadyError(str(path), "the file is not there.", "Run `castoon models pull research`.") from error
    return _hash(path, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=256)
def _hash(path: Path, size: int, changed: int) -> str:
    return sha256_file(path)


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}
    with torch.serialization.safe_globals([argparse.Namespace]):
        return torch.load(path, map_location="cpu", weights_only=True)


def _damaged(path: Path, error: Exception) -> NotReadyError:
    words = str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
    return NotReadyError(
        str(path),
        Words("the file is damaged or cut off ({words}).", words=words),
        "Get it again and compare its SHA-256.",
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
