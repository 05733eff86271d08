"""Castoon's services: what the command line, the dashboard and notebooks share.

`library`    - one folder that holds a cast: `Library.open(folder)`
`settings`   - built-in values, `castoon.toml`, environment
`catalog`    - actors, photos, faces, characters, shortlists, runs in SQLite
`importing`  - from a folder, CSV or ZIP into a library
`engine`     - the models of a library, loaded when first needed
`rebuilding` - vectors and index brought up to date
`runs`       - what long jobs do now and how they ended; asking one to stop
`jobs`       - rebuilds as processes of their own
`ranking`    - from a drawing, or from words, to ranked actors
`scoring`    - scores of all actors, standardised and fused
`tuning`     - what was learnt from pairs (drawing, actor): bridges, weights, calibration
`explaining` - why an actor stands where they stand
`results`    - what a ranking holds
`evaluation` - how often the right actor comes first
`castings`   - characters, shortlists, kept rankings, feedback
`facets`     - filters from a library's own columns
`roles`      - who may do what, where people sign in
`exports`    - a ranking as CSV, as one HTML file, as PDF
`forgetting` - an actor erased for good, and the proof
`doctor`     - what works here and what to do next
`demo`       - the fictional cast that ships with Castoon
`cli`        - the `castoon` command

    >>> from casting import Engine, Library, rank_image
    >>> from castoon.images import read
    >>> library = Library.open("library/demo")                                     # doctest: +SKIP
    >>> ranking = rank_image(library, Engine(library.settings), read("hero.png").pixels)  # doctest: +SKIP
    >>> ranking.frame()                                                            # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casting.engine import Engine
    from casting.evaluation import evaluate, read_truth
    from casting.explaining import Explanation, explain
    from casting.forgetting import forget
    from casting.importing import import_cast
    from casting.library import Library
    from casting.ranking import find_faces, rank_faces, rank_image, rank_images, rank_words
    from casting.rebuilding import rebuild
    from casting.results import RankedActor, Ranking
    from casting.settings import Settings, load_settings

_HOME = {
    "Engine": "engine",
    "Library": "library",
    "RankedActor": "results",
    "Ranking": "results",
    "Settings": "settings",
    "evaluate": "evaluation",
    "Explanation": "explaining",
    "explain": "explaining",
    "find_faces": "ranking",
    "forget": "forgetting",
    "import_cast": "importing",
    "load_settings": "settings",
    "rank_faces": "ranking",
    "rank_image": "ranking",
    "rank_images": "ranking",
    "rank_words": "ranking",
    "read_truth": "evaluation",
    "rebuild": "rebuilding",
}

__all__ = [
    "Engine",
    "Explanation",
    "Library",
    "RankedActor",
    "Ranking",
    "Settings",
    "evaluate",
    "explain",
    "find_faces",
    "forget",
    "import_cast",
    "load_settings",
    "rank_faces",
    "rank_image",
    "rank_images",
    "rank_words",
    "read_truth",
    "rebuild",
]


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for, so that `import casting` costs nothing."""
    if name in _HOME:
        return getattr(importlib.import_module(f"casting.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
