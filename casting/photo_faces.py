"""The actor's face in a photo, to the catalog and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from casting.catalog import Photo, PhotoFace

if TYPE_CHECKING:
    from embeddings import Face


def face_row(face: Face, contract: str, others: int, photo: Photo) -> PhotoFace:
    """A catalog row for a face; `others` more were found in the photo."""
    return PhotoFace(
        contract=contract,
        box=[float(value) for value in face.box],
        points=[[float(x), float(y)] for x, y in face.points],
        score=float(face.score),
        kind=face.kind,
        quality=_plain(asdict(face.quality)) if face.quality else {},
        others=others,
        photo=photo,
    )


def face_of(row: PhotoFace) -> Face:
    """The face that a catalog row describes."""
    from embeddings import Face, Quality

    x1, y1, x2, y2 = row.box
    kind: Any = row.kind
    quality = Quality(**{**row.quality, "flags": tuple(row.quality.get("flags", ()))}) if row.quality else None
    return Face((x1, y1, x2, y2), np.array(row.points, np.float32), row.score, kind, quality)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else (v if isinstance(v, str) else float(v)) for k, v in values.items()}
