"""One photo through any style: the rendering, how long it took, and how much of the face's identity it kept.

Identity is the cosine between the face network's vector of the photo and that of the rendering, both as an index would
hold them. 1 means that the network sees no difference; what photos of one person usually reach depends on the network.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from casting.engine import PORTRAIT_PX, Engine
from casting.progress import Progress, Silent
from casting.styles import list_styles, style_root
from castoon.errors import InputError, NotReadyError
from castoon.images import RGB

if TYPE_CHECKING:
    from embeddings import Face
    from toonify import StyleInfo

Value = float | int | bool | str
ON_REQUEST = frozenset({"gatys"})
"""Engines that optimise each picture for minutes; a page renders with them only when somebody asks."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What a style made of a photo."""

    style: str
    picture: RGB
    """The rendered portrait, square."""
    took_s: float
    """Rendering alone, the network loaded already."""
    identity: float | None
    """None where no face was found in the rendering, or the models in use have no face network."""
    fingerprint: str
    """Of the style with these parameters."""


def installed_styles(engine: Engine) -> list[StyleInfo]:
    """Styles that can be used here."""
    return [style for style in list_styles(engine.settings) if style.installed]


def on_request(style: str) -> bool:
    """Whether a style takes so long that it waits to be asked for."""
    return style.partition(":")[0] in ON_REQUEST


def portrait(image: RGB, face: Face) -> RGB:
    """The portrait crop that styles are given."""
    from toonify import portrait_crop

    return portrait_crop(image, face.points, PORTRAIT_PX).image


def try_style(
    engine: Engine,
    name: str,
    image: RGB,
    face: Face,
    parameters: Mapping[str, Value] | None = None,
    progress: Progress | None = None,
) -> Trial:
    """Render one face in a style; `InputError` names a parameter that is out of range."""
    import toonify

    watcher = progress or Silent()
    known = {style.name: style for style in list_styles(engine.settings)}
    chosen: dict[str, Any] = dict(parameters or {})
    stylizer = toonify.load(
        name, models=style_root(engine.settings, name), device=engine.settings.device,
        watch=lambda _done, _of: not watcher.stopped, **chosen,
    )  # fmt: skip
    crop = toonify.portrait_crop(image, face.points, PORTRAIT_PX)
    began = time.perf_counter()
    (made,) = stylizer.stylize([crop.image])
    took = time.perf_counter() - began
    moves = name in known and known[name].moves_features
    seen = _face_of(engine, made) if moves else replace(face, points=crop.to_crop(face.points).astype("float32"))
    return Trial(name, made, took, _identity(engine, image, face, made, seen), stylizer.fingerprint)


def _face_of(engine: Engine, rendering: RGB) -> Face | None:
    found = engine.finder.find(rendering, "auto").faces
    return found[0] if found else None


def _identity(engine: Engine, image: RGB, face: Face, made: RGB, seen: Face | None) -> float | None:
    if seen is None:
        return None
    try:
        encoder = engine.encoder("arcface")
    except (InputError, NotReadyError):
        return None
    pair = [engine.face_picture(image, face), engine.face_picture(made, seen)]
    before, after = encoder.encode_gallery(pair)
    return float(before @ after)
