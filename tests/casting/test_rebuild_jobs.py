"""A rebuild that others watch, stop and start: from another process, from a page, from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from casting import Engine, Library, import_cast, jobs, rebuild, runs
from casting.catalog import Run
from casting.cli import libraries, rebuilding
from casting.cli.app import app
from casting.locks import holder, writing
from casting.progress import Silent
from castoon.errors import NotReadyError
from embeddings.fakes import FakeEncoder

assert libraries
assert rebuilding


def wait_for(found, seconds: float = 30.0):  # type: ignore[no-untyped-def]
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def imported(library: Library, engine: Engine, cast_folder: Path) -> Library:
    import_cast(library, cast_folder, engine.finder)
    return Library.open(library.folder, pack="fake", batch=1)


def test_a_running_rebuild_is_seen_and_stops_when_asked(imported: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "REPORT_EVERY_S", 0.05)
    engine = Engine(imported.settings)
    encode = FakeEncoder.encode_gallery

    def slowly(self, faces):  # type: ignore[no-untyped-def]
        time.sleep(0.1)
        return encode(self, faces)

    monkeypatch.setattr(FakeEncoder, "encode_gallery", slowly)
    assert runs.running(imported) is None
    assert runs.ask_to_stop(imported) is None
    reports = []
    job = threading.Thread(target=lambda: reports.append(rebuild(imported, engine)))
    job.start()
    seen = wait_for(lambda: (one := runs.running(imported, "rebuild")) and one.done and one)
    assert (seen.stage, seen.total, seen.pid, seen.stop_asked) == ("embed", 18, os.getpid(), False)
    assert seen.per_second is not None
    assert 0 < seen.per_second < 10
    assert seen.seconds_left is not None
    by = holder(imported.folder)
    assert by is not None
    assert (by.what, by.pid, by.alive) == ("castoon rebuild", os.getpid(), True)
    asked = runs.ask_to_stop(imported)
    assert asked is not None
    assert asked.stop_asked
    job.join(20)
    (report,) = reports
    assert report.stopped
    assert 0 < report.computed < report.wanted
    assert runs.running(imported) is None
    assert runs.latest(imported)[0].state == "stopped"
    rest = rebuild(imported, Engine(imported.settings))
    assert rest.computed == report.wanted - report.computed
    assert rest.published


def test_a_detached_rebuild_finishes_and_says_so(imported: Library) -> None:
    job = jobs.start_rebuild(imported, only_spaces=["arcface:photo"], keep=2)
    wait_for(lambda: job.ended is not None, 60)
    assert job.ended == 0, job.tail()
    assert json.loads(job.log.read_text()[job.log.read_text().index("{\n") :])["computed"] == 18
    last = runs.latest(imported, "rebuild")[0]
    assert (last.state, last.detail["computed"]) == ("done", 18)


def test_a_second_job_is_told_who_holds_the_lock_and_since_when(imported: Library) -> None:
    with writing(imported.folder, "castoon import"), pytest.raises(NotReadyError) as refused:
        jobs.start_rebuild(imported)
    assert f"`castoon import` (process {os.getpid()}, since 20" in refused.value.reason


def test_a_dead_job_does_not_count_as_running_even_when_its_number_lives_on(imported: Library) -> None:
    sleeper = subprocess.Popen(["sleep", "60"])
    with imported.database.transaction() as session:
        session.add(Run(kind="rebuild", pid=sleeper.pid, detail={"process": {"birth": "1"}}))
    try:
        assert runs.running(imported) is None
        assert runs.latest(imported, "rebuild")[0].state == "lost"
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_holder_that_died_is_found_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "write.lock").write_text('{"what": "castoon rebuild", "pid": 4194304, "host": "h", "since": "s"}')
    assert holder(tmp_path) is None
    with writing(tmp_path, "castoon rebuild") as dead:
        assert dead is not None
        assert dead.pid == 4194304
    with writing(tmp_path, "castoon rebuild") as dead:
        assert dead is None


def test_the_command_says_what_runs_and_passes_on_the_wish_to_stop(imported: Library) -> None:
    def say(*arguments: str) -> dict[str, object]:
        result = CliRunner().invoke(app, ["rebuild", "--library", str(imported.folder), "--json", *arguments])
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    assert say("--status")["running"] is None
    with runs.logged_run(imported.database, "rebuild", Silent()) as log:
        log.begin("embed", 10)
        assert say("--stop")["running"]["stop_asked"] is True  # type: ignore[index]
        time.sleep(1.1)
        assert log.stopped
    assert say("--status")["latest"]["state"] == "stopped"  # type: ignore[index]
