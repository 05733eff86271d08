"""The models of a library, loaded when first needed and shared by everything in the process.

The engine is the one place where the stages meet: it finds faces, renders photos in a style, and encodes both sides of
a space. It holds no state besides the loaded models, so one engine serves every thread.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from casting.settings import Settings
from casting.spaces import PHOTO, Space
from casting.styles import style_root
from castoon.errors import CastoonError, InputError
from castoon.files import short_hash
from castoon.images import RGB
from castoon.words import Words

if TYPE_CHECKING:
    from casting.library import Library
    from embeddings import Encoder, Face, FaceFinder, FacePicture, Pack, TextEncoder
    from embeddings.contract import Vectors
    from toonify import Stylizer

PORTRAIT_PX = 256
DEFAULT_PACKS = ("lite", "fake")
"""What `pack = "default"` means: the first of these that is here. The last needs no weights and says so on screen."""


@dataclass(frozen=True)
class Rendering:
    """How gallery photos are shown to an encoder."""

    name: str
    fingerprint: str
    """Hash over everything that shapes the rendering; `photo` where nothing does."""


class Engine:
    """Face finder, encoders and stylizers of one model pack."""

    def __init__(
        self, settings: Settings, cache: Path | None = None, manners: Path | None = None, as_photos: bool = False
    ) -> None:
        self.settings = settings
        self._cache, self._manners, self._as_photos = cache, manners, as_photos
        self._lock = threading.RLock()
        self._finder: FaceFinder | None = None
        self._encoders: Mapping[str, Encoder] | None = None
        self._stylizers: dict[str, Stylizer] = {}
        self._pack: Pack | None = None

    @classmethod
    def of(cls, library: Library) -> Engine:
        """The engine that a library's settings ask for, with renderings for people kept in the library."""
        return cls(library.settings, library.cache, library.manners)

    def reading_by(self, manners: Path | None) -> Engine:
        """The same models, reading drawings by the manners in a folder, or as the pack says."""
        return type(self)(self.settings, self._cache, manners)

    @cached_property
    def reading_as_photos(self) -> Engine:
        """The same models, reading drawings as if they were photos: what they do without anything learnt."""
        return type(self)(self.settings, self._cache, None, True)

    @cached_property
    def for_workers(self) -> Engine:
        """The same models opened with one thread each, for as many workers side by side as the settings have threads.

        Many pictures are done fastest so; a single one is by the engine itself.
        """
        if self.settings.threads == 1:
            return self
        one = self.settings.model_copy(update={"threads": 1})
        return type(self)(one, self._cache, self._manners, self._as_photos)

    @property
    def pack(self) -> Pack:
        """The model pack in use."""
        with self._lock:
            if self._pack is None:
                self._pack = _open(self.settings)
            return self._pack

    @property
    def finder(self) -> FaceFinder:
        """The face finder, loaded on first use."""
        from embeddings import load_finder

        with self._lock:
            if self._finder is None:
                self._finder = load_finder(self.pack, threads=self.settings.threads)
            return self._finder

    def encoder(self, name: str) -> Encoder:
        """The encoder of that name, loaded on first use."""
        encoders = self._all_encoders()
        if name not in encoders:
            raise InputError(
                Words("encoder `{name}`", name=name),
                Words("the model pack `{pack}` does not have it.", pack=self.pack.name),
                Words("It has: {names}. Choose spaces of these, or another pack.", names=", ".join(encoders)),
            )
        return encoders[name]

    def _all_encoders(self) -> Mapping[str, Encoder]:
        from embeddings import load_encoders

        with self._lock:
            if self._encoders is None:
                self._encoders = load_encoders(
                    self.pack, threads=self.settings.threads, mirror=self.settings.mirror, hide=self.settings.hide,
                    manners=self._manners, as_photos=self._as_photos,
                )  # fmt: skip
            return self._encoders

    @property
    def text_encoders(self) -> tuple[str, ...]:
        """Names of the pack's encoders that read words too, CLIP first."""
        from embeddings import TextEncoder

        names = sorted(self._all_encoders(), key=lambda name: (name != "clip", name))
        return tuple(name for name in names if isinstance(self.encoder(name), TextEncoder))

    def text_encoder(self, name: str) -> TextEncoder:
        """An encoder that reads words."""
        from embeddings import TextEncoder

        encoder = self.encoder(name)
        if not isinstance(encoder, TextEncoder):
            raise InputError(Words("encoder `{name}`", name=name), "it does not read words.", "Choose a CLIP.")
        return encoder

    def stylizer(self, name: str) -> Stylizer:
        """The stylizer of that name, loaded on first use."""
        import toonify

        with self._lock:
            if name not in self._stylizers:
                self._stylizers[name] = toonify.load(
                    name, models=style_root(self.settings, name), device=self.settings.device
                )
            return self._stylizers[name]

    @property
    def tuning_file(self) -> Path | None:
        """What the pack learnt about fusing and calibrating its spaces; None where it ships nothing."""
        return self.pack.file("tuning")

    @property
    def spaces_are_chosen(self) -> bool:
        """Whether the library's owner chose spaces and weights; otherwise the tuning does."""
        return "spaces" in self.settings.model_fields_set

    @property
    def spaces(self) -> Mapping[str, float]:
        """Spaces to rank by, each with its weight: as chosen, else those that the pack was tuned with."""
        from casting.tuning import Tuning
        from castoon.errors import NotReadyError

        if not self.spaces_are_chosen and self.tuning_file is not None and self.tuning_file.is_file():
            with contextlib.suppress(NotReadyError):
                return Tuning.load(self.tuning_file).weights or self.settings.spaces
        return self.settings.spaces

    @property
    def spaces_to_build(self) -> Mapping[str, float]:
        """`spaces`, and at weight 0 the one in which words are compared with photos, where the pack reads words."""
        words = () if self.spaces_are_chosen else self.text_encoders[:1]
        return {**{str(Space(name, PHOTO)): 0.0 for name in words}, **self.spaces}

    def has(self, space: Space) -> bool:
        """Whether encoder and rendering of a space are here."""
        try:
            self.encoder(space.encoder)
            return space.rendering == PHOTO or bool(self.stylizer(space.rendering))
        except CastoonError:
            return False

    def rendering(self, space: Space) -> Rendering:
        """The rendering of a space and what identifies it."""
        if space.rendering == PHOTO:
            return Rendering(PHOTO, PHOTO)
        fingerprint = short_hash(self.stylizer(space.rendering).fingerprint, f"portrait-{PORTRAIT_PX}")
        return Rendering(space.rendering, fingerprint)

    def contract(self, space: Space) -> str:
        """What identifies a vector of this space: the encoder's contract and the rendering's fingerprint."""
        return f"{self.encoder(space.encoder).contract}/{self.rendering(space).fingerprint}"

    def render(self, rendering: str, faces: Sequence[FacePicture]) -> list[FacePicture]:
        """Faces as an encoder shall see them: photos as they are, or their portrait crops in a style."""
        if rendering == PHOTO:
            return list(faces)
        from embeddings import FacePicture
        from toonify import portrait_crop

        crops = [portrait_crop(face.image, face.face.points, PORTRAIT_PX) for face in faces]
        styled = self.stylizer(rendering).stylize([crop.image for crop in crops])
        return [
            FacePicture(image, _moved(face.face, crop.to_crop(face.face.points), crop.matrix))
            for image, crop, face in zip(styled, crops, faces, strict=True)
        ]

    def reading(self, space: Space) -> str:
        """How drawings are read in a space: the query contract of its encoder."""
        return self.encoder(space.encoder).query_contract

    def encode_gallery(self, space: Space, faces: Sequence[FacePicture]) -> Vectors:
        """Vectors of photos in a space, [n, dim]."""
        return self.encoder(space.encoder).encode_gallery(self.render(space.rendering, faces))

    def encode_query(self, space: Space, faces: Sequence[FacePicture]) -> Vectors:
        """Vectors of drawings in a space, [n, dim]; a drawing is drawn already and needs no rendering."""
        return self.encoder(space.encoder).encode_query(faces)

    def face_picture(self, image: RGB, face: Face) -> FacePicture:
        """A face and its picture, as encoders read them."""
        from embeddings import FacePicture

        return FacePicture(image, face)

    def style(self, name: str, image: RGB, face: Face) -> RGB:
        """One portrait in a style, for people to look at; kept on disk where the engine has a place for it."""
        from toonify import CachedStylizer, portrait_crop

        stylizer = self.stylizer(name)
        shown = CachedStylizer(stylizer, self._cache / "styles") if self._cache else stylizer
        return shown.stylize([portrait_crop(image, face.points, PORTRAIT_PX).image])[0]


def _moved(face: Face, points: np.ndarray, matrix: np.ndarray) -> Face:
    x1, y1, x2, y2 = face.box
    corners = np.array([[x1, y1, 1], [x2, y1, 1], [x1, y2, 1], [x2, y2, 1]], np.float64) @ np.asarray(matrix).T
    low, high = corners.min(axis=0), corners.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return replace(face, box=box, points=points.astype(np.float32))


def _open(settings: Settings) -> Pack:
    from castoon.errors import NotReadyError
    from embeddings import open_pack

    if settings.pack != "default":
        return open_pack(settings.pack, settings.models_folder)
    for name in DEFAULT_PACKS[:-1]:
        try:
            return open_pack(name, settings.models_folder)
        except NotReadyError:
            continue
    return open_pack(DEFAULT_PACKS[-1])
