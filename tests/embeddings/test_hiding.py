"""Faces are looked at once more with a part hidden: the right part, once a glance, and counted as is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embeddings import FacePicture, load_encoders, open_pack
from embeddings.alignment import template
from embeddings.arcface import ArcFaceEncoder
from embeddings.concat import ConcatEncoder
from embeddings.glances import GLANCES
from embeddings.hiding import FACE, GREY, HIDDEN, WHOLE, Hidden, HidingEncoder, joined, only, views

SIDE = 112


@pytest.mark.parametrize("side", [112, 160])
def test_eyes_or_nose_and_mouth_are_grey_and_the_rest_is_as_it_was(side: int) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8)
    points = np.round(template(side)).astype(int)
    for hidden, gone, kept in ((HIDDEN[0], points[:2], points[2:]), (HIDDEN[1], points[2:], points[:2])):
        seen = hidden.without(crop)
        for x, y in gone:
            assert np.abs(seen[y, x].astype(int) - GREY).max() <= 6
        for x, y in kept:
            assert np.abs(seen[y, x].astype(int) - crop[y, x]).max() <= 12
        assert np.array_equal(seen[: side // 10], crop[: side // 10])


def test_hidden_vectors_are_those_of_hidden_crops(face_onnx: Callable[..., Path], drawn: list[FacePicture]) -> None:
    network = ArcFaceEncoder(face_onnx(), batch=3)
    for hidden in HIDDEN:
        encoder = HidingEncoder(network, hidden)
        crops = [hidden.without(network.cut_out(face.image, face.face)) for face in drawn]
        assert np.allclose(encoder.encode_gallery(drawn), network.encode_crops(crops), atol=1e-6)
        first = [hidden.without(GLANCES[0].crop(face, SIDE)) for face in drawn]
        assert np.allclose(encoder.encode_query(drawn, once=True), network.encode_crops(first), atol=1e-6)
        assert encoder.encode_query([]).shape == (0, network.dim)
    assert hidden.name in encoder.name


def test_similarity_is_the_weighted_mean_over_the_views(
    face_onnx: Callable[..., Path], drawn: list[FacePicture]
) -> None:
    network = ArcFaceEncoder(face_onnx(), batch=3)
    whole, parts = joined("arcface", [network], hide=True), [HidingEncoder(network, hidden) for hidden in HIDDEN]
    assert isinstance(whole, ConcatEncoder)
    assert whole.parts == (network.dim,) * (1 + len(HIDDEN))
    total = WHOLE * network.encode_query(drawn) @ network.encode_gallery(drawn).T
    total += sum(part.encode_query(drawn) @ part.encode_gallery(drawn).T for part in parts)
    found = whole.encode_query(drawn) @ whole.encode_gallery(drawn).T
    assert np.allclose(found, total / (WHOLE + len(HIDDEN)), atol=1e-5)
    assert joined("arcface", [network], hide=False) is network


def test_one_view_alone_is_what_it_says(face_onnx: Callable[..., Path], drawn: list[FacePicture]) -> None:
    networks = [ArcFaceEncoder(face_onnx(), batch=3), ArcFaceEncoder(face_onnx(24, 3, name="other.onnx"), batch=3)]
    encoder = joined("arcface", networks, hide=True)
    vectors = encoder.encode_query(drawn)
    whole = np.concatenate([network.encode_query(drawn) for network in networks], axis=1) / np.sqrt(2)
    seen = views(encoder)
    assert list(seen) == [FACE, *(hidden.name for hidden in HIDDEN)]
    assert sum(mask.sum() for mask in seen.values()) == encoder.dim
    assert np.allclose(only(FACE, encoder, vectors)[:, seen[FACE]], whole, atol=1e-5)
    assert not only(FACE, encoder, vectors)[:, ~seen[FACE]].any()
    assert not views(networks[0])
    assert only(FACE, networks[0], vectors) is vectors


def test_every_way_of_hiding_has_a_contract_of_its_own(face_onnx: Callable[..., Path]) -> None:
    network = ArcFaceEncoder(face_onnx())
    other = Hidden("brows", 0.2, 0.3, 0.8, 0.4)
    contracts = {network.contract, *(HidingEncoder(network, hidden).contract for hidden in (*HIDDEN, other))}
    assert len(contracts) == 4
    assert joined("arcface", [network], True).contract != joined("arcface", [network], False).contract


def test_a_pack_hides_unless_told_otherwise() -> None:
    plain, hiding = (load_encoders(open_pack("lite"), hide=hide)["arcface"] for hide in (False, True))
    assert isinstance(plain, ArcFaceEncoder)
    assert hiding.dim == plain.dim + plain.parts[0] * len(HIDDEN)
