"""Training a style: the loss falls, an interrupted run ends where an undisturbed one does, the result loads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import toonify
from castoon.errors import InputError, NotReadyError
from toonify.engine import StoppedError
from toonify.engines.gatys import GatysParameters, transfer
from toonify.fast_train import TrainingPlan, Watch, train_style
from toonify.networks.vgg import VGG19, gram

PLAN = TrainingPlan(steps=6, batch=1, size=32, style_size=32, rate=3e-3)


def _vgg() -> VGG19:
    """A VGG whose random weights keep signals at unit size; random features are enough to have a loss."""
    torch.manual_seed(0)
    network = VGG19()
    for layer in network.features:
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
    return network


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "photos").mkdir()
    draw = np.random.default_rng(0)
    for index in range(3):
        smooth = np.kron(draw.integers(0, 256, (6, 5, 3)), np.ones((9, 9, 1))).astype(np.uint8)
        Image.fromarray(smooth).save(folder / "photos" / f"{index}.png")
    (folder / "photos" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    stripes = np.zeros((40, 40, 3), dtype=np.uint8)
    stripes[::4], stripes[1::4] = (250, 200, 0), (200, 20, 60)
    (folder / "gatys" / "styles").mkdir(parents=True)
    Image.fromarray(stripes).save(folder / "gatys" / "styles" / "stripes.png")
    torch.save({f"features.{k}": v for k, v in _vgg().features.state_dict().items()}, folder / "vgg19.pth")
    return folder


def _train(workshop: Path, target: Path, watch: Watch | None = None) -> Path:
    style = workshop / "gatys" / "styles" / "stripes.png"
    return train_style(style, workshop / "photos", workshop / "vgg19.pth", target, PLAN, save_every=4, watch=watch)


def test_a_stopped_run_goes_on_and_ends_as_an_undisturbed_one(workshop: Path, tmp_path: Path) -> None:
    losses: list[float] = []

    def note(done: int, steps: int, loss: float) -> bool:
        losses.append(loss)
        return True

    whole = _train(workshop, tmp_path / "stylizers" / "fast" / "whole.pth", note)
    parts = tmp_path / "stylizers" / "fast" / "parts.pth"
    assert _train(workshop, parts, lambda done, steps, loss: done < 3).suffix == ".training"
    assert not parts.exists()
    seen: list[int] = []
    assert _train(workshop, parts, lambda done, steps, loss: seen.append(done) or True) == parts
    assert seen == [4, 5, 6] and not parts.with_suffix(".training").exists()
    first, second = (torch.load(path, weights_only=True)["model"] for path in (whole, parts))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert losses[-1] < losses[0]
    face = np.full((48, 40, 3), 90, dtype=np.uint8)
    assert toonify.load("fast:whole", models=tmp_path).stylize([face])[0].shape == face.shape


def test_a_state_of_another_plan_is_not_mixed_in(workshop: Path, tmp_path: Path) -> None:
    target = tmp_path / "s.pth"
    _train(workshop, target, lambda done, steps, loss: False)
    style = workshop / "gatys" / "styles" / "stripes.png"
    with pytest.raises(InputError, match="another plan"):
        train_style(style, workshop / "photos", workshop / "vgg19.pth", target, TrainingPlan(steps=9, batch=1, size=32))


def test_training_without_photos_or_vgg_says_what_is_needed(workshop: Path, tmp_path: Path) -> None:
    style = workshop / "gatys" / "styles" / "stripes.png"
    with pytest.raises(InputError, match="0 pictures"):
        train_style(style, tmp_path, workshop / "vgg19.pth", tmp_path / "x.pth", PLAN)
    with pytest.raises(NotReadyError, match="not there"):
        train_style(style, workshop / "photos", tmp_path / "vgg19.pth", tmp_path / "x.pth", PLAN)


@pytest.mark.parametrize("optimiser", ["lbfgs", "adam"])
def test_gatys_moves_the_photo_towards_the_artwork(optimiser: str) -> None:
    network = _vgg().eval().requires_grad_(False)
    draw = torch.Generator().manual_seed(1)
    photo = torch.rand(1, 3, 32, 32, generator=draw)
    art = torch.zeros(1, 3, 32, 32)
    art[:, 0, ::4] = 1
    seen: list[int] = []
    chosen = GatysParameters(steps=40, optimiser=optimiser, content=-3.0, style=3.0)
    with torch.inference_mode():
        made = transfer(network, photo, art, chosen, lambda done, steps: seen.append(done))
        far, near = (
            (gram(network(x, ["relu1_1"])["relu1_1"]) - gram(network(art, ["relu1_1"])["relu1_1"])).norm()
            for x in (photo, made)
        )
    assert near < 0.8 * far
    assert seen[-1] == 40


def test_gatys_engine_lists_artworks_and_keeps_colours(workshop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stylizers"
    folder.mkdir()
    (folder / "gatys").symlink_to(workshop / "gatys")
    info = next(style for style in toonify.stylizers(tmp_path) if style.name == "gatys:stripes")
    assert not info.installed and "vgg19.pth" in info.how_to_get
    (workshop / "gatys" / "vgg19.pth").symlink_to(workshop / "vgg19.pth")
    face = np.full((40, 33, 3), 120, dtype=np.uint8)
    made = toonify.load("gatys:stripes", models=tmp_path, steps=2, optimiser="adam", keep_colour=True).stylize([face])[
        0
    ]
    assert made.shape == face.shape
    assert np.ptp(made.astype(int), axis=2).max() <= 3
    steps: list[int] = []

    def two_steps(done: int, of: int) -> bool:
        steps.append(done)
        return done < 2

    with pytest.raises(StoppedError, match="2 of 50"):
        toonify.load("gatys:stripes", models=tmp_path, watch=two_steps, steps=50, optimiser="adam").stylize([face])
    assert steps == [1, 2]
