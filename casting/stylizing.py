"""Photos into webtoon portraits, file by file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from casting.engine import Engine
from casting.settings import load_settings
from castoon.errors import InputError
from castoon.files import atomic_writer
from castoon.images import read


def stylize_files(
    photos: Sequence[Path], style: str, out: Path, settings: Mapping[str, Any]
) -> tuple[list[tuple[Path, Path]], list[InputError]]:
    """Write `<name>.<style>.png` for each photo's main face; returns what was written and what was refused."""
    from PIL import Image

    engine = Engine(load_settings(**settings))
    engine.stylizer(style)
    done: list[tuple[Path, Path]] = []
    refused: list[InputError] = []
    for photo in photos:
        try:
            pixels = read(photo).pixels
            finding = engine.finder.find(pixels, "photo")
            if not finding.faces:
                raise InputError(str(photo), finding.reason or "no face was found.", finding.next_step)
        except InputError as error:
            refused.append(error)
            continue
        target = out / f"{photo.stem}.{style.replace(':', '-').replace('/', '-')}.png"
        with atomic_writer(target) as handle:
            Image.fromarray(engine.style(style, pixels, finding.faces[0])).save(handle, "PNG")
        done.append((photo, target))
    return done, refused
