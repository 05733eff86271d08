"""The cast as a map: what the Map page shows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, app, overrides, reporting


@app.command("map")
def map_(
    library: LibraryOption = DEFAULT_LIBRARY,
    space: Annotated[str, typer.Option(help="Space to compare by; the one that weighs most when left out.")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write the places to this CSV.")] = None,
    characters: Annotated[bool, typer.Option(help="Place saved characters as well.")] = True,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Lay the cast out on a plane, computed once for an index version; characters lie among those they resemble."""
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library, mapping
        from castoon.files import write_atomic

        opened = Library.open(library, **overrides(pack))
        index = opened.index.open()
        drawn = mapping.cast_map(opened, space, progress, index)
        placed = mapping.place_actors(opened, drawn)
        if characters:
            placed += mapping.place_characters(opened, Engine.of(opened), drawn, index, progress)
        if csv:
            write_atomic(csv, mapping.frame(placed).to_csv(index=False).encode("utf-8-sig"))
    if as_json:
        points = [
            {"kind": one.kind, "name": one.name, "x": round(one.x, 5), "y": round(one.y, 5),
             "nearest": list(one.nearest)}
            for one in placed
        ]  # fmt: skip
        output.print_json({"index_version": drawn.version, "space": drawn.space, "points": points})
        return
    lines = [[one.name, one.kind, f"{one.x:.3f}", f"{one.y:.3f}", ", ".join(one.nearest)] for one in placed]
    output.table(f"{drawn.space} of {drawn.version}", ["name", "kind", "x", "y", "resembles"], lines, right=("x", "y"))
