"""Numbers that say how far a face picture can be trusted, and the short words for what is wrong with it.

Blur is the standard deviation of the Laplacian of the aligned grey face, after evening out its contrast, in grey
levels: sharp photos have 10 to 35; blurred by one pixel of 112 they have 4 to 9, by two pixels 2 to 4. Yaw follows from
how far the nose tip lies from the middle of the eyes and mouth corners.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from embeddings.alignment import align
from embeddings.contract import RGB, Box, Points, Quality

MIN_SIZE_PX = 48.0
MIN_BLUR = 5.0
MAX_YAW = 35.0
MAX_ROLL = 30.0
DARK, BRIGHT = 0.18, 0.88
MAX_CUT_OFF = 0.15
MARGIN = 0.05
"""Share by which a box is enlarged on every side before asking how much of it the picture's border cuts away."""


def judge(image: RGB, box: Box, points: Points) -> Quality:
    """Quality of one face of a picture."""
    grey = _grey(align(image, points))
    size = min(box[2] - box[0], box[3] - box[1])
    blur, exposure = sharpness(grey), float(grey.mean() / 255.0)
    yaw, roll = head_turn(points), eye_tilt(points)
    outside = cut_off(box, image.shape[1], image.shape[0])
    wrong = {
        "small": size < MIN_SIZE_PX,
        "blurred": blur < MIN_BLUR,
        "turned": abs(yaw) > MAX_YAW,
        "tilted": abs(roll) > MAX_ROLL,
        "dark": exposure < DARK,
        "bright": exposure > BRIGHT,
        "cut_off": outside > MAX_CUT_OFF,
    }
    return Quality(size, blur, yaw, roll, exposure, outside, tuple(word for word, is_so in wrong.items() if is_so))


def sharpness(grey: npt.NDArray[np.float32]) -> float:
    """Standard deviation of the Laplacian of a grey face [h, w] whose contrast was brought to a common level."""
    spread = float(grey.std())
    if spread < 1e-3:
        return 0.0
    even = (grey - grey.mean()) * (50.0 / max(spread, 10.0))
    centre = even[1:-1, 1:-1]
    laplacian = even[:-2, 1:-1] + even[2:, 1:-1] + even[1:-1, :-2] + even[1:-1, 2:] - 4.0 * centre
    return float(laplacian.std())


def head_turn(points: Points) -> float:
    """Yaw in degrees from five points; positive looks to the picture's right, 0 when the nose is in the middle."""
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    down = mouth - eyes
    length = float(np.hypot(*down))
    across = points[1] - points[0]
    width = float(np.hypot(*across))
    if length < 1e-6:
        return 0.0
    side = np.array([down[1], -down[0]]) / length
    offset = float((points[2] - (eyes + mouth) / 2.0) @ side)
    half = max(width, 0.6 * length) / 2.0
    return float(np.degrees(np.arcsin(np.clip(offset / (1.2 * half), -1.0, 1.0))))


def eye_tilt(points: Points) -> float:
    """Roll in degrees: the slope of the line from the left eye to the right one."""
    dx, dy = points[1] - points[0]
    return float(np.degrees(np.arctan2(dy, dx)))


def cut_off(box: Box, width: int, height: int) -> float:
    """Share of the slightly enlarged box that lies outside a picture of `width` x `height` pixels."""
    x1, y1, x2, y2 = box
    dx, dy = MARGIN * (x2 - x1), MARGIN * (y2 - y1)
    x1, y1, x2, y2 = x1 - dx, y1 - dy, x2 + dx, y2 + dy
    area = (x2 - x1) * (y2 - y1)
    inside = max(0.0, min(x2, width) - max(x1, 0.0)) * max(0.0, min(y2, height) - max(y1, 0.0))
    return float(1.0 - inside / area) if area > 0 else 1.0


def _grey(image: RGB) -> npt.NDArray[np.float32]:
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    grey: npt.NDArray[np.float32] = image.astype(np.float32) @ weights
    return grey
