"""Cards and `pack.toml` of the lite pack: files with their hashes, and the figures that the evaluations measured."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from training.paths import CARDS, PACK

ROLES = {
    "detector.onnx": "detection",
    "points.onnx": "points",
    "face.onnx": "arcface",
    "face-drawn.npz": "arcface_drawn",
    "face-earlier.npz": "arcface_earlier",
    "stylizers/student/webtoon.onnx": "stylizer",
    "stylizers/student/webtoon.toml": "stylizer",
    "clip/open_clip_model.safetensors": "clip",
    "clip/open_clip_config.json": "clip_config",
    "tuning.npz": "tuning",
    "face.md": "card",
    "detector.md": "card",
    "points.md": "card",
    "webtoon.md": "card",
    "clip.md": "card",
}
FIRST_WORDS = {"detector": "detector:", "points": "points:", "webtoon": "webtoon:", "clip": "clip:"}
"""How the figures of a model's card begin; those of no other model are the face encoder's."""
SURE = 0.97
"""Confidence of the second look at which the finder looks no further, a logit of 5.5. Of 8,868 candidates that are no
faces, on training people's pictures and 600 without a face, 10 have more; 19 of 20 validation drawings have 10. A few
hard drawings have less: several looks must see them."""
CLIP_CROP = 1.4
"""Side of the square that CLIP sees, in longer sides of the face's box; as wide as the training crops allow."""
HEAD = """# Written by `python -m training.export`; figures by the evaluations named in the cards.
name = "lite"
title = "Castoon lite: small models trained for this project"
version = "1"
licence = "research use only"
commercial_use = false
source = "trained by us from public research data (CelebA, FairFace, UTKFace, SCUT-FBP5500, a caricature set) with published networks as teachers; research use only, as the data ask"
"""  # noqa: E501 - one TOML line


def _kept(pack: Path, name: str) -> Path:
    return CARDS / name if pack == PACK else pack / name


def measured_file(pack: Path) -> Path:
    """Where evaluations keep their figures between exports."""
    return _kept(pack, "measured.json")


def facts_file(pack: Path) -> Path:
    """Where exports keep what a card says of its model."""
    return _kept(pack, "facts.json")


def record(pack: Path, figures: dict[str, float]) -> None:
    """Keep figures (name -> value) of an evaluation and write them into `pack.toml`."""
    path = measured_file(pack)
    known: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known.update(figures)
    path.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
    write_pack(pack)


def write_card(pack: Path, model: str, facts: dict[str, str]) -> None:
    """Keep facts of a model (parameters, pictures seen ...) for its card and write the pack's description anew."""
    path = facts_file(pack)
    known: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known[model] = facts
    path.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")
    write_pack(pack)


def _cards(pack: Path, figures: dict[str, float]) -> None:
    path = facts_file(pack)
    facts: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for model, known in facts.items():
        mine = {name: value for name, value in figures.items() if _belongs(name, model)}
        rows = "\n".join(f"| {name} | {value:.4f} |" for name, value in mine.items())
        text = (CARDS / f"{model}.md").read_text(encoding="utf-8")
        table = f"| figure | value |\n|---|---|\n{rows}" if rows else "Not measured yet."
        (pack / f"{model}.md").write_text(text.format(**known, figures=table), encoding="utf-8")


def _belongs(figure: str, model: str) -> bool:
    if model in FIRST_WORDS:
        return figure.startswith(FIRST_WORDS[model])
    return not figure.startswith(tuple(FIRST_WORDS.values()))


def write_pack(pack: Path) -> None:
    """Write the cards and `pack.toml` for the files that are there."""
    path = measured_file(pack)
    figures: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    _cards(pack, figures)
    parts = [HEAD]
    for name, role in ROLES.items():
        path = pack / name
        if path.is_file():
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            parts.append(f'[[files]]\npath = "{name}"\nsha256 = "{digest}"\nbytes = {len(data)}\nrole = "{role}"\n')
    parts.append('[arcface]\nmean = 127.5\nstd = 127.5\ncolour = "rgb"\nsize = 112\n')
    if (pack / "points.onnx").is_file():
        parts.append(f"[detection]\nphoto = {SURE}\nsure = {SURE}\n")
    if (pack / "clip").is_dir():
        parts.append(f"[clip]\ncrop = {CLIP_CROP}\n")
    if figures:
        rows = "\n".join(f"{json.dumps(name)} = {float(value):.4f}" for name, value in figures.items())
        parts.append(f"[measured]\n{rows}\n")
    (pack / "pack.toml").write_text("\n".join(parts), encoding="utf-8")
