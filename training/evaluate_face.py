"""The face encoder beside its teacher: `python -m training.evaluate_face [--model FILE.onnx] [--record]`.

People of the test part only: verification on 6,000 CelebA pairs (10 folds), drawing -> actor over the test actors,
and per group the accuracy (groups of known identities) or the share of strangers taken for one person (all groups).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from embeddings.manner import Manner, read_as_drawn
from training import card
from training.drawn import load_drawn
from training.export import DRAWN_FILE, FACE_FILE
from training.faces import Crops, load_faces
from training.paths import PACK
from training.prepare import drawn_teacher, teacher_vectors
from training.scores import cosines, drawing_ranks, fold_hits, verification_pairs
from training.teacher import Vectors, unit
from training.views import View, joined, windows

STRANGERS = 20000
FALSE_MATCHES = 0.001


class Student:
    """An exported encoder, called as insightface calls it; with `drawn` as it reads drawings (`embeddings.manner`)."""

    def __init__(self, path: Path, threads: int = 2, drawn: bool = False) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        manner = path.with_name(DRAWN_FILE)
        model = read_as_drawn(path, Manner.load(manner)) if drawn and manner.is_file() else str(path)
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def encode(self, crops: Crops, view: View = None, batch: int = 64) -> Vectors:
        """Unit vectors of 160x160 RGB crops."""
        found = []
        for start in range(0, len(crops), batch):
            x = windows(np.asarray(crops[start : start + batch]), view).astype(np.float32) / 127.5 - 1
            found.append(self._session.run(None, {self._input: np.ascontiguousarray(x.transpose(0, 3, 1, 2))})[0])
        return unit(np.concatenate(found))


def age_band(value: object) -> str:
    """Band of an age given as a number or as a range such as `30-39`; empty when unknown."""
    text = str(value).split("-")[0].replace("more than ", "").strip()
    if not text.isdigit():
        return ""
    years = int(text)
    return next(
        name for top, name in ((13, "0-12"), (20, "13-19"), (40, "20-39"), (60, "40-59"), (999, "60+")) if years < top
    )


def group_hits(table: pd.DataFrame, pairs: npt.NDArray[np.int64], hits: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Verification accuracy of the pairs whose first face belongs to a group of CelebA's labels."""
    first = table.iloc[pairs[:, 0]]
    young = first["attributes"].fillna("").str.contains(r"\bYoung\b").to_numpy()
    known = first["attributes"].notna().to_numpy()
    groups = {
        "women": (first["gender"] == "female").to_numpy(),
        "men": (first["gender"] == "male").to_numpy(),
        "young": young & known,
        "older": ~young & known,
    }
    return {name: float(hits[mask].mean()) for name, mask in groups.items() if mask.sum() >= 200}


def false_matches(vectors: Vectors, table: pd.DataFrame, groups: dict[str, npt.NDArray[np.bool_]]) -> dict[str, float]:
    """Share of pairs of strangers *within* a group above the threshold that lets 0.1% of all strangers pass."""
    rng = np.random.default_rng(3)
    people = table["person"].to_numpy()

    def strangers(inside: npt.NDArray[np.int64]) -> Vectors:
        pairs = rng.choice(inside, (STRANGERS, 2))
        return cosines(vectors, pairs[people[pairs[:, 0]] != people[pairs[:, 1]]])

    threshold = float(np.quantile(strangers(np.arange(len(vectors))), 1 - FALSE_MATCHES))
    return {
        name: float((strangers(np.flatnonzero(mask)) > threshold).mean())
        for name, mask in groups.items()
        if mask.sum() >= 60
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=PACK / FACE_FILE)
    parser.add_argument("--record", action="store_true", help="write the figures into pack.toml")
    given = parser.parse_args()
    faces, drawn, student, reader = load_faces(), load_drawn(), Student(given.model), Student(given.model, drawn=True)

    def drawn_vectors(view: View) -> Vectors:
        vectors = student.encode(drawn.crops, view)
        vectors[drawn.drawing] = reader.encode(drawn.crops[drawn.drawing], view)
        return vectors

    pairs, truth = verification_pairs(faces.table, "test", 6000)
    rows = faces.rows("test")
    place = np.full(len(faces.table), -1)
    place[rows] = np.arange(len(rows))
    inside = drawn.part == "test"
    table = faces.table.iloc[rows]
    bands = table["age"].map(age_band).to_numpy()
    groups = {f"race {race}": (table["race"] == race).to_numpy() for race in sorted(table["race"].dropna().unique())}
    groups |= {f"age {band}": bands == band for band in sorted(set(bands) - {""})}
    groups |= {f"{gender}": (table["gender"] == gender).to_numpy() for gender in ("female", "male")}
    figures: dict[str, float] = {}
    photos = np.asarray(faces.crops[rows])
    plain, mirrored = student.encode(photos), student.encode(photos[:, :, ::-1])
    for name, vectors, both in (
        ("teacher", teacher_vectors(faces)[rows], drawn_teacher(drawn)),
        ("lite", plain, drawn_vectors(None)),
        ("lite with parts hidden", joined(lambda view: student.encode(photos, view)), joined(drawn_vectors)),
    ):
        hits = fold_hits(cosines(vectors, place[pairs]), truth)
        by_fold = [hits[np.arange(len(hits)) % 10 == fold].mean() for fold in range(10)]
        ranks = drawing_ranks(both, drawn, drawn.part, "test", ("test",))
        all_ranks = drawing_ranks(both, drawn, drawn.part, "test", ("train", "val", "test"))
        print(
            f"{name:8s} verification {100 * hits.mean():.2f} +- {100 * np.std(by_fold):.2f} ({len(pairs)} pairs)   "
            f"drawing -> actor R@1 {100 * ranks.r1:.1f}  R@5 {100 * ranks.r5:.1f}  MRR {ranks.mrr:.3f} "
            f"({ranks.queries} drawings, {ranks.actors} actors); "
            f"among all {all_ranks.actors}: R@1 {100 * all_ranks.r1:.1f}  R@5 {100 * all_ranks.r5:.1f}"
        )
        figures[f"{name}: verification, CelebA test pairs"] = float(hits.mean())
        figures[f"{name}: drawing to actor R@1, dev-test"] = ranks.r1
        figures[f"{name}: drawing to actor R@5, dev-test"] = ranks.r5
        figures[f"{name}: drawing to actor MRR, dev-test"] = ranks.mrr
        for group, value in group_hits(faces.table, pairs, hits).items():
            print(f"{'':8s} accuracy {group:8s} {100 * value:.2f}")
            figures[f"{name}: verification, {group}"] = value
        for group, value in false_matches(vectors, table, groups).items():
            print(f"{'':8s} strangers matched, {group:24s} {100 * value:.2f}%")
            figures[f"{name}: false matches at 0.1% overall, {group}"] = value
    twice = float(fold_hits(cosines(plain + mirrored, place[pairs]), truth).mean())
    print(f"lite, each face read as it is and mirrored (the setting `mirror`): verification {100 * twice:.2f}")
    figures["lite: verification, CelebA test pairs, each face read twice"] = twice
    print(f"{int(inside.sum())} pictures of {len(np.unique(drawn.actors[inside]))} test actors; found by", end=" ")
    print({by: int((drawn.by[inside] == by).sum()) for by in np.unique(drawn.by)})
    if given.record:
        card.record(given.model.parent, figures)


if __name__ == "__main__":
    main()
