"""Where styles' files lie: in the models folder itself, in a pulled pack inside it, or in a bundled pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from casting.settings import Settings

if TYPE_CHECKING:
    from toonify import StyleInfo


def style_roots(settings: Settings) -> list[Path]:
    """Folders that may hold `stylizers/<engine>/...`: the models folder, then each pack in it, then bundled packs."""
    from embeddings.pack import BUNDLED

    models = settings.models_folder
    packs = [folder for home in (models, BUNDLED) for folder in sorted(home.glob("*/stylizers"))]
    return [models, *(folder.parent for folder in packs)]


def list_styles(settings: Settings) -> list[StyleInfo]:
    """Every style once; one that is installed somewhere is shown as installed."""
    import toonify

    found: dict[str, StyleInfo] = {}
    for root in style_roots(settings):
        for style in toonify.stylizers(root):
            if style.name not in found or (style.installed and not found[style.name].installed):
                found[style.name] = style
    return list(found.values())


def style_root(settings: Settings, name: str) -> Path:
    """The folder to load a style from; the models folder where the style is nowhere, for the message that says so."""
    import toonify

    def has(root: Path) -> bool:
        return any(style.name == name and style.installed for style in toonify.stylizers(root))

    roots = style_roots(settings)
    if len(roots) == 1:
        return roots[0]
    return next((root for root in roots if has(root)), roots[0])
