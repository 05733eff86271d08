"""Where training reads and writes: research data from outside the repository, caches and checkpoints in `var/`."""

from __future__ import annotations

import os
from pathlib import Path

from castoon.errors import NotReadyError

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "embeddings" / "packs" / "lite"
CONFIGS = Path(__file__).resolve().parent / "configs"
CARDS = Path(__file__).resolve().parent / "cards"


def shared_dir() -> Path:
    """Folder of research data and teacher weights: `CASTOON_SHARED`, or `../shared` beside the repository."""
    folder = Path(os.environ.get("CASTOON_SHARED", ROOT.parent / "shared")).resolve()
    if not (folder / "faces" / "index.csv").is_file():
        raise NotReadyError(
            "research data", f"{folder} holds no faces/index.csv.", "Set CASTOON_SHARED to the folder that does."
        )
    return folder


def small() -> bool:
    """Whether to work on a thirtieth of the data (`CASTOON_TRAINING_SMALL=1`), for trying the machinery out."""
    return os.environ.get("CASTOON_TRAINING_SMALL", "") not in ("", "0")


def var_dir(*parts: str) -> Path:
    """Folder below `var/training` (or `CASTOON_TRAINING_VAR`), made when missing."""
    base = Path(os.environ.get("CASTOON_TRAINING_VAR", ROOT / "var" / "training"))
    folder = base.joinpath(*(["small"] if small() else []), *parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
