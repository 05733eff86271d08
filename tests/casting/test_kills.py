"""`kill -9` at random moments of imports and rebuilds: the library opens, answers as before, and the next run finishes.

CASTOON_KILLS=100 pytest tests/casting/test_kills.py -m slow -s     # the whole fault run, with its account
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from casting import Engine, Library
from casting.catalog import Photo
from castoon.files import PARTIAL, sha256_file
from tests.casting.faults import Jobs, answers, check_sound, disturb, make_cast, served, states
from tests.casting.killing import BATCH

KILLS = int(os.environ.get("CASTOON_KILLS", "100"))
SEED = int(os.environ.get("CASTOON_KILLS_SEED", "11"))
"""Several runs with seeds of their own may go side by side."""
Draw = Callable[..., bytes]


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    with served() as started:
        yield started


def built(folder: Path, source: Path, jobs: Jobs) -> Library:
    assert jobs.run("import", folder, source).code == 0
    assert jobs.run("rebuild", folder).code == 0
    return Library.open(folder, pack="fake")


class FaultRun:
    """Rebuilds that are ended badly, each followed by one that must finish."""

    def __init__(self, library: Library, jobs: Jobs, seed: int) -> None:
        self.library, self.jobs, self.chance = library, jobs, random.Random(seed)
        self.operations, self.seconds = 40, 1.0
        self.account: Counter[str] = Counter()
        self.batch = BATCH * len(Engine(library.settings).spaces_to_build)
        """Vectors of a batch: of so many photos in every space."""

    def once(self, how: str, lost: int = 9) -> None:
        library, chance = self.library, self.chance
        needed = disturb(library, chance, lost)
        before = answers(library)
        match how:
            case "operation":
                end = self.jobs.run("rebuild", library.folder, kill_at=chance.randint(1, self.operations))
            case "pointer":
                end = self.jobs.run("rebuild", library.folder, kill_on="current")
            case _:
                end = self.jobs.run("rebuild", library.folder, after_s=chance.uniform(0, self.seconds))
        self.after(how, end.killed, end.error, before)
        encoded = end.encoded
        finished = self.jobs.run("rebuild", library.folder)
        assert (finished.code, finished.error) == (0, "")
        self.operations = max(self.operations, finished.operations)
        check_sound(library)
        assert answers(library)[0] != before[0]
        assert needed <= encoded + finished.encoded <= needed + self.batch
        assert "running" not in states(library)

    def after(self, how: str, killed: bool, error: str, before: object) -> None:
        self.account[f"{how}: {'killed' if killed else error.partition(':')[0] or 'finished first'}"] += 1
        check_sound(self.library)
        now = answers(self.library)
        self.account["published before its end" if now[0] != before[0] else "answers as before"] += 1  # type: ignore[index]
        assert now == before or now[0] != before[0]  # type: ignore[index]


def test_ten_kills_of_an_import(tmp_path: Path, draw: Draw, jobs: Jobs) -> None:
    source, folder = make_cast(tmp_path / "cast", draw, 12, 8), tmp_path / "library"
    moments = random.Random(7)
    counts = []
    for _ in range(10):
        jobs.run("import", folder, source, after_s=moments.uniform(0.0, 0.3))
        library = Library.create(folder, pack="fake")
        with library.database.session() as session:
            counts.append(session.scalar(select(func.count()).select_from(Photo)) or 0)
            for photo in session.scalars(select(Photo)):
                assert sha256_file(library.folder / photo.file) == photo.sha256
        library.close()
    assert counts == sorted(counts)
    assert counts[0] < 96
    assert jobs.run("import", folder, source).code == 0
    library = Library.open(folder, pack="fake")
    assert states(library).count("lost") >= 1
    with library.database.session() as session:
        assert session.scalar(select(func.count()).select_from(Photo)) == 96
    assert not list(library.folder.joinpath("photos").rglob(f"*{PARTIAL}"))


def test_kills_of_a_rebuild(tmp_path: Path, draw: Draw, jobs: Jobs) -> None:
    """A dozen of the fault run's kills, one of them between writing the pointer and renaming it."""
    library = built(tmp_path / "library", make_cast(tmp_path / "cast", draw, 6, 4), jobs)
    run = FaultRun(library, jobs, seed=3)
    for how in ["pointer", *["operation"] * 4, "moment"]:
        run.once(how)
    assert run.account["operation: killed"] >= 2
    assert run.account["pointer: killed"] == 1
    assert states(library).count("lost") >= 3


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_signal_ends_a_rebuild_after_its_batch(tmp_path: Path, draw: Draw, jobs: Jobs, by: int) -> None:
    folder = tmp_path / "library"
    assert jobs.run("import", folder, make_cast(tmp_path / "cast", draw, 10, 5)).code == 0
    end = jobs.run("rebuild", folder, after_s=0.15, by=by)
    library = Library.open(folder, pack="fake")
    assert (end.code, end.error) == (0, "")
    assert states(library)[-1] == ("stopped" if library.index.live is None else "done")
    assert library.vectors.verify()["vectors"] == end.encoded
    rest = jobs.run("rebuild", folder)
    assert end.encoded + rest.encoded == 50 * len(Engine(library.settings).spaces_to_build)
    assert library.index.live is not None


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_fault_run(tmp_path: Path, draw: Draw, jobs: Jobs) -> None:
    """As many kills as `CASTOON_KILLS` says, at file operations, at any moment, and at the pointer."""
    library = built(tmp_path / "library", make_cast(tmp_path / "cast", draw, 8, 5), jobs)
    run = FaultRun(library, jobs, seed=SEED)
    for number in range(KILLS):
        run.once(("operation", "moment", "operation", "moment", "pointer")[number % 5])
    print("\n".join(f"{count:4} {what}" for what, count in sorted(run.account.items())))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_disk_is_full(tmp_path: Path, draw: Draw, jobs: Jobs) -> None:
    """A small file system that fills up at a random place: an error that says so, and nothing lost; some are killed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system can be mounted by root only")
    try:
        library = built(disk / "library", make_cast(tmp_path / "cast", draw, 8, 5), jobs)
        run = FaultRun(library, jobs, seed=13)
        for number in range(max(KILLS // 5, 4)):
            needed = disturb(library, run.chance, 9)
            before = answers(library)
            ballast = disk / "ballast"
            room = run.chance.randint(0, 120_000)
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            ballast.write_bytes(bytes(max(free - room, 0)))
            kill = {"kill_at": run.chance.randint(1, run.operations)} if number % 2 else {}
            end = jobs.run("rebuild", library.folder, **kill)
            assert not end.error.startswith("unexpected"), end.error
            ballast.unlink()
            run.after("full disk", end.killed, end.error, before)
            finished = jobs.run("rebuild", library.folder)
            assert (finished.code, finished.error) == (0, "")
            check_sound(library)
            assert end.encoded + finished.encoded <= needed + 2 * run.batch
        print("\n".join(f"{count:4} {what}" for what, count in sorted(run.account.items())))
        library.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
