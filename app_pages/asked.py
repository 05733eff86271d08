"""What is asked of the engine on the casting pages, and the answers, each computed once a process.

A question is a value: pictures by content, the face chosen on each, or words. Ten analysts share these caches and
nothing else; what belongs to one of them lives in the session and in the address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app_pages import state
from casting import Ranking, castings, find_faces, pictures, rank_faces, rank_words
from casting.castings import ChosenFace, SavedCharacter
from casting.spaces import Space
from casting.tuning.active import space_weights
from castoon.errors import CastoonError
from castoon.images import RGB, decode

if TYPE_CHECKING:
    from casting.types import FacePicture, Finding, Vectors


@dataclass(frozen=True)
class Shown:
    """One picture of a character, as handed in."""

    key: str
    """Hash of its content, which alone identifies it."""
    label: str = field(compare=False)
    content: bytes = field(compare=False, repr=False)

    @classmethod
    def of(cls, content: bytes, label: str) -> Shown:
        """A picture by its content."""
        return cls(hashlib.sha256(content).hexdigest(), label, content)


@dataclass(frozen=True)
class Question:
    """Who is looked for: a saved character, pictures that are not saved, or words."""

    name: str
    """What reports and files are called."""
    saved: str | None = None
    shown: tuple[Shown, ...] = ()
    faces: tuple[ChosenFace, ...] = ()
    words: str = ""

    def with_faces(self, faces: Mapping[int, ChosenFace]) -> Question:
        """The same question with other faces chosen on some pictures."""
        return replace(self, faces=tuple(faces.get(place, face) for place, face in enumerate(self.faces)))


@dataclass(frozen=True)
class Options:
    """How it is looked for."""

    k: int
    where: str
    weights: tuple[tuple[str, float], ...]
    style: str


_BY_KEY: dict[str | type[Any], Callable[[Any], Any]] = {Shown: lambda shown: shown.key}


@st.cache_resource(show_spinner=False, max_entries=12, hash_funcs=_BY_KEY)
def picture(shown: Shown) -> RGB:
    """Decoded pixels of a picture: one array for all who look at it, so nobody may write into it."""
    pixels = decode(shown.content, shown.label, int(state.library().settings.max_megapixels * 1e6)).pixels
    pixels.flags.writeable = False
    return pixels


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=_BY_KEY)
def faces(shown: Shown, contract: str) -> Finding:
    """Faces of a picture, by one finder."""
    del contract
    return find_faces(state.engine(), picture(shown))


def finding(shown: Shown) -> Finding:
    """Faces of a picture."""
    return faces(shown, state.engine().finder.contract)


def face_pictures(question: Question) -> list[FacePicture]:
    """The chosen faces, as encoders read them."""
    models = state.engine()
    found = []
    for shown, chosen in zip(question.shown, question.faces, strict=True):
        image = picture(shown)
        by_number = chosen.box is None and chosen.points is None
        several = finding(shown).faces if by_number else ()
        face = several[chosen.number] if chosen.number < len(several) else chosen.on(models, image, shown.label)
        found.append(models.face_picture(image, face))
    return found


def vectors(question: Question, options: Options) -> Mapping[str, Vectors]:
    """Space -> vectors of the chosen faces [n, dim]: the same for every filter, and for everybody's Why."""
    models = state.engine()
    weights = dict(options.weights) or space_weights(state.library(), models)
    spaces = [Space.parse(name) for name, weight in weights.items() if weight > 0]
    return _vectors(
        question.shown, question.faces, tuple((str(s), models.contract(s), models.reading(s)) for s in spaces)
    )


@st.cache_data(show_spinner=False, max_entries=48, hash_funcs=_BY_KEY)
def _vectors(
    shown: tuple[Shown, ...], faces: tuple[ChosenFace, ...], spaces: tuple[tuple[str, str, str], ...]
) -> dict[str, Vectors]:
    models, pictures = state.engine(), face_pictures(Question("", shown=shown, faces=faces))
    return {name: models.encode_query(Space.parse(name), pictures) for name, *_ in spaces}


def rank(question: Question, options: Options) -> Ranking:
    """The ranking by the live index; without those whom somebody set aside for this character."""
    aside = {word.actor_id for word in set_aside(question)}
    index = state.live_index()
    ranking = _rank(
        index.version,
        state.library().database.revision(),
        question,
        replace(options, k=options.k + len(aside), style=""),
    )
    return castings.feedback.without(ranking, aside, options.k)


@st.cache_data(show_spinner=False, max_entries=96, hash_funcs=_BY_KEY)
def _rank(version: str, revision: int, question: Question, options: Options) -> Ranking:
    del revision  # photos and facts of another revision are other answers
    opened, models, index, k, where = state.library(), state.engine(), state.index(version), options.k, options.where
    if question.words:
        return rank_words(opened, models, question.words, k=k, where=where, index=index)
    return rank_faces(
        opened, models, face_pictures(question), k=k, where=where, weights=dict(options.weights) or None, index=index,
        label=question.name, vectors=vectors(question, options),
    )  # fmt: skip


def set_aside(question: Question) -> list[castings.Word]:
    """Who is left out of this character's rankings."""
    return castings.feedback.of_character(state.library(), question.saved) if question.saved else []


@st.cache_data(show_spinner=False, max_entries=48, hash_funcs=_BY_KEY)
def small(shown: Shown, size: int) -> bytes:
    """A picture for the screen."""
    return pictures.jpeg(picture(shown), size)


@st.cache_data(show_spinner=False, max_entries=256, hash_funcs=_BY_KEY)
def square(shown: Shown, size: int) -> bytes:
    """The middle of a picture."""
    return pictures.jpeg(pictures.portrait(picture(shown), None), size)


@st.cache_data(show_spinner=False, max_entries=512, hash_funcs=_BY_KEY)
def face_crop(shown: Shown, chosen: ChosenFace, size: int) -> bytes:
    """The chosen face with room for hair and chin."""
    (face,) = (one.face for one in face_pictures(Question("", shown=(shown,), faces=(chosen,))))
    return pictures.jpeg(pictures.portrait(picture(shown), face.box), size)


def of_saved(character: SavedCharacter) -> Question:
    """The question that a saved character asks; pictures that are gone are left out."""
    shown, chosen = [], []
    for image, face in zip(character.images, character.faces, strict=True):
        try:
            content = state.file_bytes(state.library().folder / image)
        except CastoonError:
            continue
        shown.append(Shown.of(content, Path(image).name))
        chosen.append(face)
    return Question(character.name, character.name, tuple(shown), tuple(chosen))
