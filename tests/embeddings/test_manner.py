"""Drawings are read by figures of their own: the layers answer as to photos, and photos are read as before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from castoon.errors import NotReadyError
from castoon.files import sha256_file
from embeddings import Face, FacePicture
from embeddings.alignment import template
from embeddings.arcface import ArcFaceEncoder, Feeding
from embeddings.glances import GLANCES
from embeddings.manner import Layer, Manner, with_manner
from embeddings.manner_fit import WORTH, find_manner
from embeddings.manner_graph import MENDED, convolutions

SIDE = 112
RGB = npt.NDArray[np.uint8]


def noisy(seed: int, low: float, high: float, count: int = 24) -> list[RGB]:
    """Pictures whose tones lie between two values."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(low, high, (count, 14, 14, 3)).repeat(8, 1).repeat(8, 2)
    return list(np.clip(coarse + rng.normal(0, 6, coarse.shape), 0, 255).astype(np.uint8))


PHOTOS, DRAWINGS = noisy(1, 60, 190), noisy(2, 150, 250)


def pictures(crops: list[RGB]) -> list[FacePicture]:
    points = template(SIDE).astype(np.float32)
    return [FacePicture(crop, Face((0.0, 0.0, SIDE, SIDE), points, 1.0, "drawn")) for crop in crops]


def answers(path: Path, manner: Manner, crops: list[RGB], ending: str) -> npt.NDArray[np.float32]:
    """What the first convolution answers, as it is or mended."""
    model = with_manner(onnx.load(str(path)), manner.layers, manner.share)
    name = next(iter(convolutions(model)))
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(name + ending, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    blob = Feeding().scaling().blob(crops, np.empty((len(crops), 3, SIDE, SIDE), np.float32))
    found: npt.NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: blob})[0]
    return found


def test_mended_layers_answer_to_drawings_as_to_photos(face_onnx: Callable[..., Path]) -> None:
    path = face_onnx()
    manner = find_manner(path, Feeding(), PHOTOS, DRAWINGS, share=1.0)
    usual, plain, mended = (
        answers(path, manner, crops, ending) for crops, ending in ((PHOTOS, ""), (DRAWINGS, ""), (DRAWINGS, MENDED))
    )
    for figure in (np.mean, np.std):
        wanted = figure(usual, axis=(0, 2, 3))
        assert np.abs(figure(mended, axis=(0, 2, 3)) - wanted).max() < 1e-3
        assert np.abs(figure(plain, axis=(0, 2, 3)) - wanted).max() > 0.05


def test_a_share_of_zero_changes_nothing(face_onnx: Callable[..., Path]) -> None:
    path = face_onnx()
    for own in (0.0, 0.5):
        manner = find_manner(path, Feeding(), PHOTOS, DRAWINGS, share=0.0, own=own)
        plain, mended = (answers(path, manner, DRAWINGS, ending) for ending in ("", MENDED))
        assert np.allclose(plain, mended, atol=1e-4)


def test_a_picture_may_say_itself_how_it_is_drawn(face_onnx: Callable[..., Path]) -> None:
    """With all of the figures its own, each picture alone is brought to where photos are, in any style."""
    path = face_onnx()
    manner = find_manner(path, Feeding(), PHOTOS, DRAWINGS, share=1.0, own=1.0)
    usual, dark = answers(path, manner, PHOTOS, ""), answers(path, manner, noisy(3, 0, 60), MENDED)
    for figure in (np.mean, np.std):
        assert np.abs(figure(dark, axis=(2, 3)) - figure(usual, axis=(0, 2, 3))).max() < 0.05


@pytest.mark.parametrize("own", [0.0, 0.3])
def test_a_few_drawings_count_beside_what_was_known(own: float, face_onnx: Callable[..., Path]) -> None:
    path, foreign = face_onnx(), noisy(4, 0, 90)
    prior = find_manner(path, Feeding(), PHOTOS, DRAWINGS, own=own)
    alone = find_manner(path, Feeding(), PHOTOS, foreign)
    name = next(iter(prior.layers))
    for count in (1, 5, len(foreign)):
        found = find_manner(path, Feeding(), [], foreign[:count], prior=prior).layers[name]
        told = count / (count + WORTH)
        assert found.own == pytest.approx((1 - told) * own)
        assert np.array_equal(found.mean, prior.layers[name].mean), "the pack says what photos look like"
    weight = told / (1 - found.own)
    between = weight * alone.layers[name].drawn_mean + (1 - weight) * prior.layers[name].drawn_mean
    assert np.allclose(found.drawn_mean, between, atol=1e-5)


def test_a_manner_needs_something_to_stand_for_photos(face_onnx: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="against photos"):
        find_manner(face_onnx(), Feeding(), [], DRAWINGS)


def test_only_what_is_searched_for_is_read_so(face_onnx: Callable[..., Path], tmp_path: Path) -> None:
    path = face_onnx()
    find_manner(path, Feeding(), PHOTOS, DRAWINGS).save(tmp_path / "drawn.npz")
    plain = ArcFaceEncoder(path)
    encoder = ArcFaceEncoder(path, manner=Manner.load(tmp_path / "drawn.npz"))
    faces = pictures(DRAWINGS[:5])
    assert encoder.contract == plain.contract, "the vectors of photos stay what they are"
    assert np.array_equal(encoder.encode_gallery(faces), plain.encode_gallery(faces))
    assert encoder.query_contract != plain.query_contract
    assert np.abs(encoder.encode_query(faces) - plain.encode_query(faces)).max() > 0.01
    photos = plain.encode_gallery(pictures(PHOTOS)).mean(axis=0)
    near, far = (one.encode_query(pictures(DRAWINGS)).mean(axis=0) @ photos for one in (encoder, plain))
    assert near > far


def test_once_is_the_first_glance(face_onnx: Callable[..., Path]) -> None:
    encoder, faces = ArcFaceEncoder(face_onnx()), pictures(DRAWINGS[:5])
    crops = [GLANCES[0].crop(face, encoder.side) for face in faces]
    assert np.allclose(encoder.encode_query(faces, once=True), encoder.encode_crops(crops), atol=1e-5)


def test_weights_kept_in_half_precision_are_seen_too(face_onnx: Callable[..., Path]) -> None:
    model = onnx.load(str(face_onnx()))
    wide = next(one for one in model.graph.initializer if one.name == "k")
    wide.name = "k16"
    model.graph.node.insert(0, helper.make_node("Cast", ["k16"], ["k"], to=TensorProto.FLOAT))
    assert convolutions(model) == {"c": 4}


def test_the_manner_of_another_network_is_refused(face_onnx: Callable[..., Path]) -> None:
    manner = find_manner(face_onnx(seed=3), Feeding(), PHOTOS, DRAWINGS)
    with pytest.raises(NotReadyError, match="found for another network"):
        ArcFaceEncoder(face_onnx(), manner=manner)
    numbers = [np.ones(4, np.float32)] * 4
    false = Manner(sha256_file(face_onnx()), {"no such layer": Layer(*numbers)}, 0.75)
    with pytest.raises(NotReadyError, match="1 layers that it does not have"):
        ArcFaceEncoder(face_onnx(), manner=false).encode_query(pictures(DRAWINGS[:1]))


@pytest.mark.parametrize("content", [b"", b"no numbers", b"PK\x03\x04 cut off"])
def test_a_damaged_manner_says_what_to_do(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "drawn.npz"
    path.write_bytes(content)
    with pytest.raises(NotReadyError, match="models verify"):
        Manner.load(path)


def test_what_was_kept_is_what_was_found(face_onnx: Callable[..., Path], tmp_path: Path) -> None:
    manner = find_manner(face_onnx(), Feeding(), PHOTOS, DRAWINGS)
    manner.save(tmp_path / "drawn.npz")
    again = Manner.load(tmp_path / "drawn.npz")
    assert again.contract == manner.contract
    assert list(again.layers) == list(manner.layers)
    assert again.drawings == len(DRAWINGS)


def test_a_manner_of_an_earlier_version_is_refused(face_onnx: Callable[..., Path], tmp_path: Path) -> None:
    np.savez(tmp_path / "old.npz", network="sha", names=np.array(["c"]), **{"000": np.ones((2, 4), np.float32)})
    with pytest.raises(NotReadyError, match="bridge drop"):
        Manner.load(tmp_path / "old.npz")
