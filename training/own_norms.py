"""Photos and drawn things each by norms of their own (domain-specific and adaptive batch norm: Li et al., 2016; Chang
et al., 2019).

In training the two halves of a batch pass the network apart, so that neither half's colours and ink decide how the
other is normalized, and the running mean and spread are those of photos alone. To read drawings afterwards the running
figures are replaced, wholly or in part, by those of drawings: `embeddings.manner` does the same to the exported file.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from embeddings.manner_fit import SHARE
from training.faces import Crops, window


def _norms(net: nn.Module) -> list[nn.BatchNorm2d]:
    return [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]


@contextmanager
def unremembered(net: nn.Module) -> Iterator[None]:
    """Batches that pass the network meanwhile leave its running figures alone."""
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


def apart(net: nn.Module, x: Tensor, drawn: Tensor) -> Tensor:
    """What a network in training answers to faces [n, 3, h, w], those marked `drawn` [n] normalized by themselves."""
    photos = net(x[~drawn])
    with unremembered(net):
        others = net(x[drawn])
    vectors: Tensor = photos.new_empty(len(x), photos.shape[1])
    vectors[~drawn], vectors[drawn] = photos, others
    return vectors


@torch.no_grad()
def as_drawn(
    net: nn.Module, drawings: Crops, device: torch.device, share: float = SHARE, batch: int = 128
) -> nn.Module:
    """A copy of the network that reads drawings: its maps are normalized by figures `share` of the way to theirs."""
    seen = copy.deepcopy(net)
    for norm in _norms(seen):
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    seen.train()
    order = np.random.default_rng(5).permutation(len(drawings))
    for part in np.array_split(order, max(1, len(order) // batch)):
        faces = torch.from_numpy(np.ascontiguousarray(window(drawings[part]))).to(device)
        x = faces.permute(0, 3, 1, 2).float() / 127.5 - 1
        seen(x.contiguous(memory_format=torch.channels_last))
    reader = copy.deepcopy(net).eval()
    for norm, drawn in zip(_norms(reader), _norms(seen), strict=True):
        for figure, other in ((norm.running_mean, drawn.running_mean), (norm.running_var, drawn.running_var)):
            assert figure is not None
            assert other is not None
            figure.lerp_(other, share)
    return reader
