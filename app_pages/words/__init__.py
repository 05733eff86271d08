"""Every word on screen, key -> (English, Korean); one module a page.

To add a page's words: a module here with its `WORDS`, and a line in `ALL`.
"""

from __future__ import annotations

from app_pages.words import access, castings, compare, evaluation, index, library, map, rank, shared, style_lab, work

ALL: dict[str, tuple[str, str]] = {
    **shared.WORDS,
    **access.WORDS,
    **rank.WORDS,
    **compare.WORDS,
    **castings.WORDS,
    **work.WORDS,
    **library.WORDS,
    **index.WORDS,
    **evaluation.WORDS,
    **map.WORDS,
    **style_lab.WORDS,
}
