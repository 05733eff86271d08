"""Korean for what the engine's errors say: English pattern -> Korean pattern with the same values.

The English stands where the error is raised, in `castoon.words.Words` or as plain text; `tests/test_error_words.py`
finds every one and fails where Korean is missing. To add one: a line in the module of its folder.
"""

from __future__ import annotations

from app_pages.words.errors import casts, files, indexes, models, styles

ERRORS: dict[str, str] = {**files.WORDS, **casts.WORDS, **indexes.WORDS, **models.WORDS, **styles.WORDS}
