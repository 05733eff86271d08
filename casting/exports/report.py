"""A ranking as a PDF on A4: the character and the verdict, one row an actor, and how it was made at the end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from casting.exports import content
from casting.exports.pdf import A4, Colour, Pdf
from casting.exports.words import Language, say
from casting.library import Library
from casting.results import RankedActor, Ranking
from castoon.files import write_atomic
from castoon.images import RGB

MARGIN = 48.0
WIDTH = A4[0] - 2 * MARGIN
ROW = 84.0
PHOTO = 70.0
PHOTO_PX = 300
BOTTOM = A4[1] - 56.0
SHOWN, GAP, COLUMNS = 150.0, 6.0, 4
"""Width that the pictures of a character have beside the title, between them, and how many lie side by side at most."""
ACCENT: Colour = (0.043, 0.478, 0.435)
QUIET: Colour = (0.36, 0.42, 0.41)
RULE: Colour = (0.86, 0.89, 0.88)
CAREFUL: Colour = (0.70, 0.33, 0.12)


def write_pdf(
    ranking: Ranking, library: Library, character: Sequence[RGB], target: Path, language: Language = "en"
) -> None:
    """Write `pdf_report` to a file."""
    write_atomic(target, pdf_report(ranking, library, character, language))


def pdf_report(ranking: Ranking, library: Library, character: Sequence[RGB], language: Language = "en") -> bytes:
    """The report as the bytes of a PDF, with all pictures of the character."""
    title = content.title(ranking, language)
    pdf = Pdf(f"Castoon: {title}", language)
    pdf.add_page()
    y = _head(pdf, ranking, title, character, language)
    for row in ranking.results:
        if y + ROW > BOTTOM:
            pdf.add_page()
            y = MARGIN
        _row(pdf, y, ranking, row, content.photo(row, library), language)
        y += ROW
    _provenance(pdf, y + 14, ranking, library, language)
    _feet(pdf, title, language)
    return pdf.as_bytes()


def _head(pdf: Pdf, ranking: Ranking, title: str, character: Sequence[RGB], language: Language) -> float:
    """Character, heading, verdict and what the score means; returns where the rows begin."""
    left, end = MARGIN, MARGIN
    columns = min(math.ceil(math.sqrt(len(character))), COLUMNS)
    for place, picture in enumerate(character):
        side = (SHOWN + GAP) / columns - GAP
        width, height = _fitted(picture, side, side)
        x, top = MARGIN + (side + GAP) * (place % columns), MARGIN + (side + GAP) * (place // columns)
        pdf.picture(x, top, width, height, _reduced(picture, round(4 * side)))
        left, end = max(left, x + width + 20), max(end, top + height)
    room = MARGIN + WIDTH - left
    y = pdf.paragraph(left, MARGIN + 20, title, 20, room, bold=True, most=3, leading=1.25)
    verdict = content.verdict(ranking, language)
    if verdict:
        start = y + 2
        y = pdf.paragraph(left + 11, y + 12, verdict, 10.5, room - 11, bold=True)
        pdf.box(left, start, 3, y - start - 9, CAREFUL if ranking.fake or ranking.match == "none" else ACCENT)
    y = pdf.paragraph(left, y + 8, content.meaning(ranking, language), 8.5, room, colour=QUIET)
    return max(y, end) + 22


def _row(
    pdf: Pdf, y: float, ranking: Ranking, row: RankedActor, photo: RGB | None, language: Language
) -> None:  # fmt: skip
    """One actor: rank, photo, name and facts, score with its bar."""
    pdf.box(MARGIN, y, WIDTH, 0.6, RULE)
    top = y + 7
    pdf.text(MARGIN, top + 16, str(row.rank), 13, colour=QUIET, bold=True)
    x = MARGIN + 30
    if photo is not None:
        pdf.picture(x, top, PHOTO, PHOTO, _reduced(photo, PHOTO_PX))
    else:
        pdf.box(x, top, PHOTO, PHOTO, RULE)
        pdf.text(x + 6, top + PHOTO / 2 + 3, say(language, "photo.gone"), 8, colour=QUIET)
    x += PHOTO + 16
    room = MARGIN + WIDTH - x - 120
    pdf.text(x, top + 14, pdf.lines(row.actor, 13, room, 1)[0], 13, bold=True)
    line = pdf.paragraph(x, top + 30, content.facts(row, language), 8.5, room, colour=QUIET, most=2)
    spaces = "   ".join(f"{name} {cosine:.3f}" for name, cosine in row.spaces.items())
    line = pdf.paragraph(x, line, spaces, 8.5, room, colour=QUIET, most=1)
    if row.flags:
        pdf.paragraph(x, line, content.flags(row, language), 8.5, room, colour=CAREFUL, most=1)
    right = MARGIN + WIDTH
    score = content.score(ranking, row.score)
    pdf.text(right - pdf.font.length(score, 22), top + 24, score, 22, colour=ACCENT, bold=True)
    label = say(language, "score.calibrated" if ranking.calibrated else "score")
    pdf.text(right - pdf.font.length(label, 8.5), top + 38, label, 8.5, colour=QUIET)
    pdf.box(right - 100, top + 46, 100, 4, RULE)
    pdf.box(right - 100, top + 46, 100 * content.share(ranking, row.score), 4, ACCENT)


def _provenance(pdf: Pdf, y: float, ranking: Ranking, library: Library, language: Language) -> None:
    rows = content.provenance(ranking, library, language)
    label_width = 150.0
    broken = [(label, pdf.lines(value, 8.5, WIDTH - label_width, 6)) for label, value in rows]
    height = 30 + sum(12.5 * len(lines) + 2 for _, lines in broken)
    if y + height > BOTTOM:
        pdf.add_page()
        y = MARGIN
    pdf.box(MARGIN, y, WIDTH, 0.6, RULE)
    pdf.text(MARGIN, y + 20, say(language, "provenance"), 11, bold=True)
    y += 38
    for label, lines in broken:
        pdf.text(MARGIN, y, label, 8.5, colour=QUIET)
        for line in lines:
            pdf.text(MARGIN + label_width, y, line, 8.5)
            y += 12.5
        y += 2


def _feet(pdf: Pdf, title: str, language: Language) -> None:
    """Numbers of pages; known only when all are drawn."""
    pages = list(pdf.pages)
    for number, page in enumerate(pages, 1):
        pdf.pages.append(page)
        count = say(language, "page", page=number, pages=len(pages))
        pdf.text(MARGIN, A4[1] - 30, pdf.lines(f"Castoon · {title}", 8, WIDTH - 80, 1)[0], 8, colour=QUIET)
        pdf.text(MARGIN + WIDTH - pdf.font.length(count, 8), A4[1] - 30, count, 8, colour=QUIET)
        pdf.pages.pop()


def _fitted(pixels: RGB, width: float, height: float) -> tuple[float, float]:
    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    return pixels.shape[1] * scale, pixels.shape[0] * scale


def _reduced(pixels: RGB, longest: int) -> RGB:
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(image)
