"""Each model can be trained again from its command: a minute on a thirtieth of the data, then resumed and exported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from training.export import CLIP_FILE, WEBTOON_FILE
from training.paths import CONFIGS, ROOT

FILES = {"webtoon": WEBTOON_FILE, "clip": CLIP_FILE}


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


def _teacher_at_hand(kind: str, folder: Path) -> list[str]:
    """The webtoon stylizer learns from our own `cel` here: White-box needs seconds a picture and the extra `train`."""
    if kind != "webtoon":
        return []
    config = folder / "webtoon.toml"
    text = (CONFIGS / "webtoon.toml").read_text(encoding="utf-8")
    config.write_text(text.replace('"whitebox"', '"cel"'), encoding="utf-8")
    return ["--config", str(config)]


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("kind", ["face", "detector", "points", "webtoon", "clip"])
def test_a_minute_of_training_learns_and_resumes(kind: str, tmp_path: Path, shared_dir: Path) -> None:
    options = ("--device", "cpu", *_teacher_at_hand(kind, tmp_path))
    _run(f"training.{kind}", tmp_path, shared_dir, "--minutes", "1", *options)
    first = _log(tmp_path, kind)
    assert first[-1]["seen"] > 200
    best = tmp_path / "small" / kind / kind / "best.pt"
    assert best.is_file()
    again = _run(f"training.{kind}", tmp_path, shared_dir, "--minutes", "1.2", *options)
    assert "best checkpoint" in again
    assert _log(tmp_path, kind)[-1]["seen"] >= first[-1]["seen"]
    _run("training.export", tmp_path, shared_dir, kind, "--pack", str(tmp_path / "pack"))
    assert (tmp_path / "pack" / FILES.get(kind, f"{kind}.onnx")).stat().st_size > 100_000
    assert kind in (tmp_path / "pack" / "pack.toml").read_text(encoding="utf-8")
