"""An optimizer for short runs: orthogonalized momentum for the large matrices (Muon, Jordan 2024), AdamW for the rest.

Each matrix steps by its momentum with all singular values brought near one, so that rarely used directions learn as
fast as dominant ones. Written from the published description.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

FACTORS = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic iteration."""


def orthogonal(matrix: Tensor, rounds: int = 4) -> Tensor:
    """A matrix [r, c] with the same singular vectors and singular values near one (Newton-Schulz)."""
    a, b, c = FACTORS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(rounds):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    result: Tensor = x.T if tall else x
    return result


class Muon(torch.optim.AdamW):
    """AdamW whose groups marked `orthogonal` step by orthogonalized Nesterov momentum, at `times` the given lr."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """One step of all groups."""
        marked = [group for group in self.param_groups if group.get("orthogonal")]
        for group in marked:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"], state["step"] = torch.zeros_like(weight), torch.tensor(0.0)
                state["momentum"].mul_(0.95).add_(weight.grad)
                ahead = weight.grad + 0.95 * state["momentum"]
                flat = ahead.reshape(len(ahead), -1)
                update = orthogonal(flat) * max(1.0, flat.shape[0] / flat.shape[1]) ** 0.5
                lr = group["lr"] * group["times"]
                weight.mul_(1 - lr * group["weight_decay"]).add_(update.reshape(weight.shape), alpha=-lr)
                weight.grad = None
        return super().step(closure)


def plain_optimizer(net: nn.Module, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW that leaves norms, slopes and biases undecayed."""
    decay = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": decay, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3)


def muon_optimizer(net: nn.Module, weight_decay: float, times: float = 8.0) -> torch.optim.Optimizer:
    """Muon for convolutions and linear layers with enough rows, AdamW for the rest, without decay for vectors."""
    matrices, others, vectors = [], [], []
    for parameter in net.parameters():
        if parameter.ndim <= 1:
            vectors.append(parameter)
        elif min(parameter.shape[0], parameter[0].numel()) >= 32 and parameter.shape[1] > 1:
            matrices.append(parameter)
        else:
            others.append(parameter)
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": weight_decay, "orthogonal": True, "times": times},
        {"params": others, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return Muon(groups, lr=1e-3)
