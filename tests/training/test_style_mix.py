"""Trading manners between faces while an encoder learns."""

from __future__ import annotations

import torch

from training.face_net import FaceNet
from training.style_mix import StyleMix, mixed_style


def test_a_face_keeps_its_pattern_and_takes_on_another_mean_and_spread() -> None:
    torch.manual_seed(3)
    x = torch.randn(64, 4, 9, 9) * torch.rand(64, 4, 1, 1).add(0.2) + torch.randn(64, 4, 1, 1)
    traded = mixed_style(x, 1.0)

    def pattern(maps: torch.Tensor) -> torch.Tensor:
        spread, mean = torch.std_mean(maps, dim=(2, 3), keepdim=True)
        return (maps - mean) / spread

    assert torch.allclose(pattern(traded), pattern(x), atol=1e-2)
    means, before = traded.mean((2, 3)), x.mean((2, 3))
    nearest = torch.cdist(means, before).argmin(1)
    assert (nearest != torch.arange(64)).float().mean() > 0.3


def test_only_a_share_of_the_faces_trades() -> None:
    torch.manual_seed(4)
    x = torch.randn(400, 2, 6, 6) + 3 * torch.randn(400, 2, 1, 1)
    assert torch.equal(mixed_style(x, 0.0), x)
    moved = ((mixed_style(x, 0.25) - x).abs().amax((1, 2, 3)) > 1e-6).float().mean()
    assert 0.1 < float(moved) < 0.3


def test_the_network_in_use_knows_nothing_of_it() -> None:
    torch.manual_seed(5)
    net = FaceNet(16, (8, 8, 8, 8), (0, 0, 0, 0)).eval()
    faces = torch.randn(4, 3, 112, 112)
    before, names = net(faces), list(net.state_dict())
    styles = StyleMix(net.trunk, 1.0)
    assert torch.equal(net(faces), before) and list(net.state_dict()) == names
    assert not torch.equal(net.train()(faces), net(faces))
    styles.share = 0.0
    assert torch.equal(net(faces), net(faces))
