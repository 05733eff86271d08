"""Rows that say what long jobs are doing, so that pages and other processes can watch them, and ask them to stop.

A row holds counts, settings and errors, never names of people; `forget` clears the errors, which may name files.

    >>> from casting import runs
    >>> runs.running(library)                      # what the job does, how fast, how long it still takes; or None
    >>> runs.ask_to_stop(library)                  # it finishes its batch, saves and ends
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from casting.catalog import Database, Meta, Run, now
from casting.processes import alive, born
from casting.progress import Progress
from castoon.errors import CastoonError
from castoon.words import Words, revive, stored

if TYPE_CHECKING:
    from casting.library import Library

REPORT_EVERY_S = 1.0
STOP = "stop_run"
"""Key in the catalog under which the number of the run that shall stop is kept."""


@dataclass(frozen=True)
class RunStatus:
    """One job as its row says: a running one, or how it ended."""

    id: int
    kind: str
    """`rebuild`, `import` and so on."""
    state: str
    """running, done, stopped, failed; or lost, when its process died."""
    stage: str
    """What it is at: `look for changes`, `embed`, `publish`."""
    done: int
    total: int | None
    """Steps of the stage; None when that is not known."""
    per_second: float | None
    """Steps a second in this stage."""
    seconds_left: float | None
    """Until the stage ends."""
    started: datetime
    """UTC, as all times here."""
    ended: datetime | None
    pid: int
    stop_asked: bool
    """Whether somebody has asked it to stop."""
    detail: dict[str, Any]
    """Counts such as `computed` and `failed`; `error`, `reason` and `next_step` of one that failed."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        moments = {name: None if at is None else f"{at.isoformat()}Z"
                   for name, at in (("started", self.started), ("ended", self.ended))}  # fmt: skip
        return {**asdict(self), **moments}


def running(library: Library, kind: str | None = None) -> RunStatus | None:
    """The job that is running on a library now (of one kind, or any), or None. A dead one does not count."""
    return next((one for one in _read(library.database, kind, 20) if one.state == "running"), None)


def latest(library: Library, kind: str | None = None, count: int = 20) -> list[RunStatus]:
    """The latest jobs, newest first; one whose process died is `lost`."""
    return _read(library.database, kind, count)


def ask_to_stop(library: Library, run_id: int | None = None) -> RunStatus | None:
    """Ask a running job (that one, or whichever runs) to finish its batch, save and end; None when none runs.

    The wish is kept in the catalog, so that it reaches a job on any machine and in any process within a second or one
    batch. What was computed is kept; the next job goes on from there.
    """
    wanted = next((one for one in _read(library.database, None, 20)
                   if one.state == "running" and run_id in (None, one.id)), None)  # fmt: skip
    if wanted is None:
        return None
    with library.database.transaction() as session:
        session.merge(Meta(key=STOP, value=wanted.id))
    return running(library)


def _read(database: Database, kind: str | None, count: int) -> list[RunStatus]:
    with database.session() as session:
        asked = session.scalar(select(Meta.value).where(Meta.key == STOP))
        rows = select(Run).order_by(Run.id.desc()).limit(count)
        return [_status(row, asked) for row in session.scalars(rows if kind is None else rows.where(Run.kind == kind))]


def _status(row: Run, asked: int | None) -> RunStatus:
    detail: dict[str, Any] = {
        name: revive(told) if isinstance(told, str) else told for name, told in row.detail.items()
    }
    process, stage, spent = detail.pop("process", {}), detail.pop("stage", ""), detail.pop("stage_s", 0.0)
    state = row.state if row.state != "running" or alive(row.pid, **process) else "lost"
    total = row.total or None
    rate = row.done / spent if row.done and spent else None
    left = (total - row.done) / rate if rate and total and state == "running" else None
    return RunStatus(
        row.id, row.kind, state, stage, row.done, total, rate, left, row.started, row.ended, row.pid,
        state == "running" and asked == row.id, detail,
    )  # fmt: skip


class RunLog:
    """One running job's row; also a `Progress` that passes on to another."""

    def __init__(self, database: Database, run_id: int, watcher: Progress) -> None:
        self._database = database
        self._run_id = run_id
        self._watcher = watcher
        self._reported = self._asked = self._began = time.monotonic()
        self._stop = False
        self._done = 0
        self._total: int | None = None
        self._stage = ""
        self.detail: dict[str, Any] = {}
        """Counts that the job wants to be remembered."""

    def begin(self, what: str, total: int | None) -> None:
        """See `Progress.begin`."""
        self._watcher.begin(what, total)
        self._done, self._total, self._stage, self._began = 0, total, what, time.monotonic()
        self._write()

    def advance(self, steps: int = 1) -> None:
        """See `Progress.advance`."""
        self._watcher.advance(steps)
        self._done += steps
        if time.monotonic() - self._reported > REPORT_EVERY_S:
            self._write()

    @property
    def stopped(self) -> bool:
        """Whether the watcher wants an end, or somebody asked for one through `ask_to_stop`."""
        if not self._stop and time.monotonic() - self._asked > REPORT_EVERY_S:
            self._asked = time.monotonic()
            with self._database.session() as session:
                self._stop = session.scalar(select(Meta.value).where(Meta.key == STOP)) == self._run_id
        return self._stop or self._watcher.stopped

    def note_stop(self) -> None:
        """The job stops for a reason of its own, such as a signal or its time limit."""
        self._stop = True

    def _write(self) -> None:
        self._reported = time.monotonic()
        self._update()

    def end(self, state: str) -> None:
        """Note how the job ended."""
        self._update(state=state, ended=now())

    def _update(self, **values: Any) -> None:
        spent = round(time.monotonic() - self._began, 3)
        detail = {**self.detail, "stage": self._stage, "stage_s": spent, "process": _this_process()}
        with self._database.transaction() as session:
            row = update(Run).where(Run.id == self._run_id)
            session.execute(row.values(done=self._done, total=self._total or 0, detail=detail, **values))


@contextlib.contextmanager
def logged_run(database: Database, kind: str, watcher: Progress) -> Iterator[RunLog]:
    """Keep a row about a job from its first step to its end, however it ends."""
    with database.transaction() as session:
        for lost in session.scalars(select(Run).where(Run.state == "running")):
            if lost.pid == os.getpid() or not alive(lost.pid, **lost.detail.get("process", {})):
                lost.state, lost.ended = "lost", now()
        run = Run(kind=kind, pid=os.getpid(), detail={"process": _this_process()})
        session.add(run)
        session.flush()
        run_id = run.id
        session.execute(delete(Meta).where(Meta.key == STOP))
    log = RunLog(database, run_id, watcher)
    try:
        yield log
    except BaseException as error:
        log.detail |= _described(error)
        with contextlib.suppress(CastoonError):
            log.end("stopped" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    log.end("stopped" if log.stopped else "done")


def _described(error: BaseException) -> dict[str, str]:
    told = {"error": type(error).__name__}
    if isinstance(error, CastoonError):
        reason = Words("{thing}: {reason}", thing=error.thing, reason=error.reason)
        return told | {"reason": stored(reason), "next_step": stored(error.next_step)}
    return told | {"reason": str(error)}


def _this_process() -> dict[str, str]:
    return {"birth": born(os.getpid()), "host": socket.gethostname()}
