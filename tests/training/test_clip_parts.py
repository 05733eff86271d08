"""Captions say what is known, in both languages; the loss asks that a caption tells faces apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.captions import CHILD, LANGUAGES, MALE, NAMES, TRAITS, write
from training.clip import Pupil, fits, separation, trait_loss
from training.clip_faces import known_traits, views
from training.clip_model import CONTEXT, Tokens, architecture, encode_text, widened
from training.clip_prompts import PROMPTS, auc, mean_auc


def _known(seed: int) -> np.ndarray:
    known = np.random.default_rng(seed).choice([-1, 0, 1], len(TRAITS), p=[0.5, 0.3, 0.2]).astype(np.int8)
    known[CHILD] = max(0, known[CHILD])
    return known


@given(st.integers(0, 10**6), st.sampled_from(LANGUAGES), st.integers(1, 5))
@settings(max_examples=200, deadline=None)
def test_a_caption_states_only_what_is_known(seed: int, language, most: int) -> None:
    known = _known(seed)
    caption = write(np.random.default_rng(seed), known, language, most)
    if caption is None:
        return
    spoken = caption.stated != 0
    assert 1 <= spoken.sum() <= most
    assert np.array_equal(caption.stated[spoken], known[spoken])
    assert "{" not in caption.text
    assert any("가" <= letter <= "힣" for letter in caption.text) == (language == "ko")


def test_nothing_known_nothing_said() -> None:
    assert write(np.random.default_rng(0), np.zeros(len(TRAITS), np.int8), "en") is None


def test_every_trait_can_be_said_in_both_languages() -> None:
    for trait in TRAITS:
        if trait.name not in ("male", "child"):
            assert trait.so.any("en"), trait.name
            assert trait.so.any("ko"), trait.name
        assert trait.not_so.any("en") == trait.not_so.any("ko"), trait.name
    assert "attractive" not in " ".join(NAMES)


def test_captions_are_made_of_known_tokens_and_fit() -> None:
    tokens = Tokens()
    texts = [write(np.random.default_rng(seed), _known(seed), LANGUAGES[seed % 2]) for seed in range(300)]
    ids = [tokens.encode(caption.text) for caption in texts if caption]
    assert np.mean([np.mean(np.array(one) == 0) for one in ids]) < 0.02
    assert max(map(len, ids)) <= CONTEXT
    assert tokens.batch(["안경 " * 200], CONTEXT).shape == (1, CONTEXT)
    assert tokens.batch(["안경 " * 200], CONTEXT)[0, -1] == len(tokens) - 1


def test_tables_become_traits() -> None:
    table = pd.DataFrame(
        {
            "attributes": ["Eyeglasses Male No_Beard Young", "Mustache Male", None, None],
            "gender": ["male", "male", "female", None],
            "age": [None, None, "70", "3-9"],
        }
    )
    labels = known_traits(table)

    def of(name: str) -> list[int]:
        return labels[:, NAMES.index(name)].tolist()

    assert of("glasses") == [1, -1, 0, 0]
    assert of("beard") == [-1, 1, 0, 0]
    assert of("male") == [1, 1, -1, 0]
    assert of("young") == [1, -1, -1, 1]
    assert of("elderly") == [0, 0, 1, -1]
    assert of("child") == [-1, -1, -1, 1]


def test_fits_knows_true_false_and_unknown() -> None:
    labels = torch.zeros(3, len(TRAITS), dtype=torch.int8)
    labels[0, MALE], labels[1, MALE] = 1, -1
    labels[0, 5] = labels[2, 5] = 1
    stated = torch.zeros(2, len(TRAITS), dtype=torch.int8)
    stated[0, MALE] = 1
    stated[1, MALE], stated[1, 5] = 1, 1
    assert fits(labels, stated).tolist() == [[1, 1], [-1, -1], [0, 0]]


def test_losses_prefer_the_truth() -> None:
    truth = torch.tensor([[1, -1], [-1, 1], [-1, 0]])
    assert float(separation(6.0 * truth, truth)) < 0.01 < float(separation(-6.0 * truth, truth))
    often = torch.full((2,), 0.5)
    assert float(trait_loss(6.0 * truth, truth, often)) < 0.01 < float(trait_loss(-6.0 * truth, truth, often))


def test_auc_of_known_orders() -> None:
    truth = np.array([True, True, False, False])
    assert auc(np.array([4, 3, 2, 1], np.float32), truth) == 1
    assert auc(np.array([1, 1, 1, 1], np.float32), truth) == 0.5
    assert auc(np.array([1, 3, 2, 4], np.float32), truth) == 0.25
    labels = np.zeros((4, len(TRAITS)), np.int8)
    labels[:, MALE] = [1, 1, -1, -1]
    texts = np.eye(20, dtype=np.float32)
    vectors = np.zeros((4, 20), np.float32)
    vectors[:, 0] = [4, 3, 2, 1]
    assert mean_auc(vectors, texts, labels) == 1


def test_the_twenty_questions_are_the_same_in_both_languages() -> None:
    assert list(PROMPTS["en"]) == list(PROMPTS["ko"])
    assert len(PROMPTS["en"]) == 20
    assert set(PROMPTS["en"]) <= set(NAMES)


def test_open_clip_answers_as_training_does(tmp_path) -> None:
    open_clip = pytest.importorskip("open_clip")
    from training.export import export_clip

    torch.manual_seed(1)
    tokens = Tokens()
    model = Pupil(tokens, 16).clip.eval()
    export_clip(model, tmp_path / "open_clip_model.safetensors")
    opened, _, _ = open_clip.create_model_and_transforms(f"local-dir:{tmp_path}")
    texts = ["a young man with glasses", "안경을 쓴 여자", "xylophone of no meaning"]
    tokenizer = open_clip.get_tokenizer(f"local-dir:{tmp_path}")
    with torch.no_grad():
        theirs = opened.eval().encode_text(tokenizer(texts))
        ours = encode_text(model, tokens.batch(texts, CONTEXT))
        x = torch.rand(2, 3, 112, 112)
        assert opened.encode_image(x) == pytest.approx(model.encode_image(x).numpy(), abs=0.02)
    assert theirs.numpy() == pytest.approx(ours.numpy(), abs=0.05)
    state = widened(model.state_dict(), tokens)
    assert state["token_embedding.weight"].shape == (architecture()["text_cfg"]["vocab_size"], 96)


def test_views_show_the_face_with_its_hair() -> None:
    crops = torch.zeros(1, 160, 160, 3, dtype=torch.uint8)
    crops[:, 85:98, 70:90] = 255  # the middle of the face's box
    seen = views(crops, 112)[0, 0]
    rows, columns = torch.nonzero(seen > 0.5, as_tuple=True)
    assert float(rows.float().mean()) == pytest.approx(55.5, abs=1.5)
    assert float(columns.float().mean()) == pytest.approx(55.5, abs=1.5)
    assert len(rows.unique()) == pytest.approx(13 * 112 / 148.4, abs=1.5)
