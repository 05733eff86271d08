"""Whole pictures with no face, one or five; sizes from one pixel to enormous; and the report."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

from castoon.errors import InputError
from castoon.images import decode
from toonify.align import STANDARD_POINTS
from toonify.contract import RGB
from toonify.engines.cel import CelStylizer
from toonify.fakes import FakeStylizer
from toonify.fitting import Fit
from toonify.portraits import stylize_pictures
from toonify.report import report
from toonify.report_sheet import grid
from toonify.style_distance import ssim, style_distance

FIVE = [STANDARD_POINTS * 100 + offset for offset in ([0, 0], [150, 0], [300, 0], [40, 150], [200, 150])]


def _scene() -> np.ndarray:
    return np.random.default_rng(0).integers(60, 256, (280, 420, 3), dtype=np.uint8)


class Black:
    """Paints everything black, and counts calls."""

    name = "black"
    fingerprint = "0"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def stylize(self, faces: Sequence[RGB]) -> list[RGB]:
        self.calls.append(len(faces))
        return [np.zeros_like(face) for face in faces]


def test_pictures_with_no_face_one_and_five_go_together() -> None:
    pictures = [_scene(), _scene(), _scene()[:200, :200].copy()]
    faces = {0: [], 1: FIVE, 2: FIVE[:1]}
    order = iter(range(3))
    black = Black()
    made = stylize_pictures(pictures, lambda picture: faces[next(order)], black)
    assert black.calls == [6]
    assert [len(one.portraits) for one in made] == [0, 5, 1]
    assert np.array_equal(made[0].picture, pictures[0]) and "No face" in made[0].reason
    for points in FIVE:
        x, y = points.mean(0).astype(int)
        assert made[1].picture[y, x].max() <= 2
    assert np.array_equal(made[1].picture[-5:, -5:], pictures[1][-5:, -5:])


def test_one_bad_picture_does_not_take_the_others_down() -> None:
    bad_points = np.zeros((5, 2), dtype=np.float32)
    given = iter([[bad_points], FIVE[:1]])
    made = stylize_pictures([_scene(), _scene()], lambda picture: next(given), FakeStylizer())
    assert "do not span a face" in made[0].reason and not made[0].portraits
    assert len(made[1].portraits) == 1 and not made[1].reason


@pytest.mark.parametrize("fit", [Fit(16, 32, 128), Fit(1, 32, 64), Fit(square=64), Fit(32, 64, 1024)])
@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (33, 47), (64, 64), (300, 100)])
def test_fitting_there_and_back_distorts_nothing(fit: Fit, shape: tuple[int, int]) -> None:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    picture = np.stack([x * 255 // shape[1], y * 255 // shape[0], np.full_like(x, 77)], axis=-1).astype(np.uint8)
    fitted = fit.forth(picture)
    assert fit.square in {None, fitted.shape[0]} and all(side % fit.multiple == 0 for side in fitted.shape[:2])
    back = fit.back(fitted, picture)
    assert back.shape == picture.shape
    assert np.abs(back.astype(int) - picture).mean() < 6
    larger = fit.back(np.repeat(np.repeat(fitted, 4, 0), 4, 1), picture)
    assert np.abs(larger.astype(int) - picture).mean() < 6


def test_a_face_keeps_its_proportions_in_a_network_of_one_size() -> None:
    tall = np.zeros((200, 100, 3), dtype=np.uint8)
    tall[80:120, 30:70] = 255
    fitted = Fit(square=64).forth(tall)
    column, row = fitted[:, 32, 0] > 127, fitted[32, 20:44, 0] > 127
    assert abs(int(column.sum()) - int(row.sum())) <= 1 and column.sum() > 10


def test_enormous_pictures_stay_bounded() -> None:
    wide = np.zeros((300, 20_000, 3), dtype=np.uint8)
    wide[:, ::50] = 255
    assert max(Fit(16, 32, 1024).forth(wide).shape) <= 1024
    assert CelStylizer().stylize([wide])[0].shape == wide.shape


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "CMYK", "P", "1", "I;16"])
def test_every_kind_of_picture_reaches_the_stylizer_as_rgb(mode: str) -> None:
    source = Image.fromarray(_scene()[:60, :50])
    if mode == "I;16":
        image = Image.fromarray(np.asarray(source.convert("L")).astype(np.uint16) * 257)
    else:
        image = source.convert("LA" if mode == "LA" else mode)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    picture = decode(buffer.getvalue()).pixels
    assert CelStylizer().stylize([picture])[0].shape == (60, 50, 3)


def test_ssim_and_style_distance_order_what_they_should() -> None:
    y, x = np.mgrid[0:128, 0:128]
    base = np.stack([128 + 80 * np.sin(x / 9), 128 + 60 * np.cos(y / 7), 100 + 40 * np.sin((x + y) / 15)], -1).astype(
        np.uint8
    )
    noisy = np.clip(base + np.random.default_rng(0).normal(0, 25, base.shape), 0, 255).astype(np.uint8)
    assert ssim(base, base) == pytest.approx(1)
    inverted = 255 - base
    assert ssim(base, inverted) < ssim(base, noisy) < 0.9
    assert style_distance(base, base) == 0
    assert style_distance(base, np.roll(base, 9, 1)) < style_distance(base, noisy) < style_distance(base, inverted)


def test_ssim_agrees_with_an_independent_implementation() -> None:
    from skimage.metrics import structural_similarity

    draw = np.random.default_rng(1)
    one = draw.integers(0, 256, (64, 64), dtype=np.uint8)
    other = np.clip(one + draw.normal(0, 40, one.shape), 0, 255).astype(np.uint8)
    reference = structural_similarity(
        one, other, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    mine = ssim(np.repeat(one[..., None], 3, 2), np.repeat(other[..., None], 3, 2))
    assert mine == pytest.approx(reference, abs=0.01)


def _portraits() -> tuple[list[np.ndarray], list[str]]:
    """Two photos each of three people who differ in colour."""
    draw = np.random.default_rng(2)
    photos, owners = [], []
    for name, colour in (("a", (220, 40, 40)), ("b", (40, 220, 40)), ("c", (40, 40, 220))):
        for _ in range(2):
            photos.append(np.clip(np.array(colour) + draw.normal(0, 12, (64, 64, 3)), 0, 255).astype(np.uint8))
            owners.append(name)
    return photos, owners


def _embed(pictures: Sequence[RGB]) -> np.ndarray:
    """The mean colour as a direction; black pictures have no face."""
    means = np.array([picture.mean((0, 1)) - 100 for picture in pictures], dtype=np.float32)
    means[[picture.max() == 0 for picture in pictures]] = np.nan
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def test_report_measures_identity_structure_time_and_memory() -> None:
    photos, owners = _portraits()
    seen: list[tuple[str, int, int]] = []
    made = report(
        photos, [CelStylizer(), Black()], _embed, owners=owners, batch=4, progress=lambda *step: seen.append(step)
    )
    cel, black = made.rows
    assert cel.identity > 0.95 and cel.found == 1 and cel.found_photo == 1 and cel.face_lost == 0
    assert black.found == 0 and black.face_lost == 1 and np.isnan(black.identity)
    assert cel.structure > black.structure and 0 < cel.style_distance < black.style_distance
    assert cel.seconds > 0 and cel.photos == 6 and cel.peak_mb >= 0
    assert seen == [("cel", 4, 6), ("cel", 6, 6), ("black", 4, 6), ("black", 6, 6)]
    assert made.sheet.shape == (22 + 3 * 192, 3 * 192, 3)
    assert json.dumps([asdict(row)["style"] for row in made.rows]) == '["cel", "black"]'


def test_report_refuses_what_it_cannot_measure() -> None:
    photos, owners = _portraits()
    with pytest.raises(InputError, match="no photos"):
        report([], [], _embed)
    with pytest.raises(InputError, match="2 owners for 6"):
        report(photos, [], _embed, owners=owners[:2])


def test_a_grid_places_pictures_without_distortion() -> None:
    tall = np.full((80, 40, 3), 10, dtype=np.uint8)
    sheet = grid([[tall]], 100)
    assert sheet.shape == (100, 100, 3)
    assert (sheet[50] < 50).all(1).sum() == 50 and (sheet[:, 50] < 50).all(1).sum() == 100
