"""Commands that rank by words, explain and evaluate: rank-words, explain, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, app, overrides, reporting

if TYPE_CHECKING:
    from casting.results import Ranking

REFUSALS_SHOWN = 200
_SEEN = {
    "face": "whole face",
    "layers": "face place by place",
    "eyes": "face without eyes and brows",
    "nose_mouth": "face without nose and mouth",
}
TruthOption = Annotated[
    Path,
    typer.Option(help="CSV with the columns image and actor, or a folder with one sub-folder of drawings an actor."),
]


@app.command("rank-words")
def rank_words(
    words: Annotated[str, typer.Argument(help="Description, such as `long red hair, freckles`.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    k: Annotated[int, typer.Option("-k", min=1, help="How many actors.")] = 20,
    where: Annotated[str, typer.Option(help='Filter, such as "gender=female,birth_year>=1990".')] = "",
    csv: Annotated[Path | None, typer.Option(help="Write the ranking to this CSV.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report with pictures to this HTML file.")] = None,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Rank the library's actors for a description, by a model that reads words."""
    with reporting(as_json):
        from casting import Engine, Library, exports
        from casting import rank_words as run

        opened = Library.open(library, **overrides(pack))
        ranking = run(opened, Engine.of(opened), words, k=k, where=where)
        if csv:
            exports.write_csv(ranking, csv)
        if html:
            exports.write_html(ranking, opened, (), html)
    if as_json:
        output.print_json(ranking.as_dict())
    else:
        print_ranking(ranking)


def print_ranking(ranking: Ranking) -> None:
    """A ranking as a table, and beneath it what its scores mean."""
    spaces = list(ranking.weights)
    form = "{:.0f}" if ranking.calibrated else "{:.3f}"
    rows = [
        [str(row.rank), row.actor, form.format(row.score),
         *(f"{row.spaces[space]:.3f}" if space in row.spaces else "-" for space in spaces),
         "" if row.margin is None else f"{row.margin:.3f}", ", ".join(row.flags), row.photo_name]
        for row in ranking.results
    ]  # fmt: skip
    columns = ["#", "actor", "score", *spaces, "margin", "careful", "photo"]
    output.table(f"Actors for {ranking.title}", columns, rows, right=("#", "score", *spaces, "margin"))
    if ranking.match == "none":
        output.console().print("[bold]No good match.[/]", highlight=False)
    if ranking.verdict == "ahead":
        output.console().print("The first actor is far ahead of the second.", highlight=False)
    output.console().print(ranking.match_reason, markup=False, highlight=False)
    if ranking.fake:
        output.errors().print("[bold red]Made with stand-in models: this ranking means nothing.[/] Choose a pack.")
    output.errors().print(
        f"{ranking.score_meaning} Models: {ranking.pack}, licence: {ranking.pack_licence}. Index "
        f"{ranking.index_version}.", markup=False, highlight=False,
    )  # fmt: skip


@app.command()
def explain(
    images: Annotated[list[Path], typer.Argument(help="Pictures of the character.")],
    actor: Annotated[str, typer.Option(help="Name of the actor; the best one when left out.")] = "",
    library: LibraryOption = DEFAULT_LIBRARY,
    face: Annotated[list[int] | None, typer.Option(min=0, help="Face of each picture: 0 is the largest.")] = None,
    shown: Annotated[int, typer.Option(min=0, help="Picture that heat maps and parts are of, counted from 0.")] = 0,
    style: Annotated[str, typer.Option(help="Style whose effect is shown.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder for the heat maps.")] = None,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say why an actor stands where they stand: spaces, photo, margin, parts of the face, heat maps."""
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library
        from casting import explain as run
        from casting.ranking import chosen_faces
        from casting.stylizing import write_png
        from castoon.images import read

        opened = Library.open(library, **overrides(pack))
        engine = Engine.of(opened)
        pictures, _ = chosen_faces(engine, [(image.name, read(image).pixels) for image in images], face or ())
        found = run(
            opened, engine, pictures, _actor_id(opened, engine, pictures, actor), shown=shown, style=style,
            progress=progress,
        )  # fmt: skip
        written: dict[str, str] = {}
        if out is not None:
            for side in ("drawing", "photo"):
                target = out / f"{images[shown].stem}.{side}.png"
                write_png(target, found.overlay(side))
                written[side] = str(target)
    if as_json:
        output.print_json({**found.as_dict(), "heat_maps": written})
        return
    output.table(
        f"{found.actor}: rank {found.rank} of {found.gallery_actors}", ["part", "share", "in drawing", "in photo"],
        [[p.part, f"{100 * p.share:.0f}%", f"{p.in_drawing:+.3f}", f"{p.in_photo:+.3f}"] for p in found.parts],
        right=("share", "in drawing", "in photo"),
    )  # fmt: skip
    output.table(
        "Spaces", ["space", "weight", "cosine", "contribution", "photo"],
        [[s.space, f"{s.weight:.2f}", "-" if s.cosine is None else f"{s.cosine:.3f}", f"{s.contribution:.3f}", s.photo]
         for s in found.spaces], right=("weight", "cosine", "contribution"),
    )  # fmt: skip
    seen = ", ".join(f"{_SEEN[one.view]} {one.rank}" for one in found.views)
    lines = [found.match_reason, f"Place by the {seen}" if seen else ""]
    lines += [f"Careful: {', '.join(found.warnings)}"] if found.warnings else []
    if found.style is not None:
        lines.append(
            f"Style {found.style.style}: keeps {found.style.kept:.2f} of the photo's identity and moves it "
            f"{found.style.towards_drawing:+.3f} towards the drawing."
        )
    lines += [f"Heat maps: {', '.join(written.values())}"] if written else []
    output.console().print("\n".join(line for line in lines if line), markup=False, highlight=False)


def _actor_id(library: Any, engine: Any, pictures: Any, name: str) -> int:
    """The actor of that name, or the best one."""
    from casting import rank_faces
    from castoon.errors import InputError

    live = library.index.open()
    if not name:
        return rank_faces(library, engine, pictures, k=1, index=live).results[0].actor_id
    for owner, facts in live.facts.items():
        if facts["name"] == name:
            return int(owner[1:])
    raise InputError(f"actor `{name}`", "the live index does not hold this name.", "See `castoon actors`.")


@app.command()
def evaluate(
    truth: TruthOption,
    library: LibraryOption = DEFAULT_LIBRARY,
    html: Annotated[Path | None, typer.Option(help="Write the report with plots to this HTML file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write one row a drawing to this CSV.")] = None,
    ablation: Annotated[bool, typer.Option("--ablation/--no-ablation", help="Measure every space too.")] = True,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Measure how often the right actor comes first; a query without a face counts as a miss."""
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library, read_truth
        from casting import evaluate as run
        from castoon.files import write_atomic

        rows = read_truth(truth)
        opened = Library.open(library, **overrides(pack))
        report = run(opened, Engine.of(opened), rows, progress, truth.name, ablation=ablation)
        if html:
            report.write_html(html)
        if csv:
            write_atomic(csv, report.results_frame().to_csv(index=False).encode("utf-8-sig"))
    if as_json:
        output.print_json(report.as_dict())
        return
    groups = {"all": report.metrics, **report.per_space, **{f"group {g}": m for g, m in report.per_group.items()}}
    names = ["R@1", "R@5", "R@10", "MRR"]
    output.table(
        f"{report.queries} queries, {report.gallery_actors} actors, {report.no_face} without a face (misses)",
        ["ranking", *names], [[group, *(str(m[name]) for name in names)] for group, m in groups.items()],
        right=tuple(names),
    )  # fmt: skip
    if len(report.casts) > 1:
        frame = report.casts_frame()
        output.table("Other casts", list(frame.columns), [[str(cell) for cell in row] for row in frame.to_numpy()],
                     right=("actors",))  # fmt: skip
    if report.ablation:
        output.table(
            "Ways of ranking", ["ranking", "R@1", "MRR", "R@1 against", "difference", "verdict"],
            [[row.name, str(row.metrics["R@1"]), str(row.metrics["MRR"]), row.against, str(row.difference.difference),
              "-" if row.name == row.against else row.difference.verdict] for row in report.ablation],
        )  # fmt: skip
    if report.calibration is not None:
        check = report.calibration
        output.console().print(
            f"Calibration error {check.error:.3f} ({check.by_luck:.3f} by luck alone). No good match: "
            f"{check.missing_caught}% with the actor missing, "
            f"{check.first_lost}% with the actor first.", markup=False, highlight=False,
        )  # fmt: skip
    for words in report.cautions:
        output.console().print(words, markup=False, highlight=False)
    if report.refused:
        output.table("Left out", ["query", "why", "what to do"],
                     [[e.thing, e.reason, e.next_step] for e in report.refused[:REFUSALS_SHOWN]])  # fmt: skip
