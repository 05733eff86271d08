"""Second stage: the face of every picture, found or known already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from castoon.errors import InputError
from embeddings.contract import FaceFinder, FacePicture, FindHint, Finding
from embeddings.pipeline.work import Found, Picture


def detect(
    pictures: Iterable[Picture],
    finder: FaceFinder,
    hint: FindHint = "photo",
    on_found: Callable[[str, Finding], None] | None = None,
) -> Iterator[Found]:
    """One `Found` a picture; of several faces the first. `on_found` hears what the finder said, so as to keep it."""
    for picture in pictures:
        source, image = picture.source, picture.image
        if image is None:
            yield Found(source.photo, None, picture.failure)
        elif source.face is not None:
            yield Found(source.photo, FacePicture(image, source.face))
        else:
            finding = finder.find(image, hint)
            if on_found is not None:
                on_found(source.photo, finding)
            if finding.faces:
                yield Found(source.photo, FacePicture(image, finding.faces[0]))
            else:
                yield Found(source.photo, None, InputError(source.photo[:12], finding.reason, finding.next_step))
