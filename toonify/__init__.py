"""The stylizer stage: a photo of a face becomes the same face in webtoon style.

`stylizers()` lists the styles, `load(name)` opens one, and what comes back is a `Stylizer`: a name, a fingerprint and
`stylize(faces)`. `align` cuts the portrait crop that styles expect and pastes the result back, `portraits` does both
for whole pictures, `report` measures what a style did to faces. Engines lie in `engines/`, one file each, the networks
they run in `networks/`. This stage knows nothing of embeddings, indexes or actors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toonify.align import PortraitCrop, portrait_crop
    from toonify.contract import RGB, Stylizer
    from toonify.engine import StyleInfo
    from toonify.portraits import stylize_pictures
    from toonify.registry import load, stylizers
    from toonify.result_cache import CachedStylizer

__all__ = [
    "RGB",
    "CachedStylizer",
    "PortraitCrop",
    "StyleInfo",
    "Stylizer",
    "load",
    "portrait_crop",
    "stylize_pictures",
    "stylizers",
]

_HOMES = {
    "RGB": "toonify.contract",
    "Stylizer": "toonify.contract",
    "PortraitCrop": "toonify.align",
    "portrait_crop": "toonify.align",
    "StyleInfo": "toonify.engine",
    "CachedStylizer": "toonify.result_cache",
    "load": "toonify.registry",
    "stylizers": "toonify.registry",
    "stylize_pictures": "toonify.portraits",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
