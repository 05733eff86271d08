"""English words with values in them that remember their pattern, so that a front end can say them in another language.

    reason = Words("the file has {size:.0f} MB.", size=212.4)
    reason          # 'the file has 212 MB.'
    reason.pattern  # 'the file has {size:.0f} MB.', the key of its translations

Text without values needs nothing: it is its own pattern.
"""

from __future__ import annotations

import json
from numbers import Number
from typing import Any


class Words(str):
    """A string made of a pattern and values; values may be `Words` themselves."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: dict[str, Any]

    def __new__(cls, pattern: str, /, **values: object) -> Words:
        """Fill the pattern in; what is no number becomes text, so that words can be stored."""
        known = {name: one if isinstance(one, str | Number) else str(one) for name, one in values.items()}
        words = super().__new__(cls, pattern.format(**known))
        words.pattern, words.values = pattern, known
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled."""
        return revive, (stored(self),)


def stored(words: str) -> str:
    """Words as text that `revive` brings back with their pattern; other text as it is."""
    return json.dumps(_plain(words), ensure_ascii=False) if isinstance(words, Words) else words


def revive(text: str) -> str:
    """What `stored` was given."""
    if not text.startswith('{"pattern": '):
        return text
    try:
        return _words(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, Words):
        return {"pattern": value.pattern, "values": {name: _plain(one) for name, one in value.values.items()}}
    return value if isinstance(value, str | bool | int) else float(value)


def _words(kept: dict[str, Any]) -> Words:
    values = {name: _words(one) if isinstance(one, dict) else one for name, one in kept["values"].items()}
    return Words(str(kept["pattern"]), **values)
