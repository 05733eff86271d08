"""The face encoder's network: growing must not forget, and a pause is not training."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from training import run as run_module
from training.face_net import FaceNet, grown, of_weights
from training.run import Run

WIDTHS = (8, 16, 24, 32)


@pytest.mark.parametrize("widths", [WIDTHS, (12, 16, 28, 40)])
def test_a_larger_network_answers_as_the_one_it_begins_from_and_can_still_learn(widths: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    net, larger = FaceNet(16, WIDTHS, (0, 0, 1, 1)), FaceNet(16, widths, (0, 1, 2, 2))
    faces = torch.rand(6, 3, 112, 112) * 2 - 1
    net.train()(faces)  # norms with statistics of their own
    grown(net, larger)
    assert torch.allclose(larger.eval()(faces), net.eval()(faces), atol=1e-5)
    larger.train()(faces).square().sum().backward()
    assert all(float(block.body[-1].weight.grad.abs().sum()) > 0 for block in larger.trunk if hasattr(block, "body"))
    head = larger.trunk[-3].weight.grad
    assert head is not None and bool((head.abs().sum((0, 2, 3)) > 0).all()), "a channel that nothing can learn to read"


def test_a_network_does_not_begin_from_a_deeper_one() -> None:
    with pytest.raises(ValueError, match="more blocks"):
        grown(FaceNet(16, WIDTHS, (0, 1, 1, 2)), FaceNet(16, WIDTHS, (0, 1, 1, 1)))


def test_weights_say_of_which_shape_their_network_was() -> None:
    net = FaceNet(16, WIDTHS, (0, 1, 3, 2))
    again = of_weights(net.state_dict())
    assert [*again.state_dict()] == [*net.state_dict()]
    faces = torch.rand(2, 3, 112, 112)
    assert torch.equal(again.eval()(faces), net.eval()(faces))


def test_standing_still_is_not_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr(run_module, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    net = torch.nn.Linear(2, 1)
    run = Run(tmp_path, net, torch.optim.SGD(net.parameters(), 0.1), lambda _: {"score": 0.0}, 0.9, 1e9, {}, True)
    for waited in (1.0, 300.0, 2.0):
        seconds[0] += waited
        run.step(net(torch.ones(1, 2)).sum(), 1, 5.0)
    assert run.elapsed == 3.0
