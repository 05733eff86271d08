"""`kill -9` at random moments of an import and of a rebuild: the library opens, and the next run finishes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from casting import Engine, Library, import_cast, rebuild
from casting.catalog import Photo, Run
from castoon.files import PARTIAL, sha256_file
from castoon.images import read

SCRIPT = Path(__file__).with_name("killing.py")
KILLS = 10
PEOPLE, TAKES = 12, 8


class Jobs:
    """A process that starts jobs to be killed; Castoon is imported once for all of them."""

    def __init__(self) -> None:
        self.server = subprocess.Popen(
            [sys.executable, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run_and_kill(self, what: str, library: Path, source: Path, seconds: float) -> None:
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(f"{what}\t{library}\t{source}\n")
        self.server.stdin.flush()
        child = int(self.server.stdout.readline())
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        assert self.server.stdout.readline() == "ended\n"


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    started = Jobs()
    yield started
    started.server.kill()
    started.server.wait()


def test_ten_kills_of_an_import_and_ten_of_a_rebuild(tmp_path: Path, draw: Callable[..., bytes], jobs: Jobs) -> None:
    source, folder = tmp_path / "cast", tmp_path / "library"
    for person in range(PEOPLE):
        (source / f"actor {person}").mkdir(parents=True)
        for take in range(TAKES):
            (source / f"actor {person}" / f"{take}.png").write_bytes(draw(person, take))
    total = PEOPLE * TAKES
    moments = random.Random(7)

    counts = []
    for _ in range(KILLS):
        jobs.run_and_kill("import", folder, source, moments.uniform(0.0, 0.3))
        library = Library.create(folder, pack="fake")
        with library.database.session() as session:
            counts.append(session.scalar(select(func.count()).select_from(Photo)) or 0)
            for photo in session.scalars(select(Photo)):
                assert sha256_file(library.folder / photo.file) == photo.sha256
        library.close()
    assert counts == sorted(counts)
    assert counts[0] < total

    library = Library.open(folder, pack="fake", batch=4)
    engine = Engine(library.settings)
    report = import_cast(library, source, engine.finder)
    assert report.photos + report.present == total
    assert not list(library.folder.joinpath("photos").rglob(f"*{PARTIAL}"))

    stored = []
    for _ in range(KILLS):
        jobs.run_and_kill("rebuild", folder, source, moments.uniform(0.0, 0.5))
        if library.index.live:
            library.index.verify()
        sound = library.vectors.verify()
        assert sound["damaged"] == 0
        stored.append(sound["vectors"])
    assert stored == sorted(stored)

    report2 = rebuild(library, engine)
    assert report2.computed + stored[-1] == 2 * total
    library.index.verify()
    hits = library.index.open()
    assert hits.spaces["arcface:photo"].vectors == total
    with library.database.session() as session:
        states = [run.state for run in session.scalars(select(Run).order_by(Run.id))]
    assert states.count("lost") >= 1
    assert "running" not in states
    assert read(source / "actor 0" / "0.png").width == 64
