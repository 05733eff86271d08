"""Second stage: the face of a picture, found or known already."""

from __future__ import annotations

from castoon.errors import InputError
from castoon.words import Words
from embeddings.contract import FaceFinder, FindHint
from embeddings.pipeline.patience import Patience
from embeddings.pipeline.work import AnyReadable, Found, Picture


def detect(
    picture: Picture[AnyReadable], finder: FaceFinder, patience: Patience, hint: FindHint = "photo"
) -> Found[AnyReadable]:
    """Of several faces the first. The finder must bear being used by several threads, as ours do."""
    source, image = picture.source, picture.image
    if image is None:
        return Found(source, failure=picture.failure)
    if source.face is not None:
        return Found(source, source.face)
    try:
        finding = finder.find(image, hint)
    except Exception as error:
        reason = Words("looking for a face failed ({kind}: {why}).", kind=type(error).__name__, why=error)
        return Found(source, failure=patience.blame(source.label, reason, error))
    patience.worked()
    if not finding.faces:
        return Found(source, None, finding, InputError(source.label, finding.reason, finding.next_step))
    return Found(source, finding.faces[0], finding)
