"""Words on screen in the viewer's language; the words themselves are in `words/`."""

from __future__ import annotations

from typing import Literal

from app_pages.words import ALL
from app_pages.words.engine import SAID
from castoon.words import Words

Language = Literal["en", "ko"]
LANGUAGES: dict[Language, str] = {"en": "English", "ko": "한국어"}


def text(language: Language, key: str, **values: object) -> str:
    """The words for `key`, with values filled in; a flag or fact without words is shown as it is."""
    if key not in ALL:
        return key.partition(".")[2].replace("_", " ") or key
    return ALL[key][0 if language == "en" else 1].format(**values)


def all_keys() -> list[str]:
    """All keys that have words."""
    return list(ALL)


def said(language: Language, words: str) -> str:
    """What the engine says, in the viewer's language; what has no words of its own is shown as it is."""
    if language == "en":
        return words
    if not isinstance(words, Words):
        return SAID.get(words, words)
    values = {name: said(language, one) if isinstance(one, Words) else one for name, one in words.values.items()}
    return SAID.get(words.pattern, words.pattern).format(**values)
