"""The rebuild command: run it here, start it in the background, look at it, ask it to stop."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, app, overrides, reporting

if TYPE_CHECKING:
    from casting.rebuilding import RebuildReport
    from casting.runs import RunStatus

POLITENESS = 5
"""Niceness of a rebuild at least: people who ask for rankings meanwhile go first."""
FAILURES_SHOWN = 200


@app.command()
def rebuild(
    library: LibraryOption = DEFAULT_LIBRARY,
    pack: PackOption = "",
    workers: Annotated[int, typer.Option(min=0, help="Photos worked on side by side; 0 takes the setting.")] = 0,
    only_space: Annotated[list[str] | None, typer.Option(help="Compute this space only; may be repeated.")] = None,
    full: Annotated[bool, typer.Option(help="Compute everything anew.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what would be computed, and stop.")] = False,
    max_minutes: Annotated[float | None, typer.Option(min=0, help="Save and stop after this long.")] = None,
    keep: Annotated[int, typer.Option(min=0, help="Index versions to keep; 0 takes the setting.")] = 0,
    detach: Annotated[bool, typer.Option("--detach", help="Start it in the background and return.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what the running job does, and return.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Ask the running job to save and end, and return.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Embed what is new or changed, and publish a new index version."""
    if sum((detach, status, stop, dry_run)) > 1:
        raise typer.BadParameter("choose one of --detach, --status, --stop and --dry-run.")
    given: dict[str, Any] = overrides(pack)
    given |= {"threads": workers} if workers else {}
    given |= {"keep_versions": keep} if keep else {}
    if status or stop:
        _watch(library, stop, as_json)
        return
    if detach:
        _detach(library, given, only_space or [], full, max_minutes, workers, keep, as_json)
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), POLITENESS))
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library
        from casting import rebuild as run

        opened = Library.open(library, **given)
        report = run(
            opened, Engine.of(opened), progress,
            spaces=only_space, full=full, dry_run=dry_run, max_minutes=max_minutes,
        )  # fmt: skip
    if as_json:
        output.print_json(report.as_dict())
    else:
        _print(report, dry_run)


def _watch(library: Path, stop: bool, as_json: bool) -> None:
    with reporting(as_json):
        from casting import Library, runs

        opened = Library.open(library)
        job = runs.ask_to_stop(opened) if stop else runs.running(opened)
        before = runs.latest(opened, count=1)
    if as_json:
        output.print_json({"running": job and job.as_dict(), "latest": before[0].as_dict() if before else None})
        return
    say = output.console().print
    if job is not None:
        say(_line(job), highlight=False, markup=False)
    else:
        say("No job is running.")
        for last in before:
            say(f"The last one: {_line(last)}", highlight=False, markup=False)


def _line(job: RunStatus) -> str:
    parts = [f"{job.kind} {job.state} (process {job.pid}, since {job.started} UTC)"]
    if job.state == "running":
        parts.append(f"{job.stage} {job.done}" + (f" of {job.total}" if job.total else ""))
        parts += [f"{job.per_second:.1f}/s"] if job.per_second else []
        parts += [f"{job.seconds_left:.0f} s left"] if job.seconds_left is not None else []
        parts += ["asked to stop: it saves its batch and ends"] if job.stop_asked else []
    parts += [str(job.detail["reason"])] if "reason" in job.detail else []
    return ", ".join(parts)


def _detach(
    library: Path, given: dict[str, Any], only: list[str], full: bool, max_minutes: float | None,
    workers: int, keep: int, as_json: bool,
) -> None:  # fmt: skip
    with reporting(as_json):
        from casting import Library, jobs

        job = jobs.start_rebuild(
            Library.open(library, **given),
            only_spaces=only, full=full, max_minutes=max_minutes, workers=workers, keep=keep,
        )  # fmt: skip
    if as_json:
        output.print_json({"pid": job.pid, "log": str(job.log)})
        return
    output.console().print(
        f"Started as process {job.pid}; its words go to {job.log}.\n"
        f"Watch it: castoon rebuild --status --library {library}\n"
        f"Stop it:  castoon rebuild --stop --library {library}", highlight=False, markup=False,
    )  # fmt: skip


def _print(report: RebuildReport, dry_run: bool) -> None:
    if report.failed:
        rows = [[error.thing, error.reason, error.next_step] for error in report.failed[:FAILURES_SHOWN]]
        output.table("Failed; tried again next time", ["photo", "why", "what to do"], rows)
    if len(report.failed) > FAILURES_SHOWN:
        output.console().print(f"... and {len(report.failed) - FAILURES_SHOWN} more; see --json.")
    if dry_run:
        output.console().print(f"{report.wanted} vectors of {report.photos} photos would be computed.")
        return
    if report.mended:
        output.errors().print(f"The index was damaged and has been written anew. {report.mended}", markup=False)
    state = "published" if report.published else "stopped before publishing" if report.stopped else "up to date"
    output.console().print(
        f"{report.computed} vectors computed, {report.photos} photos, index {report.version} {state}, "
        f"{report.took_s:.1f} s."
    )
