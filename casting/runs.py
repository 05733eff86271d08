"""Rows that say what long jobs are doing, so that the dashboard and the next job can see it.

A row holds counts and settings, never names of people or files: forgetting an actor must not have to search old logs.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, update

from casting.catalog import Database, Run, now
from casting.progress import Progress

REPORT_EVERY_S = 1.0


class RunLog:
    """One running job's row; also a `Progress` that passes on to another."""

    def __init__(self, database: Database, run_id: int, watcher: Progress) -> None:
        self._database = database
        self._run_id = run_id
        self._watcher = watcher
        self._reported = 0.0
        self._done = 0
        self._total: int | None = None
        self.detail: dict[str, Any] = {}
        """Counts that the job wants to be remembered."""

    def begin(self, what: str, total: int | None) -> None:
        """See `Progress.begin`."""
        self._watcher.begin(what, total)
        self._done, self._total = 0, total
        self.detail["stage"] = what
        self._write()

    def advance(self, steps: int = 1) -> None:
        """See `Progress.advance`."""
        self._watcher.advance(steps)
        self._done += steps
        if time.monotonic() - self._reported > REPORT_EVERY_S:
            self._write()

    @property
    def stopped(self) -> bool:
        """See `Progress.stopped`."""
        return self._watcher.stopped

    def _write(self) -> None:
        self._reported = time.monotonic()
        self._update(done=self._done, total=self._total or 0, detail=dict(self.detail))

    def end(self, state: str) -> None:
        """Note how the job ended."""
        self._update(state=state, done=self._done, total=self._total or 0, detail=dict(self.detail), ended=now())

    def _update(self, **values: Any) -> None:
        with self._database.transaction() as session:
            session.execute(update(Run).where(Run.id == self._run_id).values(**values))


@contextlib.contextmanager
def logged_run(database: Database, kind: str, watcher: Progress) -> Iterator[RunLog]:
    """Keep a row about a job from its first step to its end, however it ends."""
    with database.transaction() as session:
        for lost in session.scalars(select(Run).where(Run.state == "running")):
            if not _alive(lost.pid):
                lost.state, lost.ended = "lost", now()
        run = Run(kind=kind, pid=os.getpid())
        session.add(run)
        session.flush()
        run_id = run.id
    log = RunLog(database, run_id, watcher)
    try:
        yield log
    except BaseException as error:
        log.detail["error"] = type(error).__name__
        log.end("stopped" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    log.end("stopped" if log.stopped else "done")


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
