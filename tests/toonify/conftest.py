"""Golden vectors: weights made from their names, inputs and outputs of the published reference implementations."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
import torch
from torch import Tensor, nn

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
UNIT_VARIANCE = {
    "psp_gradual_encoder",
    "psp_backbone_wplus_encoder",
    "adain",
    "fast_neural_style",
    "animegan2",
}
TOLERANCE = 1e-3
"""Largest absolute error allowed, as a share of the output's standard deviation."""


@dataclass(frozen=True)
class Golden:
    """One architecture's checkpoint format with inputs and reference outputs."""

    name: str
    facts: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def tensor(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name])

    def value(self, name: str, shape: list[int]) -> Tensor:
        draw = np.random.Generator(np.random.PCG64(crc32(name.encode()))).standard_normal(
            tuple(shape), dtype=np.float32
        )
        if name.endswith("running_var"):
            draw = 0.5 + np.abs(draw)
        elif name.endswith(("running_mean", "bias")):
            draw = 0.1 * draw
        elif len(shape) == 1:
            draw = 1 + 0.1 * draw
        elif self.name in UNIT_VARIANCE:
            draw = draw * math.sqrt(1 / math.prod(shape[1:]))
        if name in self.facts.get("scaled_by_0_01", ()):
            draw = draw * 0.01
        return torch.from_numpy(np.asarray(draw, dtype=np.float32))

    def fill(self, module: nn.Module) -> nn.Module:
        """Check the module's names and shapes against the published ones, and give it the golden weights."""
        mine = {name: list(tensor.shape) for name, tensor in module.state_dict().items()}
        assert mine == self.facts["keys"]
        fixed = set(self.facts["fixed"])
        tensors = {
            name: tensor if name in fixed else self.value(name, self.facts["keys"][name])
            for name, tensor in module.state_dict().items()
        }
        module.load_state_dict(tensors)
        return module.eval().requires_grad_(False)

    def error(self, output: Tensor, name: str) -> float:
        """Largest absolute error as a share of the reference's standard deviation."""
        reference = self.arrays[name].astype(np.float64)
        assert tuple(output.shape) == reference.shape
        return float(np.abs(output.detach().double().numpy() - reference).max() / reference.std())


@pytest.fixture(scope="session")
def golden() -> Callable[[str], Golden]:
    """Open the golden vectors of an architecture by name."""

    def load(name: str) -> Golden:
        with np.load(GOLDEN / f"{name}.npz", allow_pickle=False) as arrays:
            return Golden(name, json.loads((GOLDEN / f"{name}.json").read_text()), dict(arrays))

    return load
