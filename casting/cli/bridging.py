"""Commands that fit a ranking to a studio's own drawings: bridge fit, learn, show, drop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, overrides, reporting
from casting.cli.proving import TruthOption

if TYPE_CHECKING:
    from casting.tuning.fitting import FitReport

bridge_app = typer.Typer(
    help="The bridge between drawings and photos: fit one on past castings, learn a style, show what is in use.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip


@bridge_app.command("fit")
def fit(
    truth: TruthOption,
    library: LibraryOption = DEFAULT_LIBRARY,
    dry_run: Annotated[bool, typer.Option(help="Say what would be gained, and keep nothing.")] = False,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Fit bridge, weights and calibration on a studio's own past castings, cross-validated by actor.

    Learns too how these drawings are drawn, and reads them so where that finds actors held out better.
    """
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library, read_truth
        from casting.tuning.active import library_tuning
        from casting.tuning.own_fit import fit_own

        opened = Library.open(library, **overrides(pack))
        done = fit_own(opened, Engine.of(opened), read_truth(truth), progress=progress)
        if not dry_run:
            with opened.writing("castoon bridge fit"):
                done.keep(opened)
    if as_json:
        output.print_json({**done.as_dict(), "kept": not dry_run})
        return
    _print_fit(done.report)
    if done.own is not None:
        how = "in their own manner, which stays" if done.manners else "as the pack reads them, which stays"
        output.console().print(
            f"Drawings read as the pack reads them: R@1 {done.without}; in their own manner: {done.own}. "
            f"They are read {how}.", markup=False, highlight=False,
        )  # fmt: skip
    said = "Nothing was kept." if dry_run else f"Kept: {library_tuning(opened)}. `castoon bridge drop` goes back."
    output.console().print(said, markup=False, highlight=False)


@bridge_app.command("learn")
def learn(
    drawings: Annotated[
        Path | None,
        typer.Argument(help="Folder with pages or pictures in the style; the saved characters when left out."),
    ] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Learn how drawings are drawn, from eight drawn faces or more; no castings are needed.

    Take pages with many different characters. Scores are raw afterwards: with past castings `castoon bridge fit` does
    this too, calibrates, and says what it gained. `castoon bridge drop` goes back.
    """
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library
        from casting.tuning.manners import learn as run
        from casting.tuning.manners import pictures_in

        opened = Library.open(library, **overrides(pack))
        given = pictures_in(drawings) if drawings is not None else None
        found = run(opened, Engine.of(opened), given, progress)
    if as_json:
        known = {"networks": list(found.manners), "drawings": found.drawings, "photos": found.photos}
        output.print_json({**known, "kept": str(opened.manners)})
        return
    output.console().print(
        f"Learnt from {found.drawings} drawn faces. Kept: {opened.manners}. Scores are raw similarities until castings "
        "are fitted (`castoon bridge fit`).",
        markup=False, highlight=False,
    )  # fmt: skip


def _print_fit(report: FitReport) -> None:
    rows = [
        [name, choice.method.name if choice.method else "none", str(choice.tried["none"]["R@1"]),
         str(choice.tried[choice.method.name if choice.method else "none"]["R@1"]),
         f"{report.tuning.spaces[name].weight:.2f}"]
        for name, choice in report.choices.items()
    ]  # fmt: skip
    output.table(
        f"{report.drawings} drawings of {report.actors} actors, held out in turn; gallery of {report.gallery_actors}",
        ["space", "bridge", "R@1 without", "R@1 with", "weight"], rows,
    )  # fmt: skip
    checked = report.calibrated
    output.console().print(
        f"R@1 {report.before} before, {report.after} after: {report.gain.difference} points, {report.gain.verdict} "
        f"(p = {report.gain.p:.3f}).\nCalibration error {checked.error:.3f}. No good match: "
        f"{100 * checked.stranger_caught:.0f}% with the actor missing, {100 * checked.right_lost:.0f}% with the actor "
        "first.", markup=False, highlight=False,
    )  # fmt: skip
    for pictures, told in checked.several.items():
        output.console().print(
            f"Characters of {pictures} pictures: R@1 {100 * told.first:.1f}; no good match: "
            f"{100 * told.stranger_caught:.0f}% with the actor missing, {100 * told.right_lost:.0f}% with the actor "
            "first.",
            markup=False, highlight=False,
        )  # fmt: skip


@bridge_app.command("show")
def show(library: LibraryOption = DEFAULT_LIBRARY, pack: PackOption = "", as_json: JsonOption = False) -> None:
    """Say which bridge, weights and calibration are in use, and what they were fitted on."""
    with reporting(as_json):
        from casting import Engine, Library
        from casting.tuning.active import active_tuning, library_tuning, space_weights
        from casting.tuning.manners import learnt_from

        opened = Library.open(library, **overrides(pack))
        engine = Engine.of(opened)
        tuning, why = active_tuning(opened, engine)
        faces = learnt_from(opened, engine)
        read = f"in their own manner, learnt from {faces} of them" if faces else "as the pack reads them"
        whose = "library" if tuning is not None and library_tuning(opened).is_file() else "pack"
        known = {
            "tuning": whose if tuning is not None else "none", "reason": why,
            "drawings": f"read {read}",
            "weights": space_weights(opened, engine), "facts": dict(tuning.facts) if tuning is not None else {},
            "calibrated": bool(tuning is not None and tuning.calibration),
        }  # fmt: skip
    if as_json:
        output.print_json(known)
        return
    output.table("Tuning in use", ["what", "value"], [[str(key), str(value)] for key, value in known.items()])


@bridge_app.command("drop")
def drop(library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Go back from the library's own tuning to the pack's."""
    with reporting(as_json):
        from casting import Library
        from casting.tuning.manners import drop as drop_own

        opened = Library.open(library)
        with opened.writing("castoon bridge drop"):
            there = drop_own(opened)
    if as_json:
        output.print_json({"dropped": there})
    else:
        output.console().print("Dropped." if there else "The library has no tuning of its own.")
