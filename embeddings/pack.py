"""Model packs: a folder of weights that `insightface.app.FaceAnalysis` opens, with a `pack.toml` that describes it.

A folder without `pack.toml` works too (any insightface pack); its files are then recognised by their shapes, as
insightface does it. The name `fake` gives a pack of deterministic stand-ins that needs no weights at all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from castoon.errors import NotReadyError
from castoon.words import Words

BUNDLED = Path(__file__).parent / "packs"
PACK_FILE = "pack.toml"
FAKE = "fake"
_INSIGHTFACE = ("InsightFace model licence: non-commercial research only", False)
_KNOWN_LICENCES: dict[str, tuple[str, bool | None]] = {"buffalo": _INSIGHTFACE, "antelopev2": _INSIGHTFACE}
"""Licences of published packs that come without a description, by the first part of the folder's name."""


@dataclass(frozen=True)
class PackFile:
    """One file of a pack."""

    path: str
    """Relative to the pack's folder, with forward slashes."""
    role: str
    """detection, detection2, points, arcface, arcface2.., arcface_drawn (`embeddings.manner`), arcface2_drawn..,
    arcface_earlier (`embeddings.earlier`), arcface2_earlier.., clip, clip_config, stylizer, tuning, card."""
    sha256: str = ""
    """Hex digest; empty when nobody vouched for one yet."""
    bytes: int = 0
    """Size; 0 when unknown."""
    url: str = ""
    """Where a pull gets it from; empty for bundled files."""
    member: str = ""
    """Name inside the ZIP archive that `url` leads to; empty when `url` is the file itself."""
    first_use: bool = False
    """The hash was taken from the first download, because the publisher states none."""


@dataclass(frozen=True)
class Pack:
    """A set of models that belong together, and what is known of it."""

    name: str
    folder: Path
    licence: str = "unknown"
    commercial_use: bool | None = None
    """None when nobody knows."""
    source: str = ""
    fake: bool = False
    measured: Mapping[str, float] = field(default_factory=dict)
    """What the pack was measured at when it was made: name of the figure -> figure."""
    title: str = ""
    version: str = ""
    files: tuple[PackFile, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Tables of `pack.toml` that say how a role's files are fed: `arcface` -> mean, std, colour, size."""

    def file(self, role: str) -> Path | None:
        """The first file that plays `role`, or None."""
        return next((self.folder / one.path for one in self.files if one.role == role), None)

    def roles(self, prefix: str) -> tuple[str, ...]:
        """Roles that are `prefix` or `prefix` with a number, in order: arcface, arcface2, arcface3."""
        names = {one.role for one in self.files if one.role == prefix or one.role.removeprefix(prefix).isdigit()}
        return tuple(sorted(names, key=lambda name: (len(name), name)))


def read_pack(folder: Path) -> Pack:
    """The pack described by `folder/pack.toml`, or a bare description of a folder of ONNX files."""
    described = folder / PACK_FILE
    if not described.is_file():
        if not any(folder.glob("*.onnx")):
            raise NotReadyError(
                str(folder),
                "the folder has neither a pack.toml nor ONNX files.",
                "Name the folder of an insightface pack, or run `castoon models pull research`.",
            )
        licence, commercial = _KNOWN_LICENCES.get(folder.name.split("_")[0].lower(), ("unknown", None))
        title = f"insightface pack {folder.name}"
        return Pack(folder.name, folder.resolve(), licence, commercial, title=title, source=str(folder))
    try:
        table = tomllib.loads(described.read_text(encoding="utf-8"))
        files = tuple(_file(entry) for entry in table.get("files", []))
        commercial = table.get("commercial_use")
        return Pack(
            name=str(table["name"]),
            folder=folder.resolve(),
            licence=str(table.get("licence", "unknown")),
            commercial_use=commercial if isinstance(commercial, bool) else None,
            source=str(table.get("source", "")),
            measured={str(key): float(value) for key, value in table.get("measured", {}).items()},
            title=str(table.get("title", table["name"])),
            version=str(table.get("version", "")),
            files=files,
            settings={key: value for key, value in table.items() if isinstance(value, dict) and key != "measured"},
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise NotReadyError(
            str(described),
            Words("the description cannot be read ({why}).", why=error),
            "Pull the pack again, or mend the file.",
        ) from error


def open_pack(name_or_folder: str | Path, models: Path | None = None) -> Pack:
    """The pack of that name (pulled into `models`, or bundled), or the pack in that folder.

    `fake` needs no files. Nothing is loaded or hashed here; `embeddings.models.verify` does that.
    """
    text = str(name_or_folder).strip()
    if text == FAKE:
        return Pack(FAKE, BUNDLED / FAKE, "none needed", True, "made up for tests", True, title="Stand-ins for tests")
    is_name = isinstance(name_or_folder, str) and "/" not in text and "\\" not in text
    places = [Path(text)]
    if is_name:
        places = [*([models / text] if models else []), BUNDLED / text, Path(text)]
    for place in places:
        described = place / PACK_FILE
        if described.is_file() and is_name and place == BUNDLED / text and _is_only_described(place):
            continue
        if described.is_file() or (place.is_dir() and any(place.glob("*.onnx"))):
            return read_pack(place)
    if places[0].is_dir() and not is_name:
        return read_pack(places[0])
    raise NotReadyError(
        Words("model pack {text}", text=text),
        "it is not installed." if is_name else "there is no such folder.",
        Words("Run `castoon models pull {text}`, or name the folder of an insightface pack.", text=text)
        if is_name
        else "Check the path; `castoon models list` shows the packs that are installed.",
    )


def _is_only_described(folder: Path) -> bool:
    """Whether a bundled folder merely says where a pack is to be pulled from."""
    pack = read_pack(folder)
    return bool(pack.files) and not any((folder / one.path).exists() for one in pack.files)


def _file(entry: Mapping[str, Any]) -> PackFile:
    path = str(entry["path"])
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise ValueError(f"file {path!r} leads out of the pack")
    return PackFile(
        path=path,
        role=str(entry["role"]),
        sha256=str(entry.get("sha256", "")).lower(),
        bytes=int(entry.get("bytes", 0)),
        url=str(entry.get("url", "")),
        member=str(entry.get("member", "")),
        first_use=bool(entry.get("first_use", False)),
    )
