"""The FFHQ portrait crop and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from castoon.errors import InputError
from toonify.align import STANDARD_POINTS, five_points, portrait_crop

FACE = np.array([[120, 140], [180, 140], [150, 175], [127, 205], [173, 205]], dtype=np.float32)


def _gradient(height: int = 400, width: int = 300) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 / width, y * 255 / height, (x + y) * 255 / (width + height)], axis=-1).astype(np.uint8)


def _turned(points: np.ndarray, degrees: float, centre: tuple[float, float]) -> np.ndarray:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return ((points - centre) @ turn.T + centre).astype(np.float32)


def test_crop_follows_the_published_recipe() -> None:
    """The reference quad of the FFHQ recipe, written out for an upright face."""
    eyes, mouth = np.array([150.0, 140.0]), np.array([150.0, 205.0])
    half = max(60 * 2.0, 65 * 1.8)
    corner = eyes + 0.1 * (mouth - eyes) - half
    crop = portrait_crop(_gradient(), FACE, 256)
    assert np.allclose(crop.to_picture([[-0.5, -0.5]])[0], corner, atol=0.01)
    assert np.allclose(crop.to_picture([[255.5, 255.5]])[0], corner + 2 * half, atol=0.01)


@pytest.mark.parametrize("degrees", [-40, 0, 25, 170])
def test_faces_stand_upright_at_the_standard_place_however_they_were_turned(degrees: float) -> None:
    crop = portrait_crop(_gradient(), _turned(FACE, degrees, (150, 170)), 256)
    assert np.abs(crop.points / 256 - STANDARD_POINTS).max() < 0.05


def test_points_go_there_and_back() -> None:
    crop = portrait_crop(_gradient(), _turned(FACE, 13, (150, 170)), 1024)
    assert np.allclose(crop.to_picture(crop.to_crop(FACE)), FACE, atol=1e-2)


def test_68_points_and_five_points_agree() -> None:
    many = np.zeros((68, 2), dtype=np.float32)
    many[36:42], many[42:48], many[30], many[48], many[54] = FACE
    assert np.allclose(five_points(many), FACE)


@pytest.mark.parametrize(("size", "out"), [(256, 256), (256, 1024), (1024, 1024), (128, 64)])
def test_pasting_the_untouched_crop_back_changes_almost_nothing(size: int, out: int) -> None:
    image = _gradient()
    crop = portrait_crop(image, _turned(FACE, 9, (150, 170)), size)
    stylized = crop.image if out == size else portrait_crop(image, _turned(FACE, 9, (150, 170)), out).image
    pasted = crop.paste_back(image, stylized)
    assert np.abs(pasted.astype(int) - image).max() <= 4


def test_pasting_changes_the_face_and_leaves_the_rest() -> None:
    image = _gradient(600, 600)
    crop = portrait_crop(image, FACE + 150, 256)
    pasted = crop.paste_back(image, np.zeros_like(crop.image))
    assert pasted[310, 300].max() <= 1
    assert np.array_equal(pasted[:50], image[:50])


def test_outside_the_picture_is_mirrored_not_black() -> None:
    image = np.full((100, 100, 3), 200, dtype=np.uint8)
    crop = portrait_crop(image, FACE - [100, 100], 256)
    assert crop.image.min() >= 195


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2)])
def test_tiny_pictures_do_not_crash(shape: tuple[int, int]) -> None:
    crop = portrait_crop(np.full((*shape, 3), 9, dtype=np.uint8), FACE, 64)
    assert crop.image.shape == (64, 64, 3)


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.full((5, 2), np.nan), np.zeros((4, 2)), np.full((5, 2), 7.0)])
def test_points_that_span_no_face_are_refused(points: np.ndarray) -> None:
    with pytest.raises(InputError, match="facial points"):
        portrait_crop(_gradient(), points)


@pytest.mark.parametrize(
    "image",
    [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3)), np.zeros((0, 9, 3), np.uint8)],
)
def test_what_is_not_rgb_is_refused(image: np.ndarray) -> None:
    with pytest.raises(InputError):
        portrait_crop(image, FACE)
