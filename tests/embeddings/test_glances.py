"""What is searched for is glanced at several times: the moves are the ones meant, and points matter less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings import FacePicture, load_encoders, open_pack
from embeddings.alignment import align, template
from embeddings.arcface import ArcFaceEncoder
from embeddings.glances import GLANCES, Glance

SIDE = 112


def test_a_plain_glance_is_a_photos_crop_and_half_of_all_are_mirrored(drawn: list[FacePicture]) -> None:
    face = drawn[0]
    plain = align(face.image, face.face.points, SIDE)
    assert np.abs(Glance().crop(face, SIDE).astype(int) - plain).max() <= 1
    assert np.abs(Glance(mirrored=True).crop(face, SIDE)[:, ::-1].astype(int) - plain).max() <= 1
    assert 2 * sum(glance.mirrored for glance in GLANCES) == len(GLANCES)


@pytest.mark.parametrize("turned", [0.0, 30.0])
def test_a_glance_moves_the_crop_as_it_says(turned: float) -> None:
    factor = 2.0 * np.exp(1j * np.radians(turned))
    at = template(SIDE) @ np.array([1, 1j]) * factor + 90 + 60j
    points = np.stack([at.real, at.imag], axis=1)
    for glance in (Glance(right=0.1), Glance(down=0.1), Glance(turn=20.0), Glance(down=0.05, zoom=0.8)):
        seen = glance.moved(points) @ np.array([1, 1j])
        inside = (seen - 90 - 60j) / factor - template(SIDE) @ np.array([1, 1j])
        middle, width = template(SIDE).mean(0) @ np.array([1, 1j]), SIDE
        start = template(SIDE) @ np.array([1, 1j]) - middle
        wanted = start * np.exp(1j * np.radians(glance.turn)) / glance.zoom - start
        wanted += width * (glance.right + 1j * glance.down) / glance.zoom
        assert np.abs(inside - wanted).max() < 0.02 * width


def test_a_query_is_the_mean_of_its_glances(face_onnx: Callable[..., Path], drawn: list[FacePicture]) -> None:
    encoder = ArcFaceEncoder(face_onnx(), batch=3)
    glances = [encoder.encode_crops([glance.crop(face, SIDE) for glance in GLANCES]).sum(axis=0) for face in drawn]
    means = np.stack(glances) / np.linalg.norm(glances, axis=1, keepdims=True)
    assert np.allclose(encoder.encode_query(drawn), means, atol=1e-5)
    assert encoder.encode_query([]).shape == (0, encoder.dim)


def test_where_the_points_lie_matters_less_for_a_query(drawn: list[FacePicture]) -> None:
    encoder = load_encoders(open_pack("lite"))["arcface"]
    rng = np.random.default_rng(0)

    def moved(face: FacePicture) -> FacePicture:
        width = float(np.linalg.norm(face.face.points[1] - face.face.points[0]))
        points = face.face.points + (0.08 * width * rng.standard_normal((5, 2))).astype(np.float32)
        return replace(face, face=replace(face.face, points=points))

    asked = [moved(face) for face in drawn for _ in range(6)]
    once, several = (
        np.vecdot(np.repeat(how(drawn), 6, axis=0), how(asked)).mean()
        for how in (encoder.encode_gallery, encoder.encode_query)
    )
    assert several > once + 0.01
