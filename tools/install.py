"""Install Castoon into `.venv` from its lock files; run by `make`, needs nothing but Python 3.11.

    python3 tools/install.py [--dev]

`uv` is bootstrapped into the environment with pip, then makes it equal to the lock, hashes checked. With TORCH_BACKEND
set (such as `cpu`), torch and torchvision come from uv's index for that backend, at the locked versions, and the CUDA
packages of the lock are left out; all else stays locked.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
BACKEND_PACKAGES = ("torch", "torchvision")
CUDA_ONLY = re.compile(r"(nvidia-|cuda-|triton)")


def main() -> None:
    """Make the environment equal to the lock, unless it is already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="development tools too")
    dev = parser.parse_args().dev
    if sys.version_info < (3, 11):  # noqa: UP036 - this is what tells people with an older Python
        fail(
            f"Python {sys.version.split()[0]} is too old. Install Python 3.11 or newer, then PYTHON=python3.11 make ..."
        )
    backend = os.environ.get("TORCH_BACKEND", "")
    wanted = {name: fingerprint(ROOT / f"{name}.lock", backend) for name in ("requirements", "requirements-dev")}
    here = STAMP.read_text().split() if STAMP.is_file() and PYTHON.is_file() else []
    if wanted["requirements-dev"] in here or (not dev and wanted["requirements"] in here):
        return
    lock = "requirements-dev" if dev else "requirements"
    print("Installing Castoon into .venv (a few minutes and 1 to 7 GB the first time) ...", flush=True)
    create()
    STAMP.unlink(missing_ok=True)
    run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r",
        ROOT / "requirements-uv.lock")  # fmt: skip
    sync(ROOT / f"{lock}.lock", backend)
    uv("install", "-q", "--no-deps", "--no-build-isolation", "-e", ROOT)
    STAMP.write_text(wanted[lock])


def create() -> None:
    """Make the virtual environment, or say what the system lacks."""
    if PYTHON.is_file():
        return
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        fail(f"{made.stdout}{made.stderr}\nPython's venv module is missing. Run: sudo apt-get install python3-venv")


def sync(lock: Path, backend: str) -> None:
    """Make the environment equal to the lock."""
    if not backend:
        uv("sync", "-q", "--require-hashes", lock)
        return
    kept, moved = split(lock.read_text())
    with tempfile.TemporaryDirectory() as folder:
        rest = Path(folder) / lock.name
        rest.write_text(kept)
        uv("sync", "-q", "--require-hashes", rest)
    uv("install", "-q", "--no-deps", "--torch-backend", backend, *moved)


def split(lock: str) -> tuple[str, list[str]]:
    """The lock without torch and its CUDA packages, and the pins of torch and torchvision."""
    entries = re.split(r"\n(?=\S)", lock)
    names = [re.split(r"[=<>~! ;\[]", entry, maxsplit=1)[0].lower() for entry in entries]
    moved = [entry.split()[0] for entry, name in zip(entries, names, strict=True) if name in BACKEND_PACKAGES]
    kept = [
        entry for entry, name in zip(entries, names, strict=True)
        if name not in BACKEND_PACKAGES and not CUDA_ONLY.match(name)
    ]  # fmt: skip
    return "\n".join(kept), moved


def fingerprint(lock: Path, backend: str) -> str:
    """What identifies an installation from this lock."""
    return hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + backend.encode()).hexdigest()


def uv(*words: object) -> None:
    """Run `uv pip` on the environment."""
    run(PYTHON, "-m", "uv", "pip", words[0], "--python", PYTHON, *words[1:])


def run(*command: object) -> None:
    """Run a command; its failure ends this program with its words on screen."""
    ended = subprocess.run([str(word) for word in command], cwd=ROOT, check=False)
    if ended.returncode:
        fail("The installation did not finish; the lines above say why. Without a network, packages cannot be fetched.")


def fail(words: str) -> None:
    """Say what is wrong and end."""
    sys.exit(words)


if __name__ == "__main__":
    main()
