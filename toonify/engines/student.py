"""`student`: small networks of our own that learned a style from a heavier one, quick on any CPU.

`student:webtoon` ships in the lite pack (`training/webtoon.py` made it): flat fills and ink lines, nothing moves. Files
are those of the `onnx` engine, `<variant>.onnx` with its card `<variant>.toml`. Strokes have a fixed width in pixels,
so the size at which a picture is drawn decides how bold they are in proportion to the face.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from toonify.contract import Stylizer
from toonify.engine import Engine, StyleRequest, Variant
from toonify.engines import onnx
from toonify.parameters import slider

NAME = "student"


@dataclass(frozen=True)
class StudentParameters:
    """What a person may change about a student's style."""

    strength: float = slider(1.0, 0, 1, title="Strength", help="Mixes the photo back in.")
    size: int = slider(
        1024, 256, 1024, title="Drawing size", help="Larger pictures are drawn at this size: less is bolder.", step=64
    )


def open_style(request: StyleRequest) -> Stylizer:
    """Open `student:<variant>`."""
    network, card = onnx.find_network(request, NAME)
    chosen: StudentParameters = request.parameters
    card = dataclasses.replace(card, largest=min(card.largest, chosen.size))
    return onnx.OnnxStylizer(request.variant, network, card, chosen, request.runtime, NAME)


def variants(folder: Path) -> list[Variant]:
    """One style a network; none is named where there is none, for they come with a pack and not by themselves."""
    return onnx.variants(folder) if any(folder.glob("*.onnx")) else []


ENGINE = Engine(
    name=NAME,
    title="Webtoon (student)",
    licence="as its card says",
    commercial_use=False,
    moves_features=False,
    parameters=StudentParameters,
    variants=variants,
    open=open_style,
)
