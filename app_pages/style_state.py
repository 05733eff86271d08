"""What the Style lab works on: a photo with a face, and what each style made of it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from app_pages import state, work_state
from casting import pictures, style_lab
from casting.progress import Progress
from casting.style_lab import Trial, Value
from castoon.errors import CastoonError, InputError
from castoon.images import RGB, decode

if TYPE_CHECKING:
    from casting.types import Face

TRIALS = "style trials"
MOST_TRIALS = 120
Key = tuple[str, str, tuple[tuple[str, Value], ...]]
"""Photo, style, parameters that differ from the style's own."""


@dataclass(frozen=True)
class Sitter:
    """A photo whose main face is rendered."""

    key: str
    label: str = field(compare=False)
    image: RGB = field(compare=False, repr=False)
    face: Face = field(compare=False, repr=False)


@st.cache_resource(show_spinner=False, max_entries=12)
def _sitter(key: str, label: str, _content: bytes, contract: str) -> Sitter:
    del contract
    image = decode(_content, label, int(state.library().settings.max_megapixels * 1e6)).pixels
    finding = state.engine().finder.find(image, "auto")
    if not finding.faces:
        raise InputError(label, finding.reason or "no face was found.", finding.next_step)
    return Sitter(key, label, image, finding.faces[0])


def sitter(content: bytes, label: str) -> Sitter:
    """The photo and its main face, or `InputError`."""
    return _sitter(hashlib.sha256(content).hexdigest(), label, content, state.engine().finder.contract)


def portrait(one: Sitter, size: int = 512) -> bytes:
    """The portrait that styles are given."""
    return pictures.jpeg(style_lab.portrait(one.image, one.face), size, 90)


def trials() -> dict[Key, Trial | CastoonError]:
    """What was rendered in this session; the oldest go first."""
    kept: dict[Key, Trial | CastoonError] = st.session_state.setdefault(TRIALS, {})
    while len(kept) > MOST_TRIALS:
        kept.pop(next(iter(kept)))
    return kept


def key_of(one: Sitter, style: str, parameters: Mapping[str, Value]) -> Key:
    """Under which a rendering is found again."""
    return one.key, style, tuple(sorted(parameters.items()))


def render(one: Sitter, wanted: list[Key]) -> None:
    """Render what is missing, beside the page."""
    models, kept = state.engine(), trials()

    def work(progress: Progress) -> None:
        progress.begin("styles", len(wanted))
        for key in wanted:
            if progress.stopped:
                return
            try:
                kept[key] = style_lab.try_style(models, key[1], one.image, one.face, dict(key[2]), progress)
            except CastoonError as error:
                kept[key] = error
            progress.advance()

    work_state.start("styles", work)


def png(picture: Any) -> bytes:
    """A rendering without loss, to be downloaded."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def shown(picture: RGB, size: int = 512) -> bytes:
    """A rendering for the screen."""
    return pictures.jpeg(picture, size, 90)
