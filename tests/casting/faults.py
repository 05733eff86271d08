"""What the kill tests share: jobs that are killed, a library to kill them on, and what must hold afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from casting import Engine, Library
from casting.catalog import Actor, Photo, Run, touch
from index import NumpyIndex, OwnerHit

SCRIPT = Path(__file__).with_name("killing.py")
SPACE = "arcface:photo"


@dataclass(frozen=True)
class End:
    """How a job ended."""

    code: int
    error: str
    operations: int
    encoded: int

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Jobs:
    """A process that starts jobs to be killed; Castoon is imported once for all of them."""

    def __init__(self) -> None:
        self.server = subprocess.Popen(
            [sys.executable, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self,
        what: str,
        folder: Path,
        source: Path | None = None,
        after_s: float | None = None,
        by: int = signal.SIGKILL,
        **end: Any,
    ) -> End:
        """Run a job to its end, or kill it `after_s` seconds after it has begun, or as `killing.py` says."""
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps({"what": what, "folder": str(folder), "source": str(source), **end}) + "\n")
        self.server.stdin.flush()
        answer = self._answer()
        if "begun" in answer:
            if after_s is not None:
                threading.Timer(after_s, self._signal, (answer["begun"], by)).start()
            answer = self._answer()
        return End(**answer)

    def stop(self) -> None:
        self.server.kill()
        self.server.wait()

    def _answer(self) -> dict[str, Any]:
        assert self.server.stdout is not None
        answer: dict[str, Any] = json.loads(self.server.stdout.readline())
        return answer

    @staticmethod
    def _signal(process: int, by: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, by)


@contextlib.contextmanager
def served() -> Iterator[Jobs]:
    jobs = Jobs()
    try:
        yield jobs
    finally:
        jobs.stop()


def make_cast(folder: Path, draw: Callable[..., bytes], people: int, takes: int) -> Path:
    for person in range(people):
        (folder / f"actor {person}").mkdir(parents=True)
        for take in range(takes):
            (folder / f"actor {person}" / f"{take}.png").write_bytes(draw(person, take))
    return folder


def answers(library: Library) -> tuple[str, list[list[OwnerHit]]]:
    """The live version's name, and what it answers to fixed questions; read by fresh eyes."""
    opened = Library.open(library.folder, pack="fake")
    try:
        index = opened.index.open()
        queries = np.random.default_rng(0).standard_normal((3, index.spaces[SPACE].dim)).astype(np.float32)
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
        reference = NumpyIndex("r", {SPACE: index.space(SPACE)}, index.facts)
        found, right = ([hits for where in ("", "gender=female") for hits in one.search(SPACE, queries, 5, where)]
                        for one in (index, reference))  # fmt: skip
        assert found == right
        return index.version, found
    finally:
        opened.close()


def disturb(library: Library, chance: random.Random, photos: int) -> int:
    """Change a library as people do: vectors of some photos are missing, a photo changes hands, facts change.

    Returns how many vectors the next rebuild has to compute.
    """
    with library.database.transaction() as session:
        everything = list(session.scalars(select(Photo).order_by(Photo.id)))
        actors = list(session.scalars(select(Actor).order_by(Actor.id)))
        moved = chance.choice(everything)
        moved.actor = chance.choice(actors)
        for actor in actors:
            actor.gender = chance.choice(["female", "male"])
        lost = [photo.sha256 for photo in chance.sample(everything, photos)]
        for photo in everything:
            if photo.sha256 in lost:
                photo.faces[-1].box = [value + chance.choice([-0.25, 0.25]) for value in photo.faces[-1].box]
        touch(session)
    library.vectors.forget(lost)
    return photos * len(Engine(library.settings).spaces_to_build)


def check_sound(library: Library) -> None:
    """The live version, the stored vectors and the catalog are as they should be."""
    library.index.verify()
    assert library.vectors.verify()["damaged"] == 0


def states(library: Library) -> list[str]:
    with library.database.session() as session:
        return [run.state for run in session.scalars(select(Run).order_by(Run.id))]
