"""Reports that can be trusted later: Korean letters are in them, names are never markup, and their origin is stated."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import ImageFont

from casting import Engine, Library, castings, exports
from casting.castings import ChosenFace
from casting.exports.pdf import clean
from casting.exports.truetype import INSTEAD, SHIPPED, TrueType, shipped

NASTY = '<script>alert("1")</script> 양서빛'


def test_the_font_has_every_hangul_syllable_and_measures_like_another_reader() -> None:
    font = shipped()
    missing = font.glyph("\U0001f600")
    assert missing == font.glyph(INSTEAD)
    assert all(font.glyph(chr(code)) != missing for code in range(0xAC00, 0xD7A4))
    other = ImageFont.truetype(str(SHIPPED), 1000)
    for text in ("양서빛", "Aé漢かﾊ1", "뷁"):
        assert abs(font.length(text, 1000) - other.getlength(text)) <= len(text)


def test_a_cut_down_font_draws_the_kept_letters_the_same(tmp_path: Path) -> None:
    font = shipped()
    small = font.cut([font.glyph(letter) for letter in "양서빛 A"])
    assert len(small) < 0.2 * SHIPPED.stat().st_size
    again = TrueType.__new__(TrueType)
    cmap = _tables(SHIPPED.read_bytes())["cmap"]
    again._tables = {**_tables(small), "cmap": cmap}
    assert again._tables["glyf"] != b""
    assert {"head", "loca", "glyf", "hmtx"} <= set(again._tables)


def _tables(content: bytes) -> dict[str, bytes]:
    import struct

    entries = [
        struct.unpack_from(">4sIII", content, 12 + 16 * n) for n in range(struct.unpack_from(">H", content, 4)[0])
    ]
    return {tag.decode(): content[offset : offset + length] for tag, _, offset, length in entries}


def _text(pdf: bytes) -> str:
    """The text of a PDF, read as a viewer would: glyphs through the map back to Unicode."""
    streams = [
        zlib.decompress(body)
        for head, body in re.findall(rb"<<([^\n]*)>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
        if b"FlateDecode" in head
    ]
    back = next(one for one in streams if b"beginbfchar" in one).decode()
    letters = {
        glyph: bytes.fromhex(code).decode("utf-16-be") for glyph, code in re.findall(r"<(\w{4})> <(\w+)>", back)
    }  # fmt: skip
    shown = b"\n".join(one for one in streams if b" Tj" in one).decode()
    return "\n".join(
        "".join(letters[line[at : at + 4]] for at in range(0, len(line), 4))
        for line in re.findall(r"<(\w*)> Tj", shown)
    )


def test_reports_carry_names_versions_and_licences(
    ready: Library, engine: Engine, draw: Callable[..., bytes], tmp_path: Path
) -> None:
    from casting.catalog import Actor

    with ready.database.transaction() as session:
        session.query(Actor).filter(Actor.name == "actor 2").one().name = NASTY
    from casting import rebuild

    rebuild(ready, engine)
    castings.characters.save(ready, "주인공", [draw(2, 9)], [ChosenFace()])
    ranking = castings.rank_character(ready, engine, "주인공", k=6)
    drawing = np.full((80, 60, 3), 200, np.uint8)
    for language, says in (("en", "Licence of the models"), ("ko", "모델 라이선스")):
        pdf = exports.pdf_report(ranking, ready, [drawing], exports.language(language))
        text = _text(pdf)
        assert NASTY in text
        assert "주인공" in text
        assert says in text
        assert ranking.index_version in text
        assert pdf.count(b"/Subtype /Image") == 7
        assert pdf.rstrip().endswith(b"%%EOF")
        start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
        assert pdf[start : start + 4] == b"xref"
        page = exports.html_page(ranking, ready, [drawing], exports.language(language))
        assert "<script>" not in page
        assert "양서빛" in page
        assert says in page
        assert page.count('<div class="card">') == 6
        assert "http" not in page


def test_reports_show_every_picture_of_a_character(ready: Library, engine: Engine, draw: Callable[..., bytes]) -> None:
    castings.characters.save(ready, "hero", [draw(2, 9), draw(2, 10), draw(2, 11)], [ChosenFace()] * 3)
    ranking = castings.rank_character(ready, engine, "hero", k=2)
    shown = castings.characters.pictures(ready, castings.characters.get(ready, "hero"))
    assert exports.pdf_report(ranking, ready, shown).count(b"/Subtype /Image") == 3 + 2
    assert exports.html_page(ranking, ready, shown).count("<img ") == 3 + 2
    assert exports.html_page(ranking, ready, ()).count("<img ") == 2
    named = replace(ranking, character={"picture": "a-1.webp + a-2.png"})
    assert "<h1>Actors for a-1 + a-2</h1>" in exports.html_page(named, ready, shown)
    named = replace(ranking, character={"picture": "Dr. Kim"})
    assert "<h1>Actors for Dr. Kim</h1>" in exports.html_page(named, ready, shown)
    worth = replace(ranking, pictures=1.6)
    assert "they count as 1.6" in exports.html_page(worth, ready, shown)
    assert "they count as 1.6" in _text(exports.pdf_report(worth, ready, shown))
    assert "they count as" not in exports.html_page(replace(ranking, pictures=1.0), ready, shown[:1])


def test_the_most_pictures_a_character_can_have_fit_on_the_page(
    ready: Library, engine: Engine, draw: Callable[..., bytes]
) -> None:
    castings.characters.save(ready, "hero", [draw(2, 9)], [ChosenFace()])
    ranking = castings.rank_character(ready, engine, "hero", k=2)
    wide = np.full((60, 160, 3), 90, np.uint8)
    for count in (1, 2, 5, castings.characters.MOST_PICTURES):
        pdf = exports.pdf_report(ranking, ready, [wide] * count)
        assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == 1, "title, pictures, rows and origin"
        placed = [
            [float(number) for number in match]
            for stream in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
            if (page := _inflated(stream)).find(b" cm ") >= 0
            for match in re.findall(rb"([\d.]+) 0 0 ([\d.]+) ([-\d.]+) ([-\d.]+) cm", page)
        ]
        assert len(placed) == count + 2
        lowest = min(y for _, _, _, y in placed[:count])
        assert lowest > max(y + high for _, high, _, y in placed[count:]), "rows begin below the pictures"


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_line_ends_and_control_signs_do_not_break_a_page() -> None:
    assert clean("각\n\x00b") == "각  b"


def test_file_names_hold_on_every_system() -> None:
    assert exports.file_stem('a/b:"c"\\..') == "a b c"
    assert exports.file_stem("???") == "ranking"


def test_facts_read_as_words_in_both_languages() -> None:
    known = {"agency": "Sol", "aliases": ["하늘"], "birth_year": 1994, "gender": "female", "height_cm": 170.0,
             "note": None, "shoe_size": 38, "tags": ("drama", "stunts"), "availability": "from 2027-03"}  # fmt: skip
    english, korean = (exports.facts.line(language, known).replace("\u00a0", " ") for language in ("en", "ko"))
    assert english == "female · born 1994 · 170 cm · Sol · from 2027-03 · drama, stunts · also 하늘 · shoe size 38"
    assert (
        korean == "여성 · 1994년생 · 170 cm · Sol · 2027-03부터 가능 · 드라마, stunts · 다른 이름 하늘 · shoe size 38"
    )
