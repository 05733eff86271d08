"""The packs on this machine: list, verify, pull. Behind `castoon models list | verify | pull | path`."""

from __future__ import annotations

import dataclasses
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from castoon.errors import InputError, NotReadyError
from castoon.files import atomic_writer, sha256_file, sync_folder
from castoon.words import Words
from embeddings.download import Patience, Progress, fetch, mirrored
from embeddings.pack import BUNDLED, PACK_FILE, Pack, PackFile, open_pack, read_pack
from embeddings.packtoml import write_pack

State = Literal["bundled", "installed", "begun", "available"]
"""`begun`: a pull was interrupted; pulling again goes on. `available`: can be pulled."""

_MAX_MEMBER = 4 << 30


@dataclass(frozen=True)
class PackStatus:
    """One line of `castoon models list`."""

    pack: Pack
    state: State
    bytes: int
    """On disk, or to be downloaded as far as that is known."""


@dataclass(frozen=True)
class Damage:
    """One file of a pack that is not what `pack.toml` says."""

    path: str
    reason: str


def list_packs(models: Path | None = None) -> list[PackStatus]:
    """Bundled packs, packs in `models`, and packs that can be pulled there, by name."""
    found: dict[str, PackStatus] = {}
    for folder in _pack_folders(BUNDLED):
        pack = read_pack(folder)
        is_here = all((folder / one.path).is_file() for one in pack.files)
        state: State = "bundled" if is_here else "available"
        if not is_here and models is not None and _staging(models, pack.name).is_dir():
            state = "begun"
        found[pack.name] = PackStatus(pack, state, _bytes(pack) if is_here else sum(one.bytes for one in pack.files))
    for folder in _pack_folders(models) if models is not None else []:
        pack = read_pack(folder)
        found[folder.name] = PackStatus(pack, "installed", _bytes(pack))
    return [found[name] for name in sorted(found)]


def verify(pack: Pack) -> list[Damage]:
    """Read every file of a pack and compare size and SHA-256; empty when all is well.

    A pack without `pack.toml` states nothing that could be compared: its models are opened instead.
    """
    if pack.fake:
        return []
    if not pack.files:
        from embeddings.runtime import open_analysis

        open_analysis(pack.folder, ("detection", "recognition"))
        return []
    return [damage for one in pack.files if (damage := _judge(pack.folder / one.path, one))]


def require_sound(pack: Pack) -> None:
    """Raise `NotReadyError` that names the first damaged file, if any is."""
    if bad := verify(pack):
        raise NotReadyError(
            Words("model pack {pack}", pack=pack.name),
            Words(
                "{count} of {all} files are damaged ({path}: {reason}).",
                count=len(bad),
                all=len(pack.files),
                path=bad[0].path,
                reason=bad[0].reason,
            ),
            mending(pack),
        )


def mending(pack: Pack) -> str:
    """What to do about damaged files: some packs can be pulled, those that ship with Castoon cannot."""
    if all(one.url for one in pack.files if not one.role.endswith("_earlier")):
        return Words("Run `castoon models pull {pack}`.", pack=pack.name)
    return "Restore the file from the repository (`git checkout`), or reinstall castoon: it cannot be pulled."


def pull(
    name: str,
    models: Path,
    *,
    mirror: str = "",
    progress: Callable[[Progress], None] | None = None,
    patience: Patience | None = None,
    definition: Pack | None = None,
) -> Pack:
    """Download the pack `name` into `models/<name>`, or mend what is damaged there; returns the installed pack.

    Files gather in a hidden folder beside it, which becomes the pack in one rename when every file is whole, so that a
    half-pulled pack is never opened. An interrupted pull goes on where it stopped. A hash that the publisher does not
    state is taken from the first download and holds from then on. `definition` stands in for the bundled one.
    """
    wanted = definition or _definition(name)
    home, staging = models / name, _staging(models, name)
    known = read_pack(home) if (home / PACK_FILE).is_file() else None
    files = [_with_first_use(one, known) for one in wanted.files]
    missing = [one for one in files if known is None or _judge(home / one.path, one)]
    if not missing and known is not None:
        return known
    try:
        models.mkdir(parents=True, exist_ok=True)
        staging.mkdir(exist_ok=True)
        for one in missing:
            if _judge(staging / one.path, one) or not one.sha256:
                _get(one, staging, mirror, progress, patience)
        got = {one.path: _vouched(one, staging) for one in missing}
        pulled = dataclasses.replace(wanted, folder=home.resolve(), files=tuple(got.get(f.path, f) for f in files))
        _install(pulled, staging, home)
    except OSError as error:
        raise NotReadyError(
            str(models),
            Words("the pack cannot be written there ({why}).", why=error.strerror),
            "Make room or choose another folder.",
        ) from error
    return open_pack(home)


def _definition(name: str) -> Pack:
    if not (BUNDLED / name / PACK_FILE).is_file() or "/" in name or "\\" in name:
        known = ", ".join(folder.name for folder in _pack_folders(BUNDLED))
        raise InputError(
            Words("model pack {name}", name=name),
            "nobody knows where to get it.",
            Words("Known are: {known}.", known=known),
        )
    pack = read_pack(BUNDLED / name)
    if any(not one.url for one in pack.files):
        raise InputError(
            Words("model pack {name}", name=name),
            "it is bundled and cannot be pulled.",
            "Reinstall castoon to mend it.",
        )
    return pack


def _with_first_use(one: PackFile, known: Pack | None) -> PackFile:
    """What an earlier pull learned about a file whose hash the definition does not state."""
    if one.sha256 or known is None:
        return one
    before = next((old for old in known.files if old.path == one.path and old.url == one.url), None)
    return before if before is not None and before.sha256 else one


def _vouched(one: PackFile, staging: Path) -> PackFile:
    if one.sha256:
        return one
    path = staging / one.path
    return dataclasses.replace(one, sha256=sha256_file(path), bytes=path.stat().st_size, first_use=True)


def _get(
    one: PackFile,
    staging: Path,
    mirror: str,
    progress: Callable[[Progress], None] | None,
    patience: Patience | None,
) -> None:
    url = mirrored(one.url, mirror)
    target = staging / one.path
    if not one.member:
        if not target.is_file():
            fetch(url, target, sha256=one.sha256, size=one.bytes, progress=progress, patience=patience)
        return
    archive = staging / ".archives" / one.url.rsplit("/", 1)[-1]
    if not archive.is_file():
        fetch(url, archive, progress=progress, patience=patience)
    try:
        _extract(archive, one, target)
    except NotReadyError:
        archive.unlink()
        raise


def _extract(archive: Path, one: PackFile, target: Path) -> None:
    """Take one member out of a ZIP, no larger than stated, and check it before it gets its name."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            entry = next((info for info in zipped.infolist() if info.filename.rsplit("/", 1)[-1] == one.member), None)
            if entry is None:
                raise _damaged_archive(one, f"it has no {one.member}")
            if entry.file_size > (one.bytes or _MAX_MEMBER):
                raise _damaged_archive(one, f"{one.member} claims {entry.file_size} bytes")
            with zipped.open(entry) as source, atomic_writer(target) as handle:
                while block := source.read(1 << 20):
                    handle.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged_archive(one, str(error)) from error
    if damage := _judge(target, one):
        target.unlink()
        raise _damaged_archive(one, f"{one.member}: {damage.reason}")


def _damaged_archive(one: PackFile, reason: str) -> NotReadyError:
    return NotReadyError(
        one.url,
        Words("the archive is not what was expected ({reason}).", reason=reason),
        "Pull again, or try a mirror.",
    )


def _judge(path: Path, one: PackFile) -> Damage | None:
    if not path.is_file():
        return Damage(one.path, "missing")
    if one.bytes and path.stat().st_size != one.bytes:
        return Damage(one.path, f"{path.stat().st_size} bytes instead of {one.bytes}")
    if one.sha256 and (found := sha256_file(path)) != one.sha256:
        return Damage(one.path, f"SHA-256 {found[:16]}... instead of {one.sha256[:16]}...")
    return None


def _install(pack: Pack, staging: Path, home: Path) -> None:
    """Make the staged files the pack: in one rename where there was none, file by file where some were mended."""
    for archive in (staging / ".archives").glob("*"):
        archive.unlink()
    if (staging / ".archives").is_dir():
        (staging / ".archives").rmdir()
    if not home.exists():
        write_pack(pack, staging)
        staging.rename(home)
        sync_folder(home.parent)
        return
    for one in pack.files:
        if (staging / one.path).is_file():
            (home / one.path).parent.mkdir(parents=True, exist_ok=True)
            (staging / one.path).replace(home / one.path)
    write_pack(pack, home)
    for folder in sorted((path for path in staging.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()
    staging.rmdir()


def _staging(models: Path, name: str) -> Path:
    return models / f".{name}.pulling"


def _pack_folders(parent: Path) -> Sequence[Path]:
    if not parent.is_dir():
        return []
    return sorted(f for f in parent.iterdir() if not f.name.startswith(".") and (f / PACK_FILE).is_file())


def _bytes(pack: Pack) -> int:
    return sum(path.stat().st_size for one in pack.files if (path := pack.folder / one.path).is_file())
