"""Where a cast comes from: a folder or a ZIP, read through one small door, so that both are held to the same rules.

Names are paths relative to the source with `/` between parts. A name that leaves the source, a link out of it, an
archive entry that is a link, encrypted, absolute, or far larger than its packed size: each is refused alone.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from castoon.errors import InputError
from castoon.images import MAX_BYTES
from castoon.words import Words

IGNORED = frozenset({"thumbs.db", "desktop.ini", ".ds_store", "__macosx"})
MAX_ENTRIES = 500_000
MAX_UNPACKED = 64 * 1024**3
MAX_RATIO = 200
"""Pictures hardly pack; an entry that grows more than this is made to fill a disk or a memory."""


class Files(Protocol):
    """Files of a source."""

    @property
    def label(self) -> str:
        """How messages call the source."""
        ...

    def names(self) -> Iterator[str | InputError]:
        """Every file, in a stable order; an error in the place of a file that may not be read."""
        ...

    def read(self, name: str) -> bytes:
        """Content of a file, or `InputError`."""
        ...


def inside(name: str, thing: str) -> str:
    """A relative path that stays within its source, in normal form, or `InputError`."""
    text = name.strip().replace("\\", "/")
    path = PurePosixPath(text)
    if not text or "\x00" in text:
        raise InputError(thing, "no file is named.", "Name a picture, relative to the table.")
    if "://" in text:
        raise InputError(
            thing, Words("`{text}` is an address.", text=text[:80]), "Download the picture; Castoon stays offline."
        )
    if path.is_absolute() or text[1:2] == ":":
        raise InputError(
            thing, Words("`{text}` is an absolute path.", text=text[:120]), "Give a path relative to the source."
        )
    if ".." in path.parts:
        raise InputError(
            thing,
            Words("`{text}` leaves the source.", text=text[:120]),
            "Move the file inside, and name it without `..`.",
        )
    return str(path)


def _ignored(name: str) -> bool:
    return any(part.startswith(".") or part.lower() in IGNORED for part in PurePosixPath(name).parts)


class FolderFiles:
    """Files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.label = str(root)

    def names(self) -> Iterator[str | InputError]:
        """See `Files.names`."""
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if not _ignored(name) and (path.is_symlink() or not path.is_dir()):
                yield name

    def read(self, name: str) -> bytes:
        """See `Files.read`."""
        path = self.root / inside(name, name)
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self.root):
                raise InputError(name, "it is a link that leaves the folder.", "Put the file itself there.")
            if not real.is_file():
                raise InputError(name, "it is not a regular file.", "Name a picture file.")
            if real.stat().st_size > MAX_BYTES:
                raise InputError(
                    name, Words("it has {size:.0f} MB.", size=real.stat().st_size / 1e6), "Scale the picture down."
                )
            return real.read_bytes()
        except FileNotFoundError as error:
            raise InputError(name, "there is no such file.", "Check the spelling; paths are relative.") from error
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(
                name, Words("it cannot be read ({reason}).", reason=reason), "Check that it exists and may be read."
            ) from error


class ZipFiles:
    """Files in a ZIP, read one by one; nothing is unpacked to disk."""

    def __init__(self, path: Path, content: IO[bytes] | None = None) -> None:
        """Open the ZIP at a path, or one that is at hand in memory and bears that name."""
        self.label = str(path)
        try:
            self._zip = zipfile.ZipFile(content or path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise InputError(
                str(path), Words("it is not a ZIP that can be opened ({why}).", why=error), "Pack it again."
            ) from error
        if len(self._zip.infolist()) > MAX_ENTRIES:
            raise InputError(str(path), Words("it holds more than {most} entries.", most=MAX_ENTRIES), "Split it.")
        self._entries: Mapping[str, zipfile.ZipInfo] = {
            _entry_name(entry): entry for entry in self._zip.infolist() if not entry.is_dir()
        }

    def names(self) -> Iterator[str | InputError]:
        """See `Files.names`."""
        unpacked = 0
        for name, entry in sorted(self._entries.items()):
            if _ignored(name) and ".." not in name:
                continue
            try:
                inside(name, name)
                unpacked += entry.file_size
                _check(name, entry, unpacked)
            except InputError as error:
                yield error
            else:
                yield name

    def read(self, name: str) -> bytes:
        """See `Files.read`."""
        entry = self._entries.get(inside(name, name))
        if entry is None:
            raise InputError(name, "the archive has no such file.", "Check the spelling; paths are relative.")
        _check(name, entry, entry.file_size)
        try:
            with self._zip.open(entry) as handle:
                content = handle.read(entry.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
            raise InputError(
                name, Words("the archive is damaged here ({why}).", why=error), "Pack the file again."
            ) from error
        if len(content) > entry.file_size:
            raise InputError(name, "it is larger than the archive says.", "Pack the file again.")
        return content


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """An entry's name; Korean archivers write it without saying in which encoding."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _check(name: str, entry: zipfile.ZipInfo, unpacked: int) -> None:
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(name, "it is a link.", "Pack the file itself.")
    if entry.flag_bits & 0x1:
        raise InputError(name, "it is encrypted.", "Pack it without a password.")
    if entry.file_size > MAX_BYTES:
        raise InputError(
            name, Words("it unpacks to {size:.0f} MB.", size=entry.file_size / 1e6), "Scale the picture down."
        )
    if entry.file_size > 1_000_000 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        reason = Words(
            "it unpacks to {times} times its size, as bombs do.", times=entry.file_size // max(entry.compress_size, 1)
        )
        raise InputError(name, reason, "Pack real pictures.")
    if unpacked > MAX_UNPACKED:
        raise InputError(
            name, Words("the archive unpacks to over {most:.0f} GB.", most=MAX_UNPACKED / 1e9), "Split it."
        )
