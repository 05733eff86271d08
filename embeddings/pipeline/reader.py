"""First stage: a picture read and decoded."""

from __future__ import annotations

from castoon.errors import InputError
from castoon.words import Words
from embeddings.pipeline.work import AnyReadable, Picture


def read(source: AnyReadable) -> Picture[AnyReadable]:
    """The source decoded; a bad picture carries its reason."""
    try:
        return Picture(source, source.load())
    except InputError as error:
        return Picture(source, None, error)
    except OSError as error:
        reason = Words("the picture cannot be read ({why}).", why=error.strerror or error)
        return Picture(source, None, InputError(source.label, reason, "Import it again."))
