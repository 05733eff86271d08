"""Photos and drawn things each by norms of their own: neither half of a batch decides how the other is seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.face_net import FaceNet
from training.faces import SIDE
from training.own_norms import apart, as_drawn

CPU = torch.device("cpu")


@pytest.fixture
def net() -> FaceNet:
    torch.manual_seed(3)
    made = FaceNet(16, (8, 16, 24, 32), (0, 0, 1, 1))
    for _ in range(20):
        made.train()(torch.rand(16, 3, 112, 112) * 2 - 1)
    return made


def test_photos_are_answered_and_remembered_as_if_they_were_alone(net: FaceNet) -> None:
    photos, others = torch.rand(8, 3, 112, 112), torch.rand(6, 3, 112, 112) * 0.2 + 0.8
    x = torch.cat([others[:3], photos, others[3:]])
    drawn = torch.tensor([True] * 3 + [False] * 8 + [True] * 3)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    alone = net.train()(photos)
    remembered = {name: value.clone() for name, value in net.state_dict().items()}
    net.load_state_dict(before)
    together = apart(net, x, drawn)
    assert torch.allclose(together[~drawn], alone, atol=1e-5)
    for name, value in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.allclose(value, remembered[name], atol=1e-6), name
    together.sum().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())
    assert {norm.momentum for norm in net.modules() if isinstance(norm, torch.nn.BatchNorm2d)} == {0.1}


def test_a_reader_of_drawings_sees_them_as_usual_and_leaves_the_network_alone(net: FaceNet) -> None:
    rng = np.random.default_rng(1)
    drawings = rng.integers(200, 256, (64, SIDE, SIDE, 3)).astype(np.uint8)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    reader = as_drawn(net, drawings, CPU, share=1.0, batch=32)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    faces = torch.from_numpy(drawings[:, 28:140, 24:136]).permute(0, 3, 1, 2).float() / 127.5 - 1
    first, norm = reader.trunk[0], reader.trunk[1]
    assert isinstance(norm, torch.nn.BatchNorm2d)
    with torch.no_grad():
        maps = norm(first(faces))
    assert torch.allclose(maps.mean((0, 2, 3)), norm.bias, atol=0.02)
    assert torch.allclose(maps.std((0, 2, 3)), norm.weight.abs(), atol=0.05)
    assert not reader.training


def test_a_share_of_zero_reads_drawings_as_photos(net: FaceNet) -> None:
    drawings = np.full((40, SIDE, SIDE, 3), 230, np.uint8)
    faces = torch.rand(4, 3, 112, 112)
    assert torch.allclose(as_drawn(net, drawings, CPU, share=0.0)(faces), net.eval()(faces), atol=1e-6)
