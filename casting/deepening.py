"""Teaching a pack to look before its face networks' last layers (`embeddings.earlier`), from photos of known people.

`lite` has learnt it already. For any other pack it takes a folder with a sub-folder of photos for each person; some
dozens of people with five photos each will do, and nobody drawn is needed. Vectors are others afterwards, so that every
library that uses the pack has to be rebuilt, and fitted anew: without a bridge the earlier layers count for little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from casting.progress import Progress, Silent
from castoon.errors import CastoonError, InputError, NotReadyError
from castoon.files import sha256_file
from castoon.images import RGB, SUFFIXES, read
from castoon.words import Words

if TYPE_CHECKING:
    from embeddings import Pack
    from embeddings.arcface import ArcFaceEncoder

ENOUGH_PEOPLE, ENOUGH_PHOTOS = 30, 120
"""With less the axes would be those of these few people."""
WEIGHT = 0.6
"""How much it counts where the vector counts 2; docs/ranking.md has what public networks were measured at."""


def deepen(
    pack: Pack,
    photos: Path,
    *,
    layer: str = "",
    weight: float = WEIGHT,
    threads: int = 1,
    progress: Progress | None = None,
) -> Mapping[str, str]:
    """Find, for each face network of the pack, how it is read before its last layers, and keep it beside the network.

    Returns role -> name of the layer: the one given, or the last sum of a block. Nothing is written when stopped.
    """
    from embeddings.arcface import networks
    from embeddings.earlier_fit import find_earlier, last_sum
    from embeddings.encoders import load_encoders
    from embeddings.pack import PackFile
    from embeddings.packtoml import write_pack

    watcher = progress or Silent()
    if not pack.roles("arcface"):
        raise NotReadyError(
            Words("model pack {pack}", pack=pack.name),
            "it has no pack.toml that names a face network, so nothing can be kept beside one.",
            "Describe its files in a pack.toml, as packs that were pulled are.",
        )
    files = [one for one in pack.files if not one.role.endswith("_earlier")]
    plain = replace(pack, files=tuple(files))
    faces = networks(load_encoders(plain, threads=threads, hide=False)["arcface"])
    crops, people = _seen(plain, faces, photos, threads, watcher)
    made = []
    for network, here in zip(faces, crops, strict=True):
        watcher.begin("look before the last layers", len(here))
        told = _Told(watcher)
        where = layer or last_sum(network.network)
        found = find_earlier(
            network.network, network.feeding, here, people, where, weight=weight, threads=threads, told=told
        )
        made.append((network, found))
    if watcher.stopped:
        return {}
    for network, found in made:
        path = network.network.with_name(f"{network.network.stem}-earlier.npz")
        found.save(path)
        name = path.relative_to(pack.folder).as_posix()
        files.append(PackFile(name, f"{network.name}_earlier", sha256_file(path), path.stat().st_size))
    write_pack(replace(pack, files=tuple(files)), pack.folder)
    return {network.name: found.tensor for network, found in made}


class _Told:
    """Steps of a stage from how many are done."""

    def __init__(self, watcher: Progress) -> None:
        self._watcher, self._before = watcher, 0

    def __call__(self, done: int, of: int) -> None:
        self._watcher.advance(done - self._before)
        self._before = done


def _seen(
    pack: Pack, networks: Sequence[ArcFaceEncoder], photos: Path, threads: int, watcher: Progress
) -> tuple[list[list[RGB]], np.ndarray]:
    """For each network the aligned faces of people of whom there are several, and who they are.

    Whole pictures are not kept.
    """
    from embeddings import load_finder

    finder = load_finder(pack, threads=threads)
    pictures = _pictures(photos)
    watcher.begin("look for faces", len(pictures))
    cut: list[list[RGB]] = [[] for _ in networks]
    who: list[str] = []
    for path in pictures:
        if watcher.stopped:
            break
        try:
            pixels = read(path).pixels
            for face in finder.find(pixels).faces[:1]:
                who.append(path.parent.name)
                for crops, network in zip(cut, networks, strict=True):
                    crops.append(network.cut_out(pixels, face))
        except CastoonError:
            continue
        finally:
            watcher.advance()
    names, place, counts = np.unique(who, return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[place] > 1) if who else np.zeros(0, np.int64)
    count = int((counts > 1).sum())
    if count < ENOUGH_PEOPLE or len(several) < ENOUGH_PHOTOS:
        raise InputError(
            str(photos),
            Words(
                "{photos} faces of {people} people with several photos are too few.",
                photos=len(several),
                people=count,
            ),
            Words(
                "Give a sub-folder of photos for each of {people} people or more, {photos} photos in all.",
                people=ENOUGH_PEOPLE,
                photos=ENOUGH_PHOTOS,
            ),
        )
    return [[crops[row] for row in several.tolist()] for crops in cut], names[place[several]]


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(str(folder), "there is no such folder.", "Name the folder that holds a sub-folder a person.")
    return sorted(_in_people(folder))


def _in_people(folder: Path) -> Iterator[Path]:
    for person in folder.iterdir():
        if person.is_dir():
            yield from (path for path in person.iterdir() if path.suffix.lower() in SUFFIXES)
