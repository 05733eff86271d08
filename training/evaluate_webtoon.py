"""The webtoon stylizer beside its teacher: `python -m training.evaluate_webtoon [--model FILE.onnx] [--record]`.

People of the test part only. SSIM with the teacher on portraits and on face crops of all kinds (and the photo's own,
which is what doing nothing would score); how often a stylized photo finds its actor among all test actors'
other photos, drawn by the teacher, by the student, and not at all; time at 256 px on one core; a sheet of 40 faces.

The teacher's drawings are made once and kept; that needs the extra `train` (ai-edge-litert).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training import card
from training.drawn import load_drawn
from training.evaluate_face import Student, age_band
from training.export import FACE_FILE, WEBTOON_FILE
from training.faces import Crops, FaceSet, load_faces, window
from training.finders import align
from training.paths import PACK, shared_dir, var_dir
from training.teacher import Teacher, Vectors
from training.webtoon_pairs import PORTRAIT, SIDE, Sources, actor_photo, draw_with, field

PORTRAITS, CROPS, PHOTOS_EACH = 40, 36, 3
SHEET = 40


class Stylizer:
    """An exported stylizer on so many cores."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def draw(self, picture: Crops) -> Crops:
        """One RGB picture with sides divisible by 8."""
        x = picture.astype(np.float32).transpose(2, 0, 1)[None] / 127.5 - 1
        y = self._session.run(None, {self._session.get_inputs()[0].name: np.ascontiguousarray(x)})[0][0]
        return np.asarray(np.clip((y.transpose(1, 2, 0) + 1) * 127.5, 0, 255).round(), np.uint8)

    def milliseconds(self, side: int = 256, rounds: int = 30) -> tuple[float, float]:
        """Median time of one picture: by the clock, and what the core itself was at work."""
        picture = np.random.default_rng(0).integers(0, 255, (side, side, 3)).astype(np.uint8)
        times = []
        for _ in range(rounds):
            begun = time.perf_counter(), time.process_time()
            self.draw(picture)
            times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
        clock, core = np.median(times, axis=0) * 1000
        return float(clock), float(core)


def by_teacher(name: str, pictures: list[Crops], cell: int) -> list[Crops]:
    """The teacher's drawings of pictures, several on a field, kept under this name."""
    across, folder = SIDE // cell, var_dir("cache", "webtoon", "test")
    margin = (SIDE - across * cell) // 2
    drawn: list[Crops] = []
    draw = None
    for start in range(0, len(pictures), across * across):
        path = folder / f"{name}-{start:03d}.png"
        some = pictures[start : start + across * across]
        if not path.is_file():
            draw = draw or draw_with("whitebox")
            photo = field([*some, *[some[-1]] * (across * across - len(some))], cell)
            cv2.imwrite(str(path), draw(photo)[..., ::-1])
        found = cv2.imread(str(path))
        assert found is not None
        for place, picture in enumerate(some):
            top, left = (margin + cell * index for index in divmod(place, across))
            height, width = picture.shape[:2]
            top, left = top + (cell - height) // 2, left + (cell - width) // 2
            drawn.append(np.asarray(found[top : top + height, left : left + width, ::-1], np.uint8))
    return drawn


def likeness(student: Stylizer, photos: list[Crops], drawn: list[Crops]) -> tuple[float, float]:
    """Mean SSIM with the teacher of what the student makes of photos, and of the photos themselves."""
    from toonify.style_distance import ssim

    made = [ssim(student.draw(photo), goal) for photo, goal in zip(photos, drawn, strict=True)]
    return float(np.mean(made)), float(np.mean([ssim(*pair) for pair in zip(photos, drawn, strict=True)]))


def found_actor(
    queries: Vectors, actors: npt.NDArray[np.str_], gallery: Vectors, owners: npt.NDArray[np.str_]
) -> float:
    """How often the nearest centroid of an actor's photos is the query's own."""
    names = np.unique(owners)
    centroids = np.stack([gallery[owners == name].mean(0) for name in names])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    return float((names[(queries @ centroids.T).argmax(1)] == actors).mean())


def identity(student: Stylizer, face: Student) -> dict[str, float]:
    """Share of stylized photos of test actors that find their actor, by the published networks and by ours."""
    drawn = load_drawn()
    photos = np.flatnonzero((drawn.part == "test") & ~drawn.drawing)
    number = np.zeros(len(photos), int)
    for actor in np.unique(drawn.actors[photos]):
        mine = drawn.actors[photos] == actor
        number[mine] = np.arange(mine.sum())
    rows, rest = photos[number < PHOTOS_EACH], photos[number >= PHOTOS_EACH]
    pictures = [actor_photo(shared_dir() / drawn.files[row]) for row in rows]
    points = []
    for row in rows:
        image = cv2.imread(str(shared_dir() / drawn.files[row]))
        assert image is not None
        scale = PORTRAIT / max(image.shape[:2])
        left = (PORTRAIT - round(image.shape[1] * scale)) // 2
        top = (PORTRAIT - round(image.shape[0] * scale)) // 2
        points.append((drawn.points[row] * scale + np.array([left, top])).astype(np.float32))
    kinds = {
        "photos": pictures,
        "White-box": by_teacher("actors", pictures, PORTRAIT),
        "student": [student.draw(picture) for picture in pictures],
    }
    teacher = Teacher(shared_dir(), threads=1)
    figures = {}
    encoders: dict[str, Callable[[Crops], Vectors]] = {
        "published networks": lambda crops: teacher.encode(window(crops)),
        "lite": face.encode,
    }
    for by, encode in encoders.items():
        gallery = encode(drawn.crops[rest])
        for kind, made in kinds.items():
            crops = np.stack([align(picture, five) for picture, five in zip(made, points, strict=True)])
            share = found_actor(encode(crops), drawn.actors[rows], gallery, drawn.actors[rest])
            figures[f"webtoon: actor found by {by}, {kind}"] = share
    return figures


def whole(faces: FaceSet, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which crops show picture up to their upper border, rather than a border continued."""
    top = np.asarray(faces.crops[rows, :12]).astype(int)
    return np.asarray(np.abs(np.diff(top, axis=1)).mean((1, 2, 3)) > 1.0)


def all_kinds(count: int) -> list[Crops]:
    """Unseen faces, 256 px, of every race, age band and gender that the tables know, as far as they are sharp."""
    faces = load_faces()
    rows = np.random.default_rng(4).permutation(faces.rows("test"))
    rows = rows[(faces.table["upscale"].to_numpy()[rows] < 0.6) & whole(faces, rows)]
    table = faces.table.iloc[rows]
    kinds = table["race"].fillna("?") + table["age"].map(age_band) + table["gender"].fillna("?")
    turn = table.groupby(kinds.to_numpy(), sort=False).cumcount().to_numpy()
    chosen = rows[np.argsort(turn, kind="stable")[:count]]
    return [
        np.asarray(cv2.resize(faces.crops[row], (PORTRAIT, PORTRAIT), interpolation=cv2.INTER_CUBIC), np.uint8)
        for row in chosen
    ]


def sheet(student: Stylizer, pictures: list[Crops], across: int = 5) -> Crops:
    """Photo and webtoon side by side, so many pairs a row."""
    pairs = [np.concatenate([picture, student.draw(picture)], 1) for picture in pictures]
    rows = [np.concatenate(pairs[start : start + across], 1) for start in range(0, len(pairs), across)]
    return np.concatenate(rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=PACK / WEBTOON_FILE)
    parser.add_argument("--record", action="store_true", help="write the figures into pack.toml")
    given = parser.parse_args()
    student, sources, rng = Stylizer(given.model), Sources("test"), np.random.default_rng(21)
    portraits = [sources.portrait(rng) for _ in range(PORTRAITS)]
    crops = [sources.crop(rng) for _ in range(CROPS)]
    figures: dict[str, float] = {}
    for kind, photos, cell in (("portraits", portraits, 256), ("crops of all kinds", crops, 170)):
        drawn = by_teacher(kind.split()[0], photos, cell)
        figures[f"webtoon: SSIM with the teacher, {kind}"], figures[f"webtoon: SSIM of the photo itself, {kind}"] = (
            likeness(student, photos, drawn)
        )
    figures |= identity(student, Student(PACK / FACE_FILE, threads=1))
    clock, core = student.milliseconds()
    figures |= {"webtoon: ms at 256 on one core": clock, "webtoon: ms at 256, core's own time": core}
    for side in (256, 512, 1024):
        assert student.draw(np.full((side, side, 3), 128, np.uint8)).shape == (side, side, 3)
    for name, value in figures.items():
        print(f"{name:60s} {value:.3f}")
    path = var_dir("webtoon") / "sheet.png"
    cv2.imwrite(str(path), sheet(student, [*portraits[: SHEET // 4], *all_kinds(SHEET - SHEET // 4)])[..., ::-1])
    print(f"sheet of {SHEET} unseen faces: {path}")
    if given.record:
        card.record(given.model.parents[2], figures)


if __name__ == "__main__":
    main()
