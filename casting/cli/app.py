"""The common ground of all commands: shared options, errors turned into exit codes, one entry point."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from castoon.errors import CastoonError, NotReadyError

LibraryOption = Annotated[
    Path, typer.Option("--library", "-l", envvar="CASTOON_LIBRARY", help="Folder of the cast library.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
PackOption = Annotated[
    str, typer.Option("--pack", help="Model pack: a name, or a folder that insightface can open.", show_default=False)
]
DEFAULT_LIBRARY = Path("library/mine")

app = typer.Typer(
    name="castoon",
    help="Castoon ranks real actors for a drawn character by visual similarity.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@contextmanager
def reporting(as_json: bool) -> Iterator[None]:
    """Turn errors that a person can act upon into their message and exit code."""
    try:
        yield
    except CastoonError as error:
        output.print_error(error, as_json)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt as error:
        output.errors().print("Stopped; what was finished is kept.")
        raise typer.Exit(130) from error
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES}:
            raise
        step = "Free some space or check permissions, then run the command again: it goes on where it was."
        met = NotReadyError(str(error.filename or "disk"), f"it cannot be written ({error.strerror}).", step)
        output.print_error(met, as_json)
        raise typer.Exit(met.exit_code) from error


def overrides(pack: str) -> dict[str, str]:
    """Settings given on the command line."""
    return {"pack": pack} if pack else {}


def main() -> None:
    """Run the command line."""
    from casting.cli import (
        bridging,
        castings,
        curation,
        keeping,
        libraries,
        mapping,
        models,
        proving,
        rebuilding,
        styles,
        system,
        versions,
    )

    app.add_typer(models.app, name="models")
    app.add_typer(versions.app, name="index")
    app.add_typer(bridging.bridge_app, name="bridge")
    app.add_typer(curation.actors_app, name="actors")
    app.add_typer(curation.photos_app, name="photos")
    app.add_typer(styles.style_app, name="style")
    app.add_typer(castings.character, name="character")
    app.add_typer(castings.feedback, name="feedback")
    app.add_typer(keeping.shortlist, name="shortlist")
    app.add_typer(keeping.history, name="history")
    _ = (curation, libraries, mapping, proving, rebuilding, system)
    sys.exit(app())
