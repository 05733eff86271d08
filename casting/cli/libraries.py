"""Commands on a cast library: import, rank, evaluate, forget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, app, overrides, reporting

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
        report = import_cast(opened, source, Engine.of(opened).finder, progress)
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
    image: Annotated[Path, typer.Argument(help="Picture of the character.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    k: Annotated[int, typer.Option("-k", min=1, help="How many actors.")] = 20,
    face: Annotated[int, typer.Option(min=0, help="Which face, when there are several: 0 is the largest.")] = 0,
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
        from casting import Engine, Library, exports, rank_image
        from castoon.images import read

        picture = read(image).pixels
        opened = Library.open(library, **overrides(pack))
        ranking = rank_image(opened, Engine.of(opened), picture, face=face, label=image.name, k=k, where=where)
        if csv:
            exports.write_csv(ranking, csv)
        if html:
            exports.write_html(ranking, opened, picture, html, exports.language(language))
        if pdf:
            exports.write_pdf(ranking, opened, picture, pdf, exports.language(language))
    if as_json:
        output.print_json(ranking.as_dict())
        return
    spaces = list(ranking.weights)
    rows = [
        [str(row.rank), row.actor, f"{row.score:.3f}",
         *(f"{row.spaces[space]:.3f}" if space in row.spaces else "-" for space in spaces),
         "" if row.margin is None else f"{row.margin:.3f}", ", ".join(row.flags), row.photo_name]
        for row in ranking.results
    ]  # fmt: skip
    columns = ["#", "actor", "score", *spaces, "margin", "careful", "photo"]
    output.table(f"Actors for {image.name}", columns, rows, right=("#", "score", *spaces, "margin"))
    if ranking.fake:
        output.errors().print("[bold red]Made with stand-in models: this ranking means nothing.[/] Choose a pack.")
    output.errors().print(
        f"Score: weighted cosine, visual similarity only, not a probability. Models: {ranking.pack}, licence: "
        f"{ranking.pack_licence}. Index {ranking.index_version}.", markup=False, highlight=False,
    )  # fmt: skip


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Option(help="CSV with the columns image, actor and, if you like, group.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Measure how often the right actor comes first; a query without a face counts as a miss."""
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library, read_truth
        from casting import evaluate as run

        rows = read_truth(truth)
        opened = Library.open(library, **overrides(pack))
        report = run(opened, Engine.of(opened), rows, progress, truth.name)
    if as_json:
        output.print_json(report.as_dict())
        return
    groups = {"all": report.metrics, **report.per_space, **{f"group {g}": m for g, m in report.per_group.items()}}
    names = list(report.metrics)
    lines = [
        [group, *(f"{m[name].value:.3f} ({m[name].low:.3f} to {m[name].high:.3f})" for name in names)]
        for group, m in groups.items()
    ]
    output.table(
        f"{report.queries} queries, {report.gallery_actors} actors, {report.no_face} without a face (misses)",
        ["ranking", *names], lines, right=tuple(names),
    )  # fmt: skip
    if report.refused:
        output.table("Left out", ["query", "why", "what to do"],
                     [[e.thing, e.reason, e.next_step] for e in report.refused[:REFUSALS_SHOWN]])  # fmt: skip


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
