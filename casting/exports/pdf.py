"""Writing PDF: pages of text, filled boxes and JPEG pictures, in one embedded font. Text can be copied and searched.

Places are in points from the page's upper left corner, as a layout thinks of them. See ISO 32000-1 for the format:
a composite font with identity encoding (9.7), its map back to Unicode (9.10.3), images as DCT streams (7.4.8).
"""

from __future__ import annotations

import io
import unicodedata
import zlib
from dataclasses import dataclass, field

from casting.exports.truetype import TrueType, shipped
from castoon.images import RGB

A4 = (595.28, 841.89)
Colour = tuple[float, float, float]
BLACK: Colour = (0.09, 0.13, 0.12)
JPEG_QUALITY = 86


@dataclass
class Page:
    """One page: drawing operators, and the pictures they use."""

    height: float
    operators: list[bytes] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)


class Pdf:
    """A document in the making."""

    def __init__(self, title: str, language: str, size: tuple[float, float] = A4) -> None:
        self.title = title
        self.language = language
        self.size = size
        self.font: TrueType = shipped()
        self.pages: list[Page] = []
        self._pictures: list[tuple[bytes, int, int]] = []
        self._used: dict[int, str] = {}

    @property
    def page(self) -> Page:
        """The page being drawn on."""
        return self.pages[-1]

    def add_page(self) -> None:
        """Begin a page."""
        self.pages.append(Page(self.size[1]))

    def text(self, x: float, y: float, words: str, size: float, *, colour: Colour = BLACK, bold: bool = False) -> float:
        """One line whose baseline is at `y`; returns where it ends."""
        words = clean(words)
        glyphs = [self.font.glyph(letter) for letter in words]
        self._used |= dict(zip(glyphs, words, strict=True))
        codes = "".join(f"{glyph:04x}" for glyph in glyphs)
        weight = f"2 Tr {size * 0.022:.3f} w" if bold else "0 Tr"
        red, green, blue = colour
        self.page.operators.append(
            f"BT /F {size:g} Tf {weight} {red:g} {green:g} {blue:g} rg {red:g} {green:g} {blue:g} RG "
            f"{x:.2f} {self.page.height - y:.2f} Td <{codes}> Tj ET".encode()
        )
        return x + self.font.length(words, size)

    def paragraph(
        self, x: float, y: float, words: str, size: float, width: float, *, colour: Colour = BLACK, bold: bool = False,
        most: int = 99, leading: float = 1.45,
    ) -> float:  # fmt: skip
        """Lines that break at `width`, at most so many; returns the baseline after the last one."""
        for line in self.lines(words, size, width, most):
            self.text(x, y, line, size, colour=colour, bold=bold)
            y += size * leading
        return y

    def lines(self, words: str, size: float, width: float, most: int = 99) -> list[str]:
        """A text broken into lines; the last one ends in an ellipsis where there is more."""
        lines, line = [], ""
        for word in clean(words).split(" "):
            joined = f"{line} {word}" if line else word
            if self.font.length(joined, size) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            line = word
            while self.font.length(line, size) > width and len(line) > 1:
                fits = next(
                    n for n in range(len(line) - 1, 0, -1) if n == 1 or self.font.length(line[:n], size) <= width
                )
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
        if len(lines) > most:
            last = lines[most - 1]
            while last and self.font.length(last + "\u2026", size) > width:
                last = last[:-1]
            lines = [*lines[: most - 1], last + "\u2026"]
        return lines

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled box."""
        red, green, blue = colour
        place = f"{x:.2f} {self.page.height - y - height:.2f} {width:.2f} {height:.2f}"
        self.page.operators.append(f"{red:g} {green:g} {blue:g} rg {place} re f".encode())

    def picture(self, x: float, y: float, width: float, height: float, pixels: RGB) -> None:
        """A picture stretched over a box."""
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY)
        number = len(self._pictures)
        self._pictures.append((buffer.getvalue(), pixels.shape[1], pixels.shape[0]))
        self.page.pictures.append(number)
        place = f"{width:.2f} 0 0 {height:.2f} {x:.2f} {self.page.height - y - height:.2f}"
        self.page.operators.append(f"q {place} cm /I{number} Do Q".encode())

    def as_bytes(self) -> bytes:
        """The finished document."""
        objects = _Objects()
        font = self._write_font(objects)
        pictures = [
            objects.stream(
                content, f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB "
                "/BitsPerComponent 8 /Filter /DCTDecode", packed=True,
            )
            for content, width, height in self._pictures
        ]  # fmt: skip
        tree = objects.reserve()
        kids = []
        for page in self.pages:
            content = objects.stream(b"\n".join(page.operators))
            used = " ".join(f"/I{number} {pictures[number]} 0 R" for number in page.pictures)
            kids.append(
                objects.add(
                    f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {self.size[0]:g} {self.size[1]:g}] "
                    f"/Contents {content} 0 R /Resources << /Font << /F {font} 0 R >> /XObject << {used} >> >> >>"
                )
            )
        objects.put(tree, f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>")
        root = objects.add(f"<< /Type /Catalog /Pages {tree} 0 R /Lang ({self.language}) >>")
        info = objects.add(f"<< /Title <{_utf16(self.title)}> /Producer (Castoon) >>")
        return objects.finish(root, info)

    def _write_font(self, objects: _Objects) -> int:
        font, name = self.font, "CASTOO+CastoonSansKR-Regular"
        file = objects.stream(font.cut(self._used))
        scale = 1000 / font.units
        corners = " ".join(f"{value * scale:.0f}" for value in font.box)
        descriptor = objects.add(
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{corners}] /ItalicAngle 0 "
            f"/Ascent {font.ascent * scale:.0f} /Descent {font.descent * scale:.0f} /CapHeight 733 /StemV 80 "
            f"/FontFile2 {file} 0 R >>"
        )
        widths = " ".join(f"{glyph} [{font.width(glyph):.0f}]" for glyph in sorted(self._used))
        inner = objects.add(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) "
            f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R /DW 1000 /W [{widths}] "
            "/CIDToGIDMap /Identity >>"
        )
        back = objects.stream(_to_unicode(self._used))
        return objects.add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{inner} 0 R] "
            f"/ToUnicode {back} 0 R >>"
        )


class _Objects:
    """The numbered objects of a file."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def reserve(self) -> int:
        self._bodies.append(b"")
        return len(self._bodies)

    def put(self, number: int, body: str | bytes) -> None:
        self._bodies[number - 1] = body if isinstance(body, bytes) else body.encode("latin-1")

    def add(self, body: str | bytes) -> int:
        number = self.reserve()
        self.put(number, body)
        return number

    def stream(self, content: bytes, entries: str = "", packed: bool = False) -> int:
        if not packed:
            content = zlib.compress(content, 9)
            entries += " /Filter /FlateDecode"
        head = f"<< {entries} /Length {len(content)} >>\nstream\n".encode()
        return self.add(head + content + b"\nendstream")

    def finish(self, root: int, info: int) -> bytes:
        out = io.BytesIO()
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, body in enumerate(self._bodies, 1):
            places.append(out.tell())
            out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
        start, count = out.tell(), len(places) + 1
        out.write(f"xref\n0 {count}\n0000000000 65535 f \n".encode())
        out.writelines(f"{place:010d} 00000 n \n".encode() for place in places)
        out.write(
            f"trailer\n<< /Size {count} /Root {root} 0 R /Info {info} 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
        )
        return out.getvalue()


def clean(words: str) -> str:
    """A text as one line of whole letters: Hangul composed, line ends and control signs as blanks."""
    composed = unicodedata.normalize("NFC", words)
    return "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in composed)


def _utf16(words: str) -> str:
    return (b"\xfe\xff" + clean(words).encode("utf-16-be", "replace")).hex()


def _to_unicode(used: dict[int, str]) -> bytes:
    """The map from glyphs back to letters, at most a hundred a block."""
    lines = [f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>" for glyph, letter in sorted(used.items())]
    blocks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) "
        "/Ordering (UCS) /Supplement 0 >> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()
