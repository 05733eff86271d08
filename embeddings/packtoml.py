"""Writing `pack.toml`: the few kinds of values a pack needs, in an order that people can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from castoon.files import write_atomic
from embeddings.pack import PACK_FILE, Pack


def write_pack(pack: Pack, folder: Path) -> Path:
    """Write the description of `pack` into `folder` in one step; returns the file."""
    target = folder / PACK_FILE
    write_atomic(target, to_toml(pack).encode())
    return target


def to_toml(pack: Pack) -> str:
    """The text of `pack.toml`; reading it again gives an equal pack."""
    head: dict[str, Any] = {"name": pack.name, "title": pack.title, "version": pack.version, "licence": pack.licence}
    if pack.commercial_use is not None:
        head["commercial_use"] = pack.commercial_use
    lines = [*_pairs({**head, "source": pack.source}), ""]
    for one in pack.files:
        entry: dict[str, Any] = {"path": one.path, "role": one.role}
        optional = {
            "sha256": one.sha256,
            "bytes": one.bytes,
            "url": one.url,
            "member": one.member,
            "first_use": one.first_use,
        }
        lines += ["[[files]]", *_pairs({**entry, **{key: value for key, value in optional.items() if value}}), ""]
    for name, table in pack.settings.items():
        lines += [f"[{_key(name)}]", *_pairs(table), ""]
    if pack.measured:
        lines += ["[measured]", *_pairs(pack.measured), ""]
    return "\n".join(lines)


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(name: str) -> str:
    return name if name and all(c.isascii() and (c.isalnum() or c in "_-") for c in name) else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    raise TypeError(f"pack.toml cannot hold {type(value).__name__}")
