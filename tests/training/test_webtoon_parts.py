"""The webtoon stylizer's network, losses and pairs, on pictures small enough to know the answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from toonify.style_distance import ssim
from training.export import export_webtoon
from training.webtoon import FaceFeatures, Weights, loss_of, patches, structure, to_tensor
from training.webtoon_net import WebtoonNet
from training.webtoon_pairs import enclosed, field, relit


def _picture(seed: int, height: int = 64, width: int = 64) -> np.ndarray:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (height // 8, width // 8, 3)).astype(np.uint8)
    return np.kron(small, np.ones((8, 8, 1), np.uint8))


def test_an_untrained_stylizer_leaves_the_photo_as_it_is() -> None:
    x = to_tensor(_picture(0)[None], torch.device("cpu"))
    assert torch.allclose(WebtoonNet((8, 8, 8))(x), x)


def test_exported_stylizer_takes_any_size_and_answers_as_the_network_does(tmp_path: Path) -> None:
    ort = pytest.importorskip("onnxruntime")
    torch.manual_seed(0)
    net = WebtoonNet((8, 16, 16), (0, 1, 1)).eval()
    torch.nn.init.normal_(net.last[1].weight, std=0.1)
    export_webtoon(net, tmp_path / "webtoon.onnx")
    session = ort.InferenceSession(str(tmp_path / "webtoon.onnx"), providers=["CPUExecutionProvider"])
    for shape in ((1, 3, 64, 64), (2, 3, 96, 160)):
        x = torch.rand(shape) * 2 - 1
        with torch.no_grad():
            ours = net(x).numpy()
        assert session.run(None, {"input": x.numpy()})[0] == pytest.approx(ours, abs=5e-3)
    assert (tmp_path / "webtoon.toml").is_file()


def test_structure_is_the_ssim_that_the_report_measures() -> None:
    one, other = _picture(1), np.clip(_picture(1).astype(int) + np.arange(64)[:, None, None], 0, 255).astype(np.uint8)
    pair = (to_tensor(picture[None], torch.device("cpu")) for picture in (one, other))
    assert float(structure(*pair)) == pytest.approx(ssim(one, other), abs=0.03)


def test_the_loss_is_least_for_the_teachers_own_drawing() -> None:
    goal, other = (to_tensor(_picture(seed)[None], torch.device("cpu")) for seed in (2, 3))
    features = FaceFeatures()
    weights = Weights(structure=0.5, edges=1.0, face=0.1, smooth=0.0)
    right, parts = loss_of(goal, goal, features, weights)
    assert float(right) == pytest.approx(0, abs=1e-4)
    assert set(parts) == {"l1", "structure", "edges", "face", "smooth"}
    assert float(loss_of(other, goal, features, weights)[0]) > 0.3


def test_pictures_keep_their_shape_in_a_field() -> None:
    tall = _picture(4, 256, 128)
    whole = field([tall, _picture(5, 40, 40), tall, tall], 256)
    assert whole.shape == (512, 512, 3)
    assert np.array_equal(whole[:256, 64:192], tall)
    assert enclosed(_picture(6, 512, 1024), 256).shape == (256, 256, 3)
    assert relit(np.random.default_rng(0), tall).shape == tall.shape


def test_patches_show_the_same_place_of_photo_and_webtoon() -> None:
    photos = np.random.default_rng(7).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)
    found, drawn = patches(np.random.default_rng(8), (photos, 255 - photos), 16, 24)
    assert found.shape == (16, 24, 24, 3)
    assert np.array_equal(drawn, 255 - found)
