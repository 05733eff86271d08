"""Fetching one large file over an unreliable network: resumed, checked, and in place only when it is whole.

Bytes go to `<target>.partial`. A cut, a stall or a busy server is tried again after a growing pause, from where it
stopped; a file of the wrong size or hash is thrown away and fetched once more from the start, then reported.
"""

from __future__ import annotations

import errno
import http.client
import os
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from castoon.errors import InputError, NotReadyError
from castoon.files import PARTIAL, sha256_file, sync_folder

CHUNK = 1 << 18
AGENT = "castoon"
_LOCAL = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENAMETOOLONG}
"""Failures of this machine's own file system, which trying again does not mend."""


@dataclass(frozen=True)
class Progress:
    """How far a download is."""

    file: str
    done: int
    """Bytes on disk."""
    total: int
    """Bytes expected; 0 when the server has not said."""
    rate: float
    """Bytes a second since this attempt began."""
    attempt: int

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None while that is unknown."""
        return (self.total - self.done) / self.rate if self.total and self.rate > 0 else None


@dataclass(frozen=True)
class Patience:
    """How long a download keeps trying."""

    attempts: int = 6
    """In a row without a single new byte."""
    stall_s: float = 30.0
    """A connection that sends nothing for so long is given up."""
    pause_s: float = 1.0
    """Before the second attempt; doubles from one to the next."""
    longest_pause_s: float = 30.0


class _UnusableError(Exception):
    """What has been fetched is not the file; start over."""


def fetch(
    url: str,
    target: Path,
    *,
    sha256: str = "",
    size: int = 0,
    progress: Callable[[Progress], None] | None = None,
    patience: Patience | None = None,
) -> None:
    """Bring the file at `url` to `target`, or raise `NotReadyError` and leave `target` as it was.

    `sha256` and `size` are checked when given. Only http and https addresses are followed.
    """
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise InputError(url, "only http and https addresses can be downloaded.", "Mend the address or the mirror.")
    patience = patience or Patience()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + PARTIAL)
    fruitless = started_over = 0
    while True:
        before = _size(partial)
        try:
            _attempt(url, partial, size, progress, patience, attempt=fruitless + 1)
            _check(partial, sha256, size)
            break
        except _UnusableError as error:
            partial.unlink(missing_ok=True)
            _tag_file(partial).unlink(missing_ok=True)
            started_over += 1
            if started_over > 1:
                raise NotReadyError(
                    url, f"{error}, twice in a row.", "Try a mirror, or ask where the pack's current files are."
                ) from error
        except urllib.error.HTTPError as error:
            if error.code not in {408, 425, 429, 500, 502, 503, 504}:
                raise NotReadyError(
                    url, f"the server refuses ({error.code} {error.reason}).", "Check the address, or set a mirror."
                ) from error
            fruitless = _wait(url, error, fruitless, patience)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                partial.unlink(missing_ok=True)
                _tag_file(partial).unlink(missing_ok=True)
                raise _no_space(target, size) from error
            if error.errno in _LOCAL:
                raise NotReadyError(
                    str(target.parent),
                    f"{target.name} cannot be written there ({error.strerror}).",
                    "Give Castoon the right to write there, or choose another models folder.",
                ) from error
            fruitless = _wait(url, error, 0 if _size(partial) > before else fruitless, patience)
        except http.client.HTTPException as error:
            fruitless = _wait(url, error, 0 if _size(partial) > before else fruitless, patience)
    partial.replace(target)
    _tag_file(partial).unlink(missing_ok=True)
    sync_folder(target.parent)


def mirrored(url: str, mirror: str) -> str:
    """The address of `url` at a mirror: `https://host/path` is asked for at `<mirror>/host/path`."""
    if not mirror:
        return url
    parts = urllib.parse.urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path}{query}"


def _attempt(
    url: str,
    partial: Path,
    size: int,
    progress: Callable[[Progress], None] | None,
    patience: Patience,
    *,
    attempt: int,
) -> None:
    have = _size(partial)
    if size and have == size:
        return
    if size and have > size:
        raise _UnusableError(f"more than the expected {size} bytes are there")
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        tag = _tag_file(partial)
        if tag.is_file():
            headers["If-Range"] = tag.read_text(encoding="ascii", errors="ignore").strip()
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    try:
        response = urllib.request.urlopen(request, timeout=patience.stall_s)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise _UnusableError("what was fetched before does not fit the file on the server") from error
        raise
    with response:
        start = _start_of(response, have)
        announced = response.headers.get("Content-Length")
        total = start + int(announced) if announced and announced.isdigit() else 0
        if size and total and total != size:
            raise _UnusableError(f"the server announces {total} bytes where {size} were expected")
        _make_room(partial, (size or total) - start)
        _remember_tag(partial, response)
        with partial.open("r+b" if start else "wb") as handle:
            handle.seek(start)
            handle.truncate()
            report = _Reporter(partial.name.removesuffix(PARTIAL), size or total, start, attempt, progress)
            _copy(response, handle, start, size, report)
        if total and _size(partial) < total:
            raise ConnectionError(f"the connection was cut at {_size(partial)} of {total} bytes")


def _copy(response: Any, handle: IO[bytes], done: int, limit: int, report: _Reporter) -> None:
    while block := response.read1(CHUNK):
        done += len(block)
        if limit and done > limit:
            raise _UnusableError(f"the server sends more than the expected {limit} bytes")
        handle.write(block)
        report(done)
    handle.flush()
    os.fsync(handle.fileno())


class _Reporter:
    """Tells a callback how far a download is, a few times a second and at the end."""

    def __init__(
        self, file: str, total: int, start: int, attempt: int, callback: Callable[[Progress], None] | None
    ) -> None:
        self._file, self._total, self._start, self._attempt, self._callback = file, total, start, attempt, callback
        self._began = time.monotonic()
        self._last = 0.0

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if self._callback is None or (now - self._last < 0.2 and done != self._total):
            return
        self._last = now
        rate = (done - self._start) / max(now - self._began, 1e-6)
        self._callback(Progress(self._file, done, self._total, rate, self._attempt))


def _start_of(response: Any, have: int) -> int:
    """Where in the file the body begins: at `have` when the server resumes there, else at the beginning."""
    if response.status != http.client.PARTIAL_CONTENT:
        return 0
    said = str(response.headers.get("Content-Range", ""))
    if said.startswith(f"bytes {have}-"):
        return have
    raise _UnusableError(f"the server resumes at another place than asked ({said or 'it does not say where'})")


def _check(partial: Path, sha256: str, size: int) -> None:
    if size and _size(partial) != size:
        raise _UnusableError(f"the file has {_size(partial)} bytes where {size} were expected")
    if sha256 and (found := sha256_file(partial)) != sha256:
        raise _UnusableError(f"the file's SHA-256 is {found[:16]}... where {sha256[:16]}... was expected")


def _wait(url: str, error: Exception, fruitless: int, patience: Patience) -> int:
    fruitless += 1
    if fruitless >= patience.attempts:
        raise NotReadyError(
            url,
            f"the download did not get on in {fruitless} attempts ({_why(error)}).",
            "Check the network and run the same command again: it goes on where it stopped. "
            "Without network, set a mirror or name a folder that holds the pack.",
        ) from error
    time.sleep(min(patience.longest_pause_s, patience.pause_s * 2 ** (fruitless - 1)))
    return fruitless


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error or type(error).__name__)


def _make_room(partial: Path, needed: int) -> None:
    free = shutil.disk_usage(partial.parent).free
    if needed > free:
        raise _no_space(partial, needed, free)


def _no_space(target: Path, needed: int, free: int | None = None) -> NotReadyError:
    there = "" if free is None else f", {free / 1e6:.0f} MB are free"
    return NotReadyError(
        str(target.parent),
        f"there is no space left for {target.name.removesuffix(PARTIAL)} ({needed / 1e6:.0f} MB needed{there}).",
        "Make room or choose another models folder, then run the same command again.",
    )


def _remember_tag(partial: Path, response: Any) -> None:
    tag = str(response.headers.get("ETag", ""))
    if tag.startswith('"'):
        _tag_file(partial).write_text(tag, encoding="ascii", errors="ignore")
    else:
        _tag_file(partial).unlink(missing_ok=True)


def _tag_file(partial: Path) -> Path:
    return partial.with_name(partial.name + ".etag")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
