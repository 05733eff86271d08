"""What a network sees before its last layers stands beside its vector: read in one run, weighed as is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from castoon.errors import InputError, NotReadyError
from embeddings import FacePicture, load_encoders, open_pack
from embeddings.arcface import ArcFaceEncoder, Feeding, unit
from embeddings.concat import ConcatEncoder, parts_of
from embeddings.earlier import LAST, Earlier, pooling
from embeddings.earlier_fit import find_earlier
from embeddings.hiding import FACE, HIDDEN, LAYERS, HidingEncoder, blocks, joined, only, views
from embeddings.manner_fit import find_manner

SIDE, MAP, WEIGHT = 112, 14, 1.5
RGB = npt.NDArray[np.uint8]


def people(count: int = 12, each: int = 4, light: float = 0.0) -> tuple[list[RGB], npt.NDArray[np.str_]]:
    """Pictures of people: each has a pattern of their own under some noise, and light from the left or the right."""
    rng = np.random.default_rng(5)
    patterns = rng.uniform(40, 215, (count, 14, 14, 3)).repeat(8, 1).repeat(8, 2)
    ramp = np.linspace(-light, light, SIDE)[None, :, None]
    seen = [
        pattern + rng.normal() * ramp + rng.normal(0, 12, pattern.shape) for pattern in patterns for _ in range(each)
    ]
    names = np.repeat([f"p{number}" for number in range(count)], each)
    return list(np.clip(seen, 0, 255).astype(np.uint8)), names


def found_for(path: Path, size: int = 10) -> Earlier:
    photos, names = people()
    return find_earlier(path, Feeding(), photos, names, "r", weight=WEIGHT, size=size)


def map_of(path: Path, crops: list[RGB]) -> npt.NDArray[np.float32]:
    """The map [n, c, 14, 14] of the tiny network."""
    model = onnx.load(str(path))
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info("r", TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    blob = Feeding().scaling().blob(crops, np.empty((len(crops), 3, SIDE, SIDE), np.float32))
    seen: npt.NDArray[np.float32] = session.run(None, {"x": blob})[0]
    return seen


def test_a_vector_is_the_last_and_the_earlier_side_by_side(face_onnx: Callable[..., Path]) -> None:
    path = face_onnx()
    earlier, (photos, _) = found_for(path), people()
    plain, both = ArcFaceEncoder(path, batch=5), ArcFaceEncoder(path, batch=5, earlier=earlier)
    assert (both.parts, both.dim, plain.parts) == ((16, 10), 26, (16,))
    vectors = both.encode_crops(photos)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[:, :16], plain.encode_crops(photos) * np.sqrt(LAST / (LAST + WEIGHT)), atol=1e-5)
    seen = (map_of(path, photos).reshape(len(photos), 4, -1) @ pooling(MAP, 4)).reshape(len(photos), -1)
    axes = earlier.steps.astype(np.float64) * earlier.scale[:, None]
    by_hand = unit((seen - earlier.mean) @ axes.T) * np.sqrt(WEIGHT / (LAST + WEIGHT))
    assert np.allclose(vectors[:, 16:], by_hand, atol=1e-4)


def test_places_are_averaged_and_none_is_left_out() -> None:
    for side, grid in ((7, 4), (7, 7), (3, 3), (14, 4), (5, 2)):
        weights = pooling(side, grid)
        assert weights.shape == (side * side, grid * grid)
        assert np.allclose(weights.sum(0), 1) and (weights.sum(1) > 0).all()
    assert np.array_equal(pooling(3, 3), np.eye(9))
    assert np.allclose(pooling(4, 2)[:, 0].reshape(4, 4)[:2, :2], 0.25)


def test_what_stays_the_same_between_photos_of_a_person_counts_most(face_onnx: Callable[..., Path]) -> None:
    path = face_onnx()
    photos, names = people(40, 6, light=70)
    known, strangers = names < "p3", names >= "p3"
    some = [photo for photo, one in zip(photos, known, strict=True) if one]
    mixed_up = np.random.default_rng(0).permutation(names[known])

    def confused(who: npt.NDArray[np.str_]) -> float:
        """How often two pictures of one stranger are further apart than those of two."""
        earlier = find_earlier(path, Feeding(), some, who, "r", size=30)
        vectors, seen = ArcFaceEncoder(path, earlier=earlier).encode_crops(photos)[strangers, 16:], names[strangers]
        cosines, same = unit(vectors) @ unit(vectors).T, seen[:, None] == seen[None]
        return float((cosines[same & ~np.eye(len(seen), dtype=bool)][:, None] < cosines[~same][None]).mean())

    assert confused(names[known]) < 0.7 * confused(mixed_up)
    with pytest.raises(InputError, match="several photos"):
        find_earlier(path, Feeding(), some, np.arange(len(some)).astype(str), "r")


def test_a_hidden_face_is_told_by_the_last_layer_alone(
    face_onnx: Callable[..., Path], drawn: list[FacePicture]
) -> None:
    path = face_onnx()
    plain, both = ArcFaceEncoder(path, batch=3), ArcFaceEncoder(path, batch=3, earlier=found_for(path))
    encoder = joined("arcface", [both], hide=True)
    assert isinstance(encoder, ConcatEncoder)
    assert encoder.parts == (16, 10, 16, 16)
    assert blocks(encoder) == (FACE, LAYERS, *(hidden.name for hidden in HIDDEN))
    for hidden in HIDDEN:
        one, other = (HidingEncoder(network, hidden).encode_query(drawn) for network in (plain, both))
        assert np.allclose(one, other, atol=1e-5)
    vectors = encoder.encode_query(drawn)
    seen = views(encoder)
    assert list(seen) == [FACE, LAYERS, *(hidden.name for hidden in HIDDEN)]
    shares = [float(np.square(vectors[:, mask]).sum(1).mean()) for mask in seen.values()]
    assert np.allclose(np.array(shares) * (LAST + WEIGHT + 2), [LAST, WEIGHT, 1, 1], rtol=0.15)
    assert np.count_nonzero(only(LAYERS, encoder, vectors)[0]) <= 10
    alone = joined("arcface", [both], hide=False)
    assert alone is both and blocks(alone) == (FACE, LAYERS) and parts_of(plain) == (16,)


def test_drawings_are_read_in_their_manner_by_both(face_onnx: Callable[..., Path], drawn: list[FacePicture]) -> None:
    path = face_onnx()
    photos, _ = people()
    drawings = [np.clip(photo * 0.3 + 170, 0, 255).astype(np.uint8) for photo in photos]
    manner, earlier = find_manner(path, Feeding(), photos, drawings, share=1.0), found_for(path)
    plain, mannered = (ArcFaceEncoder(path, manner=one, earlier=earlier) for one in (None, manner))
    assert np.array_equal(plain.encode_gallery(drawn), mannered.encode_gallery(drawn))
    moved = np.abs(plain.encode_query(drawn) - mannered.encode_query(drawn)).max(axis=0)
    assert moved[:16].max() > 1e-3 and moved[16:].max() > 1e-3
    without = ArcFaceEncoder(path, manner=manner).encode_query(drawn, once=True)
    assert np.allclose(unit(mannered.encode_query(drawn, once=True)[:, :16]), without, atol=1e-5)


def test_it_is_kept_in_a_file_and_bound_to_its_network(face_onnx: Callable[..., Path], tmp_path: Path) -> None:
    path, other = face_onnx(), face_onnx(seed=4)
    earlier, file = found_for(path), tmp_path / "earlier.npz"
    earlier.save(file)
    again = Earlier.load(file)
    assert again.contract == earlier.contract
    changed = [dataclasses.replace(earlier, **change) for change in ({"scale": earlier.scale * 2}, {"weight": 1.0})]
    contracts = {ArcFaceEncoder(path, earlier=one).contract for one in (None, earlier, *changed, again)}
    assert len(contracts) == 4
    with pytest.raises(NotReadyError, match="another network"):
        ArcFaceEncoder(other, earlier=earlier)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(NotReadyError, match="castoon models verify"):
        Earlier.load(file)
    dataclasses.replace(earlier, scale=earlier.scale[:-1]).save(file)
    with pytest.raises(NotReadyError, match="do not fit together"):
        Earlier.load(file)


def test_a_network_that_takes_so_many_faces_at_once_is_read_the_same(face_onnx: Callable[..., Path]) -> None:
    photos, names = people(5, 3)
    free, fixed = (find_earlier(face_onnx(batch=batch), Feeding(), photos, names, "r") for batch in ("n", 4))
    assert np.allclose(free.mean, fixed.mean, atol=1e-5) and free.steps.shape == fixed.steps.shape


@pytest.mark.parametrize(("tensor", "why"), [("nowhere", "no layer `nowhere`"), ("y", "no square map")])
def test_a_layer_that_is_no_map_is_refused(face_onnx: Callable[..., Path], tensor: str, why: str) -> None:
    photos, names = people(4)
    with pytest.raises(NotReadyError, match=why):
        find_earlier(face_onnx(), Feeding(), photos, names, tensor)


def test_lite_reads_it_and_its_file_stays_what_insightface_opens() -> None:
    encoder = load_encoders(open_pack("lite"))["arcface"]
    assert blocks(encoder) == (FACE, LAYERS, *(hidden.name for hidden in HIDDEN))
    path = open_pack("lite").file("arcface")
    assert path is not None
    assert len(onnxruntime.InferenceSession(str(path)).get_outputs()) == 1
