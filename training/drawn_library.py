"""A library of the research pictures, so that everything is measured through the product itself.

    python -m training.drawn_library OUT [--pack PACK] [--photos 6] [--space arcface:photo ...] [--models DIR]

Imports the first photos of each actor of the drawn set and embeds them in the given spaces; run again, it goes on where
it was. `castoon evaluate --library OUT --truth ../shared/drawn/drawings` measures it.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from casting import Engine, Library, import_cast, read_truth, rebuild
from casting.cli.output import progress
from casting.evaluation import Truth
from training.paths import shared_dir

PHOTOS = 6
"""Photos an actor: what a casting library usually has."""


def make(
    out: Path, photos: int = PHOTOS, engine_of: Callable[[Library], Engine] = Engine.of, **settings: Any
) -> Library:
    """The library at `out`, complete; `engine_of` opens the models, so that styles of one's own can be among them."""
    library = Library.create(out, **settings)
    engine = engine_of(library)
    with progress() as bar:
        if library.index.live is None:
            with tempfile.TemporaryDirectory() as folder:
                for actor in sorted((shared_dir() / "drawn" / "photos").iterdir()):
                    for path in sorted(actor.glob("*.jpg"))[:photos]:
                        target = Path(folder) / actor.name / path.name
                        target.parent.mkdir(exist_ok=True)
                        shutil.copyfile(path, target)
                report = import_cast(library, folder, engine.finder, bar)
                print(f"{report.photos} photos, {report.actors} actors, {len(report.refused)} refused", flush=True)
        done = rebuild(library, engine, bar)
        print(f"{done.computed} vectors computed, index {done.version}", flush=True)
    return library


def drawings() -> list[Truth]:
    """All drawings of the drawn set with their actors."""
    return read_truth(shared_dir() / "drawn" / "drawings")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pack", default="lite")
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--space", action="append", default=[])
    parser.add_argument("--models", type=Path)
    given = parser.parse_args()
    spaces = dict.fromkeys(given.space or ["arcface:photo"], 1.0)
    models = {"models": given.models} if given.models else {}
    make(given.out, given.photos, pack=given.pack, spaces=spaces, threads=1, **models)


if __name__ == "__main__":
    main()
