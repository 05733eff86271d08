"""The shipped weights are the ones their description names, and insightface opens them."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest

from training.paths import PACK

DESCRIPTION = PACK / "pack.toml"


@pytest.fixture(scope="module")
def pack() -> dict:
    return tomllib.loads(DESCRIPTION.read_text(encoding="utf-8"))


def test_every_file_has_the_hash_and_size_it_claims(pack: dict) -> None:
    roles = {entry["role"] for entry in pack["files"]}
    assert {"detection", "arcface", "card"} <= roles
    for entry in pack["files"]:
        data = (PACK / entry["path"]).read_bytes()
        assert len(data) == entry["bytes"], entry["path"]
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], entry["path"]


def test_nothing_is_shipped_unnamed(pack: dict) -> None:
    named = {entry["path"] for entry in pack["files"]} | {"pack.toml"}
    assert {str(path.relative_to(PACK)) for path in PACK.rglob("*") if path.is_file()} <= named


def test_sizes_stay_within_their_bounds() -> None:
    assert (PACK / "face.onnx").stat().st_size <= 8_000_000
    assert (PACK / "detector.onnx").stat().st_size <= 3_000_000


def test_licence_forbids_commercial_use(pack: dict) -> None:
    assert pack["commercial_use"] is False
    assert pack["measured"]


def test_insightface_opens_the_folder() -> None:
    insightface = pytest.importorskip("insightface")
    app = insightface.app.FaceAnalysis(name=str(PACK), providers=["CPUExecutionProvider"])
    app.prepare(ctx_id=-1, det_size=(320, 320))
    assert set(app.models) == {"detection", "recognition"}
    recognition = app.models["recognition"]
    assert (recognition.input_mean, recognition.input_std) == (127.5, 127.5)
    faces = [np.full((112, 112, 3), tone, np.uint8) for tone in (60, 200)]
    vectors = recognition.get_feat(faces)
    assert vectors.shape == (2, 256)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-3)
    assert app.get(np.full((240, 320, 3), 128, np.uint8)) == []


def test_faces_are_found_and_recognized(shared_dir: Path) -> None:
    insightface = pytest.importorskip("insightface")
    import cv2

    from training.splits import actor_parts

    app = insightface.app.FaceAnalysis(name=str(PACK), providers=["CPUExecutionProvider"])
    app.prepare(ctx_id=-1, det_size=(320, 320))
    folder = shared_dir / "drawn" / "photos"
    parts = actor_parts([path.name for path in folder.iterdir()])
    unseen = sorted(name for name, part in parts.items() if part == "test")[:12]
    vectors = {}
    for name in unseen:
        found = []
        for path in sorted((folder / name).glob("*.jpg"))[:4]:
            image = cv2.copyMakeBorder(cv2.imread(str(path)), 60, 60, 60, 60, cv2.BORDER_REPLICATE)
            found += [face.normed_embedding for face in app.get(image)[:1]]
        vectors[name] = np.array(found)
    assert sum(len(v) for v in vectors.values()) >= 0.9 * 4 * len(unseen)
    same = [float(v[0] @ v[1]) for v in vectors.values() if len(v) > 1]
    first = np.array([v[0] for v in vectors.values()])
    other = (first @ first.T)[np.triu_indices(len(first), 1)]
    assert np.mean(same) > np.mean(other) + 2 * np.std(other)
