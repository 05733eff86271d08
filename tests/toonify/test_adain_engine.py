"""AdaIN through the front door: artworks from a folder, mixtures, strength, kept colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import toonify
from castoon.errors import InputError, NotReadyError
from toonify.engines.adain import mixture
from toonify.networks.adain import decoder, normalised_vgg


def test_mixtures_are_shares_that_sum_to_one() -> None:
    assert mixture("wave") == [("wave", 1.0)]
    assert mixture("wave*3+ink") == [("wave", 0.75), ("ink", 0.25)]
    for wrong in ("wave+", "wave*0", "+"):
        with pytest.raises(InputError, match="no mixture"):
            mixture(wrong)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("adain")
    folder = root / "stylizers" / "adain"
    (folder / "styles").mkdir(parents=True)
    torch.manual_seed(0)
    for name, part in (("vgg_normalised.pth", normalised_vgg()), ("decoder.pth", decoder())):
        for layer in part:
            if isinstance(layer, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(layer.weight)
        torch.save(part.state_dict(), folder / name)
    draw = np.random.default_rng(0)
    for name in ("wave", "ink"):
        Image.fromarray(draw.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(folder / "styles" / f"{name}.png")
    return root


def test_artworks_are_styles_and_mix(models: Path) -> None:
    names = {style.name for style in toonify.stylizers(models) if style.installed}
    assert {"adain:wave", "adain:ink"} <= names
    face = np.random.default_rng(1).integers(0, 256, (43, 60, 3), dtype=np.uint8)

    def made(name: str, **parameters: float | bool) -> np.ndarray:
        return toonify.load(f"adain:{name}", models=models, **parameters).stylize([face])[0].astype(int)

    wave, ink = made("wave", alpha=1.0), made("ink", alpha=1.0)
    assert wave.shape == face.shape and not np.array_equal(wave, ink)
    assert np.abs(made("wave+wave", alpha=1.0) - wave).max() <= 1
    between = made("wave*9+ink", alpha=1.0)
    assert np.abs(between - wave).mean() < np.abs(between - ink).mean()
    assert np.abs(made("wave", alpha=0.0) - made("ink", alpha=0.0)).max() <= 1


def test_an_artwork_that_is_not_there(models: Path) -> None:
    with pytest.raises(NotReadyError, match="no style picture `moon`"):
        toonify.load("adain:wave+moon", models=models)
