"""Small pictures for pages and reports: portraits cut around a face, thumbnails, and faces framed and numbered."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from castoon.images import RGB

if TYPE_CHECKING:
    from embeddings import Face

Box = Sequence[float]
PORTRAIT_MARGIN = 0.55
"""Room around a face box on each side, as a share of its longer side: hair and chin belong to a likeness."""
FRAME = (11, 122, 111)
CHOSEN = (226, 88, 34)


def webp(pixels: RGB, size: int, quality: int = 82) -> bytes:
    """A WebP of at most `size` pixels a side: small, for files that are kept."""
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality)
    return buffer.getvalue()


def jpeg(pixels: RGB, size: int, quality: int = 86) -> bytes:
    """A JPEG of at most `size` pixels a side, colours at full resolution: for pages, which show nothing else.

    Written twenty times faster than WebP and two to three times as large; Streamlit would turn WebP into JPEG anyway.
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def portrait(pixels: RGB, box: Box | None) -> RGB:
    """The square around a face with room for hair and chin; without a box, the largest centred square."""
    height, width = pixels.shape[:2]
    if box is None:
        side, x, y = float(min(height, width)), width / 2, height / 2
    else:
        x1, y1, x2, y2 = box
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        side = max(x2 - x1, y2 - y1) * (1 + 2 * PORTRAIT_MARGIN)
    side = max(1.0, min(side, width, height))
    left = int(np.clip(x - side / 2, 0, width - side))
    top = int(np.clip(y - side / 2, 0, height - side))
    return np.ascontiguousarray(pixels[top : top + int(side), left : left + int(side)])


def beside(left: RGB, right: RGB, size: int, gap: int = 6) -> RGB:
    """Two square pictures side by side with a white line between, `size` pixels high and twice as wide in all."""
    from PIL import Image

    side = size - gap // 2
    both = Image.new("RGB", (2 * size, side), "white")
    for place, pixels in enumerate((left, right)):
        both.paste(
            Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC), (place * (size + gap // 2), 0)
        )
    return np.asarray(both)


def framed(pixels: RGB, faces: Sequence[Face], chosen: int, longest: int = 900) -> RGB:
    """The picture with every face framed and, where there are several, numbered from 1; the chosen one stands out."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(pixels)
    scale = min(1.0, longest / max(image.size))
    image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    draw = ImageDraw.Draw(image)
    width = max(2, round(max(image.size) / 220))
    font = ImageFont.load_default(size=max(12, round(max(image.size) / 32)))
    for number, face in enumerate(faces):
        corners = [value * scale for value in face.box]
        colour = CHOSEN if number == chosen else FRAME
        draw.rounded_rectangle(corners, radius=4 * width, outline=colour, width=width)
        if len(faces) > 1:
            label = f" {number + 1} "
            place = (max(0.0, corners[0]), max(0.0, corners[1]))
            draw.rectangle(draw.textbbox(place, label, font=font), fill=colour)
            draw.text(place, label, fill="white", font=font)
    return np.asarray(image)
