"""Commands on shortlists and on kept rankings."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, overrides, reporting
from casting.cli.castings import ActorArgument, CountOption, NameArgument, NoteOption, WhereOption
from casting.cli.output import done, plain

shortlist = typer.Typer(help="Shortlists: list, show, add, set, drop.", no_args_is_help=True, rich_markup_mode=None)
history = typer.Typer(help="Kept rankings: list, keep, again, delete.", no_args_is_help=True, rich_markup_mode=None)

ListArgument = Annotated[str, typer.Argument(help="Name of the shortlist.")]


@shortlist.command("list")
def shortlists_list(library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Show the shortlists."""
    with reporting(as_json):
        from casting import Library, castings

        found = castings.shortlists.every(Library.open(library))
    if as_json:
        output.print_json([plain(one) for one in found])
        return
    rows = [[one.name, one.production or "", str(one.entries)] for one in found]
    output.table("Shortlists", ["shortlist", "production", "actors"], rows, right=("actors",))


@shortlist.command("show")
def shortlists_show(
    name: ListArgument,
    library: LibraryOption = DEFAULT_LIBRARY,
    csv: Annotated[Path | None, typer.Option(help="Write it to this CSV.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show who is on a shortlist, with status and note."""
    with reporting(as_json):
        from casting import Library, castings, exports
        from castoon.files import write_atomic

        opened = Library.open(library)
        found = castings.shortlists.entries(opened, name)
        if csv:
            write_atomic(csv, exports.table_bytes(castings.shortlists.frame(opened, name)))
    if as_json:
        output.print_json([plain(one) for one in found])
        return
    rows = [[str(one.id), one.actor, one.character or "", one.status, one.note] for one in found]
    output.table(name, ["entry", "actor", "character", "status", "note"], rows, right=("entry",))


@shortlist.command("add")
def shortlists_add(
    name: ListArgument,
    actor: ActorArgument,
    library: LibraryOption = DEFAULT_LIBRARY,
    for_: Annotated[str, typer.Option("--for", help="Character that the actor is considered for.")] = "",
    note: NoteOption = "",
    production: Annotated[str, typer.Option(help="Production of a shortlist that is new.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Put an actor on a shortlist; one of a new name is begun."""
    with reporting(as_json):
        from casting import Library, castings

        opened = Library.open(library)
        if name not in [one.name for one in castings.shortlists.every(opened)]:
            castings.shortlists.create(opened, name, production)
        castings.shortlists.add(opened, name, actor, character=for_ or None, note=note)
    done(as_json, f"{actor} is on {name}.", shortlist=name, actor=actor)


@shortlist.command("set")
def shortlists_set(
    name: ListArgument,
    entry: Annotated[int, typer.Argument(help="Number of the entry; see `shortlist show`.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    status: Annotated[str, typer.Option(help="considered, approached, audition, offered, cast or declined.")] = "",
    note: Annotated[str | None, typer.Option(help="A new note.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Change status or note of an entry."""
    with reporting(as_json):
        from casting import Library, castings

        opened = Library.open(library)
        castings.shortlists.change(
            opened, castings.shortlists.entry(opened, name, entry), status=status or None, note=note
        )
        changed = castings.shortlists.entry(opened, name, entry)
    done(as_json, f"{changed.actor}: {changed.status}. {changed.note}", **plain(changed))


@shortlist.command("drop")
def shortlists_drop(
    name: ListArgument,
    entry: Annotated[int, typer.Argument(help="Number of the entry; see `shortlist show`.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Take an entry off a shortlist."""
    with reporting(as_json):
        from casting import Library, castings

        opened = Library.open(library)
        castings.shortlists.drop(opened, castings.shortlists.entry(opened, name, entry))
    done(as_json, f"Entry {entry} is off {name}.", dropped=entry)


@shortlist.command("delete")
def shortlists_delete(
    name: ListArgument, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Delete a shortlist with its entries."""
    with reporting(as_json):
        from casting import Library, castings

        castings.shortlists.delete(Library.open(library), name)
    done(as_json, f"{name} is deleted.", deleted=name)


@history.command("list")
def history_list(
    library: LibraryOption = DEFAULT_LIBRARY,
    of: Annotated[str, typer.Option(help="Of this character only.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show the kept rankings, the latest first."""
    with reporting(as_json):
        from casting import Library, castings

        found = castings.history.every(Library.open(library), of or None)
    if as_json:
        output.print_json([plain(one) for one in found])
        return
    rows = [
        [str(one.id), one.character, f"{one.kept:%Y-%m-%d %H:%M}", one.index_version, one.pack,
         ", ".join(row.actor for row in one.results[:3])]
        for one in found
    ]  # fmt: skip
    output.table("Kept rankings", ["number", "character", "kept (UTC)", "index", "models", "first"], rows)


@history.command("keep")
def history_keep(
    name: NameArgument,
    library: LibraryOption = DEFAULT_LIBRARY,
    k: CountOption = 20,
    where: WhereOption = "",
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Rank actors for a saved character and keep the ranking."""
    with reporting(as_json):
        from casting import Engine, Library, castings

        opened = Library.open(library, **overrides(pack))
        ranking = castings.rank_character(opened, Engine.of(opened), name, k=k, where=where)
        number = castings.history.keep(opened, ranking, name, k=k)
    done(as_json, f"Kept as number {number}.", number=number)


@history.command("again")
def history_again(
    number: Annotated[int, typer.Argument(help="Number of the kept ranking.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask a kept ranking's question again of today's index, and show the difference."""
    with reporting(as_json):
        from casting import Engine, Library, castings

        opened = Library.open(library, **overrides(pack))
        made = castings.history.again(opened, Engine.of(opened), number)
    if as_json:
        changes = [dataclasses.asdict(change) | {"moved": change.moved} for change in made.changes]
        output.print_json(
            {"kept": plain(made.kept), "index_version": made.today.index_version, "same_models": made.same_models,
             "unchanged": made.unchanged, "changes": changes}
        )  # fmt: skip
        return
    rows = [
        [_place(change.was), _place(change.now), change.actor, _score(change.score_was), _score(change.score_now)]
        for change in made.changes
    ]
    output.table(
        f"{made.kept.character}: {made.kept.index_version} and {made.today.index_version}",
        ["then", "now", "actor", "score then", "score now"], rows, right=("then", "now", "score then", "score now"),
    )  # fmt: skip
    if not made.same_models:
        output.errors().print("Other models are in use today: compare places, not scores.")


@history.command("delete")
def history_delete(
    number: Annotated[int, typer.Argument(help="Number of the kept ranking.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Delete a kept ranking."""
    with reporting(as_json):
        from casting import Library, castings

        castings.history.delete(Library.open(library), number)
    done(as_json, f"Number {number} is deleted.", deleted=number)


def _place(rank: int | None) -> str:
    return "-" if rank is None else str(rank)


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.3g}"
