"""Settings: built-in values, then the library's `castoon.toml`, then the environment (`CASTOON_...`)."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from castoon.errors import InputError
from castoon.words import Words
from index.contract import Aggregation

SETTINGS_FILE = "castoon.toml"


class Settings(BaseSettings):
    """What a library's owner may choose. Every value can be given as `CASTOON_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="CASTOON_", extra="forbid", frozen=True)

    pack: str = "default"
    """Model pack: a bundled or pulled name, a folder that insightface can open, or `default` (the best there is)."""
    models: Path | None = None
    """Folder of pulled packs and stylizer checkpoints; the user's data folder when not given."""
    spaces: dict[str, float] = Field(default_factory=lambda: {"arcface:photo": 1.0})
    """Spaces to build and search, `<encoder>:<rendering>`, each with its weight in the ranking. When not set, a
    pack that was tuned says which; a stylized space is in only where it was measured to help."""
    fusion: Literal["tuned", "cosine", "reciprocal"] = "tuned"
    """How spaces become one score: as tuned, by a weighted mean of cosines, or by reciprocal ranks."""
    aggregation: Aggregation = "centroid"
    """How an actor's score in a space follows from its photos."""
    database: str = ""
    """SQLAlchemy URL of the catalog; a SQLite file in the library when empty."""
    threads: int = Field(default=2, ge=1, le=256)
    """Photos that an import or a rebuild works on side by side; threads of each model that answers a question."""
    mirror: bool = False
    """Average each vector with that of the mirrored face."""
    hide: bool = True
    """Look at every face again without eyes and brows, and without nose and mouth: better, at three times the cost."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where torch models run."""
    keep_versions: int = Field(default=3, ge=1)
    """Index versions kept for rollback."""
    index_backend: Literal["auto", "flat", "hnsw", "ivfpq"] = "auto"
    """How vectors are searched; `auto` chooses by number and memory, and proves its recall before it publishes."""
    index_exact_up_to: int = Field(default=1_000_000, ge=0)
    """Vectors up to which `auto` searches exactly."""
    index_memory_mb: int = Field(default=4096, ge=1)
    """Memory that approximate search may take beside the memory-mapped vectors."""
    index_threads: int = Field(default=1, ge=1, le=256)
    """Threads of one search; on a busy machine one is fastest."""
    batch: int = Field(default=32, ge=1)
    """Faces that are embedded, and stored, at a time."""
    max_megapixels: float = Field(default=60, gt=0)
    """Pictures larger than this are refused."""
    viewers: list[str] = Field(default_factory=list)
    """Who may look, where people sign in: e-mail addresses or patterns such as `*@studio.example`; empty lets in
    everybody whom the identity provider lets in."""
    editors: list[str] = Field(default_factory=list)
    """Who may change things, in the same form; empty means everybody who may look."""
    mirror_url: str = ""
    """Base address that `models pull` asks instead of the packs' own sources."""

    @property
    def models_folder(self) -> Path:
        """Where pulled packs and stylizer checkpoints lie."""
        data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
        return (self.models or Path(data) / "castoon" / "models").expanduser()

    @field_validator("spaces")
    @classmethod
    def _spaces_are_named(cls, spaces: dict[str, float]) -> dict[str, float]:
        for name, weight in spaces.items():
            encoder, _, rendering = name.partition(":")
            if not encoder or not rendering:
                raise ValueError(f"space `{name}` is not of the form <encoder>:<rendering>, such as arcface:photo")
            if weight < 0:
                raise ValueError(f"the weight of space `{name}` is negative")
        if not any(spaces.values()):
            raise ValueError("at least one space needs a weight above zero")
        return spaces


def load_settings(library: Path | None = None, **overrides: Any) -> Settings:
    """Settings of a library; `overrides` win over everything."""
    from_file: dict[str, Any] = {}
    path = library / SETTINGS_FILE if library else None
    if path and path.is_file():
        try:
            from_file = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(
                str(path), Words("it is not valid TOML ({why}).", why=error), "Correct or delete the file."
            ) from error
    try:
        environment = Settings().model_dump(exclude_unset=True)
        return Settings(**{**from_file, **environment, **overrides})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        where = str(path) if path and name.split(".")[0] in from_file else f"CASTOON_{name.upper()}"
        known = ", ".join(Settings.model_fields)
        raise InputError(
            Words("setting {name} ({where})", name=name, where=where),
            Words("{message}.", message=first["msg"]),
            Words("Settings are: {known}.", known=known),
        ) from error
