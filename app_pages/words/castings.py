"""Words of the page of characters, shortlists and history."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {}
