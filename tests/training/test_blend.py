"""Weights between two networks."""

from __future__ import annotations

from pathlib import Path

import torch

from training.blend import blended
from training.face import build, read_config
from training.face_net import FaceNet
from training.paths import CONFIGS
from training.run import keep_weights


@torch.no_grad()
def test_the_ends_answer_as_the_two_networks_do(tmp_path: Path) -> None:
    torch.manual_seed(8)
    config = read_config(CONFIGS / "face-restyled.toml")
    old, new = FaceNet(config.dim, (16, 48, 96, 192), (0, 0, 2, 2)).eval(), build(config).eval()
    keep_weights({"net": old.state_dict()}, tmp_path / "old.pt")
    torch.save({"net": new.state_dict(), "config": config.name}, tmp_path / "new.pt")
    faces = torch.randn(2, 3, 112, 112)
    start, half, end = (blended(tmp_path / "old.pt", tmp_path / "new.pt", share)[0](faces) for share in (0.0, 0.5, 1.0))
    assert torch.allclose(start, old(faces), atol=0.02 * float(old(faces).abs().max()))
    assert torch.equal(end, new(faces))
    assert not torch.allclose(half, start, atol=1e-2) and not torch.allclose(half, end, atol=1e-2)
