"""Toonify and DualStyleGAN end to end, on small generators with golden weights in the official file layouts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import toonify
from castoon.errors import InputError, NotReadyError
from toonify.blend import blend, blend_checkpoints, high_share, position, read_generator
from toonify.engines.dualstylegan import style_sheet
from toonify.inversion import refine
from toonify.networks.dualstylegan import DualStyleGAN
from toonify.networks.psp import BackboneEncoder
from toonify.networks.stylegan2 import Generator, Shape

SIZE = 32
SMALL = Shape(SIZE, widest=16)
LAYERS = 8


def _small(network: torch.nn.Module, seed: int) -> dict[str, torch.Tensor]:
    """Weights that give pictures with some contrast and codes that differ; mapping networks learn at a hundredth."""
    draw = torch.Generator().manual_seed(seed)
    tensors = network.state_dict()
    for name, tensor in tensors.items():
        if "kernel" not in name:
            mapping = name.startswith(("style.", "generator.style.")) and name.endswith("weight")
            tensors[name] = torch.randn(tensor.shape, generator=draw) * (100 if mapping else 1)
    return dict(tensors)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with a blended generator and a DualStyleGAN collection of 16 px, and one shared encoder."""
    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("models")
    folder = root / "stylizers"
    for engine in ("toonify", "dualstylegan"):
        (folder / engine / "cartoon").mkdir(parents=True)
    low, high = _small(Generator(SMALL), 1), _small(Generator(SMALL), 2)
    torch.save({"g_ema": low, "latent_avg": torch.zeros(512)}, root / "low.pt")
    torch.save({"g_ema": high}, root / "high.pt")
    blend_checkpoints(root / "low.pt", root / "high.pt", folder / "toonify" / "cartoon" / "generator.pt", 8)
    encoder = BackboneEncoder(LAYERS)
    state = {f"encoder.{name}": tensor for name, tensor in encoder.state_dict().items()}
    state |= {f"decoder.{name}": tensor for name, tensor in low.items()}
    options = {"start_from_latent_avg": True, "learn_in_w": False, "output_size": SIZE}
    checkpoint = {"state_dict": state, "opts": options, "latent_avg": torch.randn(LAYERS, 512)}
    for engine in ("toonify", "dualstylegan"):
        torch.save(checkpoint, folder / engine / "encoder.pt")
    network = DualStyleGAN(SMALL, res_index=2)
    torch.save({"g_ema": _small(network, 3)}, folder / "dualstylegan" / "cartoon" / "generator.pt")
    codes = {
        f"art{i}.jpg": np.random.default_rng(i).standard_normal((1, LAYERS, 512)).astype(np.float32) for i in range(3)
    }
    np.save(folder / "dualstylegan" / "cartoon" / "exstyle_code.npy", codes, allow_pickle=True)
    return root


@pytest.fixture(scope="module")
def faces() -> list[np.ndarray]:
    draw = np.random.default_rng(4)
    return [draw.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in ((256, 256), (40, 90))]


def test_styles_are_listed_by_id_and_run(models: Path, faces: list[np.ndarray]) -> None:
    names = [info.name for info in toonify.stylizers(models) if info.installed]
    assert {"cel", "toonify:cartoon", *(f"dualstylegan:cartoon/{i}" for i in range(3))} <= set(names)
    for name in ("toonify:cartoon", "dualstylegan:cartoon/1"):
        made = toonify.load(name, models=models).stylize(faces)
        assert [one.shape for one in made] == [face.shape for face in faces]
        assert made[0].std() > 5


def test_style_by_file_name_is_the_style_by_id(models: Path, faces: list[np.ndarray]) -> None:
    by_id = toonify.load("dualstylegan:cartoon/2", models=models).stylize(faces[:1])[0]
    by_name = toonify.load("dualstylegan:cartoon/art2.jpg", models=models).stylize(faces[:1])[0]
    other = toonify.load("dualstylegan:cartoon/0", models=models).stylize(faces[:1])[0]
    assert np.array_equal(by_id, by_name) and not np.array_equal(by_id, other)
    with pytest.raises(InputError, match="cartoon/0 to 2"):
        toonify.load("dualstylegan:cartoon/9", models=models)


def test_structure_colour_and_kept_colours_each_matter(models: Path, faces: list[np.ndarray]) -> None:
    variants: list[dict[str, Any]] = [
        {},
        {"structure": 0.0},
        {"keep_colour": True},
        {"truncation": 0.2},
        {"path": "w+"},
    ]
    made = [toonify.load("dualstylegan:cartoon/1", models=models, **v).stylize(faces[:1])[0] for v in variants]
    assert all(not np.array_equal(made[0], other) for other in made[1:])


def test_thumbnails_of_a_collection(models: Path) -> None:
    sheet = style_sheet(models / "stylizers" / "dualstylegan", "cartoon", columns=2)
    assert sheet.shape == (320, 320, 3)


def test_a_sharp_blend_takes_whole_layers() -> None:
    low, high = _small(Generator(SMALL), 1), _small(Generator(SMALL), 2)
    mixed = blend(low, high, 8, 0)
    for name, tensor in mixed.items():
        place = position(name)
        source = high if place is not None and place - 2 > 1 else low
        assert torch.equal(tensor, source[name]), name
    assert (
        position("convs.2.conv.weight") == 4 and position("to_rgbs.1.bias") == 5 and position("style.1.weight") is None
    )


def test_a_smooth_blend_follows_the_logistic_curve() -> None:
    low = {name: torch.zeros_like(t) for name, t in Generator(SMALL).state_dict().items()}
    high = {name: torch.ones_like(t) for name, t in low.items()}
    mixed = blend(low, high, 8, 1, 0.7)
    for name, place in (
        ("input.input", 0),
        ("conv1.noise.weight", 1),
        ("convs.0.conv.weight", 2),
        ("to_rgbs.1.bias", 5),
    ):
        assert torch.allclose(mixed[name], torch.tensor(1 / (1 + np.exp(-(place - 3) / 0.7)), dtype=torch.float32))
    assert float(mixed["style.1.weight"].max()) == 0
    assert high_share(1, None) == 0 and high_share(2, None) == 1


def test_blending_other_lineages_is_refused() -> None:
    with pytest.raises(InputError, match="differ"):
        blend(_small(Generator(SMALL), 1), _small(Generator(Shape(16, widest=16)), 2), 8)
    with pytest.raises(InputError, match="no layer"):
        blend(_small(Generator(SMALL), 1), _small(Generator(SMALL), 2), 12)


def test_a_blended_file_loads_as_what_was_blended(models: Path) -> None:
    network = read_generator(models / "stylizers" / "toonify" / "cartoon" / "generator.pt")
    low, high = _small(Generator(SMALL), 1), _small(Generator(SMALL), 2)
    assert torch.equal(network.state_dict()["convs.3.conv.weight"], high["convs.3.conv.weight"])
    assert torch.equal(network.state_dict()["conv1.conv.weight"], low["conv1.conv.weight"])


def test_refinement_brings_the_picture_closer_and_reports_progress() -> None:
    network = Generator(SMALL)
    network.load_state_dict(_small(network, 1))
    network.eval().requires_grad_(False)
    truth = torch.randn(1, LAYERS, 512, generator=torch.Generator().manual_seed(1))
    start = truth + 0.5 * torch.randn(1, LAYERS, 512, generator=torch.Generator().manual_seed(2))
    seen: list[tuple[int, int]] = []
    with torch.inference_mode():
        face = network(truth)
        codes = refine(network, face, start, 25, step_done=lambda done, of: seen.append((done, of)))
        before, after = ((network(c) - face).square().mean() for c in (start, codes))
    assert after < 0.5 * before
    assert seen == [(i, 25) for i in range(1, 26)]


def test_an_encoder_for_another_generator_is_refused(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stylizers" / "toonify" / "big"
    folder.mkdir(parents=True)
    torch.save({"g_ema": _small(Generator(Shape(16, widest=16)), 1)}, folder / "generator.pt")
    (folder / "encoder.pt").symlink_to(models / "stylizers" / "toonify" / "encoder.pt")
    with pytest.raises(NotReadyError, match="gives 8 codes, but the generator takes 6"):
        toonify.load("toonify:big", models=tmp_path)


def test_refinement_through_the_engine(models: Path, faces: list[np.ndarray]) -> None:
    plain = toonify.load("toonify:cartoon", models=models).stylize(faces[:1])[0]
    refined = toonify.load("toonify:cartoon", models=models, refine_steps=10).stylize(faces[:1])[0]
    assert not np.array_equal(plain, refined)


def test_golden_dualstylegan_through_the_weights_of_the_engine(golden: Callable[[str], Any]) -> None:
    """The engine's way from z+ codes to a picture is the published one, parameters at their defaults."""
    from toonify.engines.dualstylegan import DualStyleGANParameters, transfer

    vectors = golden("dualstylegan_64")
    network = vectors.fill(DualStyleGAN(Shape(64)))
    with torch.inference_mode():
        made = [
            transfer(network, z[None], code[None], DualStyleGANParameters())
            for z, code in zip(vectors.tensor("z_plus"), vectors.tensor("exstyle_z_plus"), strict=True)
        ]
    assert vectors.error(torch.cat(made), "image_zplus_trunc075_default_weights") < 1e-3
