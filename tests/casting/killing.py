"""Run by the kill test: imports Castoon once, then forks a child for each job that the test sends, to be killed."""

from __future__ import annotations

import os
import sys
import time

from casting import Engine, Library, import_cast, rebuild
from casting.importing import importer
from embeddings import load_encoders, load_finder, open_pack
from toonify import load

FIND_S, ENCODE_S = 0.004, 0.02


def work(what: str, folder: str, source: str) -> None:
    """Import or rebuild, slowly enough to be killed in the middle."""
    library = Library.create(folder, pack="fake", batch=4)
    engine = Engine(library.settings)
    find, encode = engine.finder.find, engine.encode_gallery

    class SlowFinder:
        contract = engine.finder.contract

        def find(self, image, hint="auto"):  # type: ignore[no-untyped-def]
            time.sleep(FIND_S)
            return find(image, hint)

    def slow_encode(space, faces):  # type: ignore[no-untyped-def]
        time.sleep(ENCODE_S)
        return encode(space, faces)

    print(os.getpid(), flush=True)
    if what == "import":
        importer.BATCH = 4
        import_cast(library, source, SlowFinder())
    else:
        engine.encode_gallery = slow_encode  # type: ignore[method-assign]
        rebuild(library, engine)


def main() -> None:
    """Serve jobs: one line `what<TAB>folder<TAB>source` in; out: the child's process id as it begins, its end."""
    pack = open_pack("fake")
    load_finder(pack)
    load_encoders(pack)
    load("cel")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(*line.rstrip("\n").split("\t"))
            os._exit(0)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()
