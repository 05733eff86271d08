"""One writer a library: a lock that names its holder and dies with it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from castoon.errors import NotReadyError


@contextlib.contextmanager
def writing(folder: Path, what: str) -> Iterator[None]:
    """Hold the library's write lock, or raise `NotReadyError` that says who holds it and since when.

    The kernel drops the lock when its holder ends, however it ends, so a dead holder never blocks anybody.
    """
    path = folder / "write.lock"
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotReadyError(
                str(folder), f"{_holder(path)} is writing to it.", "Wait until it has finished, or stop it."
            ) from error
        handle.truncate(0)
        handle.write(json.dumps({"what": what, "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _holder(path: Path) -> str:
    try:
        known = json.loads(path.read_text("utf-8"))
        return f"`{known['what']}` (process {known['pid']}, since {known['since']})"
    except (OSError, ValueError, KeyError):
        return "another process"
