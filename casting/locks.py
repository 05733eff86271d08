"""One writer a library: a lock that names its holder and dies with it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from casting.processes import alive, born
from castoon.errors import NotReadyError
from castoon.words import Words

LOCK = "write.lock"


@dataclass(frozen=True)
class Holder:
    """Who holds a library's write lock, or held it when it died."""

    what: str
    """Such as `castoon rebuild`."""
    pid: int
    host: str
    since: str
    """Local time of that machine."""
    birth: str = ""

    @property
    def alive(self) -> bool:
        """Whether the process still runs, as far as this machine can tell."""
        return alive(self.pid, self.birth, self.host)

    def __str__(self) -> str:
        where = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"`{self.what}` (process {self.pid}{where}, since {self.since})"


@contextlib.contextmanager
def writing(folder: Path, what: str) -> Iterator[Holder | None]:
    """Hold the library's write lock, or raise `NotReadyError` that says who holds it and since when.

    The kernel drops the lock when its holder ends, however it ends, so a dead holder never blocks anybody. Yields the
    holder before, when it died without giving the lock back.
    """
    path = folder / LOCK
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _taken(folder, _read(handle)) from error
        dead = _read(handle)
        mine = Holder(what, os.getpid(), socket.gethostname(), time.strftime("%Y-%m-%d %H:%M:%S"), born(os.getpid()))
        handle.truncate(0)
        handle.write(json.dumps(asdict(mine)))
        handle.flush()
        try:
            yield dead
        finally:
            handle.truncate(0)


def holder(folder: Path) -> Holder | None:
    """Who is writing to a library now; None when nobody is."""
    try:
        with (folder / LOCK).open("a+", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _read(handle) or Holder("another process", 0, socket.gethostname(), "a moment ago")
            return None
    except FileNotFoundError:
        return None


def _taken(folder: Path, by: Holder | None) -> NotReadyError:
    if by is None:
        return NotReadyError(str(folder), "another process is writing to it.", "Wait until it has finished.")
    if not by.alive:
        return NotReadyError(
            str(folder),
            Words("{by} has died, but a process that it started still holds its lock.", by=by),
            Words("End that process (`lsof {lock}` names it), then run the command again.", lock=folder / LOCK),
        )
    step = "Wait until it has finished, or ask it to stop with `castoon rebuild --stop`."
    return NotReadyError(str(folder), Words("{by} is writing to it.", by=by), step)


def _read(handle: IO[str]) -> Holder | None:
    try:
        handle.seek(0)
        return Holder(**json.loads(handle.read()))
    except (OSError, ValueError, TypeError):
        return None
