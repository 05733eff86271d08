"""Sentences about a face, in English and Korean, written from what is known of it.

A `Trait` is something that is so, is not so, or is unknown; `configs/captions.toml` holds the traits and the ways to
say them. A caption is a few traits of one face put into a sentence, with what it states beside it, so that it can be
checked against any other face.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from training.paths import CONFIGS

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")
Known = npt.NDArray[np.int8]
"""[traits] of 1 (so), -1 (not so), 0 (unknown, or not spoken of)."""


@dataclass(frozen=True)
class Words:
    """Ways to say one thing."""

    adjectives: Sequence[str] = ()
    having: Sequence[str] = ()
    added: Sequence[str] = ()
    korean: Sequence[str] = ()
    tags: Sequence[str] = ()

    def any(self, language: Language) -> bool:
        """Whether it can be said."""
        return bool(self.korean) if language == "ko" else bool(self.adjectives or self.having or self.added)


@dataclass(frozen=True)
class Trait:
    """One thing that can be so or not; `label` is CelebA's name for it."""

    name: str
    label: str
    so: Words
    not_so: Words


def _trait(entry: Mapping[str, Any]) -> Trait:
    return Trait(entry["name"], entry.get("label", ""), Words(**entry.get("so", {})), Words(**entry.get("not_so", {})))


_LANGUAGE: dict[str, Any] = tomllib.loads((CONFIGS / "captions.toml").read_text(encoding="utf-8"))
TRAITS = tuple(_trait(entry) for entry in _LANGUAGE["traits"])
NAMES = tuple(trait.name for trait in TRAITS)
MALE, CHILD = NAMES.index("male"), NAMES.index("child")
NOUNS: dict[str, dict[str, list[str]]] = _LANGUAGE["nouns"]
FRAMES: dict[str, list[str]] = _LANGUAGE["frames"]
TAG_FRAMES: dict[str, list[str]] = _LANGUAGE["tag_frames"]
JOINTS: dict[str, list[str]] = _LANGUAGE["joints"]


@dataclass(frozen=True)
class Caption:
    """A sentence and what it states."""

    text: str
    language: Language
    stated: Known


def _one(rng: np.random.Generator, ways: Sequence[str]) -> str:
    return ways[int(rng.integers(len(ways)))]


def _weights(known: Known) -> npt.NDArray[np.float64]:
    """How likely each trait is to be spoken of: what is so rather than what is not, if there are words for it."""
    sayable = np.array([t.not_so.any("en") for t in TRAITS])
    weights = np.where(known == 1, 1.0, np.where((known == -1) & sayable, 0.25, 0.0))
    weights[MALE] = 0.6 * abs(int(known[MALE]))
    return np.asarray(weights, np.float64)


def write(rng: np.random.Generator, known: Known, language: Language, most: int = 4) -> Caption | None:
    """A caption of up to `most` traits of a face; None where nothing is known that there are words for."""
    weights = _weights(known)
    count = min(int(np.count_nonzero(weights)), 1 + int(rng.integers(most)))
    if count == 0:
        return None
    places = rng.choice(len(TRAITS), count, replace=False, p=weights / weights.sum()).tolist()
    stated = np.zeros(len(TRAITS), np.int8)
    stated[places] = known[places]
    words = [TRAITS[p].so if known[p] == 1 else TRAITS[p].not_so for p in places if p not in (MALE, CHILD)]
    answer = {1: "yes", -1: "no", 0: "?"}
    noun = _one(rng, NOUNS[language][f"{answer[int(stated[MALE])]} {answer[int(stated[CHILD])]}"])
    if rng.random() < 0.3 and all(word.tags for word in words):
        parts = [_one(rng, word.tags if language == "ko" else word.having or word.adjectives) for word in words]
        parts += [noun] if stated[MALE] or stated[CHILD] else []
        text = _one(rng, TAG_FRAMES[language]).format(_one(rng, JOINTS[language]).join(parts))
    else:
        body = _korean(rng, words, noun) if language == "ko" else _english(rng, words, noun)
        text = _one(rng, FRAMES[language]).format(body)
    return Caption(text, language, stated)


def _korean(rng: np.random.Generator, words: list[Words], noun: str) -> str:
    return " ".join([*(_one(rng, word.korean) for word in words), noun])


def _english(rng: np.random.Generator, words: list[Words], noun: str) -> str:
    before: list[str] = []
    having: list[str] = []
    added: list[str] = []
    for word in words:
        kinds = ((word.adjectives, before), (word.having, having), (word.added, added))
        ways, into = [(ways, into) for ways, into in kinds if ways][int(rng.integers(sum(bool(w) for w, _ in kinds)))]
        into.append(_one(rng, ways))
    head = " ".join([*before, noun])
    text = ("an " if head[0] in "aeiou" else "a ") + head
    if having:
        *most, last = having
        text += " with " + (f"{', '.join(most)} and {last}" if most else last)
    return text + "".join(f", {phrase}" if having else f" {phrase}" for phrase in added)


def imagined(rng: np.random.Generator, count: int) -> Known:
    """Faces [count, traits] on which every trait is as likely as another; real ones would mostly teach gender."""
    known = rng.choice(np.array([-1, 0, 1], np.int8), (count, len(TRAITS)), p=[0.3, 0.4, 0.3])
    known[:, CHILD] = np.maximum(0, known[:, CHILD])
    return known


def strewn(rng: np.random.Generator, text: str) -> str:
    """The text, in two cases of three with up to four words without meaning, which must not mislead."""
    words = text.split(" ")
    for _ in range(int(rng.integers(-2, 5))):
        first, count = ((0xAC00, 11172), (ord("a"), 26))[int(rng.integers(2))]
        letters = rng.integers(first, first + count, int(rng.integers(1, 4 if count > 26 else 8)))
        words.insert(int(rng.integers(len(words) + 1)), "".join(map(chr, letters.tolist())))
    return " ".join(words)


def wordings() -> list[str]:
    """Everything that captions are put together from, for the list of tokens that they can hold."""
    said = [words for trait in TRAITS for words in (trait.so, trait.not_so)]
    ways = [way for words in said for kind in vars(words).values() for way in kind]
    for table in (*NOUNS.values(), FRAMES, TAG_FRAMES, JOINTS):
        ways += [way for kind in table.values() for way in kind]
    return [*(way.replace("{}", " ") for way in ways), "a an with and , : of"]
