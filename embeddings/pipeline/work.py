"""What travels through the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from castoon.errors import CastoonError
from embeddings.contract import RGB, Encoder, Face, FacePicture
from embeddings.store import Vector, VectorKey

Render = Callable[[Sequence[FacePicture]], Sequence[FacePicture]]
"""A stylizer as this package sees it: faces in their pictures -> the same faces in rendered pictures, same order."""


@dataclass(frozen=True, eq=False)
class Source:
    """One picture to be read."""

    photo: str
    """Content hash."""
    load: Callable[[], RGB]
    """Reads and decodes it; may raise a `CastoonError`."""
    face: Face | None = None
    """The face to embed, when it is known already; otherwise the first one found."""


@dataclass(frozen=True, eq=False)
class Lane:
    """One space to fill: how faces are rendered, and what encodes them."""

    encoder: Encoder
    rendering: str = "photo"
    """Fingerprint under which the vectors are stored."""
    render: Render | None = None
    """None leaves photos as they are."""
    contract: str = ""
    """Stored contract; empty means the encoder's own."""

    def key(self, photo: str, face: Face) -> VectorKey:
        """Where this lane's vector of a face is stored."""
        return VectorKey(photo, face.key, self.rendering, self.contract or self.encoder.contract)


@dataclass(frozen=True, eq=False)
class Picture:
    """A source that was read, or the reason why it was not."""

    source: Source
    image: RGB | None
    failure: CastoonError | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """A face that is to be embedded, or the reason why there is none."""

    photo: str
    picture: FacePicture | None
    failure: CastoonError | None = None


@dataclass(frozen=True, eq=False)
class Task:
    """One face in one lane."""

    key: VectorKey
    lane: Lane
    picture: FacePicture


@dataclass(frozen=True, eq=False)
class Prepared:
    """A batch of pictures and what is left to encode of them, rendered."""

    faces: tuple[Found, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, eq=False)
class Encoded:
    """A batch of pictures and their new vectors."""

    faces: tuple[Found, ...]
    vectors: Mapping[VectorKey, Vector]
