"""Commands on model packs: list, pull, verify, deepen, path."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import JsonOption, reporting

app = typer.Typer(help="Model packs: list, pull, verify, deepen, path.", no_args_is_help=True, rich_markup_mode=None)
NameArgument = Annotated[str, typer.Argument(help="Name of the pack, or its folder.")]
_COMMERCIAL = {True: "allowed", False: "not allowed", None: "unknown"}


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """Show the packs that are here, those that can be pulled, and their licences."""
    with reporting(as_json):
        from casting import load_settings
        from embeddings.models import list_packs

        found = list_packs(load_settings().models_folder)
    if as_json:
        output.print_json(
            [{"name": one.pack.name, "state": one.state, "bytes": one.bytes, "licence": one.pack.licence,
              "commercial_use": one.pack.commercial_use, "source": one.pack.source,
              "measured": dict(one.pack.measured)} for one in found]
        )  # fmt: skip
        return
    rows = [
        [one.pack.name, one.state, f"{one.bytes / 1e6:.0f}", one.pack.licence, _COMMERCIAL[one.pack.commercial_use]]
        for one in found
    ]
    output.table("Model packs", ["name", "state", "MB", "licence", "commercial use"], rows, right=("MB",))


@app.command()
def pull(
    name: NameArgument,
    mirror: Annotated[str, typer.Option(help="Base address to ask instead of the pack's own sources.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Download a pack: resumes after a cut, checks size and hash, and is there whole or not at all."""
    with reporting(as_json), output.progress() as bar:
        from casting import load_settings
        from embeddings.download import Progress
        from embeddings.models import pull as get

        settings = load_settings()
        seen: dict[str, int] = {}

        def show(state: Progress) -> None:
            if state.file not in seen:
                bar.begin(state.file, state.total or None)
            bar.advance(max(0, state.done - seen.get(state.file, 0)))
            seen[state.file] = state.done

        pack = get(name, settings.models_folder, mirror=mirror or settings.mirror_url, progress=show)
    if as_json:
        output.print_json({"name": pack.name, "folder": str(pack.folder), "licence": pack.licence})
    else:
        output.console().print(f"{pack.name} is in {pack.folder}. Licence: {pack.licence}.", markup=False)


@app.command()
def verify(name: NameArgument, as_json: JsonOption = False) -> None:
    """Read every file of a pack and compare it with its hash."""
    with reporting(as_json):
        from casting import Engine, load_settings
        from castoon.errors import NotReadyError
        from embeddings import models

        pack = Engine(load_settings(pack=name)).pack
        damage = models.verify(pack)
        if as_json:
            output.print_json(
                {"name": pack.name, "files": len(pack.files), "sound": not damage,
                 "damage": [{"file": one.path, "reason": one.reason} for one in damage]}
            )  # fmt: skip
        elif damage:
            for one in damage:
                file = str(pack.folder / one.path)
                output.print_error(NotReadyError(file, one.reason, models.mending(pack)), False)
        else:
            output.console().print(f"{pack.name}: {len(pack.files)} files are sound.", markup=False)
    if damage:
        raise typer.Exit(NotReadyError.exit_code)


@app.command()
def deepen(
    name: NameArgument,
    photos: Annotated[Path, typer.Option(help="Folder with a sub-folder of photos for each person.")],
    layer: Annotated[str, typer.Option(help="Layer that is read; the last sum of a block unless given.")] = "",
    weight: Annotated[float, typer.Option(min=0.01, help="How much it counts where the vector counts 2.")] = 0.6,
    as_json: JsonOption = False,
) -> None:
    """Let a pack's face networks be read before their last layers too; libraries that use it must be rebuilt."""
    with reporting(as_json), output.progress() as bar:
        from casting import load_settings
        from casting.deepening import deepen as look
        from embeddings import open_pack

        settings = load_settings()
        pack = open_pack(name, settings.models_folder)
        read = look(pack, photos, layer=layer, weight=weight, threads=settings.threads, progress=bar)
    if as_json:
        output.print_json({"pack": pack.name, "read": dict(read)})
        return
    for role, where in read.items():
        print(f"{role}: reads `{where}` too")
    print("Now `castoon rebuild` every library that uses the pack, then `castoon bridge fit` where there are castings.")


@app.command()
def path(name: NameArgument = "default", as_json: JsonOption = False) -> None:
    """Print the folder that a pack is read from."""
    with reporting(as_json):
        from casting import Engine, load_settings

        pack = Engine(load_settings(pack=name)).pack
    if as_json:
        output.print_json({"name": pack.name, "folder": str(Path(pack.folder))})
    else:
        print(pack.folder)
