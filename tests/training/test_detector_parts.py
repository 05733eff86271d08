"""The detector's anchors, boxes and scenes agree with one another and with insightface's decoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.detector_labels import box_of
from training.detector_loss import Grid, detector_loss, read_faces
from training.detector_net import STRIDES, DetectorNet
from training.finders import TEMPLATE, similarity
from training.grounds import ground


def _ideal(grid: Grid, boxes: np.ndarray, points: np.ndarray) -> tuple[list, list, list]:
    """Outputs that say exactly what the goals ask for."""
    goal = grid.goal(boxes, points)
    reach = torch.cat([grid.corners - goal.box[:, :2], goal.box[:, 2:] - grid.corners], 1) / grid.stride[:, None]
    five = (goal.points - grid.corners.repeat(1, 5)) / grid.stride[:, None]
    score = torch.where(goal.label == 1, 6.0, -6.0)[:, None]
    sizes = [int((grid.stride == stride).sum()) for stride in STRIDES]
    return tuple(list(part[None].split(sizes, 1)) for part in (score, reach, five))


@pytest.mark.parametrize("size", [16, 28, 50, 80, 130, 220])
def test_what_the_goals_ask_for_is_read_back(size: int) -> None:
    points = ((TEMPLATE - TEMPLATE.mean(0)) * size / 93 + 128).astype(np.float32)
    box = box_of(points)
    grid = Grid(256, 256)
    outputs = _ideal(grid, box[None], points[None])
    ((scores, boxes, places),) = read_faces(outputs, grid)
    assert len(scores) == 1
    assert boxes[0] == pytest.approx(box, abs=0.02)
    assert places[0] == pytest.approx(points, abs=0.02)


def test_the_loss_prefers_the_ideal_answer() -> None:
    points = ((TEMPLATE - TEMPLATE.mean(0)) * 0.7 + 128).astype(np.float32)
    grid = Grid(256, 256)
    goal = grid.goal(box_of(points)[None], points[None])
    ideal, _ = detector_loss(_ideal(grid, box_of(points)[None], points[None]), [goal], grid)
    moved, _ = detector_loss(_ideal(grid, box_of(points + 6)[None], points[None] + 6), [goal], grid)
    assert float(ideal) < 0.02
    assert float(moved) > 10 * float(ideal)


def test_box_turns_with_the_face() -> None:
    upright = box_of(TEMPLATE)
    turn = np.array([[0, -1], [1, 0]], np.float32)
    turned = box_of((TEMPLATE @ turn.T).astype(np.float32))
    assert turned[2] - turned[0] == pytest.approx(upright[3] - upright[1], rel=1e-3)
    assert turned[3] - turned[1] == pytest.approx(upright[2] - upright[0], rel=1e-3)


def test_similarity_undoes_a_known_transform() -> None:
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    moved = (1.7 * TEMPLATE @ turn.T + np.array([5.0, -3.0])).astype(np.float32)
    matrix = similarity(moved, TEMPLATE)
    assert (moved @ matrix[:, :2].T + matrix[:, 2]) == pytest.approx(TEMPLATE, abs=1e-3)


def test_grounds_are_pictures_and_differ() -> None:
    rng = np.random.default_rng(0)
    pictures = [ground(rng, 96) for _ in range(12)]
    assert all(p.shape == (96, 96, 3) and p.dtype == np.uint8 for p in pictures)
    assert len({p.tobytes() for p in pictures}) == 12


def test_exported_detector_answers_as_the_network_does(tmp_path) -> None:
    pytest.importorskip("insightface")
    from training.evaluate_detector import open_scrfd
    from training.export import export_detector

    torch.manual_seed(0)
    net = DetectorNet((8, 8, 16, 16, 16), 16).eval()
    torch.nn.init.normal_(net.score.weight, std=0.2)
    torch.nn.init.zeros_(net.score.bias)
    export_detector(net, tmp_path / "detector.onnx")
    model = open_scrfd(tmp_path / "detector.onnx")
    image = ground(np.random.default_rng(5), 160)
    boxes, points = model.detect(image[..., ::-1], input_size=(160, 160), det_thresh=0.5)
    with torch.no_grad():
        x = (torch.from_numpy(image).permute(2, 0, 1)[None].float() - 127.5) / 128
        ((scores, ours, places),) = read_faces(net(x), Grid(160, 160))
    assert len(scores) > 0
    assert float(boxes[0, 4]) == pytest.approx(float(scores.max()), abs=5e-3)
    assert boxes[0, :4] == pytest.approx(ours[scores.argmax()], abs=0.5)
    assert points[0] == pytest.approx(places[scores.argmax()], abs=0.5)
