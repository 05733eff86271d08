"""What a face may go through and still be the same person: moved, lit, blurred, hidden in part, bent, drawn.

All on tensors and in one resampling, so that it costs little beside the network, on a CPU as on a GPU.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from embeddings.hiding import HIDDEN
from training.faces import LEFT, SIDE, TOP, WINDOW

MIDDLE = TOP + WINDOW / 2
"""Middle row of the window that face networks read."""


@dataclass(frozen=True)
class Strength:
    """Standard deviations and shares of the augmentations."""

    shift: float = 2.5
    """Pixels of the 112 window."""
    scale: float = 0.06
    turn: float = 5.0
    """Degrees."""
    bend: float = 0.35
    """Share of faces whose parts are enlarged, shrunk and moved as a caricaturist would."""
    bend_size: float = 0.12
    drawn: float = 0.2
    """Share of faces given flat tones, ink lines or both."""
    grey: float = 0.12
    blur: float = 0.15
    hide: float = 0.2


def _bend(grid: Tensor, size: float, count: int = 4) -> Tensor:
    """Smooth local zooms and moves of a sampling grid [n, h, w, 2] (coordinates -1..1 over the 160 crop)."""
    n = grid.shape[0]
    device = grid.device
    for _ in range(count):
        centre = (torch.rand(n, 1, 1, 2, device=device) - 0.5) * 0.9
        width = 0.15 + 0.3 * torch.rand(n, 1, 1, 1, device=device)
        offset = grid - centre
        weight = torch.exp(-(offset**2).sum(-1, keepdim=True) / (2 * width**2))
        zoom = torch.randn(n, 1, 1, 2, device=device) * size * 1.6
        move = torch.randn(n, 1, 1, 2, device=device) * size * 0.35
        grid = grid - weight * (offset * zoom.clamp(-0.45, 0.45) + move)
    return grid


def sampling_grid(
    n: int, strength: Strength, side: int, device: torch.device, reach: float = WINDOW, middle: float = MIDDLE
) -> Tensor:
    """Where each of side x side pixels comes from in the 160x160 crop, [n, side, side, 2] in -1..1.

    They show a square of `reach` crop pixels around the middle column and row `middle`.
    """
    axis = (torch.arange(side, device=device, dtype=torch.float32) - (side - 1) / 2) * (2 / SIDE * reach / side)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    base = torch.stack([x, y], -1).expand(n, -1, -1, -1)

    def column(value: float) -> Tensor:
        return torch.randn(n, 1, 1, device=device) * value

    angle = column(strength.turn) * (torch.pi / 180)
    scale = torch.exp(column(strength.scale))
    stretch = torch.exp(column(strength.scale * 0.5))
    mirror = torch.where(torch.rand(n, 1, 1, device=device) < 0.5, -1.0, 1.0)
    bx, by = base[..., 0] * scale * stretch * mirror, base[..., 1] * scale / stretch
    pixel = 2 / SIDE
    centre_x = (LEFT + WINDOW / 2 - SIDE / 2) * pixel + column(strength.shift) * pixel
    centre_y = (middle - SIDE / 2) * pixel + column(strength.shift) * pixel
    cos, sin = torch.cos(angle), torch.sin(angle)
    grid = torch.stack([cos * bx - sin * by + centre_x, sin * bx + cos * by + centre_y], -1)
    chosen = torch.rand(n, device=device) < strength.bend
    if chosen.any():
        grid[chosen] = _bend(grid[chosen], strength.bend_size)
    return grid


def _smooth(x: Tensor, size: int) -> Tensor:
    """Box blur, twice."""
    for _ in range(2):
        x = F.avg_pool2d(x, size, 1, size // 2, count_include_pad=False)
    return x


def drawn_look(x: Tensor) -> Tensor:
    """Flat tones, ink lines, a tint: each face of [n, 3, h, w] in -1..1 by its own random mixture."""
    n = x.shape[0]
    device = x.device

    def some(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, 1, 1, 1, device=device)

    soft = _smooth(x, 3)
    grey = soft.mean(1, keepdim=True)
    levels = some(2, 6).round()
    flat_grey = ((grey * 0.5 + 0.5) * levels).round() / levels * 2 - 1
    flat = (soft + (flat_grey - grey)).clamp(-1, 1)
    edge = (_smooth(grey, 5) - grey - 0.02) * some(4, 14)
    ink = edge.clamp(0, 1)
    paper = some(0.6, 1.0)
    sketch = (paper + (grey - paper) * some(0, 0.5)).expand(-1, 3, -1, -1)
    which = torch.rand(n, 1, 1, 1, device=device)
    body = torch.where(which < 0.55, flat, torch.where(which < 0.8, soft, sketch))
    return (body * (1 - ink) - ink).clamp(-1, 1)


def augment(
    crops: Tensor, strength: Strength, side: int = WINDOW, reach: float = WINDOW, middle: float = MIDDLE
) -> Tensor:
    """uint8 crops [n, 160, 160, 3] -> faces [n, 3, side, side] in -1..1, showing the 112x112 window or another."""
    x = crops.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    n, device = x.shape[0], x.device
    grid = sampling_grid(n, strength, side, device, reach, middle)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)

    def chosen(share: float) -> Tensor:
        return torch.rand(n, device=device) < share

    pick = chosen(strength.drawn)
    if pick.any():
        x[pick] = drawn_look(x[pick])
    pick = chosen(strength.blur)
    if pick.any():
        few = int(side * (0.25 + 0.4 * torch.rand(()).item()))
        less = F.interpolate(x[pick], size=(few, few), mode="bilinear", antialias=True)
        x[pick] = F.interpolate(less, size=(side, side), mode="bilinear")
    pick = chosen(strength.grey)
    x[pick] = x[pick].mean(1, keepdim=True)
    gain = torch.exp(0.2 * torch.randn(n, 1, 1, 1, device=device) + 0.06 * torch.randn(n, 3, 1, 1, device=device))
    x = x * gain + 0.12 * torch.randn(n, 1, 1, 1, device=device)
    for row in torch.nonzero(chosen(strength.hide)).flatten().tolist():
        h, w = (int(extent * side) for extent in (0.1 + 0.33 * torch.rand(2)).tolist())
        top, left = int(torch.randint(0, side - h, ()).item()), int(torch.randint(0, side - w, ()).item())
        x[row, :, top : top + h, left : left + w] = torch.rand(3, 1, 1, device=device) * 2 - 1
    return x.clamp_(-1, 1)


def parts_hidden(x: Tensor, share: float) -> Tensor:
    """Faces [n, 3, side, side] in -1..1, of a `share` of which eyes and brows or nose and mouth are grey, as in use."""
    masks = torch.stack([torch.from_numpy(hidden.mask(x.shape[2])[..., 0]) for hidden in HIDDEN]).to(x.device)
    chosen = torch.nonzero(torch.rand(len(x), device=x.device) < share).flatten()
    which = torch.randint(0, len(masks), (len(chosen),), device=x.device)
    x[chosen] = x[chosen] * (1 - masks[which][:, None])
    return x
