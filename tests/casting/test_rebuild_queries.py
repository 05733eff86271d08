"""Twenty questions a second while five rebuilds run: no error, every answer wholly of the version it names.

pytest tests/casting/test_rebuild_queries.py -m slow -s      # prints how long answers took, quiet and busy
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from casting import Engine, Library, import_cast, jobs, rebuild
from index import OwnerHit
from tests.casting.faults import SPACE, disturb, make_cast

A_SECOND = 20
REBUILDS = 5
WHERE = ("", "gender=female")


class Asking(threading.Thread):
    """Asks at a fixed rate through one open library, as a dashboard does, and keeps what it was told."""

    def __init__(self, library: Library) -> None:
        super().__init__(daemon=True)
        self.library = library
        dim = library.index.open().spaces[SPACE].dim
        drawn = np.random.default_rng(0).standard_normal((50, dim)).astype(np.float32)
        self.queries = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        self.busy = False
        self.ended = False
        self.told: list[tuple[str, int, list[OwnerHit]]] = []
        self.took: dict[bool, list[float]] = {True: [], False: []}
        self.error: Exception | None = None

    def ask(self, number: int, version: str | None = None) -> tuple[str, list[OwnerHit]]:
        index = self.library.index.open(version)
        (hits,) = index.search(SPACE, self.queries[number % 50][None], 5, WHERE[number % 2])
        return index.version, hits

    def run(self) -> None:
        began, number = time.perf_counter(), 0
        try:
            while not self.ended:
                time.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
                busy, asked = self.busy, time.perf_counter()
                version, hits = self.ask(number)
                self.took[busy].append(time.perf_counter() - asked)
                self.told.append((version, number, hits))
                number += 1
        except Exception as error:
            self.error = error


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_answers_during_five_rebuilds(tmp_path: Path, draw: Callable[..., bytes]) -> None:
    library = Library.create(tmp_path / "library", pack="fake", batch=4, keep_versions=20)
    engine = Engine(library.settings)
    import_cast(library, make_cast(tmp_path / "cast", draw, 12, 6), engine.finder)
    rebuild(library, engine)
    asking = Asking(Library.open(library.folder, pack="fake"))
    asking.start()
    chance = random.Random(5)
    for _ in range(REBUILDS):
        asking.busy = False
        time.sleep(8)
        disturb(library, chance, 20)
        asking.busy = True
        job = jobs.start_rebuild(library, keep=20)
        assert job.process.wait(300) == 0, job.tail()
        followed = time.monotonic() + 5
        while asking.told[-1][0] != library.index.live and time.monotonic() < followed:
            time.sleep(0.05)
        assert asking.told[-1][0] == library.index.live
    asking.ended = True
    asking.join(30)
    assert asking.error is None
    versions = {version for version, _, _ in asking.told}
    assert len(versions) == REBUILDS + 1
    for version in sorted(versions):
        told = [(number, hits) for of, number, hits in asking.told if of == version]
        assert all(asking.ask(number, version) == (version, hits) for number, hits in told)
    quiet, busy = (np.percentile(asking.took[kind], [50, 99]) * 1000 for kind in (False, True))
    print(
        f"\n{len(asking.told)} answers of {len(versions)} versions; quiet ({len(asking.took[False])}) median "
        f"{quiet[0]:.2f} ms, p99 {quiet[1]:.2f} ms; rebuilding ({len(asking.took[True])}) median {busy[0]:.2f} ms, p99 "
        f"{busy[1]:.2f} ms: {busy[1] / quiet[1]:.2f} times"
    )
