"""Korean for what the engine says - errors, cautions, parameters of styles: English pattern -> Korean pattern.

The English stands where it is said, in `castoon.words.Words` or as plain text; `tests/test_error_words.py` finds every
sentence and fails where Korean is missing. To add one: a line in the module of its folder.
"""

from __future__ import annotations

from app_pages.words.engine import casts, files, indexes, models, parameters, styles

SAID: dict[str, str] = {
    **files.WORDS,
    **casts.WORDS,
    **indexes.WORDS,
    **models.WORDS,
    **styles.WORDS,
    **parameters.WORDS,
}
