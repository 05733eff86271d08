"""What every test may use: the shared research data, when it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder of research data, weights and golden vectors; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("CASTOON_SHARED", ROOT.parent / "shared")).resolve()
    if not (folder / "README.md").is_file():
        pytest.skip(f"no research data at {folder}; set CASTOON_SHARED to run this test")
    return folder
