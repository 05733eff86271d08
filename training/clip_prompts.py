"""What CLIP is judged by: twenty traits, each asked for in one English and one Korean sentence.

Chosen before training, for being visible in a face crop and worth asking for when casting; common and rare, easy and
hard ones. The frames of the sentences are not among those that captions are written with.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.captions import NAMES, Language
from training.teacher import Vectors

PROMPTS: dict[Language, dict[str, str]] = {
    "en": {
        "male": "someone who looks like a man",
        "young": "this actor looks young",
        "smiling": "he or she is smiling at the camera",
        "open mouth": "this one has an open mouth",
        "glasses": "our hero wears glasses",
        "hat": "our hero wears a hat",
        "black hair": "an actor that has black hair",
        "blond hair": "an actor that has blond hair",
        "brown hair": "an actor that has brown hair",
        "gray hair": "an actor that has gray hair",
        "bald": "an actor that is bald",
        "bangs": "hair cut with bangs",
        "wavy hair": "hair that is wavy",
        "straight hair": "hair that is straight",
        "bushy eyebrows": "eyes below thick eyebrows",
        "beard": "an actor that has a beard",
        "mustache": "an actor that has a mustache",
        "makeup": "her face has heavy makeup",
        "big nose": "this one has a big nose",
        "chubby": "this one has a chubby face",
    },
    "ko": {
        "male": "남자처럼 생긴 분",
        "young": "젊은 분을 보고 싶어요",
        "smiling": "웃는 표정",
        "open mouth": "입을 벌린 표정",
        "glasses": "안경을 쓴 주인공",
        "hat": "모자를 쓴 주인공",
        "black hair": "검은 머리를 가진 주인공",
        "blond hair": "금발을 가진 주인공",
        "brown hair": "갈색 머리를 가진 주인공",
        "gray hair": "흰머리를 가진 주인공",
        "bald": "대머리 주인공",
        "bangs": "앞머리를 내린 주인공",
        "wavy hair": "곱슬머리를 가진 주인공",
        "straight hair": "생머리를 가진 주인공",
        "bushy eyebrows": "짙은 눈썹을 가진 주인공",
        "beard": "수염을 가진 주인공",
        "mustache": "콧수염을 가진 주인공",
        "makeup": "진한 화장을 한 분",
        "big nose": "큰 코를 가진 주인공",
        "chubby": "통통한 얼굴을 가진 주인공",
    },
}


def auc(scores: npt.NDArray[np.float32], truth: npt.NDArray[np.bool_]) -> float:
    """Chance that a face that has the trait scores above one that has not; ties count half."""
    order = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(order[2])
    ranks = (last - (order[2] - 1) / 2)[order[1]]
    true, false = int(truth.sum()), int((~truth).sum())
    return float((ranks[truth].sum() - true * (true + 1) / 2) / (true * false))


def trait_aucs(vectors: Vectors, texts: Vectors, labels: npt.NDArray[np.int8]) -> dict[str, float]:
    """AUC of every trait asked for that some faces have and some have not; `texts` [20, dim] in the prompts' order."""
    found = {}
    for text, name in zip(texts, PROMPTS["en"], strict=True):
        truth = labels[:, NAMES.index(name)]
        if (truth == 1).any() and (truth == -1).any():
            found[name] = auc((vectors @ text)[truth != 0], truth[truth != 0] == 1)
    return found


def mean_auc(vectors: Vectors, texts: Vectors, labels: npt.NDArray[np.int8]) -> float:
    """Mean over the traits."""
    return float(np.mean(list(trait_aucs(vectors, texts, labels).values())))
