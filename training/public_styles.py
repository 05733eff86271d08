"""Public stylizers to compare with, from the research weights: AnimeGANv3, CartoonGAN paprika, White-box.

The first two are opened by the product itself from a models folder of links. White-box is a TFLite network (extra
`train`: ai-edge-litert), so it is only here: an engine whose styles include `whitebox`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from casting import Engine
from castoon.files import sha256_file, short_hash
from castoon.images import RGB
from toonify import Stylizer
from training.paths import shared_dir, var_dir
from training.whitebox import open_teacher, render

WHITEBOX = "whitebox"
CARD = """title = "AnimeGANv3 tiny, cute"
layout = "NHWC"
multiple = 16
largest = 512
licence = "non-commercial"
moves_features = true
"""


def public_models() -> Path:
    """A models folder that points at the research stylizers: `onnx:animegan3_tiny` and `cartoongan:paprika`."""
    folder, source = var_dir("styles"), shared_dir() / "weights" / "stylizers"
    links = {
        "cartoongan/paprika.npz": "cartoongan_paprika_fp16.npz",
        "onnx/animegan3_tiny.onnx": "AnimeGANv3_tiny_Cute.onnx",
    }
    for name, target in links.items():
        link = folder / "stylizers" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(source / target)
    (folder / "stylizers" / "onnx" / "animegan3_tiny.toml").write_text(CARD)
    return folder


class Whitebox:
    """White-box cartoonization as a `toonify.Stylizer`."""

    name = WHITEBOX

    def __init__(self) -> None:
        path = shared_dir() / "weights" / "stylizers" / "whitebox_cartoon_gan_dr.tflite"
        self.fingerprint = short_hash(WHITEBOX, sha256_file(path))
        self._teacher: Any = None

    def stylize(self, faces: Sequence[RGB]) -> list[RGB]:
        """One rendering a face, at its own size."""
        self._teacher = self._teacher or open_teacher()
        return [render(self._teacher, face) for face in faces]


class PublicEngine(Engine):
    """The product's engine, and `whitebox` among its styles."""

    def stylizer(self, name: str) -> Stylizer:
        """See `Engine.stylizer`."""
        if name == WHITEBOX:
            self._stylizers.setdefault(name, Whitebox())
            return self._stylizers[name]
        return super().stylizer(name)
