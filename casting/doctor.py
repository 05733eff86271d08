"""What works here, and what to do next: the first thing to run when something does not."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select

from casting.catalog import Actor, Photo
from casting.engine import Engine
from casting.library import Library
from casting.settings import Settings, load_settings
from casting.spaces import Space
from castoon import __version__
from castoon.errors import CastoonError

State = Literal["ok", "note", "problem"]
PACKAGES = (
    "streamlit", "torch", "torchvision", "insightface", "open_clip_torch", "faiss-cpu", "onnxruntime", "pandas",
    "SQLAlchemy", "numpy", "pillow",
)  # fmt: skip
ROOMY_GB = 2.0


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    state: State
    found: str
    next_step: str = ""


def examine(folder: Path | None, deep: bool = True) -> list[Check]:
    """Look at versions, disk, accelerator, model pack and library; never raises."""
    checks = [_python(), *_packages(), _disk(folder or Path.cwd())]
    try:
        settings = load_settings(folder)
    except CastoonError as error:
        return [*checks, Check("settings", "problem", error.reason, error.next_step)]
    checks += [_accelerator() if deep else Check("accelerator", "note", "not asked"), _pack(settings)]
    return checks if folder is None else [*checks, *_library(folder)]


def as_dicts(checks: list[Check]) -> list[dict[str, str]]:
    """For `--json`."""
    return [asdict(check) for check in checks]


def _python() -> Check:
    found = f"Castoon {__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    old = sys.version_info < (3, 11)
    return Check("python", "problem" if old else "ok", found, "Use Python 3.11 or newer." if old else "")


def _packages() -> list[Check]:
    checks = []
    for name in PACKAGES:
        try:
            checks.append(Check(name, "ok", importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            checks.append(Check(name, "problem", "not installed", "Run `make install`."))
    return checks


def _disk(folder: Path) -> Check:
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free / 1e9
    short = free < ROOMY_GB
    return Check("disk", "problem" if short else "ok", f"{free:.1f} GB free", "Free some space." if short else "")


def _accelerator() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("accelerator", "ok", torch.cuda.get_device_name())
    return Check("accelerator", "note", "none; everything runs on the CPU")


def _pack(settings: Settings) -> Check:
    try:
        pack = Engine(settings).pack
    except CastoonError as error:
        return Check("model pack", "problem", f"{error.thing}: {error.reason}", error.next_step)
    if pack.fake:
        step = "Rankings mean nothing with them. Choose a pack: `castoon models list`, then CASTOON_PACK=NAME."
        return Check("model pack", "note", "stand-ins without weights", step)
    limits = {True: "commercial use allowed", False: "no commercial use", None: "commercial use unknown"}
    return Check("model pack", "ok", f"{pack.name} ({pack.licence}; {limits[pack.commercial_use]})")


def _library(folder: Path) -> list[Check]:
    try:
        library = Library.open(folder)
    except CastoonError as error:
        return [Check("library", "problem", error.reason, error.next_step)]
    with library.database.session() as session:
        actors = session.scalar(select(func.count()).select_from(Actor)) or 0
        photos = session.scalar(select(func.count()).select_from(Photo)) or 0
        failed = session.scalar(select(func.count()).where(Photo.failure.is_not(None))) or 0
    checks = [Check("library", "ok" if actors else "note", f"{actors} actors, {photos} photos",
                    "" if actors else "Import a cast: `castoon import SOURCE --library DIR`.")]  # fmt: skip
    if failed:
        checks.append(Check("failed photos", "note", f"{failed} could not be embedded", "Run `castoon rebuild`."))
    return [*checks, _index(library)]


def _index(library: Library) -> Check:
    try:
        manifest = library.index.verify()
        engine = Engine(library.settings)
        stale = [space.name for space in manifest.spaces if engine.contract(Space.parse(space.name)) != space.contract]
    except CastoonError as error:
        return Check("index", "problem", f"{error.thing}: {error.reason}", error.next_step)
    if stale:
        return Check("index", "problem", f"made by other models in {', '.join(stale)}", "Run `castoon rebuild`.")
    behind = library.database.revision() - manifest.catalog_revision
    found = f"{manifest.version}: " + ", ".join(f"{s.name} {s.vectors} vectors" for s in manifest.spaces)
    if behind:
        return Check("index", "note", f"{found}; the catalog has changed since", "Run `castoon rebuild`.")
    return Check("index", "ok", found)
