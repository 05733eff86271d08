"""Commands on styles: stylize, style list, style train."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from casting.cli import output
from casting.cli.app import JsonOption, PackOption, app, overrides, reporting

style_app = typer.Typer(help="Styles: list, train.", no_args_is_help=True, rich_markup_mode=None)
_COMMERCIAL = {True: "allowed", False: "not allowed", None: "unknown"}


@app.command()
def stylize(
    images: Annotated[list[Path], typer.Argument(help="Photos.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the results.")],
    style: Annotated[list[str] | None, typer.Option(help="Style, such as `cel`; may be repeated.")] = None,
    param: Annotated[list[str] | None, typer.Option(help="Parameter of the style, such as `ink=0.8`.")] = None,
    whole: Annotated[bool, typer.Option(help="Whole picture with all faces stylized, not the portrait.")] = False,
    report: Annotated[
        bool, typer.Option(help="Measure identity, structure, look, time; write a contact sheet.")
    ] = False,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Turn photos into webtoon portraits: the main face of each, aligned and stylized."""
    with reporting(as_json):
        from casting import Engine, load_settings, stylizing

        engine = Engine(load_settings(None, **overrides(pack)))
        styles = stylizing.load_styles(engine, style or ["cel"], _parameters(param or []))
        measured: list[dict[str, Any]] = []
        written: list[stylizing.StylizedFile] = []
        if report:
            with output.progress() as bar:
                made, refused = stylizing.report_files(images, styles, engine, _Steps(bar))
            measured = made.as_dicts()
            stylizing.write_png(out / stylizing.REPORT_SHEET, made.sheet)
        else:
            written, refused = stylizing.stylize_files(images, styles, engine, out, whole=whole)
    if as_json:
        output.print_json(
            {"written": [{"photo": str(w.photo), "style": w.style, "result": str(w.result)} for w in written],
             "report": measured, "sheet": str(out / stylizing.REPORT_SHEET) if report else None,
             "refused": [error.as_dict() for error in refused]}
        )  # fmt: skip
    else:
        for error in refused:
            output.print_error(error, False)
        if report:
            columns = list(measured[0])
            output.table("What the styles did", columns, [[_cell(row[c]) for c in columns] for row in measured])
        output.console().print(
            f"{len(written)} pictures in {out}." if not report else f"Sheet: {out / stylizing.REPORT_SHEET}",
            highlight=False, markup=False,
        )  # fmt: skip
    if refused:
        raise typer.Exit(refused[0].exit_code)


class _Steps:
    """A report's progress, style by style, on a bar."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._style, self._done = "", 0

    def __call__(self, style: str, done: int, total: int) -> None:
        if style != self._style:
            self._bar.begin(style, total)
            self._style, self._done = style, 0
        self._bar.advance(done - self._done)
        self._done = done


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _parameters(given: list[str]) -> dict[str, str]:
    from castoon.errors import InputError

    pairs = [text.partition("=") for text in given]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise InputError(f"--param {wrong[0]}", "it has no value.", "Write it as name=value; see `castoon style list`.")
    return {name.strip(): value.strip() for name, _, value in pairs}


@style_app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """Show the styles that are here, those that could be and how to get them, and their parameters."""
    with reporting(as_json):
        import dataclasses

        from casting import load_settings
        from casting.styles import list_styles

        found = list_styles(load_settings())
    if as_json:
        output.print_json([dataclasses.asdict(one) for one in found])
        return
    rows = [
        [one.name, "here" if one.installed else one.how_to_get, one.licence, _COMMERCIAL[one.commercial_use],
         ", ".join(f"{p.name}={p.default}" for p in one.parameters)]
        for one in found
    ]  # fmt: skip
    output.table("Styles", ["style", "state", "licence", "commercial use", "parameters"], rows)


@style_app.command()
def train(
    style: Annotated[Path, typer.Option(help="Picture whose look is to be learned.")],
    photos: Annotated[Path, typer.Option(help="Folder of photos to learn on.")],
    vgg: Annotated[Path, typer.Option(help="Published VGG-19 weights that judge the likeness of styles.")],
    name: Annotated[str, typer.Option(help="Name of the new style; it becomes `fast:NAME`.")],
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 4000,
    as_json: JsonOption = False,
) -> None:
    """Train a fast network that paints photos like a picture; stopped with Ctrl-C, it resumes when run again."""
    with reporting(as_json), output.progress() as bar:
        from casting import load_settings
        from toonify.engines.fast import model_file
        from toonify.fast_train import TrainingPlan, train_style

        settings = load_settings()
        target = model_file(settings.models_folder / "stylizers" / "fast", name)
        seen = 0
        bar.begin("train", steps)

        def watch(done: int, _total: int, _loss: float) -> bool:
            nonlocal seen
            bar.advance(done - seen)
            seen = done
            return not bar.stopped

        device = "cuda" if settings.device == "cuda" else "cpu"
        written = train_style(style, photos, vgg, target, TrainingPlan(steps=steps), device=device, watch=watch)
    if as_json:
        output.print_json({"style": f"fast:{name}", "file": str(written), "steps": steps})
    else:
        output.console().print(f"fast:{name} is in {written}.", highlight=False, markup=False)
