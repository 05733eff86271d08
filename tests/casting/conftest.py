"""Small casts of made-up pictures, and libraries on stand-in models, so that nothing here needs weights."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from casting import Engine, Library, import_cast, rebuild

PictureMaker = Callable[..., bytes]
SPACES = {"arcface:photo": 1.0, "arcface:cel": 0.25}
"""Two spaces, so that fusing has something to do."""


def person_picture(person: int, take: int = 0, size: int = 64, image_format: str = "PNG", **options: object) -> bytes:
    """A blurry pattern that is the person's own, a little different in each take."""
    rng = np.random.default_rng(person)
    base = rng.integers(0, 255, (8, 8, 3)).astype(np.float32)
    noise = np.random.default_rng((person, take)).normal(0, 6, (size, size, 3))
    image = Image.fromarray(base.astype(np.uint8)).resize((size, size), Image.Resampling.BICUBIC)
    pixels = np.clip(np.asarray(image, np.float32) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, image_format, **options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def draw() -> PictureMaker:
    return person_picture


@pytest.fixture
def cast_folder(tmp_path: Path, draw: PictureMaker) -> Path:
    """Six people with three photos each."""
    folder = tmp_path / "cast"
    for person in range(6):
        home = folder / f"actor {person}"
        home.mkdir(parents=True)
        for take in range(3):
            (home / f"{take}.png").write_bytes(draw(person, take))
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "library", pack="fake", spaces=SPACES)


@pytest.fixture
def engine(library: Library) -> Engine:
    return Engine(library.settings)


@pytest.fixture
def ready(library: Library, engine: Engine, cast_folder: Path) -> Library:
    """A library that is imported and indexed."""
    report = import_cast(library, cast_folder, engine.finder)
    assert (report.photos, report.actors, report.refused) == (18, 6, [])
    assert rebuild(library, engine).published
    return library
