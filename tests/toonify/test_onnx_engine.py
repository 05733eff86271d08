"""Any ONNX network with a card: layouts, channel orders, ranges, size rules, and cards that are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, save

import toonify
from castoon.errors import NotReadyError

CARD = 'title = "Test"\nlicence = "none"\n'


def _network(path: Path, shape: list[object], gains: np.ndarray, add: float = 0.0) -> None:
    """A network that multiplies by `gains` (broadcast over the batch) and adds `add`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "g"], ["m"]), helper.make_node("Add", ["m", "a"], ["y"])],
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            helper.make_tensor("g", TensorProto.FLOAT, gains.shape, gains.ravel().tolist()),
            helper.make_tensor("a", TensorProto.FLOAT, [1], [add]),
        ],
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def _folder(models: Path) -> Path:
    return models / "stylizers" / "onnx"


def _face(height: int = 40, width: int = 33) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize("channels", ["RGB", "BGR"])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0)])
def test_layout_channels_and_range_are_honoured(
    tmp_path: Path, layout: str, channels: str, low: float, high: float
) -> None:
    """The network lets only its first channel through: red or blue, by the card."""
    gains = np.array([1, 0, 0], dtype=np.float32).reshape((1, 1, 1, 3) if layout == "NHWC" else (1, 3, 1, 1))
    shape = ["n", "h", "w", 3] if layout == "NHWC" else ["n", 3, "h", "w"]
    _network(_folder(tmp_path) / "t.onnx", shape, gains)
    card = f'{CARD}layout = "{layout}"\nchannels = "{channels}"\nrange = [{low}, {high}]\nmultiple = 16\n'
    (_folder(tmp_path) / "t.toml").write_text(card)
    face = _face()
    made = toonify.load("onnx:t", models=tmp_path).stylize([face])[0]
    kept = 0 if channels == "RGB" else 2
    assert np.abs(made[..., kept].astype(int) - face[..., kept]).max() <= 1
    zero = round(255 * (0 - low) / (high - low))
    assert all(np.abs(made[..., c].astype(int) - zero).max() <= 1 for c in range(3) if c != kept)


def test_sizes_output_range_and_fixed_batches(tmp_path: Path) -> None:
    _network(_folder(tmp_path) / "t.onnx", [1, 3, 64, 64], np.full((1, 1, 1, 1), 0.5, dtype=np.float32), 0.5)
    (_folder(tmp_path) / "t.toml").write_text(f"{CARD}range = [-1, 1]\noutput_range = [0, 1]\nsize = 64\n")
    face = np.repeat(np.repeat(_face(8, 5), 16, 0), 16, 1)
    made = toonify.load("onnx:t", models=tmp_path).stylize([face, face[::-1].copy()])
    assert [one.shape for one in made] == [face.shape] * 2
    assert np.abs(made[0].astype(int) - face).mean() < 20
    assert np.abs(made[1].astype(int) - made[0][::-1]).mean() < 3


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("title = 'x'\n", "licence"),
        (f"{CARD}layout = 'CHW'\n", "layout"),
        (f"{CARD}range = [1, -1]\n", "range"),
        (f"{CARD}multiple = 0\n", "multiple"),
        (f"{CARD}colour = 'RGB'\n", "no entry `colour`"),
        ("title = \n", "cannot be read"),
    ],
)
def test_wrong_cards_are_refused_with_the_entry(tmp_path: Path, card: str, words: str) -> None:
    _network(_folder(tmp_path) / "t.onnx", ["n", 3, "h", "w"], np.ones((1, 1, 1, 1), dtype=np.float32))
    (_folder(tmp_path) / "t.toml").write_text(card)
    info = next(style for style in toonify.stylizers(tmp_path) if style.name == "onnx:t")
    assert not info.installed and words in info.how_to_get
    with pytest.raises(NotReadyError, match=words):
        toonify.load("onnx:t", models=tmp_path)


def test_a_file_that_is_no_network(tmp_path: Path) -> None:
    _folder(tmp_path).mkdir(parents=True)
    (_folder(tmp_path) / "t.onnx").write_bytes(b"no network at all")
    (_folder(tmp_path) / "t.toml").write_text(CARD)
    with pytest.raises(NotReadyError, match="no ONNX network"):
        toonify.load("onnx:t", models=tmp_path)


def test_animegan_v3_runs_and_is_listed_with_its_licence(tmp_path: Path, shared_dir: Path) -> None:
    _folder(tmp_path).mkdir(parents=True)
    source = shared_dir / "weights" / "stylizers" / "AnimeGANv3_tiny_Cute.onnx"
    shutil.copy(source, _folder(tmp_path) / "cute.onnx")
    card = f'{CARD}layout = "NHWC"\nmultiple = 16\nlargest = 512\nmoves_features = true\n'
    (_folder(tmp_path) / "cute.toml").write_text(card)
    info = next(style for style in toonify.stylizers(tmp_path) if style.name == "onnx:cute")
    assert info.installed and info.moves_features and not info.commercial_use and info.licence == "none"
    y, x = np.mgrid[0:90, 0:70]
    face = np.stack([x * 3, y * 2, x + y], axis=-1).astype(np.uint8)
    made = toonify.load("onnx:cute", models=tmp_path).stylize([face])[0]
    assert made.shape == face.shape
    assert 3 < np.abs(made.astype(int) - face).mean() < 80
