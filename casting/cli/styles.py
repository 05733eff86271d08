"""Commands on styles: stylize."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import JsonOption, PackOption, app, overrides, reporting


@app.command()
def stylize(
    images: Annotated[list[Path], typer.Argument(help="Photos.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")],
    style: Annotated[str, typer.Option(help="Style, such as `cel`.")] = "cel",
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Turn photos into webtoon portraits: the largest face of each, aligned and stylized."""
    with reporting(as_json):
        from casting.stylizing import stylize_files

        done, refused = stylize_files(images, style, out, overrides(pack))
    if as_json:
        written = [{"photo": str(photo), "result": str(result)} for photo, result in done]
        output.print_json({"style": style, "written": written, "refused": [error.as_dict() for error in refused]})
    else:
        for error in refused:
            output.print_error(error, False)
        output.console().print(f"{len(done)} of {len(images)} written to {out}.", highlight=False, markup=False)
    if refused:
        raise typer.Exit(refused[0].exit_code)
