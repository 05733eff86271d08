"""The teacher's inner maps: read from its own graphs, moved as the photo is moved, learnt beside the vector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.augment import MIDDLE, Strength, augment, sampling_grid
from training.face import read_config
from training.face_net import FaceNet
from training.faces import LEFT, SIDE, TOP, WINDOW, FaceSet, load_faces, window
from training.hints import PLACES, HintHeads, Hints, MapTeacher, moved
from training.paths import CONFIGS

WIDTHS = (8, 16, 24, 32)
STILL = Strength(shift=0, scale=0, turn=0, bend=0, mirror=0)


def test_maps_are_read_beside_the_same_vectors() -> None:
    torch.manual_seed(1)
    net = FaceNet(16, WIDTHS, (0, 1, 1, 1)).eval()
    faces = torch.rand(3, 3, 112, 112) * 2 - 1
    vectors, maps = net.with_maps(faces)
    assert torch.equal(vectors, net(faces))
    assert {side: tuple(found.shape[1:]) for side, found in maps.items()} == {
        side: (width, side, side) for side, width in zip((56, 28, 14, 7), WIDTHS, strict=True)
    }


def test_a_map_lies_where_its_picture_lies() -> None:
    still = sampling_grid(2, STILL, WINDOW, torch.device("cpu"))
    hint = torch.rand(2, 5, 14, 14)
    assert torch.allclose(moved(hint, still), hint, atol=1e-4)
    cell = WINDOW // 14
    right = still + torch.tensor([2 / SIDE * cell, 0.0])  # what was a cell further right is seen now
    assert torch.allclose(moved(hint, right)[..., :-1], hint[..., 1:], atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_a_bright_spot_and_its_map_move_together(seed: int) -> None:
    torch.manual_seed(seed)
    crops = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    at = torch.randint(3, 11, (2,)) * 8  # top and left of a cell of the 14x14 map, in the window
    crops[0, TOP + at[0] : TOP + at[0] + 8, LEFT + at[1] : LEFT + at[1] + 8] = 255
    hint = torch.zeros(1, 1, 14, 14)
    hint[0, 0, at[0] // 8, at[1] // 8] = 1
    plain = Strength(shift=6, scale=0.05, turn=6, bend=0, drawn=0, grey=0, blur=0, hide=0, mirror=0)
    grid = sampling_grid(1, plain, WINDOW, torch.device("cpu"), middle=MIDDLE)
    seen = torch.nn.functional.avg_pool2d(augment(crops, plain, grid=grid).mean(1, keepdim=True), 8)
    place, expected = seen.flatten().argmax(), moved(hint, grid).flatten().argmax()
    distance = torch.tensor([place // 14 - expected // 14, place % 14 - expected % 14]).abs().max()
    assert distance <= 1


def test_heads_learn_to_read_the_maps() -> None:
    torch.manual_seed(2)
    maps = {14: torch.randn(4, 24, 14, 14), 7: torch.randn(4, 32, 7, 7)}
    matrices = [torch.randn(place.channels, {14: 24, 7: 32}[place.side]) / 5 for place in PLACES]
    hints = [torch.einsum("oc,nchw->nohw", m, maps[p.side]) for m, p in zip(matrices, PLACES, strict=True)]
    heads = HintHeads({14: 24, 7: 32})
    optimizer = torch.optim.Adam(heads.parameters(), 0.02)
    before = float(heads.loss(maps, hints).detach())
    for _ in range(80):
        optimizer.zero_grad()
        loss = heads.loss(maps, hints)
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.05 * before


@pytest.fixture
def some_faces(shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FaceSet:
    monkeypatch.setenv("CASTOON_TRAINING_VAR", str(tmp_path))
    monkeypatch.setenv("CASTOON_TRAINING_SMALL", "1")
    return load_faces()


def test_the_teachers_maps_are_kept_as_they_are_and_mirrored(some_faces: FaceSet) -> None:
    rows = some_faces.rows("train")[:10]
    hints, teacher = Hints(some_faces, rows, batch=4), MapTeacher()
    mirrored = np.array([False, True, False])
    kept = hints.of(rows[[7, 2, 5]], mirrored)
    assert [tuple(found.shape) for found in kept] == [(3, one.channels, one.side, one.side) for one in PLACES]
    seen = window(np.asarray(some_faces.crops[rows[[7, 2, 5]]]))
    seen[1] = seen[1, :, ::-1]
    for found, told in zip(kept, teacher.maps(seen), strict=True):
        for channel in range(told.shape[1]):
            alike = np.corrcoef(found[:, channel].numpy().ravel(), told[:, channel].ravel())[0, 1]
            assert alike > 0.99, "a channel is the teacher's, scaled"
    again = Hints(some_faces, rows).of(rows[[7]], mirrored[:1])
    assert all(torch.equal(one[0], other[0]) for one, other in zip(again, kept, strict=True))


def test_inner_maps_are_refused_for_smaller_faces(tmp_path: Path) -> None:
    text = (CONFIGS / "face-hints.toml").read_text(encoding="utf-8")
    (tmp_path / "small.toml").write_text(text.replace("hints = 1.0", "hints = 1.0\nside = 80"), encoding="utf-8")
    with pytest.raises(ValueError, match="phase inner-maps: inner maps are kept for faces of 112 pixels only"):
        read_config(tmp_path / "small.toml")
    assert read_config(CONFIGS / "face-hints.toml").phases[0].hints == 1.0
