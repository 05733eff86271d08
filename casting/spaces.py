"""Spaces such as `arcface:cel`: an encoder, and the rendering of the gallery photos that it looks at."""

from __future__ import annotations

from dataclasses import dataclass

from castoon.errors import InputError
from castoon.words import Words

PHOTO = "photo"


@dataclass(frozen=True, order=True)
class Space:
    """One way to compare a drawing with an actor."""

    encoder: str
    rendering: str
    """`photo` for photos as they are, otherwise the name of a style."""

    @classmethod
    def parse(cls, name: str) -> Space:
        """`arcface:cel`; a style may hold colons itself."""
        encoder, _, rendering = name.partition(":")
        if not encoder or not rendering:
            raise InputError(
                Words("space `{name}`", name=name),
                "it is not of the form <encoder>:<rendering>.",
                "Try `arcface:photo`.",
            )
        return cls(encoder, rendering)

    def __str__(self) -> str:
        return f"{self.encoder}:{self.rendering}"
