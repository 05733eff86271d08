"""Following the teachers: only training people are shown, maps are compared face by face, copies stay apart."""

from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest
import torch

from training.drawn import DrawnSet
from training.face_net import FaceNet
from training.faces import SIDE, FaceSet
from training.follow import Batch, MapReader, _mirrored
from training.followed import (
    ACTOR,
    CHANNELS,
    COUNTS,
    DRAWING,
    DRAWN_MIXTURE,
    DRAWN_OVER,
    GRIDS,
    MIXTURE,
    PHOTO,
    _Pictures,
    planned,
)  # fmt: skip
from training.own_norms import apart
from training.splits import actor_parts

WIDTHS, BLOCKS = (8, 8, 16, 24), (0, 1, 3, 2)


def _marked(values: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.broadcast_to(np.array(values, np.uint8)[:, None, None, None], (len(values), SIDE, SIDE, 3))


def test_every_kind_shows_training_people_only() -> None:
    names = [f"actor {number:02d}" for number in range(30)]
    parts = actor_parts(names)
    faces = FaceSet(
        _marked([60 if number % 3 == 0 else 255 for number in range(30)]),
        pd.DataFrame({"part": ["train", "val", "test"] * 10}),
    )
    marks = [90 if parts[name] == "train" else 255 for name in names]
    drawn = DrawnSet(
        _marked(marks + [120 if mark == 90 else 255 for mark in marks]), np.array(names * 2),
        np.repeat([True, False], 30), np.zeros((60, 5, 2), np.float32), np.array(names * 2), np.array(names * 2),
    )  # fmt: skip
    pictures = _Pictures(faces, drawn, np.random.default_rng(4))
    kinds = np.repeat([PHOTO, DRAWING, ACTOR, MIXTURE, DRAWN_MIXTURE, DRAWN_OVER], 24)
    rows = np.where(np.isin(kinds, (PHOTO, DRAWN_OVER)), faces.rows("train")[np.arange(len(kinds)) % 10], -1)
    crops = pictures.some(kinds, rows)
    middles = crops[:, SIDE // 2, SIDE // 2, 0].reshape(6, 24)
    assert (
        set(middles[PHOTO]) == set(middles[DRAWN_OVER]) == {60}
        and set(middles[DRAWING]) == {90}
        and set(middles[ACTOR]) == {120}
    )
    mixed = pictures._any(400, 0.25)[:, 0, 0, 0]
    assert set(mixed) == {60, 90} and (mixed == 90).mean() == pytest.approx(0.25, abs=0.08)
    assert set(pictures._any(50, 1.0)[:, 0, 0, 0]) == {90}


def test_photos_are_planned_in_shuffled_passes() -> None:
    faces = FaceSet(_marked([0] * 9_000), pd.DataFrame({"part": ["train", "val", "test"] * 3_000}))
    kinds, rows = planned(faces)
    assert np.bincount(kinds).tolist() == list(COUNTS)
    assert np.array_equal(rows >= 0, (kinds == PHOTO) | (kinds == DRAWN_OVER))
    seen = np.bincount(rows[rows >= 0], minlength=9_000)
    assert seen[1::3].sum() == seen[2::3].sum() == 0 and set(seen[::3]) <= {seen[0] - 1, seen[0], seen[0] + 1}
    again = planned(faces)
    assert np.array_equal(again[0], kinds) and np.array_equal(again[1], rows), "every process plans the same"


def _batch(n: int) -> Batch:
    maps = (torch.randn(n, CHANNELS[0], GRIDS[0] ** 2), torch.randn(n, CHANNELS[1], GRIDS[1] ** 2))
    faces = torch.rand(n, 3, 112, 112) * 2 - 1
    return Batch(faces, torch.zeros(n, 16), maps, torch.arange(n) % 2 == 1)


def test_maps_are_compared_face_by_face() -> None:
    torch.manual_seed(3)
    net = FaceNet(16, WIDTHS, BLOCKS)
    reader, batch = MapReader(net, WIDTHS[-1]), _batch(8)

    def loss(maps: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        apart(net.train(), batch.faces, batch.drawn)
        return reader.loss(Batch(batch.faces, batch.vectors, maps, batch.drawn))

    first = loss(batch.maps)
    assert loss(batch.maps).item() == pytest.approx(first.item(), rel=1e-4)
    swapped = tuple(torch.cat([one[[2, 3, 0, 1]], one[4:]]) for one in batch.maps)
    assert loss((swapped[0], swapped[1])).item() != pytest.approx(first.item(), rel=1e-4)
    first.backward()
    assert net.trunk[0].weight.grad is not None and float(net.trunk[0].weight.grad.abs().sum()) > 0


def test_what_a_copy_sees_meanwhile_is_forgotten() -> None:
    net = FaceNet(16, WIDTHS, BLOCKS)
    reader, batch = MapReader(net, WIDTHS[-1]), _batch(6)
    apart(copy.deepcopy(net).train(), batch.faces, batch.drawn)
    net.eval()(batch.faces)
    reader.forget()
    apart(net.train(), batch.faces, batch.drawn)
    assert reader.loss(batch).item() > 0


def test_a_mirrored_face_has_its_maps_mirrored() -> None:
    maps = np.random.default_rng(0).standard_normal((3, 5, 16)).astype(np.float32)
    seen = _mirrored(maps.copy(), 4, torch.tensor([True, False, True])).numpy()
    assert np.array_equal(seen[1], maps[1])
    assert np.array_equal(seen[[0, 2]].reshape(2, 5, 4, 4), maps[[0, 2]].reshape(2, 5, 4, 4)[..., ::-1])
