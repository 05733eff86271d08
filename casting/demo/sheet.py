"""Contact sheets: all pictures of the demo at a glance."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def contact_sheet(pictures: list[Path], columns: int, width: int, height: int) -> Image.Image:
    """Thumbnails of pictures in rows of `columns`, each fitted to width x height pixels."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), (24, 24, 28))
    for i, path in enumerate(pictures):
        with Image.open(path) as image:
            small = image.convert("RGB")
            small.thumbnail((width, height), Image.Resampling.LANCZOS)
            x, y = (i % columns) * width, (i // columns) * height
            sheet.paste(small, (x + (width - small.width) // 2, y + (height - small.height) // 2))
    return sheet


def save_sheets(data: Path, target: Path) -> list[Path]:
    """Write NAME-cast.png (first portraits), NAME-portraits.png (all) and NAME-characters.png; return their paths."""
    photos = sorted((data / "photos").glob("*/*.webp"))
    first = [path for path in photos if path.stem == "01"]
    drawings = sorted((data / "characters").glob("*.webp"))
    sheets = {
        "cast": contact_sheet(first, 10, 256, 256),
        "portraits": contact_sheet(photos, 16, 160, 160),
        "characters": contact_sheet(drawings, 10, 208, 260),
    }
    written = []
    for name, sheet in sheets.items():
        path = target.with_name(f"{target.stem}-{name}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(path)
        written.append(path)
    return written
