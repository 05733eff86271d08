"""Vectors kept content-addressed on disk: nothing is embedded twice, nothing is lost to a kill, erased means erased.

One subfolder (a `Shelf`) holds the vectors of one encoder contract, so that all its rows have one length. Any number of
processes may read while one writes; writers wait for each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from castoon.errors import InputError, NotReadyError
from castoon.files import short_hash
from castoon.words import Words
from embeddings.shelf import META, Shelf

Vector = npt.NDArray[np.float32]
LOCK_PATIENCE = 60.0
"""Seconds that a writer waits for another one."""


@dataclass(frozen=True, order=True)
class VectorKey:
    """What a vector was computed from; equal keys mean equal vectors."""

    photo: str
    """Content hash of the picture."""
    face: str
    """Which face of it (`Face.key`)."""
    rendering: str
    """`photo`, or the fingerprint of the stylizer that rendered it."""
    contract: str
    """The encoder's contract."""

    def digest(self) -> bytes:
        """16 bytes that stand for the key on disk."""
        parts = (self.photo, self.face, self.rendering, self.contract)
        return blake2b(b"".join(_sized(part) for part in parts), digest_size=16).digest()


def photo_digest(photo: str) -> bytes:
    """16 bytes that stand for a photo on disk, so that all its vectors can be found again to erase them."""
    return blake2b(_sized(photo), digest_size=16, person=b"photo").digest()


def _sized(part: str) -> bytes:
    encoded = part.encode()
    return len(encoded).to_bytes(4, "little") + encoded


class VectorStore:
    """float32 vectors by `VectorKey`, in a folder of their own.

    What `add` has returned from is on disk; a kill or a power cut in the middle of it loses the unfinished tail and
    nothing else.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._shelves: dict[str, Shelf] = {}
        self._mutex = threading.RLock()

    def get_many(self, keys: Iterable[VectorKey]) -> dict[VectorKey, Vector]:
        """The vectors that are there, float32 [dim] each; keys without a sound vector are left out."""
        by_contract: dict[str, list[VectorKey]] = defaultdict(list)
        for key in keys:
            by_contract[key.contract].append(key)
        found: dict[VectorKey, Vector] = {}
        with self._mutex:
            for contract, wanted in by_contract.items():
                shelf = self._shelf(contract)
                if shelf is not None:
                    found.update(shelf.get({key.digest(): key for key in wanted}))
        return found

    def add(self, items: Mapping[VectorKey, npt.NDArray[np.floating]], *, replace: bool = False) -> int:
        """Keep vectors durably; returns how many were written. Those that are there stay, or are replaced."""
        by_contract: dict[str, dict[bytes, tuple[bytes, Vector]]] = defaultdict(dict)
        for key, value in items.items():
            row = np.ascontiguousarray(value, dtype="<f4").reshape(-1)
            if not row.size or not np.isfinite(row).all():
                raise InputError(
                    Words("vector of photo {photo}", photo=key.photo[:12]),
                    "it is empty or not finite.",
                    "Embed it again.",
                )
            by_contract[key.contract][key.digest()] = (photo_digest(key.photo), row)
        if not by_contract:
            return 0
        with self._writing():
            return sum(
                self._shelf_for_writing(contract, next(iter(rows.values()))[1].size).append(rows, replace)
                for contract, rows in by_contract.items()
            )

    def forget(self, photos: Collection[str]) -> int:
        """Erase every vector of these photos: their bytes are overwritten in place. Returns how many there were."""
        digests = [photo_digest(photo) for photo in photos]
        if not digests or not self.folder.is_dir():
            return 0
        with self._writing():
            return sum(shelf.erase(digests) for shelf in self._all())

    def compact(self) -> int:
        """Give back the room of erased and damaged rows; returns the bytes gained."""
        if not self.folder.is_dir():
            return 0
        with self._writing():
            return sum(shelf.compact() for shelf in self._all())

    def verify(self) -> dict[str, int]:
        """Read everything and count: `vectors` sound ones, `damaged` ones (treated as missing), `erased` rows."""
        totals = {"vectors": 0, "damaged": 0, "erased": 0}
        with self._mutex:
            for shelf in self._all():
                for name, count in shelf.census().items():
                    totals[name] += count
        return totals

    def drop(self, contract: str) -> int:
        """Delete all vectors of one contract (an encoder no longer in use); returns how many there were."""
        with self._writing():
            shelf = self._shelf(contract)
            self._shelves.pop(contract, None)
            return 0 if shelf is None else shelf.delete()

    def contracts(self) -> dict[str, int]:
        """The contracts that have vectors here, with their number."""
        with self._mutex:
            return {shelf.contract: len(shelf) for shelf in self._all()}

    def __len__(self) -> int:
        return sum(self.contracts().values())

    def _home(self, contract: str) -> Path:
        return self.folder / short_hash("contract", contract)

    def _shelf(self, contract: str) -> Shelf | None:
        home = self._home(contract)
        if not (home / META).is_file():
            self._shelves.pop(contract, None)
            return None
        if contract not in self._shelves:
            self._shelves[contract] = Shelf(home)
        self._shelves[contract].refresh()
        return self._shelves[contract]

    def _shelf_for_writing(self, contract: str, dim: int) -> Shelf:
        shelf = self._shelf(contract)
        if shelf is None:
            Shelf.create(self._home(contract), contract, dim)
            shelf = self._shelf(contract)
            assert shelf is not None
        return shelf

    def _all(self) -> list[Shelf]:
        if not self.folder.is_dir():
            return []
        known = (Shelf.read_contract(home) for home in sorted(self.folder.iterdir()) if (home / META).is_file())
        shelves = (self._shelf(contract) for contract in known)
        return [shelf for shelf in shelves if shelf is not None]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._mutex, (self.folder / "lock").open("a+b") as handle:
            deadline = time.monotonic() + LOCK_PATIENCE
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise NotReadyError(
                            str(self.folder),
                            Words(
                                "another process has been writing vectors for {seconds:.0f} seconds.",
                                seconds=LOCK_PATIENCE,
                            ),
                            "Wait for the running job, or stop it, then try again.",
                        ) from None
                    time.sleep(0.02)
            yield
