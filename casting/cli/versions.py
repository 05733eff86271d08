"""Commands on index versions: list, verify, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, reporting

if TYPE_CHECKING:
    from index import Manifest

app = typer.Typer(help="Index versions: list, verify, roll back.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Show the kept versions, the live one marked."""
    with reporting(as_json):
        from casting import Library
        from index import Manifest

        index = Library.open(library).index
        live = index.live
        manifests = [Manifest.read(index.path(name)) for name in index.names()]
    if as_json:
        output.print_json(
            [{"version": m.version, "live": m.version == live, "created": m.created, "made_by": m.made_by,
              "catalog_revision": m.catalog_revision, "spaces": {s.name: s.vectors for s in m.spaces},
              "search": {name: _search(m, name) for name in m.layers}, "parameters": dict(m.parameters)}
             for m in manifests]
        )  # fmt: skip
        return
    rows = []
    for one in manifests:
        held = ", ".join(f"{space.name} {space.vectors} ({_search(one, space.name)})" for space in one.spaces)
        rows.append(["*" if one.version == live else "", one.version, one.created, one.made_by, held])
    output.table("Index versions", ["live", "version", "created", "by", "vectors (search)"], rows)


def _search(manifest: Manifest, space: str) -> str:
    """How a space is searched, such as `exact` or `hnsw, recall 0.993`, and whether changes lie over it."""
    base, *changes = manifest.layers[space]
    backend = base.backend
    words = "exact" if backend.kind == "flat" else f"{backend.kind}, recall {backend.recall:.3f}"
    over = sum(one.vectors for one in changes)
    return f"{words}, {over} in changes" if over else words


@app.command()
def verify(
    library: LibraryOption = DEFAULT_LIBRARY,
    version: Annotated[str, typer.Argument(help="Version; the live one when left out.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every kept version, and the stored vectors.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Re-read every file of a version and compare it with its checksum."""
    with reporting(as_json):
        from casting import Library

        opened = Library.open(library)
        names: list[str | None] = [*opened.index.names()] if everything else [version or None]
        manifests = [opened.index.verify(name) for name in names]
        stored = opened.vectors.verify() if everything else None
    if as_json:
        found = [{"version": one.version, "files": len(one.files), "sound": True} for one in manifests]
        output.print_json({"versions": found, "stored": stored} if everything else found[0])
        return
    for one in manifests:
        output.console().print(f"{one.version}: {len(one.files)} files are sound.")
    if stored is not None:
        output.console().print(f"Stored vectors: {stored['vectors']} sound, {stored['damaged']} damaged.")
        if stored["damaged"]:
            output.console().print("Damaged ones count as missing: `castoon rebuild` computes them again.")


@app.command()
def rollback(
    library: LibraryOption = DEFAULT_LIBRARY,
    version: Annotated[str, typer.Argument(help="Version; the one before the live one when left out.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make an earlier version live again, after re-reading it."""
    with reporting(as_json):
        from casting import Library

        opened = Library.open(library)
        with opened.writing("castoon index rollback"):
            now = opened.index.roll_back(version or None)
    if as_json:
        output.print_json({"version": now})
    else:
        output.console().print(f"Live is now {now}.")
