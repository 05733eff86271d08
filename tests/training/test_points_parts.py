"""What teaches the second look: bent faces whose points go along, and lessons that say which points are known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.dots import COLOURS, dotted, middle
from training.bends import Bend, bent_square
from training.points import point_errors
from training.points_bent import KEPT, _kept, mixed
from training.points_crop import cut, rotation
from training.points_data import Lessons, OffConfig, Source
from training.points_more import Examples, joined
from training.points_net import EYES, FRAME, SIDE, PointsNet
from training.run import begin_from, keep_weights, kept_weights


def _dotted(scale: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """A black picture with a dot of its own colour at each of a face's five points."""
    points = (FRAME * scale + 30).astype(np.float32)
    return dotted(points, 256, 256), points


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_points_lie_where_a_bent_picture_shows_them(seed: int) -> None:
    picture, points = _dotted()
    bend = Bend.random(np.random.default_rng(seed), points, 0.16)
    square = bent_square(picture, np.eye(2, 3), bend, 255, cv2.BORDER_REPLICATE)
    for at, colour in zip(bend.carried(points), COLOURS, strict=True):
        assert np.abs(middle(square, colour) - at).max() < 1.5


def _examples(known: list[bool]) -> Examples:
    picture, points = _dotted()
    sizes = np.array([[256, 256]])
    return Examples(picture[None], sizes, points[None], np.array([known]))


def test_lessons_say_where_the_points_of_their_crops_are_and_which_are_known() -> None:
    """Moved, turned, bent, mirrored, lit otherwise: a dot lies wherever the lesson says a point is."""
    whole, partly = _examples([True] * 5), _examples([True, True, True, True, False])
    quiet = OffConfig(empty=0.0)
    lessons = Lessons([Source(whole, 0.5, bend=0.5), Source(partly, 0.5)], quiet, seed=2)
    unknown = set()
    for lesson in (lessons.one() for _ in range(60)):
        assert lesson.crop.shape == (SIDE, SIDE, 3)
        assert lesson.known.any()
        unknown |= set(np.flatnonzero(~lesson.known).tolist())
        points = lesson.moves.reshape(5, 2) * EYES + FRAME
        bright = lesson.crop.max(2).astype(int)
        lit = bright > np.median(bright) + 20
        inside = (points > 4).all(1) & (points < SIDE - 4).all(1)
        for x, y in np.round(points[inside]).astype(int):
            assert lit[y - 3 : y + 4, x - 3 : x + 4].any()
    assert unknown == {3, 4}  # the right corner of the mouth, or the left one of a mirrored face


def test_what_is_kept_of_a_bent_picture_shows_its_points_where_it_says() -> None:
    picture, points = _dotted()
    kept, there = _kept(picture, points)
    assert kept.shape == (KEPT, KEPT, 3)
    for at, colour in zip(there, COLOURS, strict=True):
        assert np.abs(middle(kept, colour) - at).max() < 0.3


@pytest.mark.parametrize("scale", [0.9, 0.3], ids=["as it is", "made smaller first"])
def test_a_crop_shows_a_place_to_a_tenth_of_a_pixel(scale: float) -> None:
    """What is made smaller before it is cut out moves by a good part of a pixel unless places count from the corner."""
    place = np.array([181.3, 207.8])
    y, x = np.mgrid[:400, :400] + 0.5
    spot = 250 * np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / (2 * (2.5 / scale) ** 2))
    picture = np.repeat(spot[..., None], 3, 2).astype(np.uint8)
    turn = scale * rotation(0.4)
    matrix = np.concatenate([turn, (SIDE / 2 - turn @ place)[:, None]], axis=1)
    zeros = np.zeros((1, 2), np.float32)
    for bend in (None, Bend(zeros, np.ones(1, np.float32), zeros, zeros)):
        seen = cut(picture, matrix, SIDE, bend=bend)[..., 0].astype(float)
        ys, xs = np.mgrid[:SIDE, :SIDE] + 0.5
        assert abs((seen * xs).sum() / seen.sum() - SIDE / 2) < 0.1
        assert abs((seen * ys).sum() / seen.sum() - SIDE / 2) < 0.1


@given(seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_two_drawings_in_one_lie_point_on_point(seed: int) -> None:
    """A picture mixed with itself, moved and brought back, is that picture."""
    picture, _ = _dotted()
    moved = np.roll(picture, (6, -9), (0, 1))
    back = np.array([[1.0, 0.0, 9.0], [0.0, 1.0, -6.0]])
    both = mixed(np.random.default_rng(seed), picture, moved, back)
    assert np.abs(both.astype(int) - picture)[10:-10, 10:-10].max() <= 1


def test_a_mixture_shows_both_drawings() -> None:
    dark, light = np.zeros((218, 178, 3), np.uint8), np.full((200, 150, 3), 240, np.uint8)
    shares = [float(mixed(np.random.default_rng(seed), dark, light, np.eye(2, 3)).mean()) / 240 for seed in range(20)]
    assert min(shares) > 0.25 and max(shares) < 0.75


def test_a_lesson_without_a_face_knows_no_point() -> None:
    lessons = Lessons([Source(_examples([True] * 5))], OffConfig(empty=1.0), seed=3)
    assert not any(lesson.known.any() for lesson in (lessons.one() for _ in range(30)))


def test_unknown_points_count_for_nothing() -> None:
    moves = torch.zeros(2, 10)
    found = moves.clone()
    found[:, 8:] = 3.0
    known = torch.tensor([[True, True, True, True, False], [False] * 5])
    assert point_errors(found, moves, known).tolist() == [0.0, 0.0]
    assert float(point_errors(found, moves, torch.ones(2, 5, dtype=torch.bool))[0]) > 0.8


def test_joined_examples_keep_their_own_points() -> None:
    both = joined(_examples([True] * 5), _examples([True, True, False, False, False]))
    assert both.known.sum(1).tolist() == [5, 2]
    assert both.picture(1).shape == (256, 256, 3)


def test_the_network_reads_a_point_at_the_centre_of_its_map() -> None:
    """With maps that are sharp at one cell, the answer is the middle of that cell."""
    net = PointsNet((8, 8, 8, 8), 8).eval()
    cells = np.array([[3, 4], [15, 5], [9, 9], [6, 14], [13, 15]])

    class Sharp(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            maps = torch.zeros(len(x), 5, *x.shape[2:])
            for number, (column, row) in enumerate(cells.tolist()):
                maps[:, number, row, column] = 60.0
            return maps

    net.maps = Sharp()
    with torch.no_grad():
        moves, logits = net(torch.zeros(2, 3, SIDE, SIDE))
    found = moves.reshape(2, 5, 2).numpy() * EYES + FRAME
    assert np.abs(found - (cells + 0.5) * 4).max() < 1e-3
    assert logits.shape == (2, 1)


def test_a_wider_network_begins_by_answering_as_the_kept_one(tmp_path: Path) -> None:
    torch.manual_seed(2)
    net, wider = PointsNet((8, 12, 16, 20), 12), PointsNet((10, 12, 20, 24), 16)
    crops = torch.rand(3, 3, SIDE, SIDE) * 2 - 1
    net.train()(crops)  # norms with statistics of their own
    keep_weights({"net": net.state_dict()}, tmp_path / "kept.pt")
    begin_from(wider, tmp_path / "kept.pt")
    with torch.no_grad():
        for one, other in zip(net.eval()(crops), wider.eval()(crops), strict=True):
            assert torch.allclose(one, other, atol=5e-3), "kept in half precision"
    with pytest.raises(ValueError, match="another shape"):
        begin_from(PointsNet((8, 12, 16, 18), 12), tmp_path / "kept.pt")


def test_kept_weights_are_small_and_come_back_as_they_were(tmp_path: Path) -> None:
    net = PointsNet((8, 12, 16, 20), 12)
    keep_weights({"net": net.state_dict()}, tmp_path / "one.pt")
    keep_weights({"net": net.state_dict()}, tmp_path / "again.pt")
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "again.pt").read_bytes()
    half = {name: value.half() if value.dtype == torch.float32 else value for name, value in net.state_dict().items()}
    torch.save(half, tmp_path / "plain.pt")
    assert (tmp_path / "one.pt").stat().st_size < 0.95 * (tmp_path / "plain.pt").stat().st_size
    for path in (tmp_path / "one.pt", tmp_path / "plain.pt"):
        assert all(torch.equal(value.half(), half[name].half()) for name, value in kept_weights(path).items())
