"""Pages and pictures in a style, handed over in memory to learn it from; they are read and not kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from casting.curation.adding import ZIP_MAGIC, Upload
from casting.importing.files import ZipFiles
from castoon.errors import InputError
from castoon.images import SUFFIXES


def pictures_of(uploads: Sequence[Upload]) -> list[bytes]:
    """The pictures, and those inside ZIPs; `InputError` where a ZIP cannot be opened."""
    found = []
    for one in uploads:
        found += _inside(one) if one.content.startswith(ZIP_MAGIC) else [one.content]
    return found


def _inside(packed: Upload) -> list[bytes]:
    opened = ZipFiles(Path(packed.name), io.BytesIO(packed.content))
    return [
        opened.read(name)
        for name in opened.names()
        if not isinstance(name, InputError) and PurePosixPath(name).suffix.lower() in SUFFIXES
    ]
