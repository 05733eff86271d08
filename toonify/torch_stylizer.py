"""What engines on PyTorch share: device, batches within memory, pictures in and out of tensors, cached networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from castoon.errors import NotReadyError
from castoon.files import short_hash
from castoon.words import Words
from toonify.batches import run_in_batches
from toonify.checkpoints import file_hash
from toonify.contract import RGB
from toonify.engine import Runtime, StyleRequest
from toonify.fitting import Fit, require_rgb
from toonify.model_cache import MODELS
from toonify.parameters import parameters_hash

N = TypeVar("N", bound=nn.Module)


def device_of(runtime: Runtime) -> torch.device:
    """Where to work: CUDA when asked for or found, else the CPU."""
    if runtime.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if runtime.device == "cuda" and not torch.cuda.is_available():
        raise NotReadyError(Words("device cuda"), "PyTorch finds no CUDA device.", "Choose `cpu` or `auto`.")
    return torch.device(runtime.device)


def cached_network(key: str, files: Sequence[Path], device: torch.device, load: Callable[[], N]) -> N:
    """A network made from files, from the cache when the files have not changed."""

    def ready() -> N:
        return load().to(device)

    whole_key = (key, str(device), *(file_hash(path) for path in files))
    return MODELS.get(whole_key, ready, lambda net: sum(t.nbytes for t in net.state_dict().values()))


def to_tensor(pictures: Sequence[RGB], device: torch.device, low: float = -1.0, high: float = 1.0) -> Tensor:
    """Pictures of one size -> [b, 3, h, w] in `low`..`high`, channels-last in memory, which CPUs convolve fastest."""
    stacked = torch.from_numpy(np.stack(pictures)).to(device)
    return stacked.permute(0, 3, 1, 2).float().mul_((high - low) / 255).add_(low)


def to_pictures(tensor: Tensor, low: float = -1.0, high: float = 1.0) -> list[RGB]:
    """[b, 3, h, w] in `low`..`high` -> pictures; what lies outside is clipped."""
    bytes_ = tensor.sub(low).mul_(255 / (high - low)).round_().clamp_(0, 255).nan_to_num_(0).to(torch.uint8)
    return list(bytes_.permute(0, 2, 3, 1).contiguous().cpu().numpy())


class TorchStylizer(Generic[N]):
    """A style that a network makes."""

    def __init__(
        self,
        name: str,
        version: str,
        request: StyleRequest,
        files: Sequence[Path],
        *,
        load: Callable[[], N],
        run: Callable[[N, Sequence[RGB], torch.device], list[RGB]],
        fit: Fit,
        cost: int,
    ) -> None:
        """Load the network and say what it is.

        `files` are all that the output depends on; `load` makes the network from them; `run` stylizes a batch of
        pictures of one size that `fit` allows; `cost` is about how many bytes a batch takes for each pixel, and
        decides how many pictures go together.
        """
        self.name = name
        self.parameters = request.parameters
        self.fingerprint = short_hash(
            version, request.variant, parameters_hash(request.parameters), *(file_hash(path) for path in files)
        )
        self._files = tuple(files)
        self._memory = request.runtime.memory_mb * 2**20
        self._device = device_of(request.runtime)
        self._version, self._load, self._run, self._fit, self._cost = version, load, run, fit, cost
        self.network()

    def network(self) -> N:
        """The network, loaded if it is not in memory."""
        return cached_network(self._version, self._files, self._device, self._load)

    def stylize(self, faces: Sequence[RGB]) -> list[RGB]:
        """Stylized pictures of the same sizes, in the same order."""
        fitted = [self._fit.forth(require_rgb(face, index)) for index, face in enumerate(faces)]
        results: dict[int, RGB] = {}
        network = self.network()

        @torch.inference_mode()
        def batch(chosen: Sequence[int]) -> list[RGB]:
            return self._run(network, [fitted[index] for index in chosen], self._device)

        for shape in dict.fromkeys(face.shape for face in fitted):
            same = [index for index, face in enumerate(fitted) if face.shape == shape]
            size = self._memory // (shape[0] * shape[1] * self._cost)
            for index, answer in zip(same, run_in_batches(same, batch, size, f"style {self.name}"), strict=True):
                results[index] = self._fit.back(answer, faces[index])
        return [results[index] for index in range(len(faces))]


def mixed(made: Tensor, photos: Tensor, strength: float) -> Tensor:
    """The stylized pictures with the photos mixed back in where `strength` is below 1."""
    return made if strength >= 1 else torch.lerp(photos, made, strength)
