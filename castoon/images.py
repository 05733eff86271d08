"""Decoding pictures that nobody vouches for: size first, pixels later, orientation honoured, RGB out.

A picture is judged by its content, never by its file name. Its header is read before any pixel is, so that a small
file that claims to be enormous costs nothing.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from castoon.errors import InputError
from castoon.words import Words

RGB = npt.NDArray[np.uint8]

MAX_PIXELS = 60_000_000
MAX_BYTES = 200_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".heic", ".heif"})
_READABLE = "JPEG, PNG, WebP, AVIF, GIF (first frame) and, with the `heic` extra, HEIC"


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture and what its header said."""

    pixels: RGB
    format: str

    @property
    def width(self) -> int:
        """Pixels across, after orientation."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels down, after orientation."""
        return int(self.pixels.shape[0])


def _allow_heif() -> None:
    with contextlib.suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()


def _looks_like_heif(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}


def decode(content: bytes, name: str = "picture", max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode an untrusted picture into RGB, or raise `InputError` that says what to do.

    EXIF orientation is applied; alpha is laid on white; grey, palette, 16-bit and CMYK pictures become 8-bit RGB; of an
    animation the first frame counts.
    """
    if not content:
        raise InputError(name, "the file is empty.", "Copy it again from its source.")
    if len(content) > MAX_BYTES:
        raise InputError(
            name,
            Words("the file has {size:.0f} MB.", size=len(content) / 1e6),
            Words("Stay below {most:.0f} MB.", most=MAX_BYTES / 1e6),
        )
    if _looks_like_heif(content):
        _allow_heif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=_openable()) as image:
                return _read(image, name, max_pixels)
    except UnidentifiedImageError as error:
        if _looks_like_heif(content):
            raise InputError(
                name, "no HEIC codec is installed.", "Run `pip install castoon[heic]`, or save it as JPEG."
            ) from error
        raise InputError(
            name,
            "this is not a picture that can be read.",
            Words("Readable are {formats}; save it as one of these.", formats=_READABLE),
        ) from error
    except Image.DecompressionBombError as error:
        raise InputError(name, "the picture is enormous.", _smaller(max_pixels)) from error
    except InputError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, ZeroDivisionError, OverflowError) as error:
        raise InputError(
            name, Words("the picture is damaged ({why}).", why=error), "Copy or export it again from its source."
        ) from error


def read(path: Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode the picture in a file; see `decode`."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise InputError(
            str(path),
            Words("the file cannot be read ({why}).", why=error.strerror),
            "Check that it exists and may be read.",
        ) from error
    if size > MAX_BYTES:
        raise InputError(
            str(path),
            Words("the file has {size:.0f} MB.", size=size / 1e6),
            Words("Stay below {most:.0f} MB.", most=MAX_BYTES / 1e6),
        )
    return decode(content, str(path), max_pixels)


def _openable() -> list[str]:
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _smaller(max_pixels: int) -> str:
    return Words("Scale it down below {most:.0f} megapixels.", most=max_pixels / 1e6)


def _read(image: Image.Image, name: str, max_pixels: int) -> Picture:
    width, height = image.size
    if width * height > max_pixels:
        raise InputError(
            name,
            Words(
                "the picture is {width} x {height} = {megapixels:.0f} megapixels.",
                width=width,
                height=height,
                megapixels=width * height / 1e6,
            ),
            _smaller(max_pixels),
        )
    image.seek(0)
    image.load()
    turned = ImageOps.exif_transpose(image)
    return Picture(np.asarray(_to_rgb(turned), dtype=np.uint8).copy(), image.format or "?")


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float64)
        top = 65535.0 if values.max(initial=0) > 255 else 255.0
        return Image.fromarray((values * (255.0 / top)).clip(0, 255).astype(np.uint8)).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")
