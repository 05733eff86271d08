"""Give a face the tone and texture of another picture while the network learns (MixStyle: Zhou et al., 2021).

Mean and spread of the early maps hold how a picture was made (photo, ink, flat colour) more than whom it shows. Trading
them within a batch shows thousands of photographed people as if drawn; the few drawn actors give their manner and need
not be learnt by heart for it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

EARLY = 2
"""Maps that trade: those of 56 and of 28 pixels."""
SHARPNESS = 0.3
"""Of the beta distribution from which each face's part of the other manner is drawn: mostly nearly all or nothing."""


def mixed_style(x: Tensor, share: float) -> Tensor:
    """Maps [n, c, h, w]; about `share` of them carry a mixture of their own mean and spread and another's."""
    n = len(x)
    with torch.no_grad():
        spread, mean = torch.std_mean(x, dim=(2, 3), keepdim=True)
        spread = spread + 1e-4
        other = torch.randperm(n, device=x.device)
        part = torch.distributions.Beta(SHARPNESS, SHARPNESS).sample((n, 1, 1, 1)).to(x.device)
        part = part * (torch.rand(n, 1, 1, 1, device=x.device) < share)
        factor = 1 + part * (spread[other] / spread - 1)
        offset = mean + part * (mean[other] - mean) - mean * factor
    return x * factor + offset


class StyleMix:
    """Makes a network in training trade manners; its weights and what it answers in use stay as they are."""

    def __init__(self, trunk: nn.Sequential, share: float = 0.0) -> None:
        self.share = share
        for activation in [module for module in trunk if isinstance(module, nn.PReLU)][:EARLY]:
            activation.register_forward_hook(self._trade)

    def _trade(self, module: nn.Module, _: tuple[Tensor, ...], x: Tensor) -> Tensor:
        return mixed_style(x, self.share) if module.training and self.share else x
