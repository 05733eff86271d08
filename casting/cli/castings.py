"""Commands on saved characters, and on actors set aside for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, overrides, reporting
from casting.cli.output import done, plain

character = typer.Typer(help="Saved characters: list, add, rank, remove.", no_args_is_help=True, rich_markup_mode=None)
feedback = typer.Typer(help="Actors set aside: list, give, withdraw.", no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(help="Name of the character, exactly as saved.")]
ActorArgument = Annotated[str, typer.Argument(help="Name of the actor, exactly as in the library.")]
NoteOption = Annotated[str, typer.Option(help="A note.")]
CountOption = Annotated[int, typer.Option("-k", min=1, help="How many actors.")]
WhereOption = Annotated[str, typer.Option(help='Filter, such as "gender=female,birth_year>=1990".')]


@character.command("list")
def characters_list(library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Show the saved characters."""
    with reporting(as_json):
        from casting import Library, castings

        found = castings.characters.every(Library.open(library))
    if as_json:
        output.print_json([plain(one) for one in found])
        return
    rows = [[one.name, one.production or "", str(len(one.images)), one.synopsis or ""] for one in found]
    output.table("Characters", ["character", "production", "pictures", "synopsis"], rows, right=("pictures",))


@character.command("add")
def characters_add(
    name: NameArgument,
    images: Annotated[list[Path], typer.Argument(help="Pictures of the character.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    production: Annotated[str, typer.Option(help="Production that the character belongs to.")] = "",
    synopsis: Annotated[str, typer.Option(help="A sentence on the character.")] = "",
    face: Annotated[list[int] | None, typer.Option(min=0, help="Face of each picture: 0 is the largest.")] = None,
    box: Annotated[
        list[str] | None, typer.Option(help="Box of each picture's face, `x1,y1,x2,y2` in pixels; may be empty.")
    ] = None,
    points: Annotated[
        list[str] | None,
        typer.Option(help="Eyes, nose tip and corners of the mouth of each picture: ten numbers; may be empty."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Save a character: its pictures as they are, and which face of each counts."""
    with reporting(as_json):
        from casting import Library, castings
        from castoon.errors import InputError

        contents = []
        for image in images:
            try:
                contents.append(image.read_bytes())
            except OSError as error:
                raise InputError(str(image), f"it cannot be read ({error.strerror}).", "Check the path.") from error
        faces = [_face(place, face or [], box or [], points or []) for place in range(len(images))]
        saved = castings.characters.save(
            Library.open(library), name, contents, faces, production=production, synopsis=synopsis
        )
    done(as_json, f"{saved.name} is saved with {len(saved.images)} pictures.", **plain(saved))


def _face(place: int, numbers: list[int], boxes: list[str], points: list[str]) -> Any:
    from casting.castings import ChosenFace

    box = _numbers(boxes[place], 4, "--box") if place < len(boxes) and boxes[place] else None
    marked = _numbers(points[place], 10, "--points") if place < len(points) and points[place] else None
    return ChosenFace(
        None if box is None else (box[0], box[1], box[2], box[3]),
        None if marked is None else tuple(zip(marked[::2], marked[1::2], strict=True)),
        numbers[place] if place < len(numbers) else 0,
    )


def _numbers(text: str, count: int, option: str) -> list[float]:
    from castoon.errors import InputError

    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count:
        raise InputError(f"{option} {text}", f"it is not {count} numbers.", "Join them by commas, in pixels.")
    return values


@character.command("remove")
def characters_remove(
    name: NameArgument, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Delete a character, its pictures and its kept rankings."""
    with reporting(as_json):
        from casting import Library, castings

        castings.characters.remove(Library.open(library), name)
    done(as_json, f"{name} is deleted.", removed=name)


@character.command("rank")
def characters_rank(
    name: NameArgument,
    library: LibraryOption = DEFAULT_LIBRARY,
    k: CountOption = 20,
    where: WhereOption = "",
    all_: Annotated[bool, typer.Option("--all", help="Also those whom somebody set aside.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the ranking to this CSV.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report to this HTML file.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write a report to this PDF.")] = None,
    language: Annotated[str, typer.Option(help="Language of the reports: en or ko.")] = "en",
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Rank actors for a saved character; its pictures are averaged."""
    with reporting(as_json):
        from casting import Engine, Library, castings, exports

        opened = Library.open(library, **overrides(pack))
        aside = set() if all_ else {word.actor_id for word in castings.feedback.of_character(opened, name)}
        found = castings.rank_character(opened, Engine.of(opened), name, k=k + len(aside), where=where)
        ranking = castings.feedback.without(found, aside, k)
        shown = castings.characters.pictures(opened, castings.characters.get(opened, name))
        spoken = exports.language(language)
        if csv:
            exports.write_csv(ranking, csv)
        if html:
            exports.write_html(ranking, opened, shown, html, spoken)
        if pdf:
            exports.write_pdf(ranking, opened, shown, pdf, spoken)
    if as_json:
        output.print_json(ranking.as_dict())
        return
    rows = [[str(row.rank), row.actor, f"{row.score:.3g}", ", ".join(row.flags)] for row in ranking.results]
    output.table(f"Actors for {name}", ["#", "actor", "score", "careful"], rows, right=("#", "score"))
    output.errors().print(ranking.score_meaning, markup=False, highlight=False)


@feedback.command("list")
def feedback_list(name: NameArgument, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Show who is set aside for a character, and why."""
    with reporting(as_json):
        from casting import Library, castings

        found = castings.feedback.of_character(Library.open(library), name)
    if as_json:
        output.print_json([plain(one) for one in found])
        return
    output.table(
        f"Set aside for {name}", ["actor", "reason", "note"], [[one.actor, one.reason, one.note] for one in found]
    )  # fmt: skip


@feedback.command("give")
def feedback_give(
    name: NameArgument,
    actor: ActorArgument,
    library: LibraryOption = DEFAULT_LIBRARY,
    reason: Annotated[str, typer.Option(help="not_alike, wrong_person or not_for_the_part.")] = "not_alike",
    note: NoteOption = "",
    as_json: JsonOption = False,
) -> None:
    """Leave an actor out of a character's rankings."""
    with reporting(as_json):
        from casting import Library, castings

        castings.feedback.give(Library.open(library), name, actor, reason, note=note)
    done(as_json, f"{actor} is left out for {name}.", character=name, actor=actor, reason=reason)


@feedback.command("withdraw")
def feedback_withdraw(
    name: NameArgument, actor: ActorArgument, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Let an actor appear again."""
    with reporting(as_json):
        from casting import Library, castings

        castings.feedback.withdraw(Library.open(library), name, actor)
    done(as_json, f"{actor} is back for {name}.", character=name, actor=actor)
