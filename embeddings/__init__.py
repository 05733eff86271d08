"""Faces in photos and drawings, and the vectors that describe them.

`contract`   - the Protocols `FaceFinder` and `Encoder` and the values they pass.
`pack`       - model packs: folders of weights with a `pack.toml`; `open_pack("lite")`.
`models`     - packs on this machine: list, verify, pull with resume and checks.
`finder`     - `load_finder(pack)`: one call finds faces in photos, drawings, panels and tall strips.
`encoders`   - `load_encoders(pack)`: ArcFace in true batches, CLIP image and text, concatenations.
`manner`     - how a face network reads drawings; `manner_fit` finds it from pictures alone.
`earlier`    - what a face network sees before its last layers; `earlier_fit` finds it from photos of people.
`hiding`     - a face looked at once more with a part of it hidden.
`manual`     - a face from a box or five points given by hand, accepted wherever a found face is.
`store`      - vectors kept content-addressed on disk, so that nothing is embedded twice.
`pipeline`   - many pictures: read ahead, find, render, encode in batches across photos, store; stops and resumes.
`fakes`      - deterministic stand-ins that need no weights.

Importing this package imports none of torch, insightface, open_clip, onnxruntime and cv2.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embeddings.contract import (
        Encoder,
        Face,
        FaceFinder,
        FacePicture,
        Finding,
        Quality,
        TextEncoder,
    )
    from embeddings.encoders import load_encoders
    from embeddings.finder import load_finder
    from embeddings.manual import manual_face
    from embeddings.models import Damage, PackStatus, list_packs, pull, verify
    from embeddings.pack import Pack, PackFile, open_pack
    from embeddings.store import VectorKey, VectorStore

_HOME = {
    "Encoder": "contract",
    "Face": "contract",
    "FaceFinder": "contract",
    "FacePicture": "contract",
    "Finding": "contract",
    "Quality": "contract",
    "TextEncoder": "contract",
    "Damage": "models",
    "Pack": "pack",
    "PackStatus": "models",
    "PackFile": "pack",
    "VectorKey": "store",
    "VectorStore": "store",
    "list_packs": "models",
    "load_encoders": "encoders",
    "load_finder": "finder",
    "manual_face": "manual",
    "open_pack": "pack",
    "pull": "models",
    "verify": "models",
}

__all__ = [
    "Damage",
    "Encoder",
    "Face",
    "FaceFinder",
    "FacePicture",
    "Finding",
    "Pack",
    "PackFile",
    "PackStatus",
    "Quality",
    "TextEncoder",
    "VectorKey",
    "VectorStore",
    "list_packs",
    "load_encoders",
    "load_finder",
    "manual_face",
    "open_pack",
    "pull",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
