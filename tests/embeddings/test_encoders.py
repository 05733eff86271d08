"""ArcFace in batches, concatenation, mirror averaging, CLIP, fakes: values, contracts, and errors that help."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from castoon.errors import CastoonError, NotReadyError
from castoon.images import read
from embeddings import Encoder, FacePicture, Pack, TextEncoder, load_encoders, load_finder, manual_face, open_pack
from embeddings.alignment import align
from embeddings.arcface import ArcFaceEncoder, Feeding
from embeddings.blob import Scaling
from embeddings.clip import ClipEncoder, ClipSource, wide_crop
from embeddings.concat import ConcatEncoder
from embeddings.fakes import FakeEncoder

RGB = npt.NDArray[np.uint8]


def pictures(count: int, seed: int = 0) -> list[FacePicture]:
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        image = rng.integers(0, 255, (rng.integers(120, 200), rng.integers(120, 200), 3)).astype(np.uint8)
        made.append(FacePicture(image, manual_face(image, (20.0, 15.0, 95.0, 105.0))))
    return made


# ---- ArcFace --------------------------------------------------------------------------------------------------


def test_batches_give_what_one_at_a_time_gives(face_onnx: Callable[..., Path]) -> None:
    faces = pictures(21)
    encoder = ArcFaceEncoder(face_onnx(), batch=8)
    together = encoder.encode_gallery(faces)
    alone = np.concatenate([encoder.encode_gallery([face]) for face in faces])
    assert together.shape == (21, 16) and together.dtype == np.float32
    assert np.allclose(together, alone, atol=1e-6)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert encoder.encode_gallery([]).shape == (0, 16)


def test_a_model_of_fixed_batch_size_is_fed_full_batches(face_onnx: Callable[..., Path]) -> None:
    faces = pictures(7)
    fixed = [ArcFaceEncoder(face_onnx(batch=size)).encode_gallery(faces) for size in (1, 4)]
    assert np.allclose(fixed[0], fixed[1], atol=1e-6)
    assert np.allclose(fixed[0], ArcFaceEncoder(face_onnx()).encode_gallery(faces), atol=1e-6)


def test_vectors_are_those_of_insightface(face_onnx: Callable[..., Path]) -> None:
    from insightface.app.common import Face as TheirFace
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX

    path = face_onnx()
    theirs = ArcFaceONNX(str(path))
    for picture, ours in zip(pictures(10), ArcFaceEncoder(path).encode_gallery(pictures(10)), strict=True):
        face = TheirFace(kps=picture.face.points)
        theirs.get(np.ascontiguousarray(picture.image[..., ::-1]), face)
        assert float(face.normed_embedding @ ours) > 0.99999


def test_vectors_of_a_real_pack_are_those_of_insightface(small_pack: Pack, shared_dir: Path) -> None:
    from embeddings.runtime import open_analysis

    finder, encoder = load_finder(small_pack), load_encoders(small_pack, hide=False)["arcface"]
    analysis = open_analysis(small_pack.folder, ("detection", "recognition"))
    faces = []
    for path in sorted(shared_dir.glob("drawn/photos/*/*.jpg"))[::100]:
        image = read(path).pixels
        faces += [FacePicture(image, face) for face in finder.find(image, "photo").faces]
    assert len(faces) >= 18
    for picture, ours in zip(faces, encoder.encode_gallery(faces), strict=True):
        from insightface.app.common import Face as TheirFace

        face = TheirFace(kps=picture.face.points)
        analysis.models["recognition"].get(np.ascontiguousarray(picture.image[..., ::-1]), face)
        assert float(face.normed_embedding @ ours) >= 0.9999


def test_mirroring_makes_both_sides_alike(face_onnx: Callable[..., Path]) -> None:
    crop = align(pictures(1)[0].image, pictures(1)[0].face.points)
    plain, mirrored = ArcFaceEncoder(face_onnx()), ArcFaceEncoder(face_onnx(), mirror=True)
    sides = [crop, np.ascontiguousarray(crop[:, ::-1])]
    one, other = mirrored.encode_crops(sides)
    assert np.allclose(one, other, atol=1e-6)
    total = plain.encode_crops(sides).sum(axis=0)
    assert np.allclose(one, total / np.linalg.norm(total), atol=1e-6)


def test_feeding_changes_pixels_as_it_says() -> None:
    crop = np.zeros((2, 2, 3), np.uint8)
    crop[..., 0], crop[..., 2] = 10, 30
    mean, std = (10.0, 0.0, 20.0), (2.0, 1.0, 5.0)
    blob = Feeding(mean, std, "rgb").scaling().blob([crop])
    assert blob.shape == (1, 3, 2, 2) and blob[0, :, 0, 0].tolist() == [0.0, 0.0, 2.0]
    assert Feeding(mean, std, "bgr").scaling().blob([crop])[0, :, 0, 0].tolist() == [10.0, 0.0, -2.0]


def test_tables_give_the_very_values_of_opencv() -> None:
    import cv2

    pictures = np.random.default_rng(0).integers(0, 256, (3, 20, 24, 3)).astype(np.uint8)
    for std in (127.5, 128.0):
        theirs = cv2.dnn.blobFromImages(list(pictures), 1.0 / std, (24, 20), (127.5,) * 3, swapRB=True)
        assert np.array_equal(Scaling((127.5,) * 3, (std,) * 3, "bgr").blob(list(pictures)), theirs)


def test_everything_that_changes_vectors_changes_the_contract(face_onnx: Callable[..., Path]) -> None:
    same = [ArcFaceEncoder(face_onnx()), ArcFaceEncoder(face_onnx(), threads=2, batch=3, name="other")]
    assert len({one.contract for one in same}) == 1
    different = [
        same[0],
        ArcFaceEncoder(face_onnx(), mirror=True),
        ArcFaceEncoder(face_onnx(), Feeding(std=(128.0, 128.0, 128.0))),
        ArcFaceEncoder(face_onnx(), Feeding(colour="bgr")),
        ArcFaceEncoder(face_onnx(seed=1)),
    ]
    assert len({one.contract for one in different}) == 5


# ---- concatenation --------------------------------------------------------------------------------------------


def test_cosine_in_a_joined_space_is_the_mean_of_cosines(face_onnx: Callable[..., Path]) -> None:
    parts = [ArcFaceEncoder(face_onnx(16)), ArcFaceEncoder(face_onnx(40, 3))]
    faces = pictures(5)
    joined = ConcatEncoder("arcface", parts)
    cosines = [part.encode_gallery(faces) @ part.encode_query(faces).T for part in parts]
    found = joined.encode_gallery(faces) @ joined.encode_query(faces).T
    assert joined.dim == 56 and np.allclose(found, (cosines[0] + cosines[1]) / 2, atol=1e-5)
    weighted = ConcatEncoder("arcface", parts, [3.0, 1.0])
    found = weighted.encode_gallery(faces) @ weighted.encode_query(faces).T
    assert np.allclose(found, 0.75 * cosines[0] + 0.25 * cosines[1], atol=1e-5)
    contracts = {joined.contract, ConcatEncoder("a", parts[::-1]).contract, ConcatEncoder("a", parts, [3, 1]).contract}
    assert len(contracts) == 3 and ConcatEncoder("b", parts).contract == joined.contract


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -1.0]])
def test_weights_must_fit(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        ConcatEncoder("a", [FakeEncoder("x"), FakeEncoder("y")], weights)


# ---- CLIP -----------------------------------------------------------------------------------------------------


TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
}


@pytest.fixture(scope="module")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Any, Any, Any]:
    """Weights and JSON of a small CLIP with random weights, and the model, preprocessing and tokenizer themselves."""
    import open_clip
    import torch

    logging.disable(logging.WARNING)
    folder = tmp_path_factory.mktemp("clip")
    config, weights = folder / "tiny-clip.json", folder / "tiny.pt"
    config.write_text(json.dumps(TINY))
    open_clip.add_model_config(config)
    torch.manual_seed(0)
    model, _, preprocess = open_clip.create_model_and_transforms("tiny-clip")
    torch.save(model.state_dict(), weights)
    logging.disable(logging.NOTSET)
    return weights, config, model.eval(), preprocess, open_clip.get_tokenizer("tiny-clip")


def test_both_towers_agree_with_open_clip(tiny_clip: tuple[Path, Path, Any, Any, Any]) -> None:
    import torch
    from PIL import Image

    weights, config, model, preprocess, tokenizer = tiny_clip
    encoder = ClipEncoder(ClipSource(weights=weights, config=config), device="cpu")
    faces = pictures(19)
    texts = ["short black hair, sharp eyes, glasses", "an old man"]
    with torch.no_grad():
        crops = [preprocess(Image.fromarray(wide_crop(face.image, face.face.box))) for face in faces]
        images = model.encode_image(torch.stack(crops), normalize=True).numpy()
        words = model.encode_text(tokenizer(texts), normalize=True).numpy()
    assert encoder.dim == 32 and isinstance(encoder, Encoder) and isinstance(encoder, TextEncoder)
    assert np.abs(encoder.encode_gallery(faces) - images).max() < 1e-5
    assert np.abs(encoder.encode_query(faces) - images).max() < 1e-5
    assert np.abs(encoder.encode_text(texts) - words).max() < 1e-5
    assert encoder.encode_gallery([]).shape == encoder.encode_text([]).shape == (0, 32)
    assert images.std(axis=0).max() > 1e-4, "the model tells pictures apart"


def test_prompts_crops_and_weights_matter(tiny_clip: tuple[Path, Path, Any, Any, Any], tmp_path: Path) -> None:
    import torch

    weights, config, model, _, _ = tiny_clip
    source = ClipSource(weights=weights, config=config)
    plain = ClipEncoder(source, device="cpu")
    prompted = ClipEncoder(source, prompt="a drawing of {}", device="cpu")
    assert np.array_equal(prompted.encode_text(["a man"]), plain.encode_text(["a drawing of a man"]))
    torch.save({name: tensor + 0.01 for name, tensor in model.state_dict().items()}, tmp_path / "w.pt")
    others = [
        ClipEncoder(source, crop=1.5, device="cpu"),
        ClipEncoder(ClipSource(weights=tmp_path / "w.pt", config=config)),
    ]
    assert len({plain.contract, *(one.contract for one in others)}) == 3
    assert ClipEncoder(source, device="cpu").contract == plain.contract == prompted.contract


def test_preprocessing_follows_an_open_clip_config(tiny_clip: tuple[Path, Path, Any, Any, Any], tmp_path: Path) -> None:
    weights, config, *_ = tiny_clip
    full = tmp_path / "open_clip_config.json"
    full.write_text(json.dumps({"model_cfg": TINY, "preprocess_cfg": {"mean": [0.1] * 3, "std": [0.9] * 3}}))
    ours = ClipEncoder(ClipSource(weights=weights, config=full), device="cpu")
    plain = ClipEncoder(ClipSource(weights=weights, config=config), device="cpu")
    faces = pictures(2)
    assert np.abs(ours.encode_gallery(faces) - plain.encode_gallery(faces)).max() > 1e-4
    assert ours.contract != plain.contract


def test_the_wide_crop_is_twice_the_face_and_goes_on_beyond_the_border() -> None:
    image = np.zeros((100, 80, 3), np.uint8)
    image[:, -1] = 200
    crop = wide_crop(image, (50.0, 30.0, 80.0, 70.0))
    assert crop.shape == (80, 80, 3)
    assert (crop[:, -20:] == 200).all() and (crop[:, :50] == 0).all()
    assert wide_crop(image, (500.0, 500.0, 520.0, 520.0)).shape == (40, 40, 3)


@pytest.mark.parametrize(
    "what", ["missing weights", "missing config", "other weights", "no download", "no architecture"]
)
def test_clip_errors_say_what_to_do(what: str, tiny_clip: tuple[Path, Path, Any, Any, Any], tmp_path: Path) -> None:
    weights, config, *_ = tiny_clip
    (tmp_path / "bad.json").write_text("{}")
    (tmp_path / "other.json").write_text(json.dumps({**TINY, "embed_dim": 16}))
    sources = {
        "missing weights": ClipSource(weights=tmp_path / "no.pt", config=config),
        "missing config": ClipSource(weights=weights, config=tmp_path / "no.json"),
        "other weights": ClipSource(weights=weights, config=tmp_path / "other.json"),
        "no download": ClipSource("ViT-B-32", "openai"),
        "no architecture": ClipSource(weights=weights, config=tmp_path / "bad.json"),
    }
    with pytest.raises(NotReadyError) as caught:
        ClipEncoder(sources[what], device="cpu")
    assert caught.value.next_step


def test_pickled_code_in_weights_is_never_run(tiny_clip: tuple[Path, Path, Any, Any, Any], tmp_path: Path) -> None:
    import pickle

    _, config, *_ = tiny_clip
    trap, mark = tmp_path / "trap.pt", tmp_path / "mark"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (mark,))

    trap.write_bytes(pickle.dumps({"state_dict": Trap()}))
    with pytest.raises(NotReadyError):
        ClipEncoder(ClipSource(weights=trap, config=config), device="cpu")
    assert not mark.exists()


# ---- packs and errors -----------------------------------------------------------------------------------------


def described(folder: Path, *files: tuple[str, Path], tables: str = "") -> Pack:
    """A pack of these role, file pairs."""
    lines = ['name = "made"', 'licence = "ours"', "commercial_use = true"]
    for role, path in files:
        (folder / path.name).write_bytes(path.read_bytes())
        lines += ["[[files]]", f'path = "{path.name}"', f'role = "{role}"']
    (folder / "pack.toml").write_text("\n".join([*lines, tables]))
    return open_pack(folder)


def test_a_pack_names_preprocessing_and_joins_its_face_models(face_onnx: Callable[..., Path], tmp_path: Path) -> None:
    first, second = face_onnx(16, name="one.onnx"), face_onnx(40, 3, name="two.onnx")
    table = '[arcface]\nmean = [123.7, 116.3, 103.5]\nstd = [58.4, 57.1, 57.4]\ncolour = "bgr"\n'
    pack = described(tmp_path, ("arcface", first), ("arcface2", second), tables=table)
    faces = pictures(4)
    ours = load_encoders(pack, hide=False)["arcface"].encode_gallery(faces)
    fed = Feeding((123.7, 116.3, 103.5), (58.4, 57.1, 57.4), "bgr")
    by_hand = ConcatEncoder("arcface", [ArcFaceEncoder(first, fed), ArcFaceEncoder(second)])
    assert np.array_equal(ours, by_hand.encode_gallery(faces))
    assert load_encoders(pack, hide=False)["arcface"].contract == by_hand.contract
    assert load_encoders(pack, mirror=True, hide=False)["arcface"].contract != by_hand.contract


def test_a_pack_may_hold_a_clip(
    face_onnx: Callable[..., Path], tiny_clip: tuple[Path, Path, Any, Any, Any], tmp_path: Path
) -> None:
    weights, config, *_ = tiny_clip
    pack = described(tmp_path, ("arcface", face_onnx()), ("clip", weights), ("clip_config", config))
    encoders = load_encoders(pack)
    assert list(encoders) == ["arcface", "clip"] and encoders["clip"].dim == 32


@pytest.mark.parametrize("name", ["fake"])
def test_fakes_need_no_weights_and_know_like_from_unlike(name: str) -> None:
    encoders = load_encoders(open_pack(name))
    face, other = pictures(2)
    for key, encoder in encoders.items():
        near = FacePicture(np.clip(face.image.astype(int) + 6, 0, 255).astype(np.uint8), face.face)
        rows = encoder.encode_query([face, near, other])
        assert encoder.name == key and rows.shape == (3, encoder.dim)
        assert rows[0] @ rows[1] > 0.95 > rows[0] @ rows[2] + 0.3
        assert np.array_equal(rows, load_encoders(open_pack(name))[key].encode_gallery([face, near, other]))
    assert encoders["arcface"].contract != encoders["clip"].contract
    assert isinstance(encoders["clip"], TextEncoder)


@pytest.mark.parametrize("content", [b"", b"not onnx at all", b"\x08\x07" * 999])
def test_a_corrupt_model_is_reported_with_a_way_on(
    content: bytes, tmp_path: Path, face_onnx: Callable[..., Path]
) -> None:
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(NotReadyError, match="castoon models"):
        ArcFaceEncoder(tmp_path / "bad.onnx")
    with pytest.raises(NotReadyError, match="castoon models"):
        load_finder(open_pack(tmp_path))


def test_missing_files_folders_and_roles_are_reported(tmp_path: Path, face_onnx: Callable[..., Path]) -> None:
    (tmp_path / "empty").mkdir()
    gone = described(tmp_path / "empty", ("arcface", face_onnx()))
    (gone.folder / gone.files[0].path).unlink()
    cases: list[Callable[[], Any]] = [
        lambda: open_pack("absent"),
        lambda: open_pack(tmp_path / "absent"),
        lambda: open_pack(str(tmp_path)),
        lambda: load_encoders(gone),
        lambda: load_finder(gone),
        lambda: load_encoders(described(tmp_path, ("card", face_onnx()))),
    ]
    for case in cases:
        with pytest.raises(CastoonError) as caught:
            case()
        assert caught.value.reason and caught.value.next_step


def test_a_detector_is_no_encoder(small_pack: Pack) -> None:
    with pytest.raises(NotReadyError, match="one vector"):
        ArcFaceEncoder(next(small_pack.folder.glob("det*.onnx")))


def test_importing_the_package_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, embeddings, embeddings.pack, embeddings.models, embeddings.store, embeddings.pipeline;"
        "print(sorted({'torch','cv2','onnxruntime','insightface','open_clip'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
