"""The installer takes the lock apart correctly for a smaller torch, and knows when there is nothing to do."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", ROOT / "tools" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_small_torch_leaves_cuda_out_and_everything_else_locked(install: ModuleType) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    kept, moved = install.split(lock)
    assert [pin.split("==")[0] for pin in moved] == ["torch", "torchvision"]
    names = [line.split("==")[0] for line in kept.splitlines() if line and not line.startswith(" ")]
    gone = {line.split("==")[0] for line in lock.splitlines() if line and not line.startswith(" ")} - set(names)
    assert {"torch", "torchvision", "triton"} <= gone
    assert all(name in {"torch", "torchvision", "triton"} or name.startswith(("nvidia-", "cuda-")) for name in gone)
    assert kept.count("--hash=sha256:") >= len(names)


def test_another_lock_or_backend_is_another_installation(install: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1\n")
    first = install.fingerprint(lock, "")
    assert install.fingerprint(lock, "cpu") != first
    lock.write_text("a==2\n")
    assert install.fingerprint(lock, "") != first
