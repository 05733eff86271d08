"""Commands on model packs: list, pull, verify, path."""

from __future__ import annotations

from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import JsonOption, reporting

app = typer.Typer(help="Model packs: list, pull, verify, path.", no_args_is_help=True, rich_markup_mode=None)
NameArgument = Annotated[str, typer.Argument(help="Name of the pack.")]


@app.command()
def path(
    name: Annotated[str, typer.Argument(help="Name of the pack.")] = "default", as_json: JsonOption = False
) -> None:
    """Print the folder that a pack is read from."""
    with reporting(as_json):
        from casting import Engine, load_settings

        pack = Engine(load_settings(pack=name)).pack
    if as_json:
        output.print_json({"name": pack.name, "folder": str(pack.folder)})
    else:
        print(pack.folder)
