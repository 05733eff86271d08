"""Commands that keep a library in order: actors, photos, review; what the Library page does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from casting.cli import output
from casting.cli.app import DEFAULT_LIBRARY, JsonOption, LibraryOption, PackOption, app, overrides, reporting

if TYPE_CHECKING:
    from casting.curation import Findings
    from casting.curation.records import Lack, Order
    from casting.library import Library

actors_app = typer.Typer(help="Actors: list, edit, rename, merge.", no_args_is_help=True, rich_markup_mode=None)
photos_app = typer.Typer(help="Photos: list, add, rights, move, remove.", no_args_is_help=True, rich_markup_mode=None)
LacksOption = Annotated[str, typer.Option(help="Only those that lack: consent, licence or embedding.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="column=value; an empty value erases.")]
PhotoNumbers = Annotated[list[int], typer.Argument(help="Numbers of photos, see `photos list`.")]
NEXT = "Next: castoon rebuild --library {library}"


@actors_app.command("list")
def list_actors(
    library: LibraryOption = DEFAULT_LIBRARY,
    search: Annotated[str, typer.Option(help="Words in name, aliases, agency or tags.")] = "",
    where: Annotated[str, typer.Option(help='Filter, such as "gender=female,birth_year>=1990".')] = "",
    lacks: LacksOption = "",
    order: Annotated[str, typer.Option(help="name, newest, birth_year or photos.")] = "name",
    as_json: JsonOption = False,
) -> None:
    """Show actors with their facts and how complete their photos are."""
    with reporting(as_json):
        from casting.curation import actor_records

        rows = actor_records(
            _open(library), search=search, where=where, lacks=_lack(lacks),
            order=cast("Order", _one_of("--order", order, ("name", "newest", "birth_year", "photos"))),
        )  # fmt: skip
    if as_json:
        output.print_json([row.as_dict() for row in rows])
        return
    columns = ["name", "gender", "born", "agency", "tags", "photos", "no consent", "failed"]
    lines = [
        [row.name, row.gender or "", str(row.birth_year or ""), row.agency or "", "; ".join(row.tags),
         str(row.photos), str(row.without_consent or ""), str(row.failed or "")]
        for row in rows
    ]  # fmt: skip
    output.table(f"{len(rows)} actors", columns, lines, right=("born", "photos", "no consent", "failed"))


@actors_app.command("edit")
def edit(
    actor: Annotated[str, typer.Argument(help="Name, exactly as in the library.")],
    given: SetOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Set facts of an actor: --set gender=female --set "tags=drama;action"."""
    with reporting(as_json):
        from casting.curation import edit_actor

        changed = edit_actor(_open(library), actor, _pairs(given))
    _say(as_json, {"actor": actor, "changed": changed}, "Saved." if changed else "Nothing changed.", library)


@actors_app.command()
def rename(
    actor: Annotated[str, typer.Argument(help="Name, exactly as in the library.")],
    name: Annotated[str, typer.Argument(help="The new name.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Give an actor another name."""
    with reporting(as_json):
        from casting.curation import rename_actor

        stored = rename_actor(_open(library), actor, name)
    _say(as_json, {"actor": stored}, f"{actor} is {stored} now.", library)


@actors_app.command()
def merge(
    keep: Annotated[str, typer.Argument(help="The record to keep.")],
    drop: Annotated[str, typer.Argument(help="The other record of the same person.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Make one record of two of the same person; the other name becomes an alias."""
    with reporting(as_json):
        from casting.curation import merge_actors

        kept = merge_actors(_open(library), keep, drop)
    _say(as_json, {"actor": kept}, f"{drop} was merged into {kept}.", library)


@photos_app.command("list")
def list_photos(
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: Annotated[str, typer.Option(help="Only those of this actor.")] = "",
    lacks: LacksOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show photos with their numbers, rights, flags, and why the last rebuild could not embed them."""
    with reporting(as_json):
        from casting.curation import photo_records
        from casting.curation.records import actor_record

        opened = _open(library)
        rows = photo_records(opened, [actor_record(opened, actor).id] if actor else None, _lack(lacks))
    if as_json:
        output.print_json([row.as_dict() for row in rows])
        return
    lines = [
        [str(row.id), row.actor, row.original, row.source or "", row.licence or "", row.consent or "",
         ", ".join((*row.flags, *([row.failure] if row.failure else [])))]
        for row in rows
    ]  # fmt: skip
    columns = ["photo", "actor", "file", "source", "licence", "consent", "careful"]
    output.table(f"{len(rows)} photos", columns, lines, right=("photo",))


@photos_app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Pictures and ZIPs.")],
    actor: Annotated[str, typer.Option(help="Whose photos they are; left out, folders and tables say so.")] = "",
    given: SetOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    pack: PackOption = "",
    as_json: JsonOption = False,
) -> None:
    """Add pictures to an actor: --actor NAME --set consent=signed; a fact may be set as well."""
    with reporting(as_json), output.progress() as progress:
        from casting import Engine, Library
        from casting.curation import Upload, add_photos
        from casting.importing.facts import PHOTO_COLUMNS

        told = _pairs(given)
        uploads = [Upload(path.name if actor else str(path), _content(path)) for path in files]
        opened = Library.create(library, **overrides(pack))
        report = add_photos(
            opened, Engine.of(opened).finder, uploads, actor=actor, progress=progress,
            facts={name: value for name, value in told.items() if name not in PHOTO_COLUMNS},
            rights={name: value for name, value in told.items() if name in PHOTO_COLUMNS},
        )  # fmt: skip
    if report.refused and not as_json:
        rows = [[error.thing, error.reason, error.next_step] for error in report.refused]
        output.table("Refused", ["what", "why", "what to do"], rows)
    words = f"{report.photos} photos added, {report.present} there already, {len(report.refused)} refused."
    _say(as_json, report.as_dict(), words, library)


@photos_app.command()
def rights(
    photos: PhotoNumbers, given: SetOption = None, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False
) -> None:
    """Set source, licence or consent of photos."""
    with reporting(as_json):
        from casting.curation import set_rights

        count = set_rights(_open(library), photos, _pairs(given))
    _say(as_json, {"photos": count}, f"Rights of {count} photos saved.")


@photos_app.command()
def move(
    photos: PhotoNumbers,
    to: Annotated[str, typer.Option(help="Whom they show; a new name makes a new actor.")],
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Give photos to another actor."""
    with reporting(as_json):
        from casting.curation import move_photos

        name = move_photos(_open(library), photos, to)
    _say(as_json, {"actor": name, "photos": len(photos)}, f"{len(photos)} photos belong to {name} now.", library)


@photos_app.command()
def remove(
    photos: PhotoNumbers,
    library: LibraryOption = DEFAULT_LIBRARY,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take photos out of the library with their vectors and renderings."""
    with reporting(as_json):
        from casting.curation import remove_photos

        opened = _open(library)
        if not yes and not as_json:
            typer.confirm(f"Remove {len(photos)} photos with everything derived from them?", abort=True)
        count = remove_photos(opened, photos)
    _say(as_json, {"photos": count}, f"{count} photos removed.", library)


@app.command()
def review(
    library: LibraryOption = DEFAULT_LIBRARY,
    dismiss: Annotated[bool, typer.Option(help="Settle everything found as being right, so it is not raised.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Look for duplicate pictures, photos of somebody else, and one person recorded twice; changes nothing."""
    with reporting(as_json), output.progress() as progress:
        from casting import curation

        opened = _open(library)
        found = curation.review(opened, progress)
        if dismiss:
            for one in found.all():
                curation.dismiss(opened, one)
    if as_json:
        output.print_json(found.as_dict())
        return
    output.table("To be settled", ["what", "who", "photos", "measure"], _suspicions(opened, found))
    output.console().print(f"{found.photos} photos looked at, {found.dismissed} settled before.")


def _suspicions(library: Library, found: Findings) -> list[list[str]]:
    from casting.curation import actor_records

    name = {row.id: row.name for row in actor_records(library)}
    rows = [
        ["same picture twice", " / ".join(dict.fromkeys((name[one.actor], name[one.copy_actor]))),
         f"{one.photo}, {one.copy}", f"{one.bits} bits differ"]
        for one in found.duplicates
    ]  # fmt: skip
    rows += [
        ["somebody else's photo?", f"{name[one.actor]}, or {name[one.resembles]}?", str(one.photo),
         f"{one.own:.2f} to the own, {one.other:.2f} to the other"]
        for one in found.somebody_else
    ]  # fmt: skip
    rows += [
        ["one person recorded twice?", f"{name[one.actor]} / {name[one.other]}", "", f"{one.strength:.1f} deviations"]
        for one in found.same_person
    ]
    return rows


def _open(folder: Path) -> Library:
    from casting import Library

    return Library.open(folder)


def _say(as_json: bool, document: dict[str, Any], words: str, library: Path | None = None) -> None:
    if as_json:
        output.print_json(document)
        return
    output.console().print(words, highlight=False, markup=False)
    if library is not None:
        output.console().print(NEXT.format(library=library), highlight=False, markup=False)


def _lack(text: str) -> Lack | None:
    known = ("consent", "licence", "embedding")
    return cast("Lack", _one_of("--lacks", text, known)) if text else None


def _one_of(option: str, text: str, known: tuple[str, ...]) -> str:
    from castoon.errors import InputError

    if text not in known:
        raise InputError(f"{option} {text}", "there is no such choice.", f"Choose from {', '.join(known)}.")
    return text


def _pairs(given: list[str] | None) -> dict[str, str]:
    from castoon.errors import InputError

    pairs = [text.partition("=") for text in given or []]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise InputError(f"--set {wrong[0]}", "it has no value.", "Write it as column=value.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _content(path: Path) -> bytes:
    from castoon.errors import InputError

    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), f"it cannot be read ({error.strerror}).", "Check the name.") from error
