"""Files that nobody vouches for: what does not fit is explained, what is broken named, what would run code does not."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import toonify
from castoon.errors import NotReadyError
from toonify.array_pickle import read_array_dictionary
from toonify.checkpoints import fill, read_checkpoint, tensors_of
from toonify.networks.animegan2 import Generator
from toonify.networks.cartoongan import Generator as CartoonGAN
from toonify.networks.fast import TransformerNet


class Trap:
    """Unpickled by an ordinary reader, it creates a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "the-code-ran"


def _style_codes() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(0)
    return {f"a{i}.jpg": draw.standard_normal((1, 18, 512)).astype(np.float32) for i in range(3)}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_official_style_codes_are_read(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "exstyle_code.npy"
    box = np.empty((), dtype=object)
    box[()] = _style_codes()
    with path.open("wb") as handle:
        np.lib.format.write_array_header_1_0(handle, {"descr": "|O", "fortran_order": False, "shape": ()})
        pickle.dump(box, handle, protocol=protocol)
    found = read_array_dictionary(path)
    assert list(found) == list(_style_codes())
    assert all(np.array_equal(found[name], array) for name, array in _style_codes().items())


def test_style_codes_saved_by_numpy_are_read(tmp_path: Path) -> None:
    np.save(tmp_path / "codes.npy", _style_codes(), allow_pickle=True)
    assert list(read_array_dictionary(tmp_path / "codes.npy")) == list(_style_codes())


def test_code_in_style_codes_is_refused_and_does_not_run(tmp_path: Path, mark: Path) -> None:
    path = tmp_path / "exstyle_code.npy"
    np.save(path, {**_style_codes(), "x": Trap(mark)}, allow_pickle=True)
    with pytest.raises(NotReadyError, match="more than arrays"):
        read_array_dictionary(path)
    assert not mark.exists()
    np.load(path, allow_pickle=True)
    assert mark.exists(), "the trap itself works, so the refusal above means something"


@pytest.mark.parametrize(
    "payload",
    [
        b"cnumpy\nndarray\n((I1000000000\ntR.",
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I1000000000\nttR.",
        b"cbuiltins\neval\n(V1+1\ntR.",
        b"cposix\nsystem\n(Vtrue\ntR.",
        b"cnumpy\nload\n(Vx\ntR.",
        b"not a pickle",
        b"",
        b"I5\n.",
    ],
)
def test_hostile_payloads_end_in_an_explanation(tmp_path: Path, payload: bytes) -> None:
    path = tmp_path / "codes.npy"
    with path.open("wb") as handle:
        np.lib.format.write_array_header_1_0(handle, {"descr": "|O", "fortran_order": False, "shape": ()})
        handle.write(payload)
    with pytest.raises(NotReadyError):
        read_array_dictionary(path)


def test_cut_off_style_codes(tmp_path: Path) -> None:
    np.save(tmp_path / "codes.npy", _style_codes(), allow_pickle=True)
    content = (tmp_path / "codes.npy").read_bytes()
    for share in (0.0, 0.001, 0.5, 0.99):
        (tmp_path / "cut.npy").write_bytes(content[: int(len(content) * share)])
        with pytest.raises(NotReadyError, match=r"cut\.npy"):
            read_array_dictionary(tmp_path / "cut.npy")


def test_code_in_a_checkpoint_is_refused_and_does_not_run(tmp_path: Path, mark: Path) -> None:
    path = tmp_path / "model.pth"
    torch.save({"weight": torch.ones(2), "x": Trap(mark)}, path)
    with pytest.raises(NotReadyError, match="Python objects besides tensors"):
        read_checkpoint(path)
    assert not mark.exists()
    path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(NotReadyError):
        read_checkpoint(path)
    assert not mark.exists()


@pytest.mark.parametrize("suffix", [".pth", ".npz", ".safetensors"])
def test_truncated_checkpoints_are_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"whole{suffix}"
    tensors = {"a": torch.randn(400, 100), "b": torch.randn(100)}
    if suffix == ".pth":
        torch.save(tensors, path)
    elif suffix == ".npz":
        np.savez(path, **{name: tensor.numpy() for name, tensor in tensors.items()})
    else:
        from safetensors.torch import save_file

        save_file(tensors, path)
    assert set(read_checkpoint(path)) == {"a", "b"}
    content = path.read_bytes()
    for share in (0.0, 0.3, 0.95):
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(NotReadyError, match="damaged or cut off"):
            read_checkpoint(cut)


def test_a_checkpoint_of_another_engine_is_recognized(tmp_path: Path) -> None:
    folder = tmp_path / "stylizers" / "animegan2"
    folder.mkdir(parents=True)
    torch.save(TransformerNet().state_dict(), folder / "candy.pt")
    with pytest.raises(NotReadyError) as caught:
        toonify.load("animegan2:candy", models=tmp_path)
    text = str(caught.value)
    assert "77 tensors missing: block_a.0.1.weight" in text
    assert "62 tensors unexpected: conv1.conv2d.weight" in text
    assert "engine fast" in text


def test_wrong_shapes_and_missing_tensors_are_listed(tmp_path: Path) -> None:
    tensors = Generator().state_dict()
    tensors["block_a.0.2.bias"] = torch.zeros(5)
    del tensors["out_layer.0.weight"]
    with pytest.raises(NotReadyError) as caught:
        fill(Generator(), tensors, tmp_path / "x.pt", "animegan2")
    assert "block_a.0.2.bias [5] instead of [32]" in str(caught.value)
    assert "1 tensors missing: out_layer.0.weight" in str(caught.value)


def test_published_fast_styles_with_obsolete_statistics_load(tmp_path: Path) -> None:
    folder = tmp_path / "stylizers" / "fast"
    folder.mkdir(parents=True)
    tensors = dict(TransformerNet().state_dict())
    tensors |= {"in1.running_mean": torch.zeros(32), "res3.in2.running_var": torch.ones(128)}
    torch.save(tensors, folder / "candy.pth")
    face = np.random.default_rng(0).integers(0, 256, (50, 37, 3), dtype=np.uint8)
    assert toonify.load("fast:candy", models=tmp_path).stylize([face])[0].shape == face.shape


def test_cartoongan_has_exactly_the_94_published_arrays(shared_dir: Path) -> None:
    with np.load(shared_dir / "weights" / "stylizers" / "cartoongan_paprika_fp16.npz", allow_pickle=False) as arrays:
        published = {name: arrays[name].shape for name in arrays.files}
    mine = {name: tuple(tensor.shape) for name, tensor in CartoonGAN().state_dict().items()}
    assert len(mine) == 94
    assert mine == published


def test_prefixed_tensors_are_found_in_their_nest() -> None:
    content = {"state_dict": {"encoder.a": torch.ones(1), "decoder.b": torch.ones(2)}, "opts": {"x": 1}}
    assert list(tensors_of(content, "state_dict", prefix="encoder.")) == ["a"]
