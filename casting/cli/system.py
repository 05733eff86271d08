"""Commands on the installation and the dashboard: doctor, demo, serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import JsonOption, LibraryOption, app, reporting

DEMO_LIBRARY = Path("library/demo")
_MARK = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "problem": "[red]problem[/]"}


@app.command()
def doctor(
    library: Annotated[
        Path | None, typer.Option("--library", "-l", envvar="CASTOON_LIBRARY", help="Also look at this library.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what works here - versions, models and licences, disk, GPU, index - and what to do next."""
    with reporting(as_json):
        from casting import doctor as examining

        checks = examining.examine(library)
    if as_json:
        output.print_json({"checks": examining.as_dicts(checks)})
    else:
        from rich.table import Table
        from rich.text import Text

        drawn = Table(box=None, header_style="bold")
        for column in ("", "what", "found", "next"):
            drawn.add_column(column, overflow="fold")
        for check in checks:
            drawn.add_row(_MARK[check.state], Text(check.name), Text(check.found), Text(check.next_step))
        output.console().print(drawn)
    if any(check.state == "problem" for check in checks):
        raise typer.Exit(4)


def _announce(address: str) -> None:
    print(f"Castoon is open at {address}", flush=True)


PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port of the dashboard.")]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")]


@app.command()
def serve(library: LibraryOption, port: PortOption = 8501, browser: BrowserOption = True) -> None:
    """Open the dashboard on a library; ends with Ctrl-C."""
    with reporting(False):
        from casting import Library, serving

        Library.open(library).close()
        serving.serve(library, port, browser, announce=_announce)


@app.command()
def demo(
    port: PortOption = 8501,
    browser: BrowserOption = True,
    library: Annotated[Path, typer.Option("--library", "-l", help="Where the demo library is kept.")] = DEMO_LIBRARY,
    prepare_only: Annotated[bool, typer.Option(help="Make the demo library and stop.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Prepare the fictional cast once, and open the dashboard on it; ends with Ctrl-C."""
    with reporting(as_json):
        from casting import demo_library, serving

        with output.progress() as progress:
            prepared = demo_library.prepare(library, progress)
        if as_json:
            output.print_json(prepared)
        if prepare_only:
            return
        serving.serve(library, port, browser, announce=_announce)
