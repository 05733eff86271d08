"""Every word on screen, key -> (English, Korean); one module a page.

To add a page's words: a module here with its `WORDS`, and a line in `ALL`.
"""

from __future__ import annotations

from app_pages.words import shared

ALL: dict[str, tuple[str, str]] = {
    **shared.WORDS,
}
