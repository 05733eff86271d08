"""Second stage: the face of every picture, found or known already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor

from castoon.errors import InputError
from embeddings.contract import FaceFinder, FacePicture, FindHint, Finding
from embeddings.pipeline.flow import in_order
from embeddings.pipeline.work import Found, Picture


def detect(
    pictures: Iterable[Picture],
    finder: FaceFinder,
    pool: Executor,
    hint: FindHint = "photo",
    on_found: Callable[[str, Finding], None] | None = None,
    ahead: int = 2,
) -> Iterator[Found]:
    """One `Found` a picture, in order; of several faces the first. `on_found` hears what the finder said, to keep it.

    `ahead` pictures are searched or wait for it: twice the workers, so that none of them ever waits. The finder must
    bear being used by several threads, as ours do.
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

    return in_order(find, pictures, pool, ahead)
