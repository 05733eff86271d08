"""The CLIP of the lite pack: open_clip opens it, and it knows glasses in English and in Korean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embeddings import FacePicture, TextEncoder, load_encoders, load_finder, open_pack
from embeddings.pack import BUNDLED

CLIP = BUNDLED / "lite" / "clip"
PHOTOS = Path(__file__).resolve().parents[2] / "casting" / "demo" / "data" / "photos"


@pytest.fixture(scope="module")
def clip() -> TextEncoder:
    encoder = load_encoders(open_pack("lite"))["clip"]
    assert isinstance(encoder, TextEncoder)
    return encoder


def test_open_clip_itself_opens_the_folder() -> None:
    import open_clip
    import torch
    from PIL import Image

    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{CLIP}")
    tokens = open_clip.get_tokenizer(f"local-dir:{CLIP}")(["a woman with glasses", "안경을 쓴 여자"])
    with torch.no_grad():
        words = model.eval().encode_text(tokens, normalize=True)
        face = model.encode_image(preprocess(Image.new("RGB", (300, 200))).unsqueeze(0))
    assert words.shape == (2, 256) and face.shape == (1, 256)
    assert float(words[0] @ words[1]) > 0.6


def test_it_is_small(clip: TextEncoder) -> None:
    assert sum(path.stat().st_size for path in CLIP.iterdir()) <= 20_000_000
    assert clip.dim == 256


def test_both_languages_mean_the_same(clip: TextEncoder) -> None:
    english = [
        "a man with a beard",
        "a woman with blond hair",
        "a smiling person",
        "a person wearing a hat",
        "a bald man",
    ]
    korean = ["수염이 있는 남자", "금발 머리의 여자", "웃고 있는 사람", "모자를 쓴 사람", "대머리의 남자"]
    cosines = clip.encode_text(english) @ clip.encode_text(korean).T
    assert (cosines.argmax(1) == np.arange(len(english))).all()
    assert np.diag(cosines).min() > 0.5


def test_words_it_was_never_taught_do_not_change_the_meaning(clip: TextEncoder) -> None:
    plain, odd = clip.encode_text(["a man with a beard", "zorblax a man with a beard quuxly"])
    assert float(plain @ odd) > 0.6


def test_no_torch_is_loaded_for_those_who_only_compare_faces() -> None:
    code = (
        "import sys; from embeddings import load_encoders, open_pack;"
        "found = load_encoders(open_pack('lite')); found['arcface'];"
        "print(list(found), 'torch' in sys.modules, 'open_clip' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip().endswith("['arcface', 'clip'] False False")


def test_faces_are_told_apart_by_words(clip: TextEncoder, shared_dir: Path) -> None:
    """Unseen faces with and without glasses, and men and women: better than four times in five."""
    import zipfile

    from training.captions import NAMES
    from training.clip_faces import known_traits
    from training.clip_prompts import auc
    from training.evaluate_clip import face_square
    from training.faces import decode, load_table

    table = load_table(shared_dir)
    labels = known_traits(table)
    test = ((table["part"] == "test") & table["attributes"].notna()).to_numpy()
    for trait, words in (("glasses", "안경을 쓴 사람"), ("male", "a man")):
        column = labels[:, NAMES.index(trait)]
        rows = np.concatenate([np.flatnonzero(test & (column == side))[:40] for side in (1, -1)])
        crops = []
        for row in rows:
            with zipfile.ZipFile(shared_dir / "faces" / str(table.at[row, "shard"])) as archive:
                crops.append(face_square(decode(archive.read(str(table.at[row, "file"])))))
        scores = clip.encode_crops(crops) @ clip.encode_text([words])[0]
        assert auc(scores, column[rows] == 1) > 0.8, trait


def test_demo_faces_go_through_it(clip: TextEncoder) -> None:
    from castoon.images import read

    finder = load_finder(open_pack("lite"))
    faces = []
    for path in sorted(PHOTOS.rglob("*.webp"))[:4]:
        picture = read(path).pixels
        faces += [FacePicture(picture, face) for face in finder.find(picture).faces[:1]]
    vectors = clip.encode_gallery(faces)
    assert vectors.shape == (len(faces), 256) and len(faces) == 4
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-4)
    assert (vectors @ vectors.T)[np.triu_indices(4, 1)].max() < 0.9999
