"""The cel look: flat tones, dark lines, features in place, any picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from castoon.errors import InputError
from toonify.align import STANDARD_POINTS
from toonify.engines.cel import CelParameters, CelStylizer
from toonify.engines.cel_features import deformation
from toonify.engines.cel_ink import ink_lines
from toonify.engines.cel_tones import soft_bands, tone_centres


def _face(skin: tuple[int, int, int] = (205, 160, 135), size: int = 256, noise: float = 4.0) -> np.ndarray:
    """A drawn stand-in for a face: head, eyes, nose, mouth, shading and noise."""
    draw = np.random.default_rng(0)
    image = np.full((size, size, 3), (90, 120, 150), dtype=np.float32)
    points = STANDARD_POINTS * size
    cv2.ellipse(
        image, (size // 2, int(size * 0.56)), (int(size * 0.26), int(size * 0.36)), 0, 0, 360, skin, -1, cv2.LINE_AA
    )
    image *= np.linspace(1.1, 0.8, size)[None, :, None]
    for eye in points[:2]:
        cv2.ellipse(
            image, eye.astype(int).tolist(), (size // 18, size // 34), 0, 0, 360, (240, 240, 240), -1, cv2.LINE_AA
        )
        cv2.circle(image, eye.astype(int).tolist(), size // 40, (30, 20, 15), -1, cv2.LINE_AA)
    cv2.ellipse(image, points[3:].mean(0).astype(int).tolist(), (size // 11, size // 40), 0, 0, 360, (150, 60, 60), -1)
    return np.clip(image + draw.normal(0, noise, image.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("skin", [(235, 200, 180), (205, 160, 135), (120, 80, 60), (60, 40, 32)])
def test_tones_are_flatter_and_skin_keeps_its_colour(skin: tuple[int, int, int]) -> None:
    face = _face(skin)
    made = CelStylizer().stylize([face])[0]
    cheek = np.s_[150:165, 100:115]
    assert made[cheek].std(axis=(0, 1)).mean() < 0.6 * face[cheek].std(axis=(0, 1)).mean()
    lab = [
        cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[120:200, 90:166].mean((0, 1)) for p in (face, made)
    ]
    assert abs(lab[0][0] - lab[1][0]) < 7
    assert np.hypot(*(lab[0][1:] - lab[1][1:])) < 7


def test_ink_lies_on_the_outline_and_not_on_flat_skin() -> None:
    grey = np.full((128, 128), 0.8, dtype=np.float32)
    cv2.circle(grey, (64, 64), 40, 0.3, 1, cv2.LINE_AA)
    ink = ink_lines(grey, 1.0, 0.5)
    assert ink[64, 104] > 0.5
    assert ink[50:78, 50:78].max() < 0.05
    assert ink_lines(np.full((64, 64), 0.5, dtype=np.float32), 1.0, 1.0).max() < 0.01


def test_ink_is_free_of_contrast() -> None:
    strong = np.full((96, 96), 0.9, dtype=np.float32)
    strong[:, 48:] = 0.2
    weak = 0.5 + (strong - 0.5) * 0.2
    assert np.abs(ink_lines(strong, 1.0, 0.5) - ink_lines(weak, 1.0, 0.5)).mean() < 0.05


def test_bands_are_steps_between_the_picture_s_own_tones() -> None:
    lightness = np.concatenate([np.full(400, 20), np.full(400, 50), np.full(400, 75)]).astype(np.float32)
    lightness += np.random.default_rng(0).normal(0, 2, lightness.shape).astype(np.float32)
    centres = tone_centres(lightness, 3)
    assert np.allclose(centres, [20, 50, 75], atol=2)
    banded = soft_bands(lightness, centres, 0.0)
    assert np.abs(banded[:, None] - centres[None]).min(1).max() < 0.5
    curve = soft_bands(np.linspace(0, 100, 500, dtype=np.float32), centres, 0.5)
    assert (np.diff(curve) >= -1e-4).all()


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_deformation_enlarges_eyes_slims_the_jaw_and_stays_one_to_one(strength: float) -> None:
    points = STANDARD_POINTS * 256
    x, y = deformation((256, 256), points, strength)
    determinant = np.gradient(x, axis=1) * np.gradient(y, axis=0) - np.gradient(x, axis=0) * np.gradient(y, axis=1)
    assert determinant.min() > 0
    eye = tuple(points[0].astype(int)[::-1])
    nose = tuple(points[2].astype(int)[::-1])
    assert determinant[eye] < 1 - 0.3 * strength
    assert determinant[nose] > 1
    jaw, edge = int(points[3][1] + 20), 70
    assert x[jaw, edge] < edge - 1 * strength
    assert abs(x[8, 8] - 8) < 0.5


def test_nothing_moves_unless_asked_for() -> None:
    face = _face(noise=0)
    still, moved = CelStylizer().stylize([face])[0], CelStylizer(CelParameters(proportions=1.0)).stylize([face])[0]
    pupils = [np.argwhere(p[100:142, 80:115].mean(2) < 70) for p in (face, still, moved)]
    assert np.allclose(pupils[0].mean(0), pupils[1].mean(0), atol=0.8)
    assert len(pupils[2]) > 1.2 * len(pupils[1])


def test_black_and_white_photos_stay_black_and_white() -> None:
    grey = np.repeat(cv2.cvtColor(_face(), cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    made = CelStylizer().stylize([grey])[0]
    assert np.ptp(made.astype(int), axis=2).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (3, 2), (40, 90), (2500, 60), (301, 299)])
def test_any_size_comes_back_at_its_size(shape: tuple[int, int]) -> None:
    face = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert CelStylizer(CelParameters(proportions=0.5)).stylize([face])[0].shape == face.shape


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_pictures_of_one_colour_stay_so(colour: int) -> None:
    face = np.full((64, 64, 3), colour, dtype=np.uint8)
    assert np.abs(CelStylizer().stylize([face])[0].astype(int) - colour).max() <= 12


def test_what_is_no_picture_is_refused_with_its_place() -> None:
    good = np.zeros((8, 8, 3), dtype=np.uint8)
    with pytest.raises(InputError, match="picture 2"):
        CelStylizer().stylize([good, good[..., 0]])


def test_same_input_same_output_and_order_is_kept() -> None:
    faces = [_face((200, 150, 130)), _face((90, 60, 50))]
    once, alone = CelStylizer().stylize(faces), [CelStylizer().stylize([face])[0] for face in faces]
    assert all(np.array_equal(a, b) for a, b in zip(once, alone, strict=True))
