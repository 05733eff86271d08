"""Each model can be trained again from its command: a minute on a thirtieth of the data, then resumed and exported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from training.paths import ROOT


def _run(module: str, var: Path, shared: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "CASTOON_TRAINING_VAR": str(var),
        "CASTOON_TRAINING_SMALL": "1",
        "CASTOON_SHARED": str(shared),
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _log(var: Path, kind: str) -> list[dict[str, float]]:
    lines = (var / "small" / kind / kind / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("kind", ["face", "detector", "points"])
def test_a_minute_of_training_learns_and_resumes(kind: str, tmp_path: Path, shared_dir: Path) -> None:
    _run(f"training.{kind}", tmp_path, shared_dir, "--minutes", "1", "--device", "cpu")
    first = _log(tmp_path, kind)
    assert first[-1]["seen"] > 200
    best = tmp_path / "small" / kind / kind / "best.pt"
    assert best.is_file()
    again = _run(f"training.{kind}", tmp_path, shared_dir, "--minutes", "1.2", "--device", "cpu")
    assert "best checkpoint" in again
    assert _log(tmp_path, kind)[-1]["seen"] >= first[-1]["seen"]
    _run("training.export", tmp_path, shared_dir, kind, "--pack", str(tmp_path / "pack"))
    assert (tmp_path / "pack" / f"{kind}.onnx").stat().st_size > 100_000
    assert kind in (tmp_path / "pack" / "pack.toml").read_text(encoding="utf-8")
