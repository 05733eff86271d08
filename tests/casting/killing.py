"""Run by the kill tests: imports Castoon once, then forks a child for each job that the tests send, to be killed.

One JSON line a job in: `what`, `folder`, `source`, and how it shall end: `kill_at` (so many file operations in the
library later), `kill_on` (before the first renaming whose target has this name), neither (from outside, or not at all).
Out: `begun`, and when it has ended how: `code`, `operations` on files, `encoded` faces, `error`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from casting import Engine, Library, import_cast, rebuild
from casting.importing import importer
from castoon.errors import CastoonError
from embeddings import load_encoders, load_finder, open_pack
from embeddings.fakes import FakeEncoder, FakeFinder
from index import backends

FIND_S, ENCODE_S = 0.004, 0.02
BATCH = 4
OPERATIONS = {"open", "os.rename", "os.link", "os.remove", "os.truncate", "os.mkdir", "os.rmdir", "shutil.rmtree"}


class Tally:
    """Counts in a file, so that they outlive the process that counted; threads may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts = {"operations": 0, "encoded": 0}
        self._lock = threading.Lock()

    def add(self, name: str, number: int = 1) -> int:
        with self._lock:
            self.counts[name] += number
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT)
            os.write(handle, json.dumps(self.counts).encode().ljust(60))
            os.close(handle)
            return self.counts[name]


def watch(folder: str, tally: Tally, job: dict[str, Any]) -> None:
    """Count file operations in the library, and die just before the one that the job names."""
    busy = threading.local()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if (
            getattr(busy, "is_so", False)
            or event not in OPERATIONS
            or not any(str(part).startswith(folder) for part in arguments[:2])
        ):
            return
        if str(arguments[0]).endswith(("-wal", "-shm", "-journal")):
            return
        busy.is_so = True
        count = tally.add("operations")
        last = event == "os.rename" and Path(str(arguments[1])).name == job.get("kill_on")
        if last or count == job.get("kill_at"):
            os.kill(os.getpid(), signal.SIGKILL)
        busy.is_so = False

    sys.addaudithook(hook)


def work(job: dict[str, Any], tally: Tally) -> None:
    """Import or rebuild, slowly enough to be killed in the middle."""
    library = Library.create(job["folder"], pack="fake", batch=BATCH)
    engine = Engine(library.settings)
    find, encode = FakeFinder.find, FakeEncoder.encode_gallery

    def slow_find(self, image, hint="auto"):  # type: ignore[no-untyped-def]
        time.sleep(FIND_S)
        return find(self, image, hint)

    def slow_encode(self, faces):  # type: ignore[no-untyped-def]
        time.sleep(ENCODE_S)
        tally.add("encoded", len(faces))
        return encode(self, faces)

    FakeFinder.find, FakeEncoder.encode_gallery = slow_find, slow_encode  # type: ignore[method-assign]
    watch(job["folder"], tally, job)
    say(begun=os.getpid())
    if job["what"] == "import":
        importer.BATCH = BATCH
        import_cast(library, job["source"], engine.finder)
    else:
        rebuild(library, engine)


def child(job: dict[str, Any], tally: Tally, errors: Path) -> None:
    try:
        work(job, tally)
    except (CastoonError, OSError) as error:
        errors.write_text(f"{type(error).__name__}: {error}")
        os._exit(4)
    except BaseException as error:
        errors.write_text(f"unexpected {type(error).__name__}: {error}")
        os._exit(1)
    os._exit(0)


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


def main() -> None:
    backends.ROUNDED_FROM = 1  # small versions have all the files that large ones have
    pack = open_pack("fake")
    load_finder(pack)
    load_encoders(pack)
    with tempfile.TemporaryDirectory() as made:
        for number, line in enumerate(sys.stdin):
            tally, errors = Tally(Path(made) / f"tally-{number}"), Path(made) / f"error-{number}"
            tally.add("operations", 0)
            process = os.fork()
            if process == 0:
                child(json.loads(line), tally, errors)
            _, status = os.waitpid(process, 0)
            counts = json.loads(tally.path.read_text())
            error = errors.read_text() if errors.is_file() else ""
            say(code=os.waitstatus_to_exitcode(status), error=error, **counts)


if __name__ == "__main__":
    main()
