"""Second stage: the face of every picture, found or known already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from castoon.errors import InputError
from embeddings.contract import FaceFinder, FacePicture, FindHint, Finding
from embeddings.pipeline.flow import in_order
from embeddings.pipeline.work import Found, Picture


def detect(
    pictures: Iterable[Picture],
    finder: FaceFinder,
    hint: FindHint = "photo",
    on_found: Callable[[str, Finding], None] | None = None,
    threads: int = 1,
) -> Iterator[Found]:
    """One `Found` a picture, in order; of several faces the first. `on_found` hears what the finder said, to keep it.

    With several threads as many pictures are searched side by side; the finder must bear that, as ours do.
    """

    def find(picture: Picture) -> Found:
        source, image = picture.source, picture.image
        if image is None:
            return Found(source.photo, None, picture.failure)
        if source.face is not None:
            return Found(source.photo, FacePicture(image, source.face))
        finding = finder.find(image, hint)
        if on_found is not None:
            on_found(source.photo, finding)
        if finding.faces:
            return Found(source.photo, FacePicture(image, finding.faces[0]))
        return Found(source.photo, None, InputError(source.photo[:12], finding.reason, finding.next_step))

    return in_order(find, pictures, threads, threads)
