"""Hair that is tied: the strands of a bun, of a pony tail, of two tails."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from casting.demo.curves import Array
from casting.demo.cuts import STEPS
from casting.demo.strands import Strands


def tied_hair(kind: str, generator: np.random.Generator, colours: Callable[[int], Array]) -> list[Strands]:
    """The strands outside the head of a tied style; none for others. `colours` gives that many strand colours."""
    if kind not in ("bun", "ponytail", "tieback", "twintails"):
        return []
    if kind == "bun":
        n = 2600
        v = generator.standard_normal((n, 3))
        v /= np.linalg.norm(v, axis=1, keepdims=True)
        w = generator.standard_normal((n, 3))
        w -= (w * v).sum(1, keepdims=True) * v
        w /= np.linalg.norm(w, axis=1, keepdims=True)
        angle = np.linspace(0, 2.4, STEPS)[None, :, None]
        radius = 27 * (0.86 + 0.14 * generator.random((n, 1, 1)))
        ball = (v[:, None] * np.cos(angle) + w[:, None] * np.sin(angle)) * radius
        points = ball * np.array([1.1, 0.85, 0.95]) + np.array([0, 112, -80])
        return [Strands(np.asarray(points, np.float32), colours(n), 2.0, deep=np.ones(n, np.float32) * 0.8)]
    tails = [(-1.0, 80.0, 28.0, -42.0), (1.0, 80.0, 28.0, -42.0)] if kind == "twintails" else [(0.0, 0.0, 62.0, -114.0)]
    if kind == "tieback":
        tails = [(0.0, 0.0, 30.0, -112.0)]
    groups = []
    for side, x, y, z in tails:
        n = 2600
        t = np.linspace(0, 1, STEPS)[None, :, None]
        spread = generator.standard_normal((n, 1, 3)) * np.array([9, 5, 9])
        length = (230 if kind != "tieback" else 70) * (0.8 + 0.25 * generator.random((n, 1, 1)))
        sway = 26 * np.sin(t * 2.2) * np.array([side * 1.0 if side else 0.8, 0, 0 if side else -0.5])
        down = np.array([0, -1.0, 0]) * (length * t) + np.array([0, 16, 0]) * np.sin(np.minimum(t * 8, np.pi))
        points = np.array([x, y, z]) + spread * (0.35 + 0.9 * np.sin(np.minimum(1, t * 1.1) * 2.6)) + sway + down
        groups.append(Strands(np.asarray(points, np.float32), colours(n), 2.0, deep=np.ones(n, np.float32) * 0.6))
    return groups
