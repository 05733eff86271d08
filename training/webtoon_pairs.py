"""Photo beside webtoon: fields of 512 px, drawn once by White-box cartoonization and kept as pictures.

The teacher takes 512x512 and nothing else, at seconds a picture, so a field is filled with faces: four portraits of
256 px (the size the stylizer is used at), nine crops of 160 px, or one enlarged portrait, some of them relit first.
Seams do no harm, the student sees the same ones.

`python -m training.webtoon_pairs` draws what is missing; needs the extra `train` (ai-edge-litert).
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.faces import Crops, decode, load_faces
from training.paths import shared_dir, small, var_dir
from training.splits import actor_parts, person_part
from training.whitebox import open_teacher, render

TEACHER = "whitebox"
SIDE = 512
PORTRAIT = 256
COUNTS = {"train": {"portraits": 80, "actors": 40, "crops": 40, "large": 32}, "val": {"portraits": 4, "crops": 2}}
"""Fields of each kind."""
CELL = {"portraits": 256, "actors": 256, "crops": 170, "large": 512}
SEED = 12


def enclosed(picture: Crops, side: int) -> Crops:
    """The picture in the middle of a square of this side: reduced where larger, mirrored outwards where smaller."""
    height, width = picture.shape[:2]
    factor = min(1.0, side / max(height, width))
    if factor < 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        height, width = picture.shape[:2]
    above, before = (side - height) // 2, (side - width) // 2
    border = (above, side - height - above, before, side - width - before)
    return np.asarray(cv2.copyMakeBorder(picture, *border, cv2.BORDER_REFLECT), np.uint8)


def field(pictures: list[Crops], cell: int) -> Crops:
    """Pictures side by side in cells of this side, on one field [512, 512, 3]."""
    across = SIDE // cell
    cells = [enclosed(picture, cell) for picture in pictures]
    rows = [np.concatenate(cells[start : start + across], 1) for start in range(0, across * across, across)]
    return enclosed(np.concatenate(rows), SIDE)


def relit(rng: np.random.Generator, picture: Crops) -> Crops:
    """Another light, tint or exposure; a few without colour."""
    x = picture.astype(np.float32) / 255
    if rng.random() < 0.15:
        x[:] = x.mean(2, keepdims=True)
    x = np.clip(x, 0, 1) ** float(np.exp(rng.normal(0, 0.3)))
    x *= np.exp(rng.normal(0, 0.08, 3)).astype(np.float32)
    return (np.clip(x * float(np.exp(rng.normal(0, 0.1))), 0, 1) * 255).astype(np.uint8)


class Sources:
    """Photos of one part by kind."""

    def __init__(self, part: str) -> None:
        shared = shared_dir()
        self._portraits = zipfile.ZipFile(shared / "portraits" / "portraits-256.zip")
        names = sorted(self._portraits.namelist())
        self.portraits = [name for name in names if person_part(f"scut__Images__{name}") == part]
        folders = sorted((shared / "drawn" / "photos").iterdir())
        parts = actor_parts([folder.name for folder in folders])
        self.actors = [p for f in folders if parts[f.name] == part for p in sorted(f.glob("*.jpg"))]
        self._faces = load_faces()
        rows = self._faces.rows(part)
        self.crops = rows[self._faces.table["set"].to_numpy()[rows] != "scut"]

    def portrait(self, rng: np.random.Generator) -> Crops:
        """A portrait of 256 px."""
        return decode(self._portraits.read(self.portraits[int(rng.integers(len(self.portraits)))]))

    def large(self, rng: np.random.Generator) -> Crops:
        """A portrait enlarged to 512 px."""
        return np.asarray(cv2.resize(self.portrait(rng), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)

    def actor(self, rng: np.random.Generator) -> Crops:
        """An actor's photo, 256 px high."""
        return actor_photo(self.actors[int(rng.integers(len(self.actors)))])

    def crop(self, rng: np.random.Generator) -> Crops:
        """A face crop of 160 px."""
        return np.asarray(self._faces.crops[self.crops[int(rng.integers(len(self.crops)))]])


def actor_photo(path: Path) -> Crops:
    """A photo of the drawn set as a stylizer gets it: 256 px square."""
    image = decode(path.read_bytes())
    factor = PORTRAIT / max(image.shape[:2])
    size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    return enclosed(np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8), PORTRAIT)


def fields(part: str) -> Iterator[tuple[str, Crops]]:
    """Name and photo of every field of a part, the kinds taking turns so that any beginning is a fair sample."""
    sources = Sources(part)
    pick: dict[str, Callable[[np.random.Generator], Crops]] = {
        "portraits": sources.portrait, "actors": sources.actor, "crops": sources.crop, "large": sources.large,
    }  # fmt: skip
    counts = {kind: -(-count // 30) if small() else count for kind, count in COUNTS[part].items()}
    order = sorted((number / count, kind, number) for kind, count in counts.items() for number in range(count))
    for _, kind, number in order:
        rng = np.random.default_rng([SEED, list(CELL).index(kind), number, part == "val"])
        pictures = [pick[kind](rng) for _ in range((SIDE // CELL[kind]) ** 2)]
        yield f"{kind}-{number:03d}", field([relit(rng, p) if rng.random() < 0.35 else p for p in pictures], CELL[kind])


def pairs_folder(part: str, teacher: str = TEACHER) -> Path:
    """Where the pairs of a part lie: pictures of 512x1024, the photo on the left and the webtoon on the right."""
    return var_dir("cache", "webtoon", *([] if teacher == TEACHER else [teacher.replace(":", "-")]), part)


def draw_with(teacher: str) -> Callable[[Crops], Crops]:
    """A function that draws a field [512, 512, 3]: White-box, or any installed style of toonify."""
    if teacher == TEACHER:
        network = open_teacher()
        return lambda photo: render(network, photo)
    import toonify

    style = toonify.load(teacher)
    return lambda photo: style.stylize([photo])[0]


def cache_pairs(part: str, teacher: str = TEACHER) -> None:
    """Draw the pairs that are not there yet."""
    folder = pairs_folder(part, teacher)
    missing = [(name, photo) for name, photo in fields(part) if not (folder / f"{name}.png").is_file()]
    draw = draw_with(teacher) if missing else None
    for name, photo in missing:
        assert draw is not None
        partial = folder / "partial.png"
        cv2.imwrite(str(partial), np.concatenate([photo, draw(photo)], 1)[..., ::-1])
        partial.rename(folder / f"{name}.png")


def load_pairs(part: str, teacher: str = TEACHER) -> tuple[Crops, Crops]:
    """Photos and webtoons [n, 512, 512, 3] that are there."""
    paths = sorted(path for path in pairs_folder(part, teacher).glob("*.png") if path.stem != "partial")
    both: npt.NDArray[np.uint8] = np.stack([decode(path.read_bytes()) for path in paths])
    return both[:, :, :SIDE], both[:, :, SIDE:]


def main() -> None:
    """Command line."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for part in ("val", "train"):
        cache_pairs(part)
        print(f"{part}: {len(list(pairs_folder(part).glob('*.png')))} fields in {pairs_folder(part)}", flush=True)


if __name__ == "__main__":
    main()
