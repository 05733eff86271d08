"""What travels through the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from castoon.errors import InputError
from embeddings.contract import RGB, Encoder, Face, FacePicture, Finding
from embeddings.store import Vector, VectorKey

Render = Callable[[Sequence[FacePicture]], Sequence[FacePicture]]
"""A stylizer as this package sees it: faces in their pictures -> the same faces in rendered pictures, same order."""


class Readable(Protocol):
    """A picture that can be read."""

    @property
    def label(self) -> str:
        """What messages call it."""
        ...

    @property
    def face(self) -> Face | None:
        """Its face, when that is known already; otherwise the first one found counts."""
        ...

    @property
    def load(self) -> Callable[[], RGB | None]:
        """Reads and decodes it, on a worker; may raise `InputError`. None where nothing needs to be looked for."""
        ...


@dataclass(frozen=True, eq=False)
class Source:
    """A picture whose face is to be embedded."""

    photo: str
    """Content hash."""
    load: Callable[[], RGB | None]
    """See `Readable.load`."""
    face: Face | None = None
    """See `Readable.face`."""
    label: str = ""
    """See `Readable.label`."""


AnyReadable = TypeVar("AnyReadable", bound=Readable)
AnySource = TypeVar("AnySource", bound=Source)


@dataclass(frozen=True, eq=False)
class Lane:
    """One space to fill: how faces are rendered, and what encodes them."""

    encoder: Encoder
    rendering: str = "photo"
    """Fingerprint under which the vectors are stored."""
    render: Render | None = None
    """None leaves photos as they are."""
    name: str = ""
    """What messages call the space; empty means as its encoder."""

    def key(self, photo: str, face: Face) -> VectorKey:
        """Where this lane's vector of a face is stored."""
        return VectorKey(photo, face.key, self.rendering, self.encoder.contract)


@dataclass(frozen=True, eq=False)
class Picture(Generic[AnyReadable]):
    """A source that was read, or the reason why it was not."""

    source: AnyReadable
    image: RGB | None
    failure: InputError | None = None


@dataclass(frozen=True, eq=False)
class Found(Generic[AnyReadable]):
    """What became of a source: its face, or the reason why it has none or could not be embedded."""

    source: AnyReadable
    face: Face | None = None
    finding: Finding | None = None
    """What the finder said; None when the face was known, or nothing was looked for."""
    failure: InputError | None = None


@dataclass(frozen=True, eq=False)
class Task:
    """One face that has to be embedded."""

    photo: str
    label: str
    picture: FacePicture


@dataclass(frozen=True, eq=False)
class Group(Generic[AnySource]):
    """Some pictures that went through all stages together, and their new vectors."""

    faces: tuple[Found[AnySource], ...]
    vectors: Mapping[VectorKey, Vector]
    skipped: int = 0
    """How many were not even read, because everything was stored already."""
