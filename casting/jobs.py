"""Rebuilds as processes of their own, for dashboards: started here, watched and stopped through `casting.runs`.

>>> from casting import jobs, runs
>>> job = jobs.start_rebuild(library)          # returns at once; goes on when the dashboard ends
>>> runs.running(library, "rebuild")
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from casting.library import Library
from casting.locks import holder
from castoon.errors import NotReadyError
from castoon.words import Words

LOG_LINES = 20


@dataclass(frozen=True, eq=False)
class Job:
    """A process that was started; it outlives the one that started it."""

    pid: int
    log: Path
    """What it prints: progress as JSON lines, then its report."""
    process: subprocess.Popen[bytes]

    @property
    def ended(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self.process.poll()

    def tail(self) -> str:
        """The last lines of what it printed."""
        try:
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:])
        except OSError:
            return ""


def start_rebuild(
    library: Library,
    *,
    only_spaces: Sequence[str] = (),
    full: bool = False,
    max_minutes: float | None = None,
    workers: int = 0,
    keep: int = 0,
) -> Job:
    """Start `castoon rebuild` on a library as a detached process; an error at once when another job writes to it.

    The arguments are those of the command. Its log lies in the library's cache, which forgetting an actor deletes.
    """
    by = holder(library.folder)
    if by is not None:
        raise NotReadyError(
            str(library.folder),
            Words("{by} is writing to it.", by=by),
            "Wait until it has finished, or ask it to stop.",
        )
    command = [sys.executable, "-m", "casting.cli", "rebuild", "--library", str(library.folder.absolute()), "--json"]
    command += [part for space in only_spaces for part in ("--only-space", space)]
    command += ["--full"] if full else []
    for option, value in (("--max-minutes", max_minutes), ("--workers", workers), ("--keep", keep)):
        command += [option, str(value)] if value else []
    if library.settings.pack != "default":
        command += ["--pack", library.settings.pack]
    log = library.cache / "rebuild.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    home = Path(__file__).resolve().parent.parent
    path = os.pathsep.join(part for part in (str(home), os.environ.get("PYTHONPATH", "")) if part)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
    threading.Thread(target=process.wait, name="rebuild", daemon=True).start()
    return Job(process.pid, log, process)
