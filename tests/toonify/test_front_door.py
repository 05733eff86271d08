"""The front door: listing and opening styles, without importing anything heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import toonify
from castoon.errors import InputError, NotReadyError
from toonify.contract import Stylizer
from toonify.fakes import FakeStylizer


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, toonify; toonify.stylizers; "
        "print([m for m in ('torch','cv2','onnxruntime','insightface','open_clip') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_listing_styles_does_not_import_torch() -> None:
    code = "import sys, toonify; toonify.stylizers(); print('torch' in sys.modules, 'onnxruntime' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False False"


def test_cel_is_installed_without_any_models_and_tells_its_parameters() -> None:
    cel = next(style for style in toonify.stylizers() if style.name == "cel")
    assert cel.installed and cel.commercial_use and not cel.how_to_get
    bands = next(p for p in cel.parameters if p.name == "bands")
    assert (bands.kind, bands.low, bands.high) == ("int", 3, 12)


def test_unknown_style_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean `cel`"):
        toonify.load("cell")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"bands": 99}, "from 3 to 12"),
        ({"bands": 4.5}, "whole number"),
        ({"ink": "much"}, "not a number"),
        ({"ink": float("nan")}, "out of range"),
        ({"inkk": 1.0}, "no parameter `inkk`"),
    ],
)
def test_parameters_out_of_range_are_refused_with_their_range(values: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        toonify.load("cel", **values)


def test_fingerprint_follows_parameters() -> None:
    assert toonify.load("cel").fingerprint == toonify.load("cel").fingerprint
    assert toonify.load("cel").fingerprint != toonify.load("cel", bands=5).fingerprint


def test_fake_is_a_stylizer_and_its_name_decides_its_output() -> None:
    face = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    one, other = FakeStylizer("one"), FakeStylizer("other")
    assert isinstance(one, Stylizer)
    assert np.array_equal(one.stylize([face])[0], FakeStylizer("one").stylize([face])[0])
    assert not np.array_equal(one.stylize([face])[0], other.stylize([face])[0])
    assert one.fingerprint != other.fingerprint
    assert (one.calls, one.faces_seen) == (2, 2)


@pytest.mark.parametrize("name", ["onnx:../../secret", "fast:/etc/passwd", "animegan2:a\\b", "toonify:.."])
def test_styles_are_names_not_paths(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a path"):
        toonify.load(name, models=tmp_path)


def test_every_missing_style_says_how_to_get_it_and_refuses_to_load(tmp_path: Path) -> None:
    missing = [style for style in toonify.stylizers(tmp_path) if not style.installed]
    assert {style.name.split(":")[0] for style in missing} >= {
        "dualstylegan",
        "toonify",
        "adain",
        "gatys",
        "fast",
        "onnx",
    }
    for style in missing:
        assert "castoon models pull research" in style.how_to_get
        with pytest.raises(NotReadyError, match=r"missing|not there"):
            toonify.load(style.name, models=tmp_path)
    assert all("CASTOON_MODELS" in style.how_to_get for style in toonify.stylizers() if not style.installed)


def test_threads_share_one_network_and_get_the_same_answer(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    import torch

    from toonify.model_cache import MODELS
    from toonify.networks.animegan2 import Generator

    (tmp_path / "stylizers" / "animegan2").mkdir(parents=True)
    torch.save(Generator().state_dict(), tmp_path / "stylizers" / "animegan2" / "own.pt")
    face = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    def work(_: int) -> np.ndarray:
        return toonify.load("animegan2:own", models=tmp_path).stylize([face])[0]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(work, range(8)))
    assert all(np.array_equal(answer, answers[0]) for answer in answers)
    own = toonify.load("animegan2:own", models=tmp_path)
    assert MODELS.bytes > 0
    MODELS.clear()
    assert np.array_equal(own.stylize([face])[0], answers[0])
    assert MODELS.bytes > 0, "a network that was dropped is loaded again when needed"


def test_cuda_without_a_device_is_refused_with_a_way_out(tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    from toonify.networks.animegan2 import Generator

    (tmp_path / "stylizers" / "animegan2").mkdir(parents=True)
    torch.save(Generator().state_dict(), tmp_path / "stylizers" / "animegan2" / "own.pt")
    with pytest.raises(NotReadyError, match=r"Choose `cpu`"):
        toonify.load("animegan2:own", models=tmp_path, device="cuda")
