"""How commands speak: rich text for people, one JSON document for machines, progress on standard error."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from castoon.errors import CastoonError

LINE_EVERY_S = 1.0


@cache
def console() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console()


@cache
def errors() -> Console:
    """Where errors, warnings and progress go."""
    from rich.console import Console

    return Console(stderr=True)


def print_json(document: Any) -> None:
    """The one document that a command prints under `--json`."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def plain(value: Any) -> dict[str, Any]:
    """A value object for JSON; dates as text."""
    return {
        key: item.isoformat() if hasattr(item, "isoformat") else item for key, item in dataclasses.asdict(value).items()
    }


def done(as_json: bool, words: str, **facts: Any) -> None:
    """What a command did: a sentence for people, facts for machines."""
    if as_json:
        print_json(facts)
    else:
        console().print(words, highlight=False, markup=False)


def print_error(error: CastoonError, as_json: bool) -> None:
    """What is wrong, with what, and what to do next."""
    if as_json:
        print_json({"error": error.as_dict()})
        return
    errors().print(f"[bold red]Error[/] in [bold]{_plain(error.thing)}[/]: {_plain(error.reason)}", highlight=False)
    if error.next_step:
        errors().print(f"[bold]Next:[/] {_plain(error.next_step)}", highlight=False)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def table(title: str, columns: list[str], rows: list[list[str]], right: tuple[str, ...] = ()) -> None:
    """A table of plain texts; markup in them is not obeyed."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console().print(drawn)


class _BarProgress:
    """A bar with rate and time left, for a terminal."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task: TaskID | None = None
        self.stopped = False

    def begin(self, what: str, total: int | None) -> None:
        if self._task is not None:
            self._bar.update(self._task, visible=False)
        self._task = self._bar.add_task(what, total=total)

    def advance(self, steps: int = 1) -> None:
        if self._task is not None:
            self._bar.advance(self._task, steps)


class _LineProgress:
    """One JSON line a step, at most one a second, for logs and other programs."""

    def __init__(self) -> None:
        self.stopped = False
        self._what = ""
        self._total: int | None = None
        self._done = 0
        self._began = self._told = time.monotonic()

    def begin(self, what: str, total: int | None) -> None:
        self._what, self._total, self._done = what, total, 0
        self._began = time.monotonic()
        self._tell()

    def advance(self, steps: int = 1) -> None:
        self._done += steps
        if self._done == self._total or time.monotonic() - self._told > LINE_EVERY_S:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        spent = self._told - self._began
        rate = self._done / spent if spent > 0 and self._done else None
        left = (self._total - self._done) / rate if rate and self._total else None
        line = {"step": self._what, "done": self._done, "total": self._total,
                "per_second": rate and round(rate, 2), "seconds_left": left and round(left, 1)}  # fmt: skip
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()


@contextmanager
def progress() -> Iterator[Any]:
    """A `casting.progress.Progress` that fits where standard error goes."""
    if not errors().is_terminal:
        yield _LineProgress()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        _rate_column(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors(), transient=True) as bar:
        yield _BarProgress(bar)


def _rate_column() -> Any:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f}/s" if task.speed else "")

    return Rate()
