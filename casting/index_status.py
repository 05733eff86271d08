"""The index as people look after it: versions, what each holds, and whether it fits the models in use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from casting.engine import Engine
from casting.library import Library
from casting.spaces import Space
from castoon.errors import CastoonError, NotReadyError
from index import Manifest


@dataclass(frozen=True)
class SpaceStatus:
    """One space of a version."""

    name: str
    vectors: int
    owners: int
    dim: int
    contract: str
    """Of the models that made the vectors."""
    fits: bool | None
    """Whether the models in use have that contract; None where they do not know the space at all."""
    weight: float
    """In rankings, by the settings."""


@dataclass(frozen=True)
class VersionStatus:
    """One version as its manifest says, or why that cannot be read."""

    version: str
    live: bool
    created: datetime | None
    made_by: str
    bytes: int
    spaces: tuple[SpaceStatus, ...]
    problem: str = ""

    @property
    def vectors(self) -> int:
        """Of all spaces."""
        return sum(space.vectors for space in self.spaces)

    @property
    def actors(self) -> int:
        """In the space that knows most."""
        return max((space.owners for space in self.spaces), default=0)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        created = None if self.created is None else f"{self.created.isoformat()}Z"
        return {**asdict(self), "created": created, "vectors": self.vectors, "actors": self.actors}


def versions(library: Library, engine: Engine | None = None) -> list[VersionStatus]:
    """Versions kept, newest first; with an engine, whether their vectors fit the models in use."""
    live = library.index.live
    names = sorted({*library.index.names(), *([live] if live else [])}, reverse=True)
    current: dict[str, str | None] = {}
    return [_status(library, name, name == live, engine, current) for name in names]


def verify(library: Library, version: str | None = None) -> int:
    """Read every file of a version again and compare it with its checksum; answers how many files there are."""
    return len(library.index.verify(version).files)


def roll_back(library: Library) -> str:
    """Make the version before the live one live again; answers its name."""
    with library.writing("castoon index rollback"):
        return library.index.roll_back()


def switch(library: Library, version: str) -> None:
    """Make any kept version live, once it has been verified."""
    with library.writing("castoon index switch"):
        library.index.verify(version)
        library.index.switch(version)


def _status(
    library: Library, name: str, live: bool, engine: Engine | None, current: dict[str, str | None]
) -> VersionStatus:
    try:
        manifest = Manifest.read(library.index.path(name))
    except NotReadyError as error:
        return VersionStatus(name, live, None, "", 0, (), error.reason)
    weights = library.settings.spaces if engine is None else engine.spaces
    spaces = tuple(
        SpaceStatus(
            one.name, one.vectors, one.owners, one.dim, one.contract,
            None if engine is None else _fits(engine, one.name, one.contract, current), weights.get(one.name, 0.0),
        )
        for one in sorted(manifest.spaces, key=lambda one: (-weights.get(one.name, 0.0), one.name))
    )  # fmt: skip
    size = sum(size for _, size in manifest.files.values())
    return VersionStatus(name, live, _moment(manifest.created), manifest.made_by, size, spaces)


def _fits(engine: Engine, space: str, contract: str, current: dict[str, str | None]) -> bool | None:
    if space not in current:
        try:
            current[space] = engine.contract(Space.parse(space))
        except CastoonError:
            current[space] = None
    known = current[space]
    return None if known is None else known == contract


def _moment(text: str) -> datetime | None:
    """UTC without a zone, as all times of the catalog are."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return None
