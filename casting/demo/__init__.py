"""The demo cast: people who do not exist, drawn by code in two looks from the same parameters.

`DATA` is the committed result (WebP and CSV), `generate(target)` makes it again, the same bytes on the same platform;
`python -m casting.demo --out DIR` does so from the command line. No photo and no third-party picture is in it.

    people, roles      who the sixty actors are, and the forty characters of four fictional productions
    identity           the numbers that make a face; everything below is drawn from them
    head, hair, ...    the portrait look: a displaced head, strands, eyes, light
    toon*, panels      the webtoon look: ink, flat colour, exaggeration of what is distinctive
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["DATA", "generate"]

DATA = Path(__file__).parent / "data"
"""Folder of the committed data: cast.csv, characters.csv, truth.csv, productions.csv and their pictures."""


def generate(target: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Draw the whole data set into `target`; `progress(done, total)` is told after every picture."""
    from casting.demo.build import build

    build(target, progress)
