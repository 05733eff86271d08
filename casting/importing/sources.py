"""Reading a cast from a folder of folders, a CSV, or a ZIP of either: a stream of photos with their actor's facts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from casting.importing.facts import (
    COLUMNS,
    REQUIRED,
    ActorFacts,
    PhotoFacts,
    actor_facts,
    actor_name,
    photo_facts,
)
from casting.importing.files import Files, FolderFiles, ZipFiles, inside
from castoon.errors import InputError
from castoon.words import Words

MAX_ROWS = 2_000_000


@dataclass(frozen=True)
class Entry:
    """One photo that a source offers."""

    label: str
    """File, and row where a table named it, as messages call it."""
    file: str
    actor: ActorFacts
    photo: PhotoFacts


class Cast(Protocol):
    """What an import reads: photos offered, and their content."""

    def entries(self) -> Iterator[Entry | InputError]:
        """Every photo offered; an error in the place of what is refused."""
        ...

    def read(self, entry: Entry) -> bytes:
        """Content of an entry's photo, or `InputError`."""
        ...


@dataclass(frozen=True)
class Source:
    """A cast to import: its files, and the table that describes them where there is one."""

    files: Files
    table: str | None

    def entries(self) -> Iterator[Entry | InputError]:
        """Every photo offered; an error in the place of what is refused."""
        return _from_folders(self.files) if self.table is None else _from_table(self.files, self.table)

    def read(self, entry: Entry) -> bytes:
        """Content of an entry's photo."""
        try:
            return self.files.read(entry.file)
        except InputError as error:
            raise InputError(entry.label, error.reason, error.next_step) from error


def open_source(path: Path) -> Source:
    """Recognise what was given: a folder, a CSV or a ZIP."""
    if path.is_dir():
        return with_table(FolderFiles(path))
    if not path.exists():
        raise InputError(str(path), "there is no such file or folder.", "Give a folder, a CSV or a ZIP.")
    if path.suffix.lower() in {".csv", ".tsv"}:
        return Source(FolderFiles(path.parent), path.name)
    with path.open("rb") as handle:
        magic = handle.read(4)
    if magic[:2] == b"PK":
        return with_table(ZipFiles(path))
    raise InputError(
        str(path), "this is neither a folder, nor a CSV, nor a ZIP.", "Give a folder with one sub-folder an actor."
    )


def with_table(files: Files) -> Source:
    """A table at the top of the source, or inside its only top folder, describes the photos."""
    names = [name for name in files.names() if isinstance(name, str)]
    tops = {PurePosixPath(name).parts[0] for name in names}
    depth = 2 if len(tops) == 1 and all("/" in name for name in names) else 1
    tables = [n for n in names if n.lower().endswith((".csv", ".tsv")) and len(PurePosixPath(n).parts) <= depth]
    if len(tables) > 1:
        raise InputError(
            files.label,
            Words("it holds several tables ({names}).", names=", ".join(tables[:5])),
            "Name the one to import.",
        )
    return Source(files, tables[0] if tables else None)


def _from_folders(files: Files) -> Iterator[Entry | InputError]:
    names = list(files.names())
    parts = [PurePosixPath(name).parts for name in names if isinstance(name, str)]
    wrapped = len({part[0] for part in parts}) == 1 and all(len(part) >= 3 for part in parts)
    actor_at = 1 if wrapped else 0
    for name in names:
        if isinstance(name, InputError):
            yield name
            continue
        path = PurePosixPath(name).parts
        if len(path) < actor_at + 2:
            yield InputError(name, "it lies in no actor's folder.", "Move it into a sub-folder named after the actor.")
            continue
        try:
            yield Entry(name, name, ActorFacts(actor_name(path[actor_at], name)), PhotoFacts())
        except InputError as error:
            yield error


def _from_table(files: Files, table: str) -> Iterator[Entry | InputError]:
    rows, refused = _rows(_decode(files.read(table), table), table)
    yield from refused
    base = PurePosixPath(table).parent
    facts: dict[str, ActorFacts] = {}
    for number, row in rows:
        label = Words("{table} row {number}", table=table, number=number)
        try:
            if None in row.values() or None in row:
                raise InputError(label, "it has more or fewer fields than the header.", "Quote values with commas.")
            actor = actor_facts(row, label)
            known = facts.get(actor.name, actor)
            if different := known.conflicts(actor):
                raise InputError(
                    label,
                    Words(
                        "`{actor}` was given before with other data in {names}.",
                        actor=actor.name,
                        names=", ".join(different),
                    ),
                    "Make the rows agree, or give the other person another name.",
                )
            facts[actor.name] = known.merged(actor)
            label = Words("{label} ({photo})", label=label, photo=row["photo"].strip()[:120])
            file = str(base / inside(row["photo"], label))
            yield Entry(label, file, facts[actor.name], photo_facts(row, label))
        except InputError as error:
            yield error


def _decode(content: bytes, table: str) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(table, "it is neither UTF-8 nor CP949 text.", "Save it as `CSV UTF-8`.")


def _rows(text: str, table: str) -> tuple[Iterator[tuple[int, Mapping[str, str]]], list[InputError]]:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text.replace("\x00", "")), delimiter=delimiter)
    try:
        names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    except csv.Error as error:
        raise InputError(table, Words("it cannot be read as CSV ({why}).", why=error), "Export it again.") from error
    reader.fieldnames = names
    if missing := [name for name in REQUIRED if name not in names]:
        raise InputError(
            table,
            Words("the column {names} is missing.", names=" and ".join(missing)),
            Words("Columns are: {names}.", names=", ".join(COLUMNS)),
        )
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise InputError(
            table, Words("the column {names} stands twice.", names=", ".join(twice)), "Remove one of them."
        )
    refused = [
        InputError(
            Words("{table} column `{name}`", table=table, name=name), "this column is not known and was left out.",
            Words("Columns are: {names}.", names=", ".join(COLUMNS)),
        )
        for name in names if name not in COLUMNS
    ]  # fmt: skip
    return _numbered(reader, table), refused


def _numbered(reader: csv.DictReader[str], table: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    number = 1
    while number <= MAX_ROWS:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                Words("{table} row {number}", table=table, number=number),
                Words("it cannot be read ({why}).", why=error),
                "Export it again.",
            ) from error
        yield number, row
