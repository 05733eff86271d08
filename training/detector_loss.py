"""Which anchors learn which face, what they lose, and how their answers are read back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from training.detector_net import ANCHORS, STRIDES, cell_corners

SLOTS = (20.0, 36.0, 60.0, 100.0, 165.0)
"""Face sizes in pixels between the six (stride, anchor) slots: 8/0 below 20, 8/1 below 36, ..., 32/1 from 165."""


@dataclass(frozen=True, eq=False)
class Goal:
    """For each anchor of one picture: 1 face, 0 none, -1 undecided; box and points of its face in pixels."""

    label: Tensor
    box: Tensor
    points: Tensor


class Grid:
    """Reference points of all anchors for one canvas size."""

    def __init__(self, height: int, width: int) -> None:
        corners = [cell_corners(height, width, stride) for stride in STRIDES]
        self.corners = torch.cat(corners)
        self.stride = torch.cat([torch.full((len(c),), float(s)) for c, s in zip(corners, STRIDES, strict=True)])
        self.slot = torch.cat(
            [torch.arange(ANCHORS).repeat(len(c) // ANCHORS) + ANCHORS * i for i, c in enumerate(corners)]
        )

    def goal(self, boxes: npt.NDArray[np.float32], points: npt.NDArray[np.float32]) -> Goal:
        """Goals of one picture: anchors near a face's centre in the slot of its size, undecided around them."""
        label = torch.zeros(len(self.corners))
        box, point = torch.zeros(len(self.corners), 4), torch.zeros(len(self.corners), 10)
        for one, five in zip(torch.from_numpy(boxes), torch.from_numpy(points), strict=True):
            size = float((one[2] - one[0] + one[3] - one[1]) / 2)
            middle = five[:3].mean(0) * 0.5 + (one[:2] + one[2:]) * 0.25
            away = (self.corners - middle).norm(dim=1)
            reach = torch.clamp(self.stride * 0.75, min=0.2 * size)
            lower = torch.tensor((0.0, *SLOTS))[self.slot]
            upper = torch.tensor((*SLOTS, 1e9))[self.slot]
            mine = (size >= lower) & (size < upper)
            near = (size * 1.3 >= lower) & (size < upper * 1.3)
            sure = mine & (away <= reach)
            label[near & (away <= 1.7 * reach) & ~sure & (label == 0)] = -1
            label[sure] = 1
            box[sure], point[sure] = one, five.reshape(10)
        return Goal(label, box, point)


def detector_loss(
    outputs: tuple[list[Tensor], list[Tensor], list[Tensor]], goals: list[Goal], grid: Grid, points_weight: float = 1.5
) -> tuple[Tensor, dict[str, float]]:
    """Focal loss on scores, generalized IoU on boxes, smooth L1 on points (in tenths of the face size)."""
    scores, boxes, points = (torch.cat(levels, 1) for levels in outputs)
    device = scores.device
    label = torch.stack([goal.label for goal in goals]).to(device)
    logits = scores.squeeze(-1)
    decided, face = label >= 0, label == 1
    chance = torch.sigmoid(logits)
    target = face.float()
    miss = (target - chance).abs().square()
    weight = torch.where(face, 0.6, 0.4) * miss.detach() * decided
    count = max(1.0, float(face.sum()))
    score_loss = (weight * F.binary_cross_entropy_with_logits(logits, target, reduction="none")).sum() / count
    if not face.any():
        return score_loss, {"scores": float(score_loss.detach())}
    corners = grid.corners.to(device).expand(len(goals), -1, -1)[face]
    stride = grid.stride.to(device).expand(len(goals), -1)[face][:, None]
    true_box = torch.stack([goal.box for goal in goals]).to(device)[face]
    true_points = torch.stack([goal.points for goal in goals]).to(device)[face]
    size = ((true_box[:, 2:] - true_box[:, :2]).mean(1, keepdim=True)).clamp(min=1)
    reach = boxes[face] * stride
    box = torch.cat([corners - reach[:, :2], corners + reach[:, 2:]], 1)
    box_loss = (1 - _giou(box, true_box)).mean()
    found = points[face] * stride + corners.repeat(1, 5)
    point_loss = F.smooth_l1_loss(found / size * 10, true_points / size * 10, beta=0.3)
    total = score_loss + 1.5 * box_loss + points_weight * point_loss
    parts = {"scores": score_loss, "box": box_loss, "points": point_loss}
    return total, {name: float(value.detach()) for name, value in parts.items()}


def _giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalized intersection over union of boxes [n, 4], -1..1."""
    inner = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inner
    return inner / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)


def read_faces(
    outputs: tuple[list[Tensor], list[Tensor], list[Tensor]], grid: Grid, threshold: float = 0.5
) -> list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    """Scores, boxes [k, 4] and points [k, 5, 2] of each picture after suppression of overlaps."""
    scores, boxes, points = (torch.cat(levels, 1).cpu() for levels in outputs)
    answers = []
    for score, box, five in zip(torch.sigmoid(scores.squeeze(-1)), boxes, points, strict=True):
        keep = score >= threshold
        corner, stride = grid.corners[keep], grid.stride[keep][:, None]
        reach = box[keep] * stride
        xyxy = torch.cat([corner - reach[:, :2], corner + reach[:, 2:]], 1).numpy()
        places = (five[keep] * stride + corner.repeat(1, 5)).reshape(-1, 5, 2).numpy()
        values = score[keep].numpy()
        xywh = np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], 1)
        chosen = np.asarray(cv2.dnn.NMSBoxes(xywh.tolist(), values.tolist(), threshold, 0.4), np.int64).reshape(-1)
        answers.append((values[chosen], xyxy[chosen], places[chosen]))
    return answers
