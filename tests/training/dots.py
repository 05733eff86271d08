"""A picture of which every point of a face can be told apart, wherever it goes; places are counted from its corner."""

from __future__ import annotations

import cv2
import numpy as np

COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255]], np.uint8)
"""One for each point: a dot that is mirrored keeps its colour, so that left and right can be told."""


def dotted(points: np.ndarray, height: int, width: int, radius: int = 5) -> np.ndarray:
    """A black picture with a dot of its own colour at each of five points."""
    picture = np.zeros((height, width, 3), np.uint8)
    for (x, y), colour in zip(points, COLOURS.tolist(), strict=True):
        cv2.circle(picture, (round(16 * x - 8), round(16 * y - 8)), 16 * radius, colour, -1, cv2.LINE_AA, 4)
    return picture


def middle(picture: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Where a colour lies in a picture."""
    like = np.abs(picture.astype(int) - colour).sum(2) < 200
    return np.argwhere(like)[:, ::-1].mean(0) + 0.5
