"""Drawing the whole data set: every picture is a task of its own, so several processes may share them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from casting.demo import tables
from casting.demo.identity import identity_of
from casting.demo.people import everybody
from casting.demo.roles import everyone
from castoon.files import write_atomic

PORTRAIT_QUALITY, DRAWING_QUALITY = 80, 82


def tasks() -> list[str]:
    """Relative paths of all pictures."""
    portraits = [
        tables.photo_path(who, shot)
        for number, who in enumerate(everybody())
        for shot in range(1, tables.portrait_count(number) + 1)
    ]
    drawings = [tables.drawing_path(role, number) for role in everyone() for number in (1, 2)]
    from casting.demo.panels import PANELS

    return portraits + drawings + [f"panels/{panel.file}" for panel in PANELS]


def picture(path: str) -> npt.NDArray[np.uint8]:
    """Draw one picture of the data set by its relative path."""
    kind, rest = path.split("/", 1)
    if kind == "photos":
        from casting.demo.portrait import render
        from casting.demo.shots import shots_of

        slug, file = rest.split("/")
        who = identity_of({one.slug: one for one in everybody()}[slug])
        return render(who, shots_of(who, 6)[int(file.removesuffix(".webp")) - 1])
    if kind == "characters":
        from casting.demo.webtoon import draw_character

        slug, number = rest.removesuffix(".webp").rsplit("-", 1)
        role = {one.slug: one for one in everyone()}[slug]
        return draw_character(role.identity, role.style, int(number))
    from casting.demo.panels import PANELS, draw_panel

    return draw_panel({panel.file: panel for panel in PANELS}[rest])


def encoded(path: str) -> bytes:
    """The picture as WebP bytes."""
    import cv2

    cv2.setNumThreads(1)
    stream = io.BytesIO()
    quality = PORTRAIT_QUALITY if path.startswith("photos/") else DRAWING_QUALITY
    Image.fromarray(picture(path)).save(stream, "WEBP", quality=quality, method=6)
    return stream.getvalue()


def build(target: Path, progress: Callable[[int, int], None] | None = None, workers: int | None = None) -> None:
    """Draw everything into `target`. The bytes do not depend on the number of `workers`."""
    paths = tasks()
    target.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("cast.csv", tables.cast_csv()),
        ("characters.csv", tables.characters_csv()),
        ("truth.csv", tables.truth_csv()),
        ("productions.csv", tables.productions_csv()),
    ):
        write_atomic(target / name, content)
    count = workers or min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        for done, (path, content) in enumerate(zip(paths, pool.map(encoded, paths), strict=True), 1):
            write_atomic(target / path, content)
            if progress:
                progress(done, len(paths))
