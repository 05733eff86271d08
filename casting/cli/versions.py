"""Commands on index versions: list, verify, rollback."""

from __future__ import annotations

from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, reporting

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
            [{"version": m.version, "live": m.version == live, "created": m.created,
              "spaces": {s.name: s.vectors for s in m.spaces}} for m in manifests]
        )  # fmt: skip
        return
    rows = [["*" if m.version == live else "", m.version, m.created,
             ", ".join(f"{s.name} {s.vectors}" for s in m.spaces)] for m in manifests]  # fmt: skip
    output.table("Index versions", ["live", "version", "created", "vectors"], rows)


@app.command()
def verify(
    library: LibraryOption = DEFAULT_LIBRARY,
    version: Annotated[str, typer.Argument(help="Version; the live one when left out.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Re-read every file of a version and compare it with its checksum."""
    with reporting(as_json):
        from casting import Library

        manifest = Library.open(library).index.verify(version or None)
    if as_json:
        output.print_json({"version": manifest.version, "files": len(manifest.files), "sound": True})
    else:
        output.console().print(f"{manifest.version}: {len(manifest.files)} files are sound.")


@app.command()
def rollback(library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Make the version before the live one live again."""
    with reporting(as_json):
        from casting import Library

        opened = Library.open(library)
        with opened.writing("castoon index rollback"):
            version = opened.index.roll_back()
    if as_json:
        output.print_json({"version": version})
    else:
        output.console().print(f"Live is now {version}.")
