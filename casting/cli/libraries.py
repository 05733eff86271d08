"""Commands on a cast library: import, rank, forget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, app, overrides, reporting
from casting.cli.proving import print_ranking

REFUSALS_SHOWN = 200


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="Folder with one sub-folder an actor, a CSV, or a ZIP of either.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take actors and photos into a library; what cannot be used is refused alone, with reason and next step."""
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library, import_cast
        from casting.importing.sources import open_source

        open_source(source)
        opened = Library.create(library, **overrides(pack))
        report = import_cast(opened, source, Engine.of(opened).for_workers.finder, progress)
    if as_json:
        output.print_json(report.as_dict())
        return
    rows = [[error.thing, error.reason, error.next_step] for error in report.refused[:REFUSALS_SHOWN]]
    if rows:
        output.table("Refused", ["what", "why", "what to do"], rows)
    if len(report.refused) > REFUSALS_SHOWN:
        output.console().print(f"... and {len(report.refused) - REFUSALS_SHOWN} more; see --json.")
    output.console().print(
        f"{report.photos} new photos, {report.actors} new actors, {report.present} photos there already, "
        f"{len(report.refused)} refused, {report.took_s:.1f} s."
    )
    if report.photos:
        output.console().print(f"Next: castoon rebuild --library {library}", highlight=False, markup=False)


@app.command()
def rank(
    images: Annotated[list[Path], typer.Argument(help="Pictures of the character: two or three tell more than one.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    k: Annotated[int, typer.Option("-k", min=1, help="How many actors.")] = 20,
    face: Annotated[list[int] | None, typer.Option(min=0, help="Face of each picture: 0 is the largest.")] = None,
    where: Annotated[str, typer.Option(help='Filter, such as "gender=female,birth_year>=1990".')] = "",
    csv: Annotated[Path | None, typer.Option(help="Write the ranking to this CSV.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report with pictures to this HTML file.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the same report to this PDF.")] = None,
    language: Annotated[str, typer.Option(help="Language of the reports: en or ko.")] = "en",
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Rank the library's actors for a drawn character."""
    with reporting(as_json):
        from casting import Engine, Library, exports, rank_images
        from castoon.images import read

        pictures = [(image.name, read(image).pixels) for image in images]
        shown = [pixels for _, pixels in pictures]
        opened = Library.open(library, **overrides(pack))
        ranking = rank_images(opened, Engine.of(opened), pictures, faces=face or (), k=k, where=where)
        if csv:
            exports.write_csv(ranking, csv)
        if html:
            exports.write_html(ranking, opened, shown, html, exports.language(language))
        if pdf:
            exports.write_pdf(ranking, opened, shown, pdf, exports.language(language))
    if as_json:
        output.print_json(ranking.as_dict())
        return
    print_ranking(ranking)


@app.command()
def forget(
    actor: Annotated[str, typer.Argument(help="Name of the actor, exactly as in the library.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase an actor, photos, faces, vectors and index entries, and search the library for what is left."""
    with reporting(as_json):
        from casting import Library
        from casting import forget as run
        from castoon.errors import NotReadyError

        opened = Library.open(library)
        if not yes and not as_json:
            typer.confirm(f"Erase `{actor}` and everything derived from their photos for good?", abort=True)
        report = run(opened, actor)
        if as_json:
            output.print_json(report.as_dict())
        else:
            output.console().print(
                f"Erased {report.actor}: {report.photos} photos, {report.vectors} vectors. "
                f"{report.files_searched} files searched.", highlight=False, markup=False,
            )  # fmt: skip
    if not report.proven:
        error = NotReadyError(
            ", ".join(report.left), "a trace is left there.", "Delete these files, or rebuild the library."
        )
        output.print_error(error, False)
        raise typer.Exit(error.exit_code)
    if not as_json:
        output.console().print("No trace of name, photos or vectors is left.")
