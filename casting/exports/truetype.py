"""A TrueType font, cut down to the letters that a document uses.

Read are the tables that this needs: `head`, `hhea`, `maxp`, `hmtx`, `loca`, `glyf`, and a `cmap` of format 4. The font
that ships has simple outlines only, so no glyph needs another. See the OpenType specification for the layouts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

SHIPPED = Path(__file__).parent / "fonts" / "CastoonSansKR.ttf"
INSTEAD = "\u25a1"
"""Stands for a letter that the font does not have."""
_KEPT = ("head", "hhea", "maxp", "hmtx", "loca", "glyf")


class TrueType:
    """An open font. Glyph numbers stay the same in a cut-down copy."""

    def __init__(self, content: bytes) -> None:
        count = struct.unpack_from(">H", content, 4)[0]
        self._tables: dict[str, bytes] = {}
        for entry in range(count):
            tag, _, offset, length = struct.unpack_from(">4sIII", content, 12 + 16 * entry)
            self._tables[tag.decode("latin-1")] = content[offset : offset + length]
        head, hhea = self._tables["head"], self._tables["hhea"]
        self.units: int = struct.unpack_from(">H", head, 18)[0]
        self.box: tuple[int, int, int, int] = struct.unpack_from(">4h", head, 36)
        self.ascent, self.descent = struct.unpack_from(">2h", hhea, 4)
        self.glyphs: int = struct.unpack_from(">H", self._tables["maxp"], 4)[0]
        self._places = self._read_places(long=struct.unpack_from(">h", head, 50)[0] == 1)
        self._widths = self._read_widths(struct.unpack_from(">H", hhea, 34)[0])
        self._letters = _letters(self._tables["cmap"])

    def glyph(self, letter: str) -> int:
        """The glyph of a letter; that of `INSTEAD` where the font does not have it."""
        return self._letters.get(ord(letter)) or self._letters.get(ord(INSTEAD), 0)

    def width(self, glyph: int) -> float:
        """Width in thousandths of the font's size."""
        return float(self._widths[glyph]) * 1000 / self.units

    def length(self, text: str, size: float) -> float:
        """Width of a text in points."""
        return sum(self.width(self.glyph(letter)) for letter in text) * size / 1000

    def cut(self, glyphs: Iterable[int]) -> bytes:
        """The font with the outlines of these glyphs only."""
        outlines = self._tables["glyf"]
        kept = sorted({0, *glyphs})
        parts, places, end, following = [], np.zeros(self.glyphs + 1, ">u4"), 0, 0
        for glyph in kept:
            places[following : glyph + 1] = end
            outline = outlines[self._places[glyph] : self._places[glyph + 1]]
            outline += b"\0" * (-len(outline) % 4)
            parts.append(outline)
            end, following = end + len(outline), glyph + 1
        places[following:] = end
        head = bytearray(self._tables["head"])
        struct.pack_into(">h", head, 50, 1)
        return _assembled({**self._tables, "head": bytes(head), "loca": places.tobytes(), "glyf": b"".join(parts)})

    def _read_places(self, long: bool) -> list[int]:
        raw = np.frombuffer(self._tables["loca"], ">u4" if long else ">u2").astype(np.int64)
        return [int(place) for place in (raw if long else raw * 2)]

    def _read_widths(self, full: int) -> np.ndarray:
        """Advance of every glyph; glyphs after the last full entry repeat its width."""
        raw = np.frombuffer(self._tables["hmtx"][: 4 * full], ">u2")[::2].astype(np.int64)
        return np.concatenate([raw, np.full(self.glyphs - full, raw[-1])])


@cache
def shipped() -> TrueType:
    """The font that ships: Latin, Hangul, Kana and the Hanja of KS X 1001."""
    return TrueType(SHIPPED.read_bytes())


def _letters(table: bytes) -> dict[int, int]:
    """Code point -> glyph, from the table's subtable of format 4."""
    for entry in range(struct.unpack_from(">H", table, 2)[0]):
        offset = struct.unpack_from(">I", table, 4 + 8 * entry + 4)[0]
        if struct.unpack_from(">H", table, offset)[0] == 4:
            return _format_4(table[offset:])
    return {}


def _format_4(table: bytes) -> dict[int, int]:
    double = struct.unpack_from(">H", table, 6)[0]
    words = np.frombuffer(table[: len(table) // 2 * 2], ">u2").astype(np.int64)
    count = double // 2
    ends, starts = words[7 : 7 + count], words[8 + count : 8 + 2 * count]
    deltas, ranges = words[8 + 2 * count : 8 + 3 * count], words[8 + 3 * count : 8 + 4 * count]
    letters: dict[int, int] = {}
    for part in range(count):
        for code in range(int(starts[part]), min(int(ends[part]), 0xFFFE) + 1):
            glyph = code
            if ranges[part]:
                glyph = int(words[8 + 3 * count + part + ranges[part] // 2 + code - starts[part]])
                if not glyph:
                    continue
            letters[code] = (glyph + int(deltas[part])) & 0xFFFF
    return letters


def _assembled(tables: dict[str, bytes]) -> bytes:
    names = sorted(_KEPT)
    power = 1 << (len(names).bit_length() - 1)
    header = struct.pack(
        ">IHHHH", 0x00010000, len(names), 16 * power, power.bit_length() - 1, 16 * (len(names) - power)
    )
    offset = len(header) + 16 * len(names)
    directory, bodies = [], []
    for name in names:
        body = tables[name]
        padded = body + b"\0" * (-len(body) % 4)
        total = int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF
        directory.append(struct.pack(">4sIII", name.encode(), total, offset, len(body)))
        bodies.append(padded)
        offset += len(padded)
    return b"".join([header, *directory, *bodies])
