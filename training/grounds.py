"""Pictures without faces, made from nothing: what faces are pasted on, and what must not be taken for one."""

from __future__ import annotations

import cv2
import numpy as np

from training.faces import Crops


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    if rng.random() < 0.25:
        tone = int(rng.integers(0, 256))
        return (tone, tone, tone)
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return (red, green, blue)


def _gradient(rng: np.random.Generator, side: int) -> np.ndarray:
    corners = rng.integers(0, 256, (2, 2, 3)).astype(np.uint8)
    return cv2.resize(corners, (side, side), interpolation=cv2.INTER_CUBIC)


def _clouds(rng: np.random.Generator, side: int) -> np.ndarray:
    total = np.zeros((side, side, 3), np.float32)
    for power in range(1, 7):
        cells = rng.normal(0, 1, (2**power, 2**power, 3)).astype(np.float32)
        grown = np.asarray(cv2.resize(cells, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
        total += grown / np.float32(2 ** (power * rng.uniform(0.3, 0.9)))
    if rng.random() < 0.5:
        total[:] = total.mean(2, keepdims=True) + rng.normal(0, 0.5, 3).astype(np.float32)
    return np.clip(128 + 60 * total, 0, 255).astype(np.uint8)


def _shapes(rng: np.random.Generator, image: np.ndarray, count: int) -> None:
    """Ellipses, boxes and polygons; a few are laid out like eyes in a head, which alone does not make a face."""
    side = image.shape[0]
    for _ in range(count):
        x, y = (int(v) for v in rng.integers(0, side, 2))
        w, h = (int(v) for v in rng.integers(4, side // 3, 2))
        kind = rng.integers(0, 4)
        thick = -1 if rng.random() < 0.6 else int(rng.integers(1, 4))
        if kind == 0:
            cv2.ellipse(image, (x, y), (w, h), float(rng.uniform(0, 180)), 0, 360, _colour(rng), thick, cv2.LINE_AA)
        elif kind == 1:
            cv2.rectangle(image, (x, y), (x + w, y + h), _colour(rng), thick)
        elif kind == 2:
            points = rng.integers(-w, w + 1, (int(rng.integers(3, 8)), 2)) + np.array([x, y])
            cv2.fillPoly(image, [points.astype(np.int32)], _colour(rng), cv2.LINE_AA)
        else:
            cv2.ellipse(image, (x, y), (w, h), 0, 0, 360, _colour(rng), -1, cv2.LINE_AA)
            small = max(1, w // 6)
            for dx in (-w // 2, w // 2):
                cv2.circle(image, (x + dx, y), small, _colour(rng), -1, cv2.LINE_AA)


def _strokes(rng: np.random.Generator, image: np.ndarray, count: int) -> None:
    """Pen strokes, some in rows as lettering is."""
    side = image.shape[0]
    colour = _colour(rng)
    for _ in range(count):
        x, y = rng.integers(0, side, 2)
        walk = np.cumsum(rng.normal(0, side / 25, (int(rng.integers(3, 12)), 2)), 0) + np.array([x, y])
        cv2.polylines(image, [walk.astype(np.int32)], False, colour, int(rng.integers(1, 5)), cv2.LINE_AA)
    if rng.random() < 0.4:
        size = float(rng.uniform(0.4, 1.6))
        for line in range(int(rng.integers(1, 6))):
            text = "".join(chr(int(c)) for c in rng.integers(33, 126, int(rng.integers(4, 16))))
            at = (int(rng.integers(0, side // 2)), int(30 * size * (line + 1)))
            cv2.putText(image, text, at, int(rng.integers(0, 5)), size, colour, max(1, int(size * 2)), cv2.LINE_AA)


def _screentone(rng: np.random.Generator, image: np.ndarray) -> None:
    """Dots or hatching over a part, as in printed comics."""
    side, step = image.shape[0], int(rng.integers(3, 12))
    y, x = np.mgrid[:side, :side]
    if rng.random() < 0.5:
        mask = (x % step - step / 2) ** 2 + (y % step - step / 2) ** 2 < (step * rng.uniform(0.2, 0.5)) ** 2
    else:
        mask = (x * int(rng.integers(1, 4)) + y * int(rng.integers(-3, 4))) % step < max(1, step // 3)
    x1, y1 = rng.integers(0, side // 2, 2)
    area = np.zeros((side, side), bool)
    area[y1 : y1 + side // 2, x1 : x1 + side // 2] = True
    image[mask & area] = _colour(rng)


def _panels(rng: np.random.Generator, image: np.ndarray) -> None:
    """Comic panels and speech balloons."""
    side = image.shape[0]
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, side))
        start, stop = ((0, at), (side, at)) if rng.random() < 0.5 else ((at, 0), (at, side))
        cv2.line(image, start, stop, _colour(rng), int(rng.integers(2, 14)))
    centre = (int(rng.integers(0, side)), int(rng.integers(0, side)))
    axes = (int(rng.integers(15, 80)), int(rng.integers(10, 50)))
    cv2.ellipse(image, centre, axes, 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.ellipse(image, centre, axes, 0, 0, 360, (0, 0, 0), 2, cv2.LINE_AA)


def ground(rng: np.random.Generator, side: int) -> Crops:
    """One faceless picture [side, side, 3]."""
    kind = rng.random()
    if kind < 0.3:
        image = np.full((side, side, 3), _colour(rng), np.uint8)
    else:
        image = _gradient(rng, side) if kind < 0.5 else _clouds(rng, side)
    image = np.ascontiguousarray(image)
    if rng.random() < 0.6:
        _shapes(rng, image, int(rng.integers(1, 14)))
    if rng.random() < 0.5:
        _strokes(rng, image, int(rng.integers(2, 30)))
    if rng.random() < 0.2:
        _screentone(rng, image)
    if rng.random() < 0.15:
        _panels(rng, image)
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(2, 25), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        size = int(rng.integers(1, 4)) * 2 + 1
        image = np.asarray(cv2.GaussianBlur(image, (size, size), 0), np.uint8)
    return np.asarray(image, np.uint8)


def shuffled(rng: np.random.Generator, picture: Crops) -> Crops:
    """A picture cut into tiles in another order: skin, hair and eyes, but no face."""
    side = 150
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    count = int(rng.integers(3, 6))
    step = side // count
    tiles = [small[y * step : (y + 1) * step, x * step : (x + 1) * step] for y in range(count) for x in range(count)]
    order = rng.permutation(len(tiles))
    turned = [np.rot90(tiles[i], int(rng.integers(0, 4))) for i in order]
    rows = [np.concatenate(turned[y * count : (y + 1) * count], 1) for y in range(count)]
    return np.ascontiguousarray(np.concatenate(rows, 0))
