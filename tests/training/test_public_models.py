"""What lite is measured against: packs and styles of public networks, and the table that compares them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from casting.evaluation.ablation import AblationRow
from casting.evaluation.casts import ALL, KNOWN, CastRow
from casting.evaluation.metrics import Comparison, Metric
from casting.evaluation.report import CalibrationCheck, EvaluationReport
from embeddings import load_encoders, open_pack
from embeddings.concat import ConcatEncoder
from training.public_packs import BARE, public_pack
from training.public_styles import public_models
from training.ranking_table import markdown


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASTOON_TRAINING_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("CASTOON_TRAINING_SMALL", "1")


def test_networks_are_joined_and_the_bare_folder_stays_bare(shared_dir: Path) -> None:
    pack = open_pack(Path(public_pack("joined")))
    assert pack.roles("arcface") == ("arcface", "arcface2")
    assert {one.role for one in pack.files} >= {"detection", "detection2", "clip", "clip_config"}
    assert all((pack.folder / one.path).is_file() for one in pack.files)
    encoder = load_encoders(pack)["arcface"]
    assert isinstance(encoder, ConcatEncoder)
    assert encoder.parts[::4] == (128, 512), "what each network says of the whole face"
    assert encoder.parts[1] == encoder.parts[5] > 50, "what it sees before its last layers"
    assert encoder.parts[2:4] + encoder.parts[6:] == (128, 128, 512, 512), "and of a face with a part hidden"
    assert public_pack("joined") == str(pack.folder), "made once, then found"
    assert not (Path(public_pack(BARE)) / "pack.toml").exists()
    assert public_pack("lite") == "lite"


def test_public_styles_can_be_opened(shared_dir: Path) -> None:
    import toonify

    installed = {style.name for style in toonify.stylizers(public_models()) if style.installed}
    assert {"onnx:animegan3_tiny", "cartoongan:paprika"} <= installed


def test_the_table_says_what_was_compared_with_what() -> None:
    metric, gain = Metric(0.7, 0.6, 0.8), Comparison(Metric(0.05, 0.01, 0.09), 0.01, True)
    figures = dict.fromkeys(("R@1", "R@5", "MRR"), metric)
    rows = (
        AblationRow("photos", "space", figures, "photos", Comparison(Metric(0, 0, 0), 1.0, True)),
        AblationRow("photos + bridge", "bridge", figures, "photos", gain),
        AblationRow("photos + cel", "pair", figures, "photos", gain),
    )
    trade = ((0.0, 0.0), (0.1, 0.76), (1.0, 1.0))
    check = CalibrationCheck(0.03, 0.04, (), Metric(0.74, 0.7, 0.78), Metric(0.09, 0.05, 0.13), trade)
    casts = [CastRow(ALL, 150, count, figures, check) for count in (1, 2)] + [CastRow(KNOWN, 50, 2, figures, check)]
    report = cast(EvaluationReport, SimpleNamespace(ablation=rows, calibration=check, casts=casts))
    lines = markdown(report).splitlines()
    assert lines[2] == "| photos | 70.0 (60.0-80.0) | 70.0 (60.0-80.0) | 0.700 (0.600-0.800) |  |  |"
    assert lines[3].endswith("| photos | +5.0 (1.0 to 9.0), better |")
    assert not any("cel" in line for line in lines)
    assert "may be lost: 76.0%." in lines[-2]
    assert lines[-1].startswith("2 pictures a character: R@1 70.0")
