"""The stylizer that ships with the lite pack: quick, any size, and the face stays the same face."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

import toonify
from casting.settings import load_settings
from casting.styles import list_styles, style_root
from castoon.errors import InputError, NotReadyError
from castoon.images import read
from embeddings.pack import BUNDLED
from toonify.style_distance import ssim

STYLE = "student:webtoon"
LITE = BUNDLED / "lite"
DEMO = Path(__file__).resolve().parents[2] / "casting" / "demo" / "data"


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """A made-up portrait of the demo cast, 256 px."""
    picture = read(sorted((DEMO / "photos").rglob("*.webp"))[0]).pixels
    side = min(picture.shape[:2])
    return np.asarray(cv2.resize(picture[:side, :side], (256, 256), interpolation=cv2.INTER_AREA))


def test_it_is_installed_without_any_download(tmp_path: Path) -> None:
    settings = load_settings(models=tmp_path / "none")
    info = next(style for style in list_styles(settings) if style.name == STYLE)
    assert info.installed
    assert not info.commercial_use
    assert not info.moves_features
    assert style_root(settings, STYLE) == LITE


def test_it_draws_the_same_person_differently(face: np.ndarray) -> None:
    style = toonify.load(STYLE, models=LITE)
    made = style.stylize([face])[0]
    assert made.shape == face.shape
    assert made.dtype == np.uint8
    assert 0.6 < ssim(made, face) < 0.97
    assert np.abs(made.astype(float) - face).mean() > 4
    assert np.array_equal(style.stylize([face])[0], made)


@pytest.mark.parametrize("shape", [(256, 256), (333, 250), (512, 512), (1024, 768), (1500, 900), (40, 57)])
def test_any_size_comes_back_at_its_size(shape: tuple[int, int], face: np.ndarray) -> None:
    picture = np.asarray(cv2.resize(face, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))
    assert toonify.load(STYLE, models=LITE).stylize([picture])[0].shape == picture.shape


def test_a_picture_is_drawn_alike_alone_and_among_others(face: np.ndarray) -> None:
    style = toonify.load(STYLE, models=LITE)
    alone = style.stylize([face])[0].astype(int)
    among = style.stylize([face[:, ::-1].copy(), face, face[:128].copy()])[1].astype(int)
    assert np.abs(alone - among).max() <= 1


def test_strength_and_size_are_part_of_what_it_is(face: np.ndarray) -> None:
    styles = [
        toonify.load(STYLE, models=LITE, **wanted)
        for wanted in ({}, {"strength": 0.5}, {"strength": 0.0}, {"size": 256})
    ]
    assert len({style.fingerprint for style in styles}) == 4
    assert np.abs(styles[2].stylize([face])[0].astype(int) - face).max() <= 1
    full, half = (np.abs(style.stylize([face])[0].astype(float) - face).mean() for style in styles[:2])
    assert half == pytest.approx(full / 2, rel=0.15)
    large = np.asarray(cv2.resize(face, (768, 768), interpolation=cv2.INTER_CUBIC))
    assert not np.array_equal(styles[0].stylize([large])[0], styles[3].stylize([large])[0])


def test_a_style_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match=r"webtoon\.onnx is not there"):
        toonify.load(STYLE, models=tmp_path)
    with pytest.raises(InputError, match="size"):
        toonify.load(STYLE, models=LITE, size=8)


def test_it_is_quick_enough_for_a_library(face: np.ndarray) -> None:
    style = toonify.load(STYLE, models=LITE)
    style.stylize([face])
    start = time.process_time()
    style.stylize([face] * 8)
    assert (time.process_time() - start) / 8 < 0.2  # seconds of all cores; 0.06 on one when nothing else runs
